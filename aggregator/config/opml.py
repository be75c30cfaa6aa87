"""Subscription lists: OPML 1.0 and 2.0 (https://opml.org/spec2.opml), as readers export them.

An ``outline`` with an ``xmlUrl`` is a feed. The outlines around it are folders: their names from
the outermost to the innermost, joined with ``/``, are one of the feed's categories (``Tech/Python``);
a feed in two folders is one feed in two categories. The ``category`` attribute holds the feed's
tags, separated by commas. Attribute and element names are matched in any case, because exporters
differ; what else they write is for :mod:`aggregator.config.opml_feed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree
from pydantic import ValidationError

from aggregator.config.faults import explain
from aggregator.config.opml_feed import NoFeedError, Told, told
from aggregator.config.opml_repair import mended, text_of
from aggregator.config.opml_settings import own_settings
from aggregator.config.settings import LONGEST_CATEGORY, FeedSettings
from aggregator.config.urls_file import url_lines
from aggregator.config.values import parse_category
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked

SIZE_CAP = 20 << 20  # bytes; about 100,000 feeds
FAULTS_CAP = 1000
OUTLINES_CAP = 250_000  # with folders, and feeds that stand in several
# Categories and tags of one feed, attributes of an outline: with more, no person and no reader wrote it.
_MOST = 100
# As :mod:`~aggregator.config.opml_repair` and libxml2 find them, in any encoding that they read.
_OUTLINE = re.compile(rb"<\s*+(?:[\w.-]*+:)?outline\b", re.IGNORECASE)
_POSITION = re.compile(r", line \d+.*|\n.*", re.DOTALL)
# Readers of podcasts put all that they export into one folder of this name.
_PODCASTS = re.compile("overcast|pocket ?casts", re.IGNORECASE)
_ALL = "feeds"


@dataclass(frozen=True, slots=True)
class PlacedFeed:
    """A feed of the OPML ``file``, and its place: ``feeds.opml:12: outline 3 ("Title")``."""

    feed: FeedSettings
    where: str
    file: str
    address: str = ""  # of the reading list that it comes from, if it is one


@dataclass(frozen=True, slots=True)
class Reading:
    """Contents of a subscription list: its feeds, each once, and what is to be said of its lines."""

    feeds: tuple[PlacedFeed, ...]
    faults: tuple[ConfigFault, ...] = ()  # of outlines that give no feed
    notes: tuple[ConfigFault, ...] = ()  # of feeds: what their reader did with them, and we do not
    mended: str = ""  # what is wrong with its XML, and where; empty for a well-formed one

    def said(self, name: str) -> tuple[ConfigFault, ...]:
        """All that is to be said of the list called ``name``, in its order."""
        first = (ConfigFault(name, self.mended),) if self.mended else ()
        return (*first, *self.faults, *self.notes)


def hardened_parser() -> etree.XMLParser:
    """A parser that opens nothing, expands nothing and keeps libxml2's limits."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
    )


def attributes(outline: etree._Element) -> dict[str, str]:
    """The attributes by lower-case local name, values trimmed; the first of a name counts.

    None of an outline that has more than any reader writes: reading them takes time by their square.
    """
    found: dict[str, str] = {}
    if len(outline.attrib) > _MOST:
        return found
    for name, value in outline.attrib.items():
        found.setdefault(str(name).rpartition("}")[2].lower(), str(value).strip())
    return found


def is_named(element: etree._Element, name: str) -> bool:
    """True for an element (no comment) of that local name, in any case."""
    tag: object = element.tag  # a function for a comment, whatever the type stubs say
    return isinstance(tag, str) and tag.rpartition("}")[2].lower() == name


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed OPML document, and what had to be mended for it."""

    root: etree._Element
    mended: str = ""


def parse_document(data: bytes, name: str) -> Document:
    """The OPML document ``data``. Raises ``ConfigError`` with one fault when it is none."""
    if len(data) > SIZE_CAP:
        message = f"larger than {SIZE_CAP >> 20} MB; expected an OPML subscription list"
        raise ConfigError([ConfigFault(name, message)])
    said = ""
    try:
        root = etree.fromstring(data.lstrip(), hardened_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        reason = _POSITION.sub("", getattr(error, "msg", "") or "empty document")
        said = f"not well-formed XML: {reason}" + (f" (line {line})" if line else "")
        root = etree.fromstring(mended(data), hardened_parser())
        if next(root.iter("outline"), None) is None:
            where = f"{name}:{line}" if line else name
            message = f"not well-formed XML: {reason}"
            raise ConfigError([ConfigFault(where, message)]) from None
    if not is_named(root, "opml"):
        message = f"expected an OPML document, found one whose root is <{str(root.tag)[:60]}>"
        raise ConfigError([ConfigFault(f"{name}:{root.sourceline}", message)])
    return Document(root, said)


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline: its ``number`` in the document from 1, the ``category`` that its folders make."""

    number: int
    element: etree._Element
    attributes: Mapping[str, str]
    category: str

    @property
    def inner_category(self) -> str:
        """The category of the outlines inside it: a feed adds nothing, a folder its name."""
        if "xmlurl" in self.attributes:
            return self.category
        name = self.attributes.get("text") or self.attributes.get("title", "")
        return parse_category(f"{self.category}/{name}")


def outlines(root: etree._Element) -> Iterator[Outline]:
    """Every outline in document order; folders with an overlong path are not entered.

    The feeds below such a folder would be refused one by one, and hostile nesting would make their
    category grow with every level.
    """
    number = 0
    waiting: list[tuple[etree._Element, str]] = [(root, "")]
    while waiting:
        element, category = waiting.pop()
        if is_named(element, "outline"):
            number += 1
            outline = Outline(number, element, attributes(element), category)
            yield outline
            category = outline.inner_category
        if len(category) <= LONGEST_CATEGORY:
            waiting.extend((child, category) for child in reversed(element))


def read_opml(data: bytes, name: str, most: int = OUTLINES_CAP) -> Reading:
    """Reading of ``data``, a subscription list called ``name``.

    Raises ``ConfigError`` with one fault for what is no such list, or has more outlines, or lines, than
    ``most``. Reading stops after ``FAULTS_CAP`` faults.
    """
    if (
        b"<" not in data[:100_000]
        and b"\0" not in data
        and (lines := _read_lines(data, name, most))
    ):
        return lines
    # Counted before they are read, and maybe mended, which costs more.
    _bound(name, len(_OUTLINE.findall(data.replace(b"\0", b""))), most)
    document = parse_document(data, name)
    result = _Result(name)
    top = _top_of_podcasts(document.root)
    for outline in outlines(document.root):
        _bound(name, outline.number, most)
        title = outline.attributes.get("title") or outline.attributes.get("text", "")
        where = f"{name}:{outline.element.sourceline}: outline {outline.number} {_quoted(title)}"
        categories = _categories(outline, top)
        result.add(where, outline.attributes, categories, own_settings(outline.element))
        if len(outline.inner_category) > LONGEST_CATEGORY and "xmlurl" not in outline.attributes:
            message = f"the names of the folders make more than {LONGEST_CATEGORY} characters"
            result.faults.append(ConfigFault(where, message))
        if len(result.faults) >= FAULTS_CAP:
            result.faults.append(ConfigFault(name, f"given up after {FAULTS_CAP} faults"))
            break
    return replace(result.reading(), mended=document.mended)


def _bound(name: str, number: int, most: int) -> None:
    if number > most:
        raise ConfigError([ConfigFault(name, f"has more than {most:,} outlines or lines")])


def _read_lines(data: bytes, name: str, most: int) -> Reading | None:
    """The feeds of a plain list of addresses; None where it has none."""
    result = _Result(name)
    for line in url_lines(text_of(data)):
        _bound(name, line.number, most)
        where = f"{name}:{line.number}"
        found = {"xmlurl": line.url, "title": line.title, "category": ",".join(line.tags)}
        result.add(where, found, (), {})
        if len(result.faults) >= FAULTS_CAP:
            break
    return result.reading() if result.feeds else None


def _quoted(title: str) -> str:
    return f'("{" ".join(masked(title)[:60].split())}")'


def _top_of_podcasts(root: etree._Element) -> str:
    """The name of the folder that is none, as it stands around all feeds of a reader of podcasts."""
    titles = (one.text or "" for one in root.iter() if is_named(one, "title"))
    return _ALL if _PODCASTS.search(next(titles, "")) else ""


def _categories(outline: Outline, top: str) -> tuple[str, ...]:
    """Categories of a feed: the path of its folders, without those that say nothing."""
    category = outline.category
    if category == top:
        return ()
    if "quickmode" in outline.attributes:  # Thunderbird has a folder for each feed
        around, _, own = category.rpartition("/")
        title = outline.attributes.get("title", "")
        category = around if own == parse_category(title) else category
    return (category,) if category else ()


@dataclass(slots=True)
class _Result:
    """Feeds by key as they are met, and what is said of the lines."""

    name: str
    feeds: dict[str, PlacedFeed] = field(default_factory=dict)
    faults: list[ConfigFault] = field(default_factory=list)
    notes: list[ConfigFault] = field(default_factory=list)

    def reading(self) -> Reading:
        return Reading(tuple(self.feeds.values()), tuple(self.faults), tuple(self.notes))

    def add(
        self,
        where: str,
        found: Mapping[str, str],
        categories: tuple[str, ...],
        own: Mapping[str, object],
    ) -> None:
        """Take the feed that the outline at ``where`` is, if it is one; ``own`` are settings of ours."""
        try:
            read = told(found, categories)
        except NoFeedError as error:
            given = masked(found.get("xmlurl", ""), is_url=True)
            of = f'`xmlUrl` = "{given[:200]}": ' if given else ""
            self.faults.append(ConfigFault(where, f"{of}{error}"))
            return
        if read is not None:
            self._take(where, replace(read, settings={**read.settings, **own}))

    def _take(self, where: str, read: Told) -> None:
        try:
            feed = FeedSettings.model_validate(read.settings, strict=True)
        except ValidationError as failure:
            self.faults += _outline_faults(failure, read.settings, where)
            return
        self.notes += (ConfigFault(where, note) for note in read.notes)
        first = self.feeds.setdefault(feed.key, PlacedFeed(feed, where, self.name))
        if first.feed is feed:
            return
        if first.feed.url != feed.url:
            self.faults.append(ConfigFault(where, differs_in_secrets(first.where)))
        else:
            self.feeds[feed.key] = replace(first, feed=joined(first.feed, feed))


def differs_in_secrets(place: str) -> str:
    """Message about a feed that is told from the one at ``place`` by nothing that may be an identity."""
    return (
        f"this feed differs from the one at {place} in nothing but secrets; "
        'give one of them an `id = "…"` to tell them apart'
    )


def joined(feed: FeedSettings, other: FeedSettings) -> FeedSettings:
    """``feed`` with the categories and tags of ``other``, the same feed in another place, too."""
    categories = tuple(dict.fromkeys((*feed.categories, *other.categories)))[:_MOST]
    tags = tuple(dict.fromkeys((*feed.tags, *other.tags)))[:_MOST]
    return feed.model_copy(
        update={
            "category": categories[0] if categories else "",
            "categories": categories,
            "tags": tags,
            "title": feed.title or other.title,
        }
    )


def _outline_faults(
    failure: ValidationError, raw: Mapping[str, object], where: str
) -> Iterator[ConfigFault]:
    for fault in explain(failure, raw, lambda _: where, within=("feeds", 0)):
        message = fault.message.removeprefix("feed 1: ").replace("`url`", "`xmlUrl`", 1)
        yield ConfigFault(where, message)
