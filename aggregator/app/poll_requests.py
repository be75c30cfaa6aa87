"""Polls that an operator asks for: by a running daemon, else noted in the database; and their ends.

The ends are read from the database, which any daemon writes, on whatever machine it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aggregator.app.daemon_line import Line, line_to_daemons
from aggregator.app.stored import open_database
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.control import messages
from aggregator.control.messages import Asked, Refused
from aggregator.errors import ControlError
from aggregator.model import AskedPoll, FeedStatus, PollResult
from aggregator.store.db.database import Database
from aggregator.store.feeds.asked_polls import ask_for_polls
from aggregator.store.reports.overview import SqlOverview

_LOOK_EVERY_S = 0.25
_PATIENCE_S = 120.0  # without the end of any poll


@dataclass(frozen=True, slots=True)
class FeedPoll:
    """A feed of which a poll was asked, and what came of it: ``result`` None: nothing yet.

    ``title`` (empty without one) and ``url`` are those that may be shown. ``result`` is ``postponed``
    where nothing was asked, since its host wants to be left alone until ``next_poll``.
    """

    key: str
    title: str
    url: str
    state: AskedPoll
    result: PollResult | None = None
    error: str | None = None
    new_entries: int = 0
    next_poll: datetime | None = None


def poll_end(
    asked: FeedPoll, before: FeedStatus, after: FeedStatus, at: datetime
) -> FeedPoll | None:
    """End of the poll that was asked ``at`` that time; None: it has not ended."""
    if after.last_poll != before.last_poll:
        new = max(after.entries - before.entries, 0)
        result = PollResult(after.result) if after.result else None
        return replace(
            asked, result=result, error=after.error, new_entries=new, next_poll=after.next_poll
        )
    put_off = after.next_poll is not None and after.next_poll > at
    if asked.state is AskedPoll.SOON and put_off:
        return replace(asked, result=PollResult.POSTPONED, next_poll=after.next_poll)
    return None


class PollRequests:
    """Asks for polls, once; made by :func:`poll_requests`."""

    def __init__(self, config: Config, line: Line, database: Database) -> None:
        self._config = config
        self._line = line
        self._database = database
        self._overview = SqlOverview(database)
        self._before: Mapping[str, FeedStatus] = {}
        self._waiting: dict[str, FeedPoll] = {}
        self._at = datetime.now(UTC)
        self.has_daemon = False
        self.network_down = False

    @property
    def busy(self) -> str | None:
        """The process that has the database to itself, and takes no requests."""
        return self._line.busy

    async def failing(self) -> list[str]:
        """Keys of the feeds whose last poll failed."""
        status = await self._overview.status({}, {}, failing=True)
        return [feed.key for feed in status.feeds if self._config.feed(feed.key) is not None]

    async def ask(self, keys: Sequence[str]) -> list[FeedPoll]:
        """Ask for polls of the feeds ``keys``; how each of them stands.

        Raises :class:`~aggregator.errors.ControlError` when a daemon refuses, or does not answer.
        """
        self._before = await self._read(keys)
        self._at = datetime.now(UTC)
        states = await self._asked(keys)
        found = [self._named(key, states[key]) for key in keys]
        polled = (AskedPoll.SOON, AskedPoll.UNDER_WAY)
        self._waiting = {one.key: one for one in found if one.state in polled}
        return found

    async def ends(self) -> AsyncIterator[FeedPoll]:
        """Each poll as it ends; without a result: it has not ended in time.

        Raises :class:`~aggregator.errors.ControlError` when the daemon has ended meanwhile.
        """
        last = time.monotonic()
        while self._waiting:
            up = self._line.is_up()
            for key, after in (await self._read(self._waiting.keys())).items():
                end = poll_end(self._waiting[key], self._before.get(key, after), after, self._at)
                if end is not None:
                    del self._waiting[key]
                    last = time.monotonic()
                    yield end
            if self._waiting and not up:
                raise ControlError(
                    f"the daemon has ended; {_feeds(len(self._waiting))} not polled",
                    hint="what is left is polled when it starts again",
                )
            if time.monotonic() - last > _PATIENCE_S:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
        for left in self._waiting.values():
            yield left

    async def _asked(self, keys: Sequence[str]) -> Mapping[str, AskedPoll]:
        states: dict[str, AskedPoll] = {}
        for request in messages.polls(keys):
            replies = await self._line.ask(request)
            self.has_daemon = bool(replies)
            if not replies:
                return await self._noted(keys)
            for reply in replies:
                if isinstance(reply, Refused):
                    raise ControlError(f"the daemon refused: {reply.reason}")
                if isinstance(reply, Asked):
                    states |= reply.feeds
                    self.network_down = self.network_down or reply.network_down
        return {key: states.get(key, AskedPoll.UNKNOWN) for key in keys}

    async def _noted(self, keys: Sequence[str]) -> Mapping[str, AskedPoll]:
        """Without a daemon: due at the next start, as new feeds are anyway."""
        await self._database.write(ask_for_polls, keys, self._at, timedelta(0))
        paused = {feed.key for feed in self._config.feeds if feed.paused}
        return {key: AskedPoll.PAUSED if key in paused else AskedPoll.SOON for key in keys}

    async def _read(self, keys: Collection[str]) -> Mapping[str, FeedStatus]:
        return {feed.key: feed for feed in await self._overview.feeds(keys, {})}

    def _named(self, key: str, state: AskedPoll) -> FeedPoll:
        known, feed = self._before.get(key), self._config.feed(key)
        url = known.url if known else feed.url if feed else key
        title, shown = choices.shown_name(self._config, key, url, known.title if known else "")
        return FeedPoll(key, title, shown, state)


def _feeds(count: int) -> str:
    return "1 feed is" if count == 1 else f"{count} feeds are"


@asynccontextmanager
async def poll_requests(config: Config) -> AsyncIterator[PollRequests]:
    """Requests to those who work on the database of ``config``, or to whoever will."""
    async with line_to_daemons(config) as line:
        with open_database(config) as database:
            yield PollRequests(config, line, database)
