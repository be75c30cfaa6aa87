"""Progress over a whole database: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.cli.exits import say
from aggregator.store.moving.rows import Told

_LINE_EVERY_S = 5.0


@contextmanager
def row_progress() -> Iterator[Told]:
    """Show on standard error the progress that the work in the block tells."""
    if sys.stderr.isatty():
        with _bar() as told:
            yield told
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Told]:
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda what, done, of: progress.update(
            task, description=what, completed=done, total=of
        )


def _lines() -> Told:
    last = time.monotonic()

    def told(what: str, done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_EVERY_S:
            last = time.monotonic()
            say(f"{what}: {done} of {of}", err=True)

    return told
