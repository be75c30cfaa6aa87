"""Roads, their events and items, in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model import (
    EventKind,
    Item,
    RoadEvent,
    RoadEvents,
    RoadState,
    Source,
)
from aggregator.privacy.public import Disclosure

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
EPOCH = 7


def item(name: str, **fields: Any) -> Item:
    """An item called ``name``."""
    given: dict[str, Any] = {
        "id": f"urn:{name}",
        "title": f"Story {name}",
        "url": f"https://site.example/{name}",
        "content_html": f"<p>Text of {name}</p>",
        "summary": f"Summary of {name}",
        "published": AT,
        "updated": AT,
        "source": Source("The Site", Disclosure().feed_url("https://site.example/feed", None)),
    }
    return Item(**given | fields)


def event(seq: int, kind: EventKind = EventKind.ENTER, **fields: Any) -> RoadEvent:
    """An event of an item that is called by its number, or an alarm."""
    if kind in {EventKind.ALARM, EventKind.OVER}:
        return RoadEvent(seq, kind, AT, text=fields.get("text", f"Alarm {seq}"))
    shown = None if kind is EventKind.WITHDRAW else item(str(seq), **fields)
    return RoadEvent(seq, kind, AT + timedelta(seconds=seq), f"urn:{seq}", shown)


def read(*events: RoadEvent, last: int = 0, beyond: int = 0) -> RoadEvents:
    """What was read of a log: these events, and so many ``beyond`` until ``last``."""
    upto = events[-1].seq if events else last
    return RoadEvents(EPOCH, events, upto, max(last, upto), beyond, AT, more=bool(beyond))


def state(**fields: Any) -> RoadState:
    """A road that has begun and told nothing."""
    given: dict[str, Any] = {"epoch": EPOCH, "seq": 0, "next_at": AT}
    return RoadState(**given | fields)
