"""Health events → the health feed, with nothing in it that its readers must not know. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from aggregator.model import FeedName, HealthEvent, HealthKind, Item, OutputFeed, Source
from aggregator.privacy.masking import masked
from aggregator.privacy.public import Disclosure, PublicUrl
from aggregator.publish.formats import FORMATS
from aggregator.text.named_failures import without_address
from aggregator.urls import host_of

Told = Callable[[str], Disclosure | None]

NAME = "status"
"""Of its addresses: `/status.atom` and so on, beside the page that tells the same of the moment."""
_MOST = 50  # lines of a kind in a summary


def health_feed(
    events: Sequence[HealthEvent], told: Told, *, title: str, base_url: str, id_base: str
) -> OutputFeed:
    """The feed of ``events``; ``told`` gives what may be told of a feed, by its key: None for nothing."""
    home = Disclosure().feed_url(f"{base_url}/", None)
    items = [item for one in events if (item := _item(one, told, title, home)) is not None]
    return OutputFeed(
        name=NAME,
        title=f"{title}: state of the feeds",
        description="Feeds that broke, moved or came back, and a summary of each day.",
        base_url=base_url,
        # As no output's: `status` may be the name of one.
        id_base=f"{id_base}/health",
        items=tuple(items),
        updated=max((one.updated for one in items), default=datetime.fromtimestamp(0, UTC)),
        formats=tuple(FORMATS),
        links={kind: f"{base_url}/{NAME}.{kind}" for kind in FORMATS},
    )


def _item(event: HealthEvent, told: Told, title: str, home: PublicUrl) -> Item | None:
    if event.kind is HealthKind.SUMMARY:
        return _summary(event, told, title, home)
    known = told(event.feed.key) if event.feed else None
    if known is None or event.feed is None:
        return None
    name, said = _name(event.feed, known), _said(event, event.feed, known)
    html = f"<p>{escape(said)}</p>"
    return _made(
        event, f"{name} {_VERBS[event.kind]}", said, html, _source(event.feed, known, home)
    )


_VERBS = {HealthKind.BROKE: "broke", HealthKind.BACK: "is back", HealthKind.MOVED: "moved"}
_COUNTED = {HealthKind.BROKE: "broke", HealthKind.BACK: "came back", HealthKind.MOVED: "moved"}


def _summary(event: HealthEvent, told: Told, title: str, home: PublicUrl) -> Item | None:
    """What happened, and what is broken; None where nothing of it may be told."""
    counts, html = [], []
    for kind, happened in _COUNTED.items():
        lines = [
            f"{_name(one.feed, known)}: {_said(one, one.feed, known)}"
            for one in event.covers
            if one.kind is kind and one.feed and (known := told(one.feed.key)) is not None
        ]
        if lines:
            counts.append(f"{len(lines)} {happened}")
            html.append(_list(happened.capitalize(), lines))
    broken = [_name(one, known) for one in event.broken if (known := told(one.key)) is not None]
    if not counts:
        return None
    if broken:
        html.append(_list("Broken now", broken))
        counts.append(f"{len(broken)} broken now")
    said = ", ".join(counts)
    return _made(event, f"Feeds on {event.day}: {said}", said, "".join(html), Source(title, home))


def _list(heading: str, lines: Sequence[str]) -> str:
    shown = "".join(f"<li>{escape(one)}</li>" for one in lines[:_MOST])
    more = f"<li>and {len(lines) - _MOST} more</li>" if len(lines) > _MOST else ""
    return f"<p>{escape(heading)}:</p><ul>{shown}{more}</ul>"


def _made(event: HealthEvent, title: str, said: str, html: str, source: Source) -> Item:
    return Item(
        id=event.uid,
        title=title,
        # The feed itself is what people look at, or the page about all of them.
        url=source.feed_url or None,
        content_html=html,
        summary=said,
        published=event.at,
        updated=event.at,
        source=source,
        categories=(event.kind.value,),
    )


def _said(event: HealthEvent, feed: FeedName, known: Disclosure) -> str:
    return " ".join(_sentences(event, feed, known))


def _sentences(event: HealthEvent, feed: FeedName, known: Disclosure) -> Iterator[str]:
    if event.kind is HealthKind.BROKE:
        error = without_address(masked(event.error), masked(feed.url))
        times = f"{event.failures} polls in a row failed" if event.failures > 1 else "A poll failed"
        yield f"{times}: {known.text(masked(error))}" if error else f"{times}."
    elif event.kind is HealthKind.BACK:
        yield "It answers again."
    else:
        before = known.feed_url(event.former_url, feed.site_url)
        after = known.feed_url(event.url, feed.site_url)
        if before and after and before != after:
            yield f"From {before} to {after}."
        else:
            yield "It has another address."


def _name(feed: FeedName, known: Disclosure) -> str:
    """The feed's name; without one its address, of a private feed its host."""
    if feed.title and feed.title not in {feed.key, feed.url}:
        return known.text(feed.title)
    address = known.feed_url(feed.url, feed.site_url)
    return (host_of(address) if known.private else address) or "a feed"


def _source(feed: FeedName, known: Disclosure, home: PublicUrl) -> Source:
    """The feed; where nothing of its address may be shown, the page about all of them."""
    return Source(
        _name(feed, known),
        known.feed_url(feed.url, feed.site_url) or home,
        known.link(feed.site_url),
    )
