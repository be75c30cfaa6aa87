"""feedparser's dictionary of one entry → the model's entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aggregator.model import Enclosure, Entry, FurtherLink, Relation
from aggregator.parse.bases import text_base
from aggregator.parse.caps import MAX_AUTHORS, MAX_LIST, MAX_NAME
from aggregator.parse.details import details_of, dicts, type_of
from aggregator.parse.identity import content_hash, identity_of
from aggregator.parse.links import absolute, followed, is_http, is_page, with_plain_ampersands
from aggregator.parse.media_figures import figures_beside
from aggregator.parse.permalink import permalink
from aggregator.parse.players import player_of, with_player
from aggregator.parse.text_budget import is_readable, text_cost
from aggregator.parse.texts import body_html, identifying_html, lines, name_text, title_text
from aggregator.text.dates import NO_HABITS, DateHabits, parse_date
from aggregator.text.spoken import language_of
from aggregator.tidy.pictures import is_portrait
from aggregator.urls.lookup_keys import address_key

Node = dict[str, Any]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_ANGLED = re.compile(r"<[^<>@\s]*@[^<>\s]*>|\([^()@\s]*@[^()\s]*\)")
_MAX_LENGTH = 1 << 53
_DEAD_TYPES = frozenset({"application/x-shockwave-flash"})  # nothing plays it any more
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """Facts of a feed that its entries inherit."""

    document_url: str
    link_base: str  # what relative links mean
    site_url: str | None  # the page that the feed says it belongs to
    is_atom: bool
    surroundings: str = ""  # the digest of all this
    language: str | None = None
    authors: tuple[str, ...] = ()
    habits: DateHabits = NO_HABITS


def cost_of(node: Node) -> int:
    """Cost of sanitizing the texts of one entry."""
    return sum(text_cost(text) for text, _ in _texts(node))


def when(node: Node, context: Context) -> datetime:
    """The latest date of one entry, the earliest possible for one without."""
    published, updated = _dates(node, context)
    return max(published or _NEVER, updated or _NEVER)


def entry_from(node: Node, context: Context, mark: str = "", *, bare: bool = False) -> Entry:
    """Map one entry, whose item has the digest ``mark`` (``""``: it tells nothing). Pure.

    A ``bare`` one has no texts and no hash: it only shows what other entries are called beside it.
    """
    guid = text_of(node, "id").strip() or None
    files = _files(node, context)
    enclosures = tuple(one for one in files.values() if one.media_type not in _DEAD_TYPES)
    url = _url(node, guid, enclosures, context)
    title = title_text(text_of(node, "title"), type_of(node.get("title_detail")))
    summary, content = ("", "") if bare else _bodies(node, guid, url, context)
    published, updated = _dates(node, context)
    named_by = _named_by(url, files)
    spoken_of: tuple[FurtherLink, ...] = ()
    if url and (home := _permalink(node, guid, url, content or summary, context)):
        url, spoken_of = home, (FurtherLink(Relation.RELATED, url),)
    entry = Entry(
        identity=identity_of(
            guid, named_by, title, "" if bare or guid or named_by else _told(node, context)
        ),
        title=title,
        url=url,
        guid=guid,
        authors=authors_of(node) or (context.authors if "source" not in node else _copied(node)),
        categories=_categories(node),
        summary_html=summary,
        content_html=content,
        enclosures=enclosures,
        image=_image(node, enclosures, context.link_base),
        language=language_of(content or summary, _language(node, context.language)),
        published=published,
        updated=updated,
        details=details_of(node, context.link_base, context.document_url),
    )
    if spoken_of:
        others = (one for one in entry.details.links if one.url != url)
        entry = replace(entry, details=replace(entry.details, links=(*others, *spoken_of)))
    if bare:
        return entry
    source_digest = context.surroundings + mark if mark else ""
    return replace(
        entry,
        content_hash=content_hash(entry),
        source_digest=source_digest,
        url_key=address_key(url) if url else None,
    )


def says_anything(entry: Entry) -> bool:
    """True for an entry that holds more than what it inherits from its feed (its language)."""
    shown = entry.title or entry.url or entry.html or entry.enclosures or entry.guid
    about = entry.authors or entry.categories or entry.image or entry.published or entry.updated
    return bool(shown or about)


def text_of(node: Node, key: str) -> str:
    """The string under ``key`` (feedparser's aliases left aside), ``""`` for anything else."""
    value = dict.get(node, key)
    return value if isinstance(value, str) else ""


def _url(
    node: Node, guid: str | None, enclosures: tuple[Enclosure, ...], context: Context
) -> str | None:
    """FeedBurner's original, the link, a permalink guid, any URL in the guid, a page enclosed."""
    link = text_of(node, "link")
    if link == guid and not link.startswith("/") and not is_http(link):
        link = ""  # feedparser takes any guid for a link, but "1234" is none
    candidates: list[object] = [text_of(node, "feedburner_origlink"), link]
    candidates += [
        link.get("href")
        for link in dicts(node, "links")
        if link.get("rel") in (None, "", "alternate")
    ]
    for candidate in candidates:
        url = absolute(candidate, context.link_base)
        if url is not None:
            return url
    if guid is not None and is_http(guid):
        return absolute(guid, None)
    page = (e.url for e in enclosures if is_http(e.url) and is_page(e.url, e.media_type))
    other = (url for one in (*candidates, guid) if (url := followed(one, None)) is not None)
    return next(page, None) or next(other, None)


def _permalink(node: Node, guid: str | None, url: str, html: str, context: Context) -> str | None:
    """Where a linkblog's entry is at home, whose link leads to what it speaks of."""
    if "source" in node:  # a planet's: its blog is elsewhere
        return None
    related = [one.get("href") for one in dicts(node, "links") if one.get("rel") == "related"]
    return permalink(url, html, context.site_url, (*related, guid), context.document_url)


def _named_by(url: str | None, files: dict[str, Enclosure]) -> str | None:
    """The http(s) address that an entry without a guid is known by."""
    if url is not None and is_http(url):
        return url
    return next((found for found in files if is_http(found)), None)


def _texts(node: Node) -> tuple[tuple[str, Node], tuple[str, Node]]:
    """Summary and content with what is said of each; content is ``""`` unless it says more."""
    summary = text_of(node, "summary") or text_of(node, "itunes_summary")
    summary_detail = dict.get(node, "summary_detail") or {}
    if not summary:
        summary, summary_detail = lines(text_of(node, "media_description")), {"type": "text/html"}
    contents = [c for c in dicts(node, "content") if isinstance(c.get("value"), str)]
    best = max(contents, key=lambda c: len(c["value"]), default=None)
    content = best["value"] if best is not None else ""
    if len(content.strip()) < len(summary.strip()):
        content = ""
    elif content.strip() == summary.strip():
        summary = ""
    return (summary, summary_detail), (content, best or {})


def _bodies(node: Node, guid: str | None, url: str | None, context: Context) -> tuple[str, str]:
    """Summary and content as sanitized HTML."""
    # Atom's own base is the document; nobody means it, nor the feed's page.
    copied = context.is_atom or "source" in node
    base = text_base(url, guid, context.document_url, context.site_url, is_copied=copied)
    summary, content = (_body(*text, base or context.link_base, context) for text in _texts(node))
    player = player_of(node)
    shown = with_player(player, content or summary)
    shown += figures_beside(shown, dicts(node, "media_content"), context.link_base)
    return (summary, shown) if content else (shown, "")


def _told(node: Node, context: Context) -> str:
    """The text by which an entry is known that has neither guid nor link."""
    for value, detail in reversed(_texts(node)):
        if value and is_readable(value):
            base = _own_base(detail, context) or context.link_base
            return identifying_html(value, type_of(detail) or "text/html", base)
    return ""


def _body(value: str, detail: Node, base: str, context: Context) -> str:
    if not value or not is_readable(value):
        return ""
    own = _own_base(detail, context)
    return body_html(value, type_of(detail) or "text/html", own or base)


def _own_base(detail: Node, context: Context) -> str:
    """The base that a text itself states."""
    stated = str(detail.get("base") or "")
    return stated if stated != context.document_url and is_http(stated) else ""


def _dates(node: Node, context: Context) -> tuple[Any, Any]:
    """Published and updated; in RSS a lone ``dc:date`` is when the item was published."""
    published, created, updated = (
        parse_date(text_of(node, key), context.habits)
        for key in ("published", "created", "updated")
    )
    if not (published or created or context.is_atom):
        return updated, None
    return published or created, updated


def authors_of(node: Node) -> tuple[str, ...]:
    """Names; a mail address only where there is no name. None is cut off, however many there are."""
    given = dict.get(node, "authors")
    people = given[:MAX_AUTHORS] if isinstance(given, list) else []
    names = (
        _names_in(a.get("name")) or [name_text(a.get("email"))]
        for a in people
        if isinstance(a, dict)
    )
    found = _unique((name for several in names for name in several), MAX_AUTHORS)
    return found or _unique(_names_in(text_of(node, "author")), MAX_AUTHORS)


def _names_in(value: object) -> list[str]:
    """The names that ``value`` lists: one, unless it is far longer than a name."""
    said = _ANGLED.sub("", value) if isinstance(value, str) else ""
    if len(said) <= MAX_NAME:
        return list(filter(None, [name_text(said)]))
    separator = ";" if said.count(";") > 1 else ","
    return list(filter(None, map(name_text, said.split(separator)[:MAX_AUTHORS])))


def _copied(node: Node) -> tuple[str, ...]:
    """The authors of the feed that the entry was copied from (RFC 4287 §4.2.1)."""
    source = dict.get(node, "source")
    return authors_of(source) if isinstance(source, dict) else ()


def _categories(node: Node) -> tuple[str, ...]:
    return _unique(
        name_text(tag.get("label") or tag.get("term"))
        for tag in dicts(node, "tags")
        if not str(tag.get("scheme") or "").endswith("#kind")
    )


def _unique(values: Iterable[str], most: int = MAX_LIST) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:most]


def _files(node: Node, context: Context) -> dict[str, Enclosure]:
    """The files of an entry by their addresses as written."""
    found: dict[str, Enclosure] = {}
    links = [link for link in dicts(node, "links") if link.get("rel") == "enclosure"]
    sources = [c for c in dicts(node, "content") if c.get("src")]  # RFC 4287 §4.1.3.2
    for link in links + sources + dicts(node, "media_content"):
        stated = str(link.get("base") or "")
        url = followed(
            link.get("href") or link.get("src") or link.get("url"),
            stated if stated != context.document_url and is_http(stated) else context.link_base,
        )
        if url is None or url in found or len(found) >= MAX_LIST:
            continue
        length = _length(link.get("length") or link.get("filesize") or link.get("fileSize"))
        found[url] = Enclosure(with_plain_ampersands(url), _media_type(link), length)
    return found


def _media_type(link: Node) -> str:
    media_type = str(link.get("type") or "").strip().lower()[:100]
    return media_type if re.fullmatch(r"[\w.+-]+/[\w.+-]+(?:;.*)?", media_type) else ""


def _length(value: object) -> int | None:
    text = str(value or "").strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 16:
        return None
    return int(text) if 0 < int(text) < _MAX_LENGTH else None


def _image(node: Node, enclosures: tuple[Enclosure, ...], base: str) -> str | None:
    image = dict.get(node, "image")
    candidates = [thumbnail.get("url") for thumbnail in dicts(node, "media_thumbnail")]
    if isinstance(image, dict):
        candidates.append(image.get("href"))
    candidates += [m.get("url") for m in dicts(node, "media_content") if m.get("medium") == "image"]
    candidates += [e.url for e in enclosures if e.media_type.startswith("image/")]
    urls = (url for c in candidates if (url := absolute(c, base)) is not None)
    url = next((url for url in urls if not is_portrait(url)), None)
    return None if url is None else with_plain_ampersands(url)


def _language(node: Node, of_feed: str | None) -> str | None:
    """As the entry says, else as its texts say, else that ``of_feed``."""
    details = [*dicts(node, "content"), dict.get(node, "summary_detail"), node.get("title_detail")]
    if own := language_tag(text_of(node, "language")):  # dc:language
        return own
    stated = [
        d["language"] for d in details if isinstance(d, dict) and d.get("language") is not None
    ]
    found = next((tag for value in stated if (tag := language_tag(value))), None)
    return found or (None if "" in stated else of_feed)


def language_tag(value: object) -> str | None:
    """``value`` as a language tag (RFC 5646) with hyphens, ``None`` if it does not look like one."""
    text = str(value or "").strip().replace("_", "-")
    return text if _LANGUAGE.fullmatch(text) else None
