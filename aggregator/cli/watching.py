"""``aggregator status --watch``: shown anew in its place on a terminal, a line a poll elsewhere."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live
from rich.text import Text

from aggregator.app.stored import open_overview
from aggregator.cli.exits import say
from aggregator.cli.invocation import echo_json
from aggregator.cli.poll_words import named, poll_words
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.errors import StoreError
from aggregator.model import FeedStatus, PollResult, Status

EVERY_S = 2.0

Show = Callable[[Console, Status], None]


async def watch(
    config: Config, limit: int | None, show: Show, *, failing: bool, as_json: bool
) -> None:
    """Show the status until Ctrl-C or SIGTERM; what a terminal shows is what ``show`` prints."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(ValueError, RuntimeError):  # in a thread there are no signals
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    console = Console()
    in_place = console.is_terminal and not as_json
    titles, categories = choices.titles(config), choices.categories(config)
    with open_overview(config) as overview:

        async def read() -> Status:
            many = limit if in_place else None
            return await overview.status(titles, categories, many, failing=failing)

        if in_place:
            await _in_place(read, show, console, stop)
        else:
            await _in_lines(read, config, stop, as_json=as_json)


async def _in_place(
    read: Callable[[], Awaitable[Status]], show: Show, console: Console, stop: asyncio.Event
) -> None:
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        while not stop.is_set():
            try:
                shown = _drawn(show, await read(), console)
            except StoreError as error:
                shown = Text(f"{error}; trying again")
            live.update(shown, refresh=True)
            await _pause(stop)


def _drawn(show: Show, status: Status, console: Console) -> Text:
    """What ``show`` prints, as many lines as there is room for."""
    paper = Console(
        file=io.StringIO(), width=console.width, force_terminal=True, color_system="standard"
    )
    paper.print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC; Ctrl-C ends", highlight=False)
    show(paper, status)
    assert isinstance(paper.file, io.StringIO)  # noqa: S101 - given above
    lines = paper.file.getvalue().splitlines()
    room = max(console.height - 1, 2)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"… {len(lines) - room + 1} more lines"]
    return Text.from_ansi("\n".join(lines))


async def _in_lines(
    read: Callable[[], Awaitable[Status]], config: Config, stop: asyncio.Event, *, as_json: bool
) -> None:
    before: Mapping[str, FeedStatus] | None = None
    while not stop.is_set():
        try:
            now = await read()
        except StoreError as error:
            say(f"{error}; trying again", err=True)
        else:
            feeds = {feed.key: feed for feed in now.feeds}
            if before is None and not as_json:
                say(
                    f"{now.total} feeds, {now.in_trouble} failing, {now.paused} paused; waiting for polls"
                )
            for was, feed in changes(before or feeds, now.feeds):
                if as_json:
                    echo_json(asdict(feed), indent=None)
                else:
                    say(line(config, was, feed))
            before = feeds
        await _pause(stop)


def changes(
    before: Mapping[str, FeedStatus], feeds: Sequence[FeedStatus]
) -> Iterator[tuple[FeedStatus | None, FeedStatus]]:
    """Feeds that were polled, paused, resumed or added since ``before``, as they were and are."""
    for feed in sorted(feeds, key=lambda one: one.last_poll or datetime.min.replace(tzinfo=UTC)):
        was = before.get(feed.key)
        if was is None or (was.last_poll, was.paused) != (feed.last_poll, feed.paused):
            yield was, feed


def line(config: Config, was: FeedStatus | None, feed: FeedStatus) -> str:
    """The latest that has happened to a feed, in one line."""
    title, url = choices.shown_name(config, feed.key, feed.url, feed.title)
    name, now = named(title, url), datetime.now(UTC)
    if was is not None and was.paused != feed.paused:
        return f"{now:%H:%M:%S} {name}: {'paused' if feed.paused else 'polled again'}"
    if was is None or not feed.result or feed.last_poll is None:
        return f"{now:%H:%M:%S} {name}: added"
    new = max(feed.entries - was.entries, 0)
    said = poll_words(PollResult(feed.result), url, new_entries=new, error=feed.error)
    return f"{feed.last_poll:%H:%M:%S} {name}: {said}"


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), EVERY_S)
