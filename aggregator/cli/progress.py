"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aggregator.ports import Engine

_LINE_EVERY_S = 5.0
_REDRAW_EVERY_S = 0.2


@asynccontextmanager
async def show_progress(engine: Engine, feeds: int) -> AsyncIterator[None]:
    """Show on standard error how far ``engine`` is with ``feeds`` feeds, while the block runs."""
    shown = _bar(engine, feeds) if sys.stderr.isatty() else _lines(engine, feeds)
    task = asyncio.create_task(shown)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _words(engine: Engine) -> str:
    stats = engine.stats
    pages = stats.articles + stats.articles_failed
    return f"{stats.new_entries} new entries, {pages} pages, {stats.failed} feeds failed"


async def _bar(engine: Engine, feeds: int) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} feeds · {task.fields[words]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("polling", total=feeds, words="")
        while True:
            polled = engine.stats.polled
            progress.update(
                task,
                completed=polled,
                description="polling" if engine.polling else "articles",
                words=_words(engine),
            )
            await asyncio.sleep(_REDRAW_EVERY_S)


async def _lines(engine: Engine, feeds: int) -> None:
    while True:
        await asyncio.sleep(_LINE_EVERY_S)
        print(f"{engine.stats.polled}/{feeds} feeds, {_words(engine)}", file=sys.stderr, flush=True)  # noqa: T201 - progress
