"""Failure of a command: exit statuses, and the message before."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

import click

from aggregator.errors import AggregatorError, ConfigError, TooOld
from aggregator.privacy.masking import masked
from aggregator.text.controls import for_terminal

EXIT_FAILED = 1  # something went wrong, or a feed failed
EXIT_CONFIG = 2  # the configuration or the command line; nothing was started
EXIT_TOO_OLD = 3  # a later release has changed the database: starting this one again does not help


def open_streams() -> None:
    """Open each standard stream that whoever started us has closed, on nothing.

    Otherwise the next file to be opened, the database perhaps, would get its number, and every
    message would be written into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def say(text: str, *, err: bool = False) -> None:
    """Print ``text`` without any secret and without what would steer the terminal.

    What standard error cannot take (a full disk, a pipe whose reader has gone) is lost; what was
    asked for is not: there it is an error.
    """
    with suppress(OSError) if err else nullcontext():
        click.echo(for_terminal(masked(text)), err=err)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn the error tree into messages and exit statuses; anything else is a bug, and shows."""
    try:
        yield
    except ConfigError as error:
        for fault in error.faults:
            say(f"{fault.where}: {fault.message}", err=True)
        number = len(error.faults)
        click.echo(f"{number} fault{'s' if number > 1 else ''} in the configuration", err=True)
        sys.exit(EXIT_CONFIG)
    except AggregatorError as error:
        say(f"error: {error.message}", err=True)
        if error.hint:
            say(f"hint: {error.hint}", err=True)
        sys.exit(EXIT_TOO_OLD if isinstance(error, TooOld) else EXIT_FAILED)
