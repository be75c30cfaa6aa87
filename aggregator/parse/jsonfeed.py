"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) → the model's feed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import Enclosure, Entry, ParsedFeed
from aggregator.parse.caps import (
    MAX_AUTHORS,
    MAX_CONTENT,
    MAX_LIST,
    MAX_SIBLINGS,
    MAX_TITLE,
    MAX_TOTAL_HTML,
    MAX_URL,
)
from aggregator.parse.counted_places import needs_all, without_places
from aggregator.parse.date_habits import habits_of
from aggregator.parse.details import json_details
from aggregator.parse.entries import language_tag, says_anything
from aggregator.parse.identity import content_hash, identity_of, make_distinct
from aggregator.parse.incremental import item_mark, surroundings
from aggregator.parse.json_salvage import Loaded, load
from aggregator.parse.links import absolute, followed
from aggregator.parse.text_budget import is_readable, note_of, over_budget, text_cost
from aggregator.parse.texts import (
    body_html,
    identifying_html,
    name_text,
    paragraphs,
    shortened,
    title_text,
)
from aggregator.sanitize import clean_html, plain, xml_safe
from aggregator.text.dates import DateHabits, parse_date
from aggregator.text.spoken import language_of
from aggregator.tidy.escapes import once_escaped
from aggregator.urls.lookup_keys import address_key

_MAX_VALUES = 500_000  # objects, lists, keys: each costs far more than its characters
_BODIES = ("content_html", "content_text", "summary")
_NEVER = datetime.min.replace(tzinfo=UTC)
Object = dict[str, Any]


def parse_json(
    text: str,
    *,
    url: str,
    language: str | None = None,
    max_entries: int = 1000,
    notes: Iterable[str] = (),
    known: Mapping[str, str] | None = None,
) -> ParsedFeed:
    """Understand a JSON document fetched from ``url``, in ``language`` where it names none.

    Entries that are ``known`` are not read.

    Items that are no objects or say nothing are left out. Raises
    :class:`~aggregator.errors.NotAFeed` for other JSON and
    :class:`~aggregator.errors.ParseError` for text that is no JSON.
    """
    found = list(notes)
    loaded = _loaded(text)
    feed = loaded.members
    found += [loaded.note] if loaded.note else []
    found += ["the document breaks off"] if loaded.cut else []
    version = feed.get("version")
    if not isinstance(version, str) or "jsonfeed.org" not in version:
        if not isinstance(feed.get("items"), list):
            raise NotAFeed("it is JSON, but no JSON Feed")
        found.append("it does not say that it is a JSON Feed")
    elif not isinstance(feed.get("items"), list):
        found.append("it has no list of items")
    given = feed.get("items")
    items = [i for i in given if isinstance(i, dict)] if isinstance(given, list) else []
    if loaded.cut and not items:
        raise ParseError(f"nothing of it is whole: {loaded.note}")
    if len(items) > max_entries:
        found.append(f"the newest {max_entries} of {len(items)} entries were taken")
        newest = sorted(range(len(items)), key=lambda i: (_when(items[i]), -i), reverse=True)
        items = [items[i] for i in sorted(newest[:max_entries])]
    feedwide = _Feedwide.of(feed, url, language)
    entries, unchanged, left_out = _entries(items, feedwide, found, known or {})
    return ParsedFeed(
        title=title_text(_text(feed, "title"), "text/plain"),
        site_url=absolute(feed.get("home_page_url"), url),
        description=shortened(plain(_text(feed, "description")[: 8 * MAX_TITLE]), MAX_TITLE),
        language=feedwide.language,
        entries=entries,
        unchanged=unchanged,
        format="json10" if str(version).rstrip("/").endswith("/1") else "json11",
        self_url=absolute(feed.get("feed_url"), url),
        hub_url=_hub(feed, url),
        previous_url=absolute(feed.get("next_url"), url),
        deleted=_deleted(feed),
        notes=tuple(found),
        partial=left_out or loaded.cut,
    )


def _deleted(feed: Object) -> tuple[str, ...]:
    """Ids of entries that are no more, as archive pages of programs like this one say it."""
    own = feed.get("_aggregator")
    gone = own.get("gone") if isinstance(own, dict) else None
    named = (
        (one.get("id") for one in gone if isinstance(one, dict)) if isinstance(gone, list) else ()
    )
    found = (one.strip() for one in named if isinstance(one, str) and len(one) <= MAX_URL)
    return tuple(islice(filter(None, found), MAX_SIBLINGS))


def _loaded(text: str) -> Loaded:
    if text.count("{") + text.count("[") + text.count('":') > _MAX_VALUES:
        raise ParseError("the JSON holds too many values")
    loaded = load(text)
    if loaded is None:
        raise NotAFeed("it is JSON, but no JSON Feed")
    return loaded


@dataclass(frozen=True, slots=True)
class _Feedwide:
    """What an item has from its feed."""

    base: str
    authors: tuple[str, ...]
    language: str | None
    habits: DateHabits
    digest: str

    @classmethod
    def of(cls, feed: Object, url: str, served_in: str | None = None) -> _Feedwide:
        base = absolute(feed.get("home_page_url"), url) or url
        authors = _authors(feed)
        language = language_tag(feed.get("language")) or served_in
        items = feed.get("items")
        habits = habits_of(_dates_of(items if isinstance(items, list) else ()))
        said = surroundings("json", base, authors, language, habits)
        return cls(base, authors, language, habits, said)


def _entries(
    items: list[Object], feedwide: _Feedwide, notes: list[str], known: Mapping[str, str]
) -> tuple[tuple[Entry, ...], tuple[str, ...], bool]:
    """The entries of ``items``, the identities of those that are as they were ``known``.

    And whether some were left out, since there was no room for their texts.
    """
    marked = [(item, _digest(item, feedwide)) for item in items]
    unchanged = [known[digest] for _, digest in marked if digest in known]
    to_read = [(item, digest) for item, digest in marked if digest not in known]
    costs = [sum(text_cost(_text(item, key)) for key in _BODIES) for item, _ in to_read]
    left_out = over_budget(costs, [_when(item) for item, _ in to_read], MAX_TOTAL_HTML)
    read = [
        _entry(item, feedwide, digest, bare=index in left_out)
        for index, (item, digest) in enumerate(to_read)
    ]
    entries = [entry for entry in read if says_anything(entry)]
    if needs_all(entries, unchanged):
        return _entries(items, feedwide, notes, {})
    if not unchanged:
        entries = without_places(entries)
    distinct = make_distinct(entries)
    named = {entry.identity for entry in (*entries, *distinct)}
    if len(set(unchanged)) != len(unchanged) or not named.isdisjoint(unchanged):
        return _entries(items, feedwide, notes, {})
    if empty := sum(bool(one.content_hash) and not says_anything(one) for one in read):
        notes.append(f"{empty} entries hold nothing that can be shown")
    if left_out:
        notes.append(note_of(len(left_out), len(items)))
    whole = tuple(entry for entry in distinct if entry.content_hash)
    return whole, tuple(unchanged), bool(left_out)


def _digest(item: Object, feedwide: _Feedwide) -> str:
    try:
        return feedwide.digest + item_mark("", json.dumps(item).encode())
    except RecursionError:
        return ""


def _dates_of(items: Iterable[object]) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict):
            yield from filter(None, (_text(item, "date_published"), _text(item, "date_modified")))


def _when(item: Object) -> datetime:
    return parse_date(_text(item, "date_published")) or _NEVER


def _entry(item: Object, feedwide: _Feedwide, digest: str, *, bare: bool) -> Entry:
    """A ``bare`` one has no texts and no hash, see :func:`aggregator.parse.entries.entry_from`."""
    base = feedwide.base
    link = absolute(item.get("url"), base) or absolute(item.get("external_url"), base)
    guid = _guid(item.get("id"))
    if link is None and guid is not None:
        link = absolute(guid, None)
    named_by = link
    if link is None:
        link = next(filter(None, (followed(one, None) for one in (item.get("url"), guid))), None)
    title = title_text(_text(item, "title"), "text/plain")
    own = (
        absolute(item.get("url"), base) or absolute(guid, None) or base
    )  # an outside article is no base of one's own text
    content = "" if bare else _content(item, own)
    summary_text = "" if bare else _text(item, "summary")
    summary = body_html(summary_text, "text/plain", own) if is_readable(summary_text) else ""
    enclosures = _enclosures(item, base)
    entry = Entry(
        identity=identity_of(
            guid, named_by, title, "" if bare or guid or named_by else _told(item, base)
        ),
        title=title,
        url=link,
        guid=guid,
        authors=_authors(item) or feedwide.authors,
        categories=_names(item.get("tags")),
        summary_html=summary,
        content_html=content,
        enclosures=enclosures,
        image=absolute(item.get("image"), base) or absolute(item.get("banner_image"), base),
        language=language_of(
            content or summary, language_tag(item.get("language")) or feedwide.language
        ),
        published=parse_date(_text(item, "date_published"), feedwide.habits),
        updated=parse_date(_text(item, "date_modified"), feedwide.habits),
        details=json_details(item, link, base),
    )
    if bare:
        return entry
    return replace(
        entry,
        content_hash=content_hash(entry),
        source_digest=digest,
        url_key=address_key(link) if link else None,
    )


def _text(node: Object, key: str) -> str:
    value = node.get(key)
    return xml_safe(value) if isinstance(value, str) else ""


def _guid(value: object) -> str | None:
    """The id as text; a number is one too (1.1: "coerce it to a string")."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return xml_safe(str(value)).strip() or None


def _told(item: Object, base: str) -> str:
    """The text by which an item is known that has neither id nor link."""
    markup, text = _text(item, "content_html"), _text(item, "content_text")[:MAX_CONTENT]
    if markup:
        html = clean_html(markup[:MAX_CONTENT], base) if is_readable(markup) else ""
    else:
        html = clean_html(paragraphs(text), base) if text.strip() and is_readable(text) else ""
    summary = _text(item, "summary")
    return html or (identifying_html(summary, "text/plain", base) if is_readable(summary) else "")


def _content(item: Object, base: str) -> str:
    markup = _text(item, "content_html")
    if markup and not is_readable(markup):
        return ""
    if markup:
        return body_html(markup, "text/html", base)
    text = _text(item, "content_text")[:MAX_CONTENT]
    if not text.strip() or not is_readable(text):
        return ""
    return clean_html(once_escaped(paragraphs(text)), base)


def _authors(node: Object) -> tuple[str, ...]:
    authors = node.get("authors")
    if not isinstance(authors, list):
        authors = [node.get("author")]  # 1.0
    return _names(
        [a.get("name") if isinstance(a, dict) else a for a in authors[:MAX_AUTHORS]], MAX_AUTHORS
    )


def _names(values: object, most: int = MAX_LIST) -> tuple[str, ...]:
    names = [name_text(v) for v in values[:most]] if isinstance(values, list) else []
    return tuple(dict.fromkeys(name for name in names if name))


def _enclosures(item: Object, base: str) -> tuple[Enclosure, ...]:
    attachments = item.get("attachments")
    found: dict[str, Enclosure] = {}
    for attachment in attachments[:MAX_LIST] if isinstance(attachments, list) else ():
        if not isinstance(attachment, dict):
            continue
        url = followed(attachment.get("url"), base)
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
