"""feedparser's own test documents, judged by what they expect of the fields that we have.

Each states its expectation at its top: an expression over feedparser's result. It is evaluated over
our result under feedparser's names. What the model has no place for is not judged, and counted by its
name: facts of a whole feed that no merged feed passes on (its rights, authors, generator, image), types and
bases of texts (ours are HTML with absolute addresses), spellings of dates, encodings. HTML agrees when the expected HTML, sanitized by our policy, is ours.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import gmtime
from typing import Any

from aggregator.errors import ParseError
from aggregator.model import Entry, Origin, ParsedFeed, Person, Relation, Topic
from aggregator.parse.feed import parse_feed
from aggregator.sanitize import clean_html, plain, to_text

URL = "http://127.0.0.1:8097/"
_EXPECT = re.compile(r"Expect:\s*(.*)")
# The headers that parsing depends on.
_CONTENT_TYPE = re.compile(r"(?i)Content-type:\s*(.*?)\s*(?:-->)?\s*$", re.MULTILINE)
_CONTENT_LANGUAGE = re.compile(r"(?i)Content-Language:\s*(.*?)\s*(?:-->)?\s*$", re.MULTILINE)

# An entry that says nothing that can be shown is none. Where that is all that a document lists, each
# is given a title, so that what else is said of it is judged.
_BARE = re.compile(rb"<(?:\w+:)?(?:entry|item)(?:\s[^<>/]*)?>")


# Where we differ by intent, by the name of what we do instead.
_POLICIES = (
    ("ids stay as written", r"base/http_entry_id_base_"),
    (
        "links mean the address fetched, not Content-Location",
        r"content_location|headers_content_location",
    ),
    ("a category is called by its label", r"entry_category_term"),
    ("frames of strangers become links", r"_iframe\.xml"),
    ("broken markup keeps its words", r"_crazy\.xml|not_a_doctype"),
    ("nothing empty is shown", r"acceptable_attribute_hidden|acceptable_element_br"),
    ("drawings leave their words", r"svgtitle"),
    (
        "titles and links are composed (NFC), links are URIs",
        r"entities/(?:lang|rang)\.xml|unicode_character",
    ),
    ("an author without a name is none", r"authors_ur[il]"),
    (
        "an entry of people or rights alone is none",
        r"entry_contributor_|entry_rights|item_dc_rights",
    ),
    ("an empty document is refused", r"rss_empty_document"),
    ("an enclosure without an address is none", r"enclosure_no_href"),
    (
        "a language is that of the entry, of none without more",
        r"title_xml_lang_inherit_3|item_dc_language",
    ),
    ("the longer text is the content", r"item_description_and_summary"),
    (
        "a source that names neither itself nor its feed is none",
        r"entry_source_link_(?:alternate_map_link_2|href|multiple|rel_other|rel_via|title)",
    ),
    ("links that lead readers nowhere are left", r"entry_link_rel_self|feed_link_rel_other"),
    ("places have no height", r"gml_point_3d"),
    ("versions of RSS 0.91 are one", r"rss_version_091_netscape"),
)


def policy_of(path: Path) -> str:
    """Name of the policy by which ``path`` differs, ``""`` where it should not."""
    return next((name for name, pattern in _POLICIES if re.search(pattern, path.as_posix())), "")


_NOTHING = Entry(identity="")


class _NoPlace(Exception):
    """The model does not keep what was asked for."""


class _View(dict[str, Any]):
    """Our fields under feedparser's names."""

    def __missing__(self, key: str) -> Any:
        raise _NoPlace(key)

    def __getattr__(self, key: str) -> Any:
        return self[key]

    def get(self, key: str, _default: Any = None) -> Any:
        return self[key]

    def __contains__(self, key: object) -> bool:
        return self[str(key)] is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and all(self[key] == said for key, said in other.items())

    __hash__ = None


class _Html(str):
    """Agrees with any HTML that our policy makes the same of."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        expected = clean_html(other, URL)
        said = str(self) in (other, expected) or _essence(self) == _essence(expected)
        return said or to_text(self) == other  # a text that is no markup

    __hash__ = str.__hash__


class _Line(str):
    """A text without markup: agrees with markup that says the same."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        return plain(str(self)) in (plain(other), plain(to_text(other)))

    __hash__ = str.__hash__


def _essence(html: str) -> str:
    """``html`` but for white space and its outermost paragraphs."""
    return re.sub(r"\s+|</?(?:p|div)>", "", html)


def _time(when: datetime | None) -> Any:
    return gmtime(when.astimezone(UTC).timestamp()) if when else None


def _people(names: tuple[str, ...], more: tuple[Person, ...]) -> dict[str, Any]:
    said = {one.name: one for one in more}
    known = [said.get(name, Person(name)) for name in names]
    people = [_View(name=_Line(p.name), email=p.email, href=p.url, url=p.url) for p in known]
    return {"authors": people, "author_detail": people[0] if people else None,
            "author": _Line(names[0]) if names else None}  # fmt: skip


def _tags(entry: Entry) -> list[_View]:
    topics = {one.name: one for one in entry.details.topics}
    known = [topics.get(name, Topic(name)) for name in entry.categories]
    return [
        _View(term=_Line(t.term or t.name), scheme=t.scheme or None, label=_Line(t.name))
        for t in known
    ]


def _links(entry: Entry) -> list[_View]:
    """The entry's page, its files, and further links, in this order."""
    page = [_View(rel="alternate", href=entry.url)] if entry.url else []
    files = [
        _View(rel="enclosure", href=e.url, type=e.media_type, length=str(e.length or ""))
        for e in entry.enclosures
    ]
    further = [
        _View(
            rel=str(one.relation), href=one.url, title=one.title, type=one.media_type, ref=one.ref
        )
        for one in entry.details.links
    ]
    return [*page, *files, *further]


def _source(entry: Entry, people: dict[str, Any]) -> _View:
    """The feed from which the entry was copied; whose authors are the entry's where it names none."""
    origin = entry.details.origin or Origin()
    links = [("alternate", origin.site_url), ("self", origin.feed_url)]
    return _View(
        title=_Line(origin.title), id=origin.id, link=origin.site_url, href=origin.feed_url, url=origin.feed_url,
        links=[_View(rel=rel, href=href) for rel, href in links if href], **people,
    )  # fmt: skip


def _where(entry: Entry) -> _View | None:
    """The first place, as GeoJSON has it: east before north."""
    if not entry.details.places:
        return None
    kind, said = entry.details.places[0]
    numbers = [float(number) for number in said.split()]
    pairs = [(east, north) for north, east in zip(numbers[::2], numbers[1::2], strict=True)]
    kinds = {"point": ("Point", pairs[0]), "line": ("LineString", pairs), "polygon": ("Polygon", (pairs,)),
             "box": ("Box", pairs)}  # fmt: skip
    name, coordinates = kinds[kind]
    return _View(type=name, coordinates=coordinates)


def _particulars(entry: Entry) -> dict[str, Any]:
    """What is kept under names of extensions."""
    replies = [one.url for one in entry.details.links if one.relation is Relation.REPLIES]
    seconds = entry.details.episode.duration if entry.details.episode else None
    return {
        "comments": replies[0] if replies else None,
        "itunes_duration": seconds if seconds is None else _Duration(seconds),
        "media_thumbnail": [_View(url=entry.image)] if entry.image else [],
        "category": _Line(entry.categories[0]) if entry.categories else None,
    }


class _Duration(int):
    """Agrees with any spelling of so many seconds."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        seconds = 0
        for part in str(other).split(":"):
            seconds = 60 * seconds + int(part)
        return int(self) == seconds

    __hash__ = int.__hash__


def _entry(entry: Entry) -> _View:
    body = _Html(entry.html)
    summary = _Html(entry.summary_html or entry.content_html)
    people = _people(entry.authors, entry.details.people)
    return _View(
        title=_Line(entry.title),
        title_detail=_View(value=_Line(entry.title), language=entry.language),
        link=entry.url, id=entry.guid, guid=entry.guid,
        summary=summary, description=summary,
        summary_detail=_View(value=summary, language=entry.language),
        content=[_View(value=body, language=entry.language)],
        tags=_tags(entry), links=_links(entry), where=_where(entry),
        enclosures=[_View(href=e.url, type=e.media_type, length=str(e.length or ""))
                    for e in entry.enclosures],
        published_parsed=_time(entry.published),
        updated_parsed=_time(entry.updated or entry.published),
        date_parsed=_time(entry.updated or entry.published),
        modified_parsed=_time(entry.updated or entry.published),
        created_parsed=_time(entry.published), issued_parsed=_time(entry.published),
        image=_View(href=entry.image), language=entry.language,
        rights=_Line(entry.details.rights), copyright=_Line(entry.details.rights),
        contributors=[_View(name=_Line(one.name), email=one.email, href=one.url, url=one.url)
                      for one in entry.details.contributors],
        source=_source(entry, people), **_particulars(entry), **people,
    )  # fmt: skip


def _feed(parsed: ParsedFeed) -> _View:
    about = _Line(parsed.description)
    links = (("alternate", parsed.site_url), ("self", parsed.self_url), ("hub", parsed.hub_url))
    return _View(
        title=_Line(parsed.title),
        title_detail=_View(value=_Line(parsed.title)),
        link=parsed.site_url,
        subtitle=about, description=about, tagline=about,
        subtitle_detail=_View(value=about), tagline_detail=_View(value=about),
        language=parsed.language,
        links=[_View(rel=rel, href=href) for rel, href in links if href],
    )  # fmt: skip


def judged(path: Path) -> tuple[str, str]:
    """What became of one expectation: "holds", "fails" or "no place", and the expectation."""
    body = path.read_bytes()
    head = body[:4096].replace(b"\0", b"").decode("ascii", "replace")
    found = _EXPECT.search(head)
    if found is None:
        return "no place", "it states nothing"
    wanted = found[1].replace("-->", "").strip()
    said = [field.search(head) for field in (_CONTENT_TYPE, _CONTENT_LANGUAGE)]
    content_type, language = (one[1] if one else "" for one in said)

    def read(document: bytes) -> ParsedFeed:
        return parse_feed(document, url=URL, content_type=content_type, language=language)

    try:
        parsed = read(body)
        verdict = _verdict(parsed, wanted)
        if verdict[0] == "fails" and not parsed.entries:
            verdict = _verdict(read(_BARE.sub(rb"\g<0><title>t</title>", body)), wanted)
    except ParseError as error:
        return "fails", f"{wanted} ({error})"
    return verdict


def _verdict(parsed: ParsedFeed, wanted: str) -> tuple[str, str]:
    names = _View(
        feed=_feed(parsed),
        # One that says nothing that can be shown is left out: all its fields are empty.
        entries=[_entry(entry) for entry in (*parsed.entries, _NOTHING)],
        version=parsed.format,
    )
    # What is malformed is mended: feedparser's mark of it is not judged.
    expression = re.sub(r"^(?:not )?bozo and ", "", wanted)
    try:
        held = eval(expression, {"__builtins__": {}, "len": len}, names)
    except _NoPlace as missing:
        return "no place", str(missing)
    except Exception as error:  # noqa: BLE001 - an expectation of a shape that ours has not
        return "fails", f"{wanted} ({type(error).__name__}: {error})"
    return "holds" if held else "fails", wanted


def main(folder: str) -> None:
    """Judge every document in ``folder``; print each disagreement, how many hold by kind, and what differs by intent."""
    counts: dict[str, Counter[str]] = {}
    policies: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for path in sorted(Path(folder).rglob("*.xml")):
        verdict, wanted = judged(path)
        if verdict == "fails" and (policy := policy_of(path)):
            policies[policy] += 1
            verdict = "policy"
        elif verdict == "fails":
            print(f"{path.relative_to(folder)}: {wanted[:200]}")
        elif verdict == "no place":
            missing[wanted] += 1
        counts.setdefault(path.parent.name, Counter())[verdict] += 1
    total: Counter[str] = Counter()
    for kind, counted in counts.items():
        total += counted
        print(f"{kind:16} {dict(counted)}")
    for policy, count in policies.most_common():
        print(f"{'policy':16} {count} {policy}")
    print(f"{'no place':16} {', '.join(f'{n} {name}' for name, n in missing.most_common())}")
    asserted = total["holds"] + total["fails"]
    print(
        f"{'all':16} {dict(total)}: {total['holds'] / max(asserted, 1):.1%} of what is asserted on our fields"
    )
