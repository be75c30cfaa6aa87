"""Scripts by which shells complete our commands, and what these complete."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from aggregator.cli.main import cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script_and_no_shell_is_started(
    shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    done = CliRunner().invoke(cli, ["completion", shell])
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"_AGGREGATOR_COMPLETE={shell}_complete" in done.stdout


def test_another_shell_is_a_fault_of_the_command_line() -> None:
    assert CliRunner().invoke(cli, ["completion", "tcsh"]).exit_code == 2


@pytest.mark.parametrize(
    ("words", "begun", "found"),
    [
        ([], "s", ["split", "status", "systemd"]),
        (["feeds"], "ex", ["export"]),
        (["status"], "--fa", ["--failing"]),
        (["completion"], "f", ["fish"]),
    ],
)
def test_commands_options_and_choices_are_completed(
    words: list[str], begun: str, found: list[str]
) -> None:
    complete = ShellComplete(cli, {}, "aggregator", "_AGGREGATOR_COMPLETE")
    assert [one.value for one in complete.get_completions(words, begun)] == found
