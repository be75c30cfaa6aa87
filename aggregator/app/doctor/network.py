"""The network: names, a request through every door, the clock, and our own address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aggregator.app.doctor.findings import Finding, Grade, fault, ok, warning
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import own_base
from aggregator.config.settings import FeedSettings
from aggregator.errors import AggregatorError, HttpStatus
from aggregator.fetch.client import HttpFetcher
from aggregator.fetch.reach import is_found, listens
from aggregator.model import Request, Response
from aggregator.ports import Fetcher
from aggregator.privacy.masking import masked
from aggregator.urls import host_of, is_address

_NAMES = 5  # hosts that are looked up
_FEEDS = 3  # of each door
_SKEW = timedelta(minutes=2)


async def network(config: Config) -> AsyncIterator[Finding]:
    """Ask through every door that the feeds use, until one of a few feeds there answers."""
    yield await _names(config.feeds)
    async with HttpFetcher(config.settings.fetch, base_url=config.settings.base_url) as fetcher:
        for door, feeds in _doors(config.feeds).items():
            for finding in await _through(config, fetcher, door, feeds):
                yield finding
        yield await _own_address(config, fetcher)


async def _names(feeds: Iterable[FeedSettings]) -> Finding:
    """Whether names are found: a resolver that finds none stops every poll."""
    hosts = list(dict.fromkeys(host_of(feed.url) for feed in feeds))
    asked = [host for host in hosts if not is_address(host)][:_NAMES]
    missing = [host for host in asked if not await is_found(host)]
    if asked and len(missing) == len(asked):
        hint = "see /etc/resolv.conf, and that its name servers answer"
        return fault("names", f"none of {', '.join(asked)} can be found", hint)
    if missing:
        hint = "if that is a feed's own address, correct or remove it"
        return warning("names", f"{', '.join(missing)} cannot be found", hint)
    return ok("names", f"{len(asked)} hosts found" if asked else "no host to look up")


def _doors(feeds: Iterable[FeedSettings]) -> dict[str, list[FeedSettings]]:
    """Each way out, straight and through each proxy, with a few feeds of different hosts there."""
    found: dict[str, dict[str, FeedSettings]] = {}
    for feed in feeds:
        proxy = feed.options.proxy if feed.options else None
        way = masked(proxy.get_secret_value(), is_url=True) if proxy else ""
        hosts = found.setdefault(f"proxy {way}" if way else "direct", {})
        if len(hosts) < _FEEDS:
            hosts.setdefault(host_of(feed.url), feed)
    return {door: list(hosts.values()) for door, hosts in found.items()}


async def _through(
    config: Config, fetcher: Fetcher, door: str, feeds: Iterable[FeedSettings]
) -> list[Finding]:
    """What the first of ``feeds`` that answers tells of the door; if none does, all that is known."""
    failed = []
    for feed in feeds:
        finding, more = await _ask(config, fetcher, door, feed)
        if finding.grade is Grade.OK:
            return [finding, *more]
        failed.append(finding)
    return failed


async def _ask(
    config: Config, fetcher: Fetcher, door: str, feed: FeedSettings
) -> tuple[Finding, list[Finding]]:
    name = masked(choices.titles(config).get(feed.key) or feed.key)
    options = choices.fetch_options(config, feed.key, feed.url)
    asked = datetime.now(UTC)
    try:
        response = await fetcher.fetch(Request(feed.url, options=options, inside=True))
    except HttpStatus as error:  # the feed's own affair: the door works
        return ok("requests", f"{door}, {name}: HTTP {error.status}"), []
    except AggregatorError as error:
        hint = error.hint or "see that this machine reaches the network"
        return fault("requests", masked(f"{door}, {name}: {error.message}"), hint), []
    said = f"{door}, {name}: HTTP {response.status} in {response.elapsed.total_seconds():.1f} s"
    clock = _clock(response, asked)
    return ok("requests", said), [clock] if clock else []


def _clock(response: Response, asked: datetime) -> Finding | None:
    """The clock beside the one of a server that answered just now."""
    try:
        theirs = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    skew = abs(theirs - (asked + response.elapsed))
    if "age" in response.headers or skew <= _SKEW:
        return ok("clock", "as that of the server that answered")
    hint = "set the clock (timedatectl set-ntp true); dates and schedules hang on it"
    return warning("clock", f"{skew.total_seconds():.0f} s beside the server's that answered", hint)


async def _own_address(config: Config, fetcher: Fetcher) -> Finding:
    """Whether ``base_url`` leads here, as subscribers and hubs would see it."""
    settings = config.settings
    base = own_base(settings)
    url = f"{base}/health"
    if not settings.server.enabled:
        return ok("base_url", "no server: files only")
    if is_address(urlsplit(url).hostname or ""):
        reached = await listens(settings.server.host, settings.server.port)
        return ok("base_url", "a daemon listens" if reached else "no daemon listens now")
    try:
        response = await fetcher.fetch(Request(url, inside=True))
    except AggregatorError as error:
        hint = (
            "start the daemon, and see the reverse proxy and the name; hubs need to reach it, too"
        )
        return warning("base_url", masked(f"{base}: {error.message}"), hint)
    return ok("base_url", f"{base} answers with HTTP {response.status}")
