"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from aggregator.model import Item, OutputFeed, OutputFormat
from aggregator.publish import values
from aggregator.sanitize import xml_safe


def render_json(output: OutputFeed) -> bytes:
    """``output`` as a JSON Feed 1.1 document in UTF-8; equal outputs give equal bytes."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": values.title(output),
        "home_page_url": values.home_link(output),
        "feed_url": values.self_link(output, FORMAT.name),
        "description": values.text(output.description) or None,
        "language": values.common_language(output.items),
        "items": [_item(item) for item in output.items],
        "_aggregator": {
            "about": "id: the output's identity; updated: its newest change. On items, source: "
            "the feed that the item comes from; related: other sources of the same story; text: where the text is from.",
            "id": values.feed_id(output),
            "updated": values.rfc3339(output.updated),
        },
    }
    text = json.dumps(_without_absent(feed), ensure_ascii=False, indent=1)
    return text.encode("utf-8") + b"\n"


def _item(item: Item) -> dict[str, Any]:
    source = {
        "title": values.source_name(item),
        "feed_url": values.uri(item.source.feed_url),
        "home_page_url": values.link(item.source.site_url),
    }
    related = [{"title": name, "url": url} for name, url in values.related(item)]
    return _without_absent(
        {
            "id": xml_safe(item.id),
            "url": values.link(item.url),
            "title": values.text(item.title) or None,
            **_texts(item),
            "image": values.link(item.image),
            "date_published": values.rfc3339(item.published),
            "date_modified": values.rfc3339(item.updated),
            "authors": [{"name": name} for name in values.credited(item)],
            "tags": values.texts(item.categories) or None,
            "language": values.language(item.language),
            "attachments": _attachments(item) or None,
            "_aggregator": _without_absent(
                {
                    "source": _without_absent(source),
                    "related": related or None,
                    "text": _origin(item),
                }
            ),
        }
    )


def _origin(item: Item) -> dict[str, Any] | None:
    """Where the text came from, and how sure it is that it is the article's."""
    if item.provenance is None:
        return None
    source = values.text(item.provenance.source)
    said = {"from": source, "confidence": item.provenance.confidence}
    return _without_absent(said)


def _texts(item: Item) -> dict[str, str | None]:
    """An item must have ``content_html`` or ``content_text``: without HTML it has the summary."""
    html, summary = xml_safe(item.content_html), xml_safe(item.summary)
    if html.strip():
        return {"content_html": html, "summary": summary.strip() or None}
    return {"content_text": summary}


def _attachments(item: Item) -> list[dict[str, Any]]:
    return [
        _without_absent(
            {
                "url": url,
                "mime_type": values.media_type(enclosure.media_type) or values.UNKNOWN_TYPE,
                "size_in_bytes": values.size(enclosure),
            }
        )
        for enclosure, url in values.attachments(item)
    ]


def _without_absent(members: dict[str, Any]) -> dict[str, Any]:
    """``members`` without those that are None (JSON Feed knows no null)."""
    return {name: value for name, value in members.items() if value is not None}


# JSON is always UTF-8 (RFC 8259 §8.1): no charset.
FORMAT = OutputFormat("json", "JSON", "application/feed+json", render_json)
