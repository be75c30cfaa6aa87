"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) → the model's feed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import Enclosure, Entry, ParsedFeed
from aggregator.parse.dates import parse_date
from aggregator.parse.entries import language_tag, says_anything
from aggregator.parse.identity import content_hash, identity_of, make_distinct
from aggregator.parse.limits import MAX_CONTENT, MAX_LIST, MAX_TITLE, MAX_TOTAL_HTML
from aggregator.parse.links import absolute
from aggregator.parse.texts import body_html, name_text, paragraphs, shortened, title_text
from aggregator.sanitize import clean_html, plain, xml_safe

_MAX_VALUES = 1_000_000  # objects and lists: each costs far more memory than its characters
_NEVER = datetime.min.replace(tzinfo=UTC)
Object = dict[str, Any]


def parse_json(
    text: str, *, url: str, max_entries: int = 1000, notes: Iterable[str] = ()
) -> ParsedFeed:
    """Understand a JSON document fetched from ``url``.

    Items that are no objects or say nothing are left out. Raises
    :class:`~aggregator.errors.NotAFeed` for other JSON and
    :class:`~aggregator.errors.ParseError` for text that is no JSON.
    """
    found = list(notes)
    feed = _loaded(text)
    version = feed.get("version")
    if not isinstance(version, str) or "jsonfeed.org" not in version:
        if not isinstance(feed.get("items"), list):
            raise NotAFeed("it is JSON, but no JSON Feed")
        found.append("it does not say that it is a JSON Feed")
    elif not isinstance(feed.get("items"), list):
        found.append("it has no list of items")
    items = feed.get("items") if isinstance(feed.get("items"), list) else []
    entries = _entries(
        [i for i in items or [] if isinstance(i, dict)], feed, url, max_entries, found
    )
    return ParsedFeed(
        title=title_text(_text(feed, "title"), "text/plain"),
        site_url=absolute(feed.get("home_page_url"), url),
        description=shortened(plain(_text(feed, "description")[: 8 * MAX_TITLE]), MAX_TITLE),
        language=language_tag(feed.get("language")),
        entries=entries,
        format="json10" if str(version).rstrip("/").endswith("/1") else "json11",
        self_url=absolute(feed.get("feed_url"), url),
        hub_url=_hub(feed, url),
        notes=tuple(found),
    )


def _loaded(text: str) -> Object:
    if text.count("{") + text.count("[") > _MAX_VALUES:
        raise ParseError("the JSON holds too many values")
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"it is not JSON: {plain(str(error))[:100]}") from error
    if not isinstance(feed, dict):
        raise NotAFeed("it is JSON, but no JSON Feed")
    return feed


def _entries(
    items: list[Object], feed: Object, url: str, max_entries: int, notes: list[str]
) -> tuple[Entry, ...]:
    if len(items) > max_entries:
        notes.append(f"the newest {max_entries} of {len(items)} entries were taken")
        newest = sorted(range(len(items)), key=lambda i: (_when(items[i]), -i), reverse=True)
        items = [items[i] for i in sorted(newest[:max_entries])]
    base = absolute(feed.get("home_page_url"), url) or url
    authors = _authors(feed)
    language = language_tag(feed.get("language"))
    entries: list[Entry] = []
    room = MAX_TOTAL_HTML
    for item in items:
        room -= len(_text(item, "content_html")) + len(_text(item, "content_text"))
        entry = _entry(item if room >= 0 else _without_bodies(item), base, authors, language)
        if says_anything(entry):
            entries.append(entry)
    if len(entries) < len(items):
        notes.append(f"{len(items) - len(entries)} entries hold nothing that can be shown")
    return make_distinct(entries)


def _without_bodies(item: Object) -> Object:
    return {key: value for key, value in item.items() if not key.startswith("content_")}


def _when(item: Object) -> datetime:
    return parse_date(_text(item, "date_published")) or _NEVER


def _entry(item: Object, base: str, authors: tuple[str, ...], language: str | None) -> Entry:
    link = absolute(item.get("url"), base) or absolute(item.get("external_url"), base)
    guid = _guid(item.get("id"))
    if link is None and guid is not None:
        link = absolute(guid, None)
    title = title_text(_text(item, "title"), "text/plain")
    content = _content(item, link or base)
    summary = body_html(_text(item, "summary"), "text/plain", link or base)
    enclosures = _enclosures(item, base)
    entry = Entry(
        identity=identity_of(guid, link, title, content or summary),
        title=title,
        url=link,
        guid=guid,
        authors=_authors(item) or authors,
        categories=_names(item.get("tags")),
        summary_html=summary,
        content_html=content,
        enclosures=enclosures,
        image=absolute(item.get("image"), base) or absolute(item.get("banner_image"), base),
        language=language_tag(item.get("language")) or language,
        published=parse_date(_text(item, "date_published")),
        updated=parse_date(_text(item, "date_modified")),
    )
    return replace(entry, content_hash=content_hash(entry))


def _text(node: Object, key: str) -> str:
    value = node.get(key)
    return xml_safe(value) if isinstance(value, str) else ""


def _guid(value: object) -> str | None:
    """The id as text; a number is one too (1.1: "coerce it to a string")."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return xml_safe(str(value)).strip() or None


def _content(item: Object, base: str) -> str:
    markup = _text(item, "content_html")
    if markup:
        return clean_html(markup[:MAX_CONTENT], base)
    text = _text(item, "content_text")[:MAX_CONTENT]
    return clean_html(paragraphs(text), base) if text.strip() else ""


def _authors(node: Object) -> tuple[str, ...]:
    authors = node.get("authors")
    if not isinstance(authors, list):
        authors = [node.get("author")]  # 1.0
    return _names([a.get("name") if isinstance(a, dict) else a for a in authors[:MAX_LIST]])


def _names(values: object) -> tuple[str, ...]:
    names = [name_text(v) for v in values[:MAX_LIST]] if isinstance(values, list) else []
    return tuple(dict.fromkeys(name for name in names if name))


def _enclosures(item: Object, base: str) -> tuple[Enclosure, ...]:
    attachments = item.get("attachments")
    found: dict[str, Enclosure] = {}
    for attachment in attachments[:MAX_LIST] if isinstance(attachments, list) else ():
        if not isinstance(attachment, dict):
            continue
        url = absolute(attachment.get("url"), base)
        size = attachment.get("size_in_bytes")
        whole = isinstance(size, int) and not isinstance(size, bool) and 0 < size < 1 << 53
        if url is not None and url not in found:
            media_type = plain(_text(attachment, "mime_type"))[:100]
            found[url] = Enclosure(url, media_type, size if whole else None)
    return tuple(found.values())


def _hub(feed: Object, url: str) -> str | None:
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and (found := absolute(hub.get("url"), url)):
            return found
    return None
