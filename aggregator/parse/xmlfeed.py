"""An RSS, RDF or Atom document, prepared → the model's feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import Entry, ParsedFeed
from aggregator.parse.caps import MAX_TITLE, MAX_TOTAL_HTML
from aggregator.parse.counted_places import needs_all, without_places
from aggregator.parse.date_habits import habits_of_document
from aggregator.parse.entries import (
    Context,
    Node,
    authors_of,
    cost_of,
    entry_from,
    language_tag,
    says_anything,
    text_of,
    when,
)
from aggregator.parse.identity import make_distinct
from aggregator.parse.incremental import Part, collides, surroundings, whole, without_known
from aggregator.parse.links import absolute
from aggregator.parse.prepare import Prepared
from aggregator.parse.reader import Document, read
from aggregator.parse.repair import Breaks
from aggregator.parse.text_budget import note_of, over_budget
from aggregator.parse.texts import body_html, shortened, title_text
from aggregator.parse.update_hints import update_hints
from aggregator.sanitize import plain, to_text
from aggregator.text.dates import DateHabits

_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_OTHERS = {
    "opml": "it is an OPML list of feeds",
    "urlset": "it is a sitemap",
    "sitemapindex": "it is a sitemap index",
    "svg": "it is a picture",
    "error": "it is an error message",
    "html": "it is a web page",
}


def parse_xml(
    prepared: Prepared, url: str, known: Mapping[str, str], language: str | None = None
) -> ParsedFeed:
    """Understand ``prepared``, fetched from ``url``, in ``language`` where it names none.

    Entries that are ``known`` are not read.

    Raises :class:`~aggregator.errors.NotAFeed` for XML that is something else and
    :class:`~aggregator.errors.ParseError` when it cannot be read at all.
    """
    cut = prepared.breaks is Breaks.INSIDE  # then what is left of the last item tells little
    part = without_known(prepared.document, prepared.items, known, keep_last=cut) if known else None
    habits = habits_of_document(prepared.document)
    parsed = _understood(prepared, part, url, habits, language) if part is not None else None
    if parsed is None:
        all_of_it = whole(prepared.document, prepared.items)
        parsed = _understood(prepared, all_of_it, url, habits, language)
    if parsed is None:
        raise ParseError("the document contradicts itself")
    return parsed


def _understood(
    prepared: Prepared, part: Part, url: str, habits: DateHabits, language: str | None
) -> ParsedFeed | None:
    """None when the ``part`` that was read does not tell what the whole document says."""
    document = read(part.document, url)
    if prepared.root not in _ROOTS and not document.entries and not part.unchanged:
        root = prepared.root[:40] or "nothing"
        raise NotAFeed(_OTHERS.get(prepared.root, f"it is XML, but no feed: <{root}>"))
    notes = list(prepared.notes)
    if document.faults:
        notes.append(f"{document.faults} elements could not be read")
    context = _context(document, url, habits, language)
    return _feed(document, context, notes, prepared.breaks, part)


def _context(document: Document, url: str, habits: DateHabits, served_in: str | None) -> Context:
    feed = document.feed
    is_atom = document.version.startswith("atom")
    site_url = _site_url(feed, url)
    link_base = url if is_atom or site_url is None else site_url
    language = language_tag(dict.get(feed, "language")) or served_in
    authors = authors_of(feed) if is_atom else ()
    return Context(
        document_url=url,
        link_base=link_base,
        site_url=site_url,
        is_atom=is_atom,
        language=language,
        authors=authors,
        habits=habits,
        surroundings=surroundings(
            document.version, url, link_base, site_url, language, authors, habits
        ),
    )


def _feed(
    document: Document, context: Context, notes: list[str], breaks: Breaks, part: Part
) -> ParsedFeed | None:
    feed, url = document.feed, context.document_url
    if part.surroundings not in ("", context.surroundings):
        return None
    known_marks = all(start in part.marks for start in document.starts)  # no entries in entries
    if part.unchanged and not known_marks:
        return None
    marks = [part.marks[start] if known_marks else "" for start in document.starts]
    found = _entries(list(zip(document.entries, marks, strict=True)), context, notes, part)
    if found is None:
        return None
    archived = _link(feed, "prev-archive", url)
    about = text_of(feed, "subtitle") or text_of(feed, "itunes_about")
    description = to_text(body_html(about, "text/html", url))
    return ParsedFeed(
        title=title_text(text_of(feed, "title"), _detail_type(feed, "title_detail")),
        site_url=_site_url(feed, url),
        description=shortened(plain(description), MAX_TITLE),
        language=context.language,
        entries=found.entries,
        unchanged=part.unchanged,
        hints=update_hints(
            ttl=text_of(feed, "ttl") or None,
            period=text_of(feed, "sy_updateperiod") or None,
            frequency=text_of(feed, "sy_updatefrequency") or None,
            skip_hours=document.skip_hours,
            skip_days=document.skip_days,
        ),
        format=document.version,
        self_url=_link(feed, "self", url),
        hub_url=_link(feed, "hub", url),
        complete=dict.__contains__(feed, "fh_complete"),
        archive=dict.__contains__(feed, "fh_archive"),
        previous_url=archived or _link(feed, "next", url),
        previous_is_archive=archived is not None,
        deleted=document.deleted,
        notes=tuple(dict.fromkeys(notes)),
        partial=breaks is not Breaks.NOWHERE or found.left_out,
        cut=found.last if breaks is Breaks.INSIDE else None,
    )


@dataclass(frozen=True, slots=True)
class _Entries:
    """``last`` is the identity of the one that the last node gave, if it gave one."""

    entries: tuple[Entry, ...]
    last: str | None
    left_out: bool  # some, since there was no room for them


def _entries(
    nodes: list[tuple[Node, str]], context: Context, notes: list[str], part: Part
) -> _Entries | None:
    """None where it takes all to tell what one is called, or one is called like one that was not read."""
    left_out = _left_out([node for node, _ in nodes], context)
    entries: list[Entry] = []
    last: Entry | None = None
    broken = 0
    for index, (node, mark) in enumerate(nodes):
        last = None
        try:
            entry = entry_from(node, context, mark, bare=index in left_out)
        except Exception:  # noqa: BLE001 - one entry of a stranger; it costs itself only
            broken += 1
            continue
        if says_anything(entry):
            entries.append(entry)
            last = entry
        else:
            broken += index not in left_out
    if broken:
        notes.append(f"{broken} entries hold nothing that can be shown")
    if needs_all(entries, part.unchanged):
        return None
    if not part.unchanged:
        entries = without_places(entries)
        last = entries[-1] if last is not None else None
    distinct = make_distinct(entries)
    if collides(part, (entry.identity for entry in (*entries, *distinct))):
        return None
    if len(distinct) != len(entries):
        notes.append(f"{len(entries) - len(distinct)} entries are repeated")
    if left_out:
        notes.append(note_of(len(left_out), len(nodes) + len(part.unchanged)))
    read = tuple(entry for entry in distinct if entry.content_hash)
    return _Entries(read, _identity_now(last, distinct) if last else None, bool(left_out))


def _left_out(nodes: list[Node], context: Context) -> frozenset[int]:
    costs = [cost_of(node) for node in nodes]
    if sum(costs) <= MAX_TOTAL_HTML:
        return frozenset()
    dates = [when(node, context) for node in nodes]
    return over_budget(costs, dates, MAX_TOTAL_HTML)


def _identity_now(last: Entry, distinct: tuple[Entry, ...]) -> str | None:
    """What the last entry is called, if it is still there; nothing else of it has changed."""
    end = distinct[-1]
    same = replace(end, identity=last.identity, source_digest=last.source_digest) == last
    return end.identity if same else None


def _detail_type(feed: Node, key: str) -> str:
    detail = dict.get(feed, key)
    return str(detail.get("type") or "") if isinstance(detail, dict) else ""


def _site_url(feed: Node, url: str) -> str | None:
    return absolute(text_of(feed, "link"), url) or _link(feed, "alternate", url)


def _link(feed: Node, rel: str, url: str) -> str | None:
    """The first feed-level link with relation ``rel`` (RFC 4287 §4.2.7.2, WebSub §4)."""
    links = dict.get(feed, "links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and rel in str(link.get("rel") or "").lower().split():
            found = absolute(link.get("href"), url)
            if found is not None:
                return found
    return None
