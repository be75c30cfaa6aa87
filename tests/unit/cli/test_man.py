"""The manual page: every command and option, in what troff takes for text."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from aggregator.cli.main import cli
from aggregator.cli.man import manual_page

REQUESTS = {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi"}


def _commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


@pytest.mark.parametrize(("name", "command"), list(_commands(cli)))
def test_each_command_has_a_section_with_its_options(name: str, command: click.Command) -> None:
    page = CliRunner().invoke(cli, ["man"]).stdout.replace("\\-", "-")
    _, _, section = page.partition(f"\n.SS {name} ")
    section = section.partition("\n.S")[0]
    assert section
    for option in command.params:
        if isinstance(option, click.Option):
            assert f"\n.B {', '.join(option.opts)}" in section


def test_no_words_are_requests_or_escapes() -> None:
    @click.command(help=".TH is\n'no' request\n\nC:\\new -- \n\n\b\n.nf\n  as  it is", epilog="'x")
    @click.option("--dot", help=".SH and \\fB")
    def root(dot: str) -> None: ...

    lines = list(manual_page(root, click.Context(root, info_name="x")))
    assert "\n" not in "".join(lines)
    assert {line.split()[0] for line in lines if line.startswith((".", "'"))} <= REQUESTS
    for said in (
        "\\&.TH is 'no' request",
        "C:\\enew \\-\\-",
        "\\&.nf",
        "  as  it is",
        "\\&.SH and \\efB",
    ):
        assert said in lines
    assert lines[-1] == "\\&'x"
