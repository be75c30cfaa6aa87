"""``aggregator man``: the manual page, made of the same help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from aggregator import __version__

_NAME = "aggregator"


@click.command()
@click.pass_context
def man(context: click.Context) -> None:
    """Print the manual page, of what `--help` says of each command.

    \b
    aggregator man > ~/.local/share/man/man1/aggregator.1
    """
    root = context.find_root()
    click.echo("\n".join(manual_page(root.command, root)))


def manual_page(root: click.Command, context: click.Context) -> Iterator[str]:
    """Lines of the page for man(7): ``root``, its options, and all commands below it."""
    yield f'.TH {_NAME.upper()} 1 "" "{_NAME} {__version__}" "User Commands"'
    yield from (".SH NAME", f"{_NAME} \\- {_text(root.get_short_help_str(200))}")
    yield from (".SH SYNOPSIS", f".B {_NAME}", _text(" ".join(root.collect_usage_pieces(context))))
    yield from (".SH DESCRIPTION", *_prose(root.help or ""))
    yield from (".SH OPTIONS", *_options(root, context))
    yield ".SH COMMANDS"
    yield from _commands(root, context)
    if root.epilog:
        yield from (".SH EXIT STATUS", *_prose(root.epilog))


def _commands(group: click.Command, context: click.Context) -> Iterator[str]:
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inside = click.Context(command, context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, inside)
            continue
        usage = " ".join(command.collect_usage_pieces(inside))
        yield f".SS {_text(f'{_path(inside)} {usage}')}"
        yield from _prose(command.help or "")
        yield from _options(command, inside)


def _path(context: click.Context) -> str:
    """The words by which a command is called, without the program's."""
    above = context.parent
    name = context.info_name or ""
    return name if above is None or above.parent is None else f"{_path(above)} {name}"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Options with what they mean; that each command has `--help` is said once."""
    for option in command.get_params(context) if context.parent is None else command.params:
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record is not None:
            names, meaning = record
            yield from (".TP", f".B {_text(names)}", _text(meaning))


def _prose(text: str) -> Iterator[str]:
    """Paragraphs; those that click is told not to fill, by a backspace, stay as they are."""
    for paragraph in re.split(r"\n\s*\n", cleandoc(text)):
        lines = paragraph.splitlines()
        yield ".PP"
        if lines and lines[0].strip() == "\b":
            yield from (".nf", *map(_text, lines[1:]), ".fi")
        else:
            yield _text(" ".join(line.strip() for line in lines))


def _text(text: str) -> str:
    """``text`` that troff takes for no request and no escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
