"""Subscription lists: OPML 1.0 and 2.0 (https://opml.org/spec2.opml) read, OPML 2.0 written.

An ``outline`` with an ``xmlUrl`` is a feed. The outlines around it are folders: their names from
the outermost to the innermost, joined with ``/``, are the feed's category (``Tech/Python``). The
``category`` attribute holds the feed's tags, separated by commas. Attribute and element names are
matched in any case, because exporters differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from pydantic import ValidationError

from aggregator.config.faults import explain
from aggregator.config.opml_settings import own_settings
from aggregator.config.settings import LONGEST_CATEGORY, FeedSettings
from aggregator.config.values import parse_category
from aggregator.errors import ConfigError, ConfigFault

SIZE_CAP = 20 << 20  # bytes; about 100,000 feeds
FAULTS_CAP = 1000
_POSITION = re.compile(r", line \d+.*|\n.*", re.DOTALL)
_ILLEGAL = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(frozen=True, slots=True)
class PlacedFeed:
    """A feed of the OPML ``file``, and its place: ``feeds.opml:12: outline 3 ("Title")``."""

    feed: FeedSettings
    where: str
    file: str


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
    """The attributes by lower-case local name, values trimmed; the first of a name counts."""
    found: dict[str, str] = {}
    for name, value in outline.attrib.items():
        found.setdefault(str(name).rpartition("}")[2].lower(), str(value).strip())
    return found


def is_named(element: etree._Element, name: str) -> bool:
    """True for an element (no comment) of that local name, in any case."""
    tag: object = element.tag  # a function for a comment, whatever the type stubs say
    return isinstance(tag, str) and tag.rpartition("}")[2].lower() == name


def parse_root(data: bytes, name: str) -> etree._Element:
    """The root of an OPML document. Raises ``ConfigError`` with one fault when it is none."""
    if len(data) > SIZE_CAP:
        message = f"larger than {SIZE_CAP >> 20} MB; expected an OPML subscription list"
        raise ConfigError([ConfigFault(name, message)])
    try:
        root = etree.fromstring(data.lstrip(), hardened_parser())
    except etree.XMLSyntaxError as error:
        where = f"{name}:{error.lineno}" if error.lineno else name
        reason = _POSITION.sub("", error.msg or "empty document")
        raise ConfigError([ConfigFault(where, f"not well-formed XML: {reason}")]) from None
    if not is_named(root, "opml"):
        message = f"expected an OPML document, found one whose root is <{str(root.tag)[:60]}>"
        raise ConfigError([ConfigFault(f"{name}:{root.sourceline}", message)])
    return root


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


def _feed(found: Mapping[str, str], category: str) -> dict[str, object]:
    """The settings that an outline's attributes state."""
    url = found.get("xmlurl", "")
    title = " ".join((found.get("title") or found.get("text", "")).split())
    tags = (" ".join(tag.split()).strip("/") for tag in found.get("category", "").split(","))
    return {
        "url": url,
        "title": "" if title == url else title,
        "category": category,
        "tags": tuple(dict.fromkeys(tag for tag in tags if tag)),
    }


def scan_opml(data: bytes, name: str) -> tuple[list[PlacedFeed], list[ConfigFault]]:
    """The feeds in ``data``, an OPML document called ``name``, and what is wrong with it.

    Nothing is raised: an unreadable document is one fault and no feeds, a bad outline is one fault
    beside the good ones. Reading stops after ``FAULTS_CAP`` faults.
    """
    feeds: list[PlacedFeed] = []
    faults: list[ConfigFault] = []
    try:
        root = parse_root(data, name)
    except ConfigError as error:
        return [], list(error.faults)
    for outline in outlines(root):
        found = outline.attributes
        title = " ".join((found.get("title") or found.get("text", ""))[:60].split())
        where = f'{name}:{outline.element.sourceline}: outline {outline.number} ("{title}")'
        if "xmlurl" in found:
            raw = _feed(found, outline.category) | own_settings(outline.element)
            try:
                feed = FeedSettings.model_validate(raw, strict=True)
                feeds.append(PlacedFeed(feed, where, name))
            except ValidationError as failure:
                faults += _outline_faults(failure, raw, where)
        elif found.get("type", "").lower() in {"rss", "atom"}:
            faults.append(ConfigFault(where, "a feed without `xmlUrl`"))
        elif len(outline.inner_category) > LONGEST_CATEGORY:
            message = f"the names of the folders make more than {LONGEST_CATEGORY} characters"
            faults.append(ConfigFault(where, message))
        if len(faults) >= FAULTS_CAP:
            message = f"given up after {FAULTS_CAP} faults"
            return feeds, [*faults, ConfigFault(name, message)]
    return feeds, faults


def _outline_faults(
    failure: ValidationError, raw: Mapping[str, object], where: str
) -> Iterator[ConfigFault]:
    for fault in explain(failure, raw, lambda _: where, within=("feeds", 0)):
        message = fault.message.removeprefix("feed 1: ").replace("`url`", "`xmlUrl`", 1)
        yield ConfigFault(where, message)


def parse_opml(data: bytes, name: str) -> tuple[FeedSettings, ...]:
    """The feeds in ``data``. Raises ``ConfigError`` with every fault in it."""
    feeds, faults = scan_opml(data, name)
    if faults:
        raise ConfigError(faults)
    return tuple(placed.feed for placed in feeds)


@dataclass(slots=True)
class _Folders:
    """The folder outlines written so far, by category."""

    body: etree._Element
    made: dict[str, etree._Element] = field(default_factory=dict)

    def of(self, category: str) -> etree._Element:
        """The outline for ``category``, made with those around it where there is none yet."""
        if not category:
            return self.body
        if category not in self.made:
            parent, _, name = category.rpartition("/")
            self.made[category] = etree.SubElement(self.of(parent), "outline", text=_legal(name))
        return self.made[category]


def _legal(text: str) -> str:
    """``text`` without the characters that XML 1.0 §2.2 forbids."""
    return _ILLEGAL.sub("", text)


def export_opml(title: str, feeds: Iterable[FeedSettings], titles: Mapping[str, str]) -> str:
    """An OPML 2.0 document of ``feeds``, foldered by category; ``titles`` (by feed key) name those
    without a title of their own.

    URL, title, category and tags come back from :func:`parse_opml`; schedules and other settings
    have no place in OPML and are left out.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _legal(title)
    folders = _Folders(etree.SubElement(root, "body"))
    for feed in feeds:
        name = _legal(feed.title or titles.get(feed.key, "") or feed.url)
        outline = etree.SubElement(folders.of(feed.category), "outline", type="rss")
        outline.set("text", name)
        outline.set("title", name)
        outline.set("xmlUrl", _legal(feed.url))
        if feed.tags:
            outline.set("category", _legal(",".join(feed.tags)))
    etree.indent(root)
    body = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
