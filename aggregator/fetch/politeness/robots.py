"""robots.txt for article pages (RFC 9309): feeds are subscriptions, pages are crawling.

A copy is used for a day (§2.4). No robots.txt (a 4xx, a redirect without end) allows everything
(§2.3.1.3); one that cannot be had (5xx, no connection) disallows everything (§2.3.1.4), unless an
earlier copy is known: then that one stands until the server answers again. Matching is protego's,
whose patterns are no regular expressions, on rules within bounds, and of long files in a thread.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from protego import Protego
from yarl import URL

from aggregator.errors import (
    AddressRefused,
    FetchError,
    HostOnCooldown,
    HttpStatus,
    InvalidUrl,
    RobotsRefused,
    RobotsUnreachable,
    StoreError,
    TooManyRedirects,
)
from aggregator.fetch.politeness.robots_bounds import bounded_rules
from aggregator.model import Request, RequestKind, Response, RobotsCopy
from aggregator.ports import RobotsCache
from aggregator.urls import host_of

log = structlog.get_logger("aggregator")

TOKEN = "aggregator"  # noqa: S105 - the product token (RFC 9309 §2.2.1), as in the User-Agent
MAX_SIZE = 500 << 10
"""Bytes of a robots.txt that are looked at (RFC 9309 §2.5)."""
MAX_REDIRECTS = 5  # §2.3.1.2
_FRESH = timedelta(hours=24)
_ASK_AGAIN = timedelta(minutes=5)  # a server that gave none for now
_MOST_COPIES = 2048
_MOST_TEXT = 4 << 20  # characters of all texts kept parsed; rules take about ten times their text
_LONGEST_DELAY = 30.0  # seconds; beyond that the pages of a site would never be read
_LONG = 16 << 10  # characters; a longer text is parsed and matched in a thread
_BROWSER = frozenset({429})  # a 4xx that says "not now", which is no "there is none"

Fetch = Callable[[Request], Awaitable[Response]]
Slow = Callable[[str, float], None]
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Rules:
    """One robots.txt, understood; ``until``: it has to be asked for again then.

    ``parsed`` None: it could not be had, ``why`` says how, and nothing is known.
    """

    parsed: Protego | None
    size: int
    until: datetime
    why: str = ""


class Robots:
    """Asks for robots.txt files through ``fetch``, keeps them, and judges pages by them.

    ``slow(host, seconds)`` is told of a Crawl-delay (at most 30 s of it). ``cache`` keeps copies
    for other processes and the next start.
    """

    def __init__(
        self,
        fetch: Fetch,
        slow: Slow,
        cache: RobotsCache | None = None,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        self._fetch = fetch
        self._slow = slow
        self._now = now
        self._cache = cache
        self._rules: OrderedDict[str, Rules] = OrderedDict()
        self._size = 0
        # Asked for inside, too, or not: who may not go there shares no refusal with who may.
        self._asking: dict[tuple[str, bool], asyncio.Task[Rules]] = {}
        self._matching = asyncio.Lock()

    def known(self, target: URL) -> bool:
        """True when :meth:`check` would answer at once."""
        rules = self._rules.get(origin_of(target))
        return rules is not None and self._now() < rules.until

    async def check(self, target: URL, *, inside: bool = False) -> None:
        """Return when ``target`` may be asked for; its robots.txt may be where ``target`` itself may, ``inside``.

        Raises :class:`RobotsRefused`; :class:`RobotsUnreachable` when nobody knows;
        :class:`HostOnCooldown` when the host may not even be asked; :class:`AddressRefused`.
        """
        if not self.known(target):
            await self._learn(target, inside=inside)
        origin = origin_of(target)
        rules = self._rules[origin]
        self._rules.move_to_end(origin)
        if rules.parsed is None:
            raise RobotsUnreachable(
                str(target),
                f"its robots.txt is unavailable: {rules.why}",
                hint="its pages are fetched once it answers; fetch.robots = false ignores robots.txt",
            )
        if not await self._allows(rules, rules.parsed, str(target)):
            raise RobotsRefused(
                str(target),
                "the site's robots.txt refuses it",
                hint="the feed's own text is published; fetch.robots = false ignores robots.txt",
            )

    async def _allows(self, rules: Rules, parsed: Protego, url: str) -> bool:
        if rules.size <= _LONG:
            return parsed.can_fetch(url, TOKEN)
        async with self._matching:  # one at a time: it holds no threads that others wait for
            return await asyncio.to_thread(parsed.can_fetch, url, TOKEN)

    async def _learn(self, target: URL, *, inside: bool) -> None:
        """Make the rules of the target's origin known; who asks at once asks one time."""
        origin = origin_of(target)
        task = self._asking.get((origin, inside))
        if task is None:
            task = asyncio.create_task(self._rules_of(origin, inside=inside))
            self._asking[origin, inside] = task
            task.add_done_callback(lambda done: self._answered((origin, inside), done))
        # Shielded: one page that is given up must not take the answer from the others.
        rules = await asyncio.shield(task)
        self._keep(origin, rules)
        delay = rules.parsed.crawl_delay(TOKEN) if rules.parsed else None
        if delay is not None:
            self._slow(host_of(str(target)), min(max(delay, 0.0), _LONGEST_DELAY))

    def _answered(self, asked: tuple[str, bool], task: asyncio.Task[Rules]) -> None:
        del self._asking[asked]
        if not task.cancelled():
            task.exception()  # seen, even where everybody who waited was cancelled

    async def _rules_of(self, origin: str, *, inside: bool) -> Rules:
        stored, now = await self._stored(origin), self._now()
        if stored is not None and now < stored.checked + _FRESH:
            return await _parsed(stored.text, stored.checked + _FRESH)
        try:
            text = await self._ask(origin, inside=inside)
        except _NotNow as unknown:
            if stored is not None:
                return await _parsed(stored.text, now + _ASK_AGAIN)
            return Rules(None, 0, now + _ASK_AGAIN, unknown.why)
        copy = RobotsCopy(text, self._now())
        await self._store(origin, copy)
        return await _parsed(text, copy.checked + _FRESH)

    async def _ask(self, origin: str, *, inside: bool) -> str:
        """The text; ``""`` where there is none."""
        request = Request(f"{origin}/robots.txt", RequestKind.ROBOTS, inside=inside)
        try:
            response = await self._fetch(request)
        except (HostOnCooldown, AddressRefused, InvalidUrl):
            raise  # of the page itself the same would have to be said
        except TooManyRedirects:
            return ""
        except HttpStatus as error:
            if error.status < 500 and error.status not in _BROWSER:
                return ""
            raise _NotNow(error) from error
        except FetchError as error:
            raise _NotNow(error) from error
        # PostgreSQL stores no NUL, and no rule needs one.
        return response.body[:MAX_SIZE].decode("utf-8-sig", "replace").replace("\0", "")

    async def _stored(self, origin: str) -> RobotsCopy | None:
        if self._cache is None:
            return None
        try:
            return await self._cache.load(origin)
        except StoreError as error:
            log.warning("robots.txt not loaded", origin=origin, error=str(error))
            return None

    async def _store(self, origin: str, copy: RobotsCopy) -> None:
        if self._cache is None:
            return
        try:
            await self._cache.save(origin, copy)
        except StoreError as error:
            log.warning("robots.txt not stored", origin=origin, error=str(error))

    def _keep(self, origin: str, rules: Rules) -> None:
        before = self._rules.pop(origin, None)
        self._size += rules.size - (before.size if before else 0)
        self._rules[origin] = rules
        while len(self._rules) > 1 and (len(self._rules) > _MOST_COPIES or self._size > _MOST_TEXT):
            _, oldest = self._rules.popitem(last=False)
            self._size -= oldest.size


class _NotNow(Exception):
    """The server gave no robots.txt, and no answer that there is none."""

    def __init__(self, error: FetchError) -> None:
        super().__init__(error.message)
        self.why = error.message.removeprefix(f"{error.url}: ")


async def _parsed(text: str, until: datetime) -> Rules:
    if len(text) > _LONG:
        return Rules(await asyncio.to_thread(_rules, text), len(text), until)
    return Rules(_rules(text), len(text), until)


def _rules(text: str) -> Protego:
    return Protego.parse(bounded_rules(text))


def origin_of(target: URL) -> str:
    """``scheme://host[:port]``: what one robots.txt speaks for (§2.3)."""
    return str(target.origin())
