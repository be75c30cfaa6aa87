"""The table of commands says of each what the command itself says; loading one loads no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aggregator.cli.lazy import Later, LazyGroup
from aggregator.cli.main import cli


def _later(group: click.Group, path: str = "") -> Iterator[tuple[str, Later]]:
    for name, command in group.commands.items():
        if isinstance(command, Later):
            yield f"{path}{name}", command
        elif isinstance(command, click.Group):
            yield from _later(command, f"{path}{name} ")


LISTED = dict(_later(cli))


def test_every_command_but_groups_is_listed_without_being_loaded() -> None:
    assert {"run", "status", "feeds add", "feeds list", "config check"} <= LISTED.keys()
    groups = {name for name, command in cli.commands.items() if isinstance(command, click.Group)}
    assert groups == cli.commands.keys() - LISTED.keys()


@pytest.mark.parametrize("name", LISTED)
def test_the_table_says_what_the_command_says(name: str) -> None:
    listed = LISTED[name]
    command = listed.load()
    assert command.name == listed.name == name.rpartition(" ")[2]
    assert not command.hidden
    widths = range(8, 200)  # whatever of it a terminal has room for
    assert [listed.get_short_help_str(width) for width in widths] == [
        command.get_short_help_str(width) for width in widths
    ]


# ── a group of its own ───────────────────────────────────────────────────────────────────────

_MODULE = """
import click

@click.command()
@click.argument("word")
def {name}(word: str) -> None:
    '''Say it. More of it.'''
    click.echo("{name} " + word)

nothing = None
"""


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LazyGroup]:
    for name in ("lazy_first", "lazy_second"):
        (tmp_path / f"{name}.py").write_text(_MODULE.format(name=name), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    commands = [
        Later("first", "lazy_first:lazy_first", "Say it."),
        Later("second", "lazy_second:lazy_second", "Say it."),
        Later("wrong", "lazy_second:nothing", "Be nothing."),
    ]
    yield LazyGroup("group", commands=commands)
    for name in ("lazy_first", "lazy_second"):
        sys.modules.pop(name, None)


def _loaded() -> set[str]:
    return {"lazy_first", "lazy_second"} & sys.modules.keys()


def test_help_lists_the_commands_and_loads_none(group: LazyGroup) -> None:
    result = CliRunner().invoke(group, ["--help"])
    assert [line.split() for line in result.output.splitlines()[-3:]] == [
        ["first", "Say", "it."],
        ["second", "Say", "it."],
        ["wrong", "Be", "nothing."],
    ]
    assert _loaded() == set()


@pytest.mark.parametrize("arguments", [["first", "--help"], ["first", "word"], ["first"]])
def test_a_command_is_loaded_alone(group: LazyGroup, arguments: list[str]) -> None:
    result = CliRunner().invoke(group, arguments)
    assert ("first word" in result.output) == ("word" in arguments)
    assert _loaded() == {"lazy_first"}


def test_a_name_nearly_right_is_answered_without_loading(group: LazyGroup) -> None:
    result = CliRunner().invoke(group, ["frist"])
    assert result.exit_code == 2
    assert "No such command 'frist'" in result.output
    assert _loaded() == set()


def test_what_is_no_command_is_refused(group: LazyGroup) -> None:
    with pytest.raises(TypeError, match="lazy_second:nothing is no command"):
        group.get_command(click.Context(group), "wrong")
