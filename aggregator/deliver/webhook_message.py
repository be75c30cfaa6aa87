"""Events → the body of a webhook, as Standard Webhooks recommends: type, timestamp, data. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aggregator.model import EventKind, RoadEvent
from aggregator.publish.formatting import rfc3339
from aggregator.publish.jsonfeed import item_members
from aggregator.publish.xmltree import document_safe

LARGEST = 2 << 20  # bytes of items in a batch: another one begins beyond them


def webhook_body(output: str, events: Sequence[RoadEvent], *, batch: bool) -> bytes:
    """The body that tells ``events``, one unless ``batch``; items are those of JSON Feed 1.1."""
    last = events[-1]
    if batch:
        data: dict[str, Any] = {"output": output, "events": [_event(one) for one in events]}
        said = {"type": "items", "timestamp": rfc3339(last.at), "data": data}
    else:
        event = _event(last)
        data = {"output": output, "seq": event["seq"], "item": event["item"]}
        said = {"type": event["type"], "timestamp": event["timestamp"], "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def in_one_message(events: Sequence[RoadEvent], most: int) -> Sequence[RoadEvent]:
    """The first of ``events`` that go into one message: up to ``most``, one at least."""
    size = 0
    for count, event in enumerate(events):
        size += len(event.item.content_html) if event.item is not None else 0
        if count and (count == most or size > LARGEST):
            return events[:count]
    return events


def _event(event: RoadEvent) -> dict[str, Any]:
    item = {"id": document_safe(event.item_id)} if event.item is None else item_members(event.item)
    return {
        "type": f"item.{EventKind(event.kind).value}",
        "timestamp": rfc3339(event.at),
        "seq": event.seq,
        "item": item,
    }
