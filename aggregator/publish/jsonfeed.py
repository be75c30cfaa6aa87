"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aggregator.model import Item, OutputFeed, OutputFormat, Related, Relation
from aggregator.publish import formatting, particulars
from aggregator.publish.fragments import Fragments, written
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import document_safe

_NO_ITEMS = b'\n "items": []'


def render_json(output: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """``output`` as a JSON Feed 1.1 document in UTF-8; equal outputs give equal bytes."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": formatting.title(output),
        "home_page_url": formatting.home_link(output),
        "feed_url": formatting.self_link(output, FORMAT.name),
        "next_url": _older(output),
        "description": formatting.text(output.description) or None,
        "language": formatting.common_language(output.items),
        "hubs": [{"type": "WebSub", "url": uri(hub)} for hub in output.hubs] or None,
        "items": [],
        "_aggregator": {
            "about": "id: the output's identity; updated: its newest change. On items, source: "
            "the feed that the item comes from; original: the feed that it was copied from there; "
            "related: other sources of the same story, those without url with the item's own link; text: where the text is from; links, contributors, topics, "
            "rights, places, episode: what the source says beside it.",
            "id": formatting.feed_id(output),
            "updated": formatting.rfc3339(output.updated),
            **_archive(output),
        },
    }
    text = as_document(feed)
    if not output.items:
        return text
    # Line ends within texts are escaped: that of a member is one, and its blank tells whose it is.
    head, tail = text.split(_NO_ITEMS, 1)
    items = [written(FORMAT.name, item, _fragment, fragments) for item in output.items]
    return b"".join((head, b'\n "items": [\n', b",\n".join(items), b"\n ]", tail))


def _fragment(item: Item) -> bytes:
    return b"  " + _dumped(_item(item)).replace(b"\n", b"\n  ")


def as_document(feed: dict[str, Any]) -> bytes:
    """The bytes of a feed, without the members that are None."""
    return _dumped(_without_absent(feed)) + b"\n"


def _dumped(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def gone_items(gone: Mapping[str, datetime]) -> list[dict[str, str]]:
    """Items that left, and when, as archive pages say it."""
    return [
        {"id": document_safe(item_id), "when": formatting.rfc3339(at)}
        for item_id, at in gone.items()
    ]


def _older(output: OutputFeed) -> str | None:
    """The page with what came before (JSON Feed's own word for it)."""
    href = output.paging.older.get(FORMAT.name) if output.paging else None
    return uri(href) if href else None


def _archive(output: OutputFeed) -> dict[str, Any]:
    """The rest of what RFC 5005 and 6721 have for XML, of archive pages alone."""
    paging = output.paging
    if paging is None or not paging.is_archive:
        return {}
    gone = gone_items({one.item_id: one.at for one in paging.gone})
    current = {"current": uri(paging.current[FORMAT.name])} if FORMAT.name in paging.current else {}
    return {"archive": True, **current, **({"gone": gone} if gone else {})}


def _item(item: Item) -> dict[str, Any]:
    source = {
        "title": formatting.source_name(item),
        "feed_url": uri(item.source.feed_url),
        "home_page_url": formatting.link(item.source.site_url),
    }
    related = [shown for one in item.related if (shown := _related(one))]
    return _without_absent(
        {
            "id": document_safe(item.id),
            "url": formatting.link(item.url),
            "external_url": next(
                (url for _, url in particulars.links(item, Relation.RELATED)), None
            ),
            "title": formatting.text(item.title) or None,
            **_texts(item),
            "image": formatting.link(item.image),
            "date_published": formatting.rfc3339(item.published) if item.published else None,
            "date_modified": formatting.rfc3339(item.updated),
            "authors": [
                particulars.json_person(particulars.person_of(item, name))
                for name in formatting.credited(item)
            ],
            "tags": formatting.texts(item.categories) or None,
            "language": formatting.language(item.language),
            "attachments": _attachments(item) or None,
            "_aggregator": _without_absent(
                {
                    "source": _without_absent(source),
                    "related": related or None,
                    "text": _origin(item),
                    **particulars.json_details(item),
                }
            ),
        }
    )


def item_members(item: Item) -> dict[str, Any]:
    """``item`` as the members of a JSON Feed item, for those who send one by itself."""
    return _item(item)


def _related(one: Related) -> dict[str, Any]:
    """Without ``url`` where the source has no link of its own; empty where nothing tells who it is."""
    told = {
        "title": formatting.text(one.title) or None,
        "url": formatting.link(one.url),
        "feed_url": formatting.link(one.feed_url),
        "home_page_url": formatting.link(one.site_url),
    }
    return _without_absent(told)


def _origin(item: Item) -> dict[str, Any] | None:
    """Where the text came from, and how sure it is that it is the article's."""
    if item.provenance is None:
        return None
    source = formatting.text(item.provenance.source)
    said = {"from": source, "confidence": item.provenance.confidence}
    return _without_absent(said)


def _texts(item: Item) -> dict[str, str | None]:
    """An item must have ``content_html`` or ``content_text``: without HTML it has the summary."""
    html, summary = document_safe(item.content_html), document_safe(item.summary)
    if html.strip():
        return {"content_html": html, "summary": summary.strip() or None}
    return {"content_text": summary}


def _attachments(item: Item) -> list[dict[str, Any]]:
    """How long an episode lasts is said of its first file."""
    lasting = item.details.episode.duration if item.details.episode else None
    return [
        _without_absent(
            {
                "url": url,
                "mime_type": formatting.media_type(enclosure.media_type) or formatting.UNKNOWN_TYPE,
                "size_in_bytes": formatting.size(enclosure),
                "duration_in_seconds": lasting if place == 0 else None,
            }
        )
        for place, (enclosure, url) in enumerate(formatting.attachments(item))
    ]


def _without_absent(members: dict[str, Any]) -> dict[str, Any]:
    """``members`` without those that are None (JSON Feed knows no null)."""
    return {name: value for name, value in members.items() if value is not None}


# JSON is always UTF-8 (RFC 8259 §8.1): no charset.
FORMAT = OutputFormat(
    "json", "JSON", "application/feed+json", render_json, b"\n  },\n", in_fragments=True
)
