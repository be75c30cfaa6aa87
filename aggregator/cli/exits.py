"""Failure of a command: exit statuses, and the message before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from aggregator.errors import AggregatorError, ConfigError
from aggregator.privacy.masking import masked
from aggregator.text.controls import for_terminal

EXIT_FAILED = 1  # something went wrong, or a feed failed
EXIT_CONFIG = 2  # the configuration or the command line; nothing was started


def say(text: str, *, err: bool = False) -> None:
    """Print ``text`` without any secret and without what would steer the terminal."""
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
        sys.exit(EXIT_FAILED)
