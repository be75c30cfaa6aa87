"""Commands that are imported when they are used, not to be listed or beside another one."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem


class Later(click.Command):
    """The place of a command until it is used: its name, and the first sentence of its help.

    ``target`` is where the command is, as ``module:name``.
    """

    def __init__(self, name: str, target: str, help: str) -> None:  # noqa: A002 - click's name
        super().__init__(name, help=help)
        self.target = target

    def load(self) -> click.Command:
        """Import the command."""
        module, _, name = self.target.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.target} is no command")
        return command


class LazyGroup(click.Group):
    """A group of commands of which some are :class:`Later`; each is loaded when it is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported by now."""
        command = super().get_command(ctx, cmd_name)
        return command.load() if isinstance(command, Later) else command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands that begin like ``incomplete``, from what is known of them without loading."""
        found = [
            CompletionItem(name, help=command.get_short_help_str())
            for name, command in sorted(self.commands.items())
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands as click does, from what is known of them without loading."""
        click.Group(commands=self.commands).format_commands(ctx, formatter)
