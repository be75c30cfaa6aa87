"""The start page: what this is, where to subscribe, how the feeds fare. Pure: values → HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.model import FeedStatus, Status
from aggregator.privacy.masking import masked
from aggregator.privacy.public import Disclosure, PublicUrl
from aggregator.publish import feed_addresses, health_items
from aggregator.publish.formats import FORMATS
from aggregator.text.durations import ago
from aggregator.urls import host_of
from aggregator.web.daemon_view import OutputInfo

FEEDS_PER_PAGE = 100

_STATES = {  # result of a poll → (word shown, colour class)
    "updated": ("new entries", "good"),
    "unchanged": ("nothing new", "good"),
    "not_modified": ("nothing new", "good"),
    "failed": ("failing", "bad"),
    "gone": ("gone", "bad"),
    "offline": ("no network", "bad"),
    "": ("not polled yet", "idle"),
}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One subscription as a row of the table."""

    title: str
    url: PublicUrl
    categories: tuple[str, ...]
    state: str
    tone: str  # "good" | "bad" | "idle": the colour
    error: str
    failures: int
    entries: int
    last_poll: datetime | None
    last_poll_ago: str
    next_poll: datetime | None
    next_poll_in: str


def feed_rows(
    feeds: Sequence[FeedStatus], told: Mapping[str, Disclosure], now: datetime
) -> tuple[FeedRow, ...]:
    """Those ``feeds`` that are ``told`` of, in their order."""
    return tuple(_row(feed, told[feed.key], now) for feed in feeds if feed.key in told)


def render_page(
    *,
    title: str,
    base_url: str,
    root: str = "",
    version: str,
    index: bool = False,
    outputs: Sequence[OutputInfo],
    status: Status | None,
    told: Mapping[str, Disclosure],
    now: datetime,
    holds_back: bool = False,
    is_first: bool = True,
    search: bool = False,
    reading: bool = False,
    health: bool = False,
) -> str:
    """The page as HTML. ``status`` None says that the state cannot be read at the moment.

    ``root`` goes before the links to our own pages: empty, or the path of the address with its slash.
    ``told`` are the feeds (by key) that readers may know of, and what of each; where others are
    held back, no totals are given, which would count them. ``is_first``: no page of the list of
    feeds comes before this one. ``search``: there is a page for it;
    ``reading``: for each output, too. ``health``: there is a feed about the feeds.
    """
    return (
        environment()
        .get_template("index.html")
        .render(
            title=title,
            base_url=base_url,
            root=root,
            version=version,
            index=index,
            outputs=outputs,
            status=status,
            feeds=feed_rows(status.feeds, told, now) if status else (),
            totals=status is not None and not holds_back,
            is_first=is_first,
            search=search,
            reading=reading,
            health=f"{health_items.NAME}.{next(iter(FORMATS))}" if health else "",
            now=now,
            formats=FORMATS,
            path=feed_addresses.path,
            page_path=feed_addresses.page_path,
        )
    )


def _row(feed: FeedStatus, told: Disclosure, now: datetime) -> FeedRow:
    state = "paused" if feed.paused else _STATES.get(feed.result, (feed.result, ""))[0]
    return FeedRow(
        title=_title(feed, told),
        url=told.feed_url(feed.url, None),
        categories=feed.categories,
        state=state,
        tone=_tone(feed),
        # The row names the feed already; errors of the fetcher begin with its address.
        error=told.text(masked(feed.error or "")).removeprefix(f"{masked(feed.url)}: "),
        failures=feed.failures,
        entries=feed.entries,
        last_poll=feed.last_poll,
        last_poll_ago=ago(feed.last_poll, now),
        next_poll=feed.next_poll,
        next_poll_in=_ahead(feed, now),
    )


def _title(feed: FeedStatus, told: Disclosure) -> str:
    """The feed's name; without one its address, of a private feed its host."""
    if feed.title and feed.title not in {feed.key, feed.url}:
        return told.text(feed.title)
    address = told.feed_url(feed.url, None)
    return host_of(address) if told.private else address


def _tone(feed: FeedStatus) -> str:
    if feed.paused:
        return "idle"
    if feed.failures:
        return "bad"
    return _STATES.get(feed.result, ("", "idle"))[1]


def _ahead(feed: FeedStatus, now: datetime) -> str:
    if feed.paused:
        return "paused"
    if feed.next_poll is None:
        return "never" if feed.result == "gone" else "soon"
    if feed.next_poll <= now:
        return "now"
    return ago(feed.next_poll, now)


@cache
def environment() -> Environment:
    """Templates travel in the package; everything they show is escaped."""
    environment = Environment(
        loader=PackageLoader("aggregator.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["iso"] = _iso
    environment.filters["utc"] = _utc
    environment.filters["minute"] = _minute
    return environment


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _minute(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _utc(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M:%S} UTC"
