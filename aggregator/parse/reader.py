"""A well-formed document → feedparser's dictionaries.

feedparser's handlers are driven here instead of through ``feedparser.parse``, because that function
opens files named by a body, falls back to a parser whose cost strangers decide, and makes relative
ids absolute, so that every id changes when a feed's address does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from aggregator.errors import ParseError
from aggregator.parse.caps import MAX_LIST, MAX_SIBLINGS, MAX_URL
from aggregator.parse.elements import Elements
from aggregator.parse.nodes import SEPARATOR, Node

# Linear: a mailbox is only looked for where a word begins.
_MAILBOX = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]++(?:\?subject=\S++)?")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|<\s*>|&lt;\s*&gt;")


@dataclass(frozen=True, slots=True)
class Document:
    """feedparser's dictionaries. ``faults`` counts elements whose handling failed inside it.

    ``starts`` says where in the document each of ``entries`` begins, in bytes.
    """

    version: str
    feed: Node
    entries: list[Node]
    starts: list[int]
    skip_hours: tuple[str, ...]
    skip_days: tuple[str, ...]
    faults: int
    deleted: tuple[str, ...] = ()  # ids of entries that are no more


class _Reader(Elements):
    """What single elements mean, where that is not what feedparser makes of them.

    Texts that describe media do not become the entry's own. Hours and days to skip are all kept,
    not only the last. Places are kept as written. Dates are left to :mod:`aggregator.text.dates`. Tags and authors are taken
    in linear time.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self.skip_hours: list[str] = []
        self.skip_days: list[str] = []
        self.deleted: list[str] = []
        self._medium: Any = None  # the one that is being read
        self._group = self._groups = 0  # of media, by number

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._get_context().setdefault("tags", [])
        if (term or scheme or label) and len(tags) < 2 * MAX_LIST:
            tags.append({"term": term, "scheme": scheme, "label": label})

    def _sync_author_detail(self, key: str = "author") -> None:
        """Split "mail (name)" and its variants, where feedparser searches in quadratic time."""
        context = self._get_context()
        people = context.setdefault(f"{key}s", [{}])
        author = dict.get(context, key)
        if people[-1] or not isinstance(author, str):
            return
        mailbox = _MAILBOX.search(author)
        if mailbox is not None:
            people[-1]["email"] = mailbox[0]
            author = _EMPTY_BRACKETS.sub("", author.replace(mailbox[0], "")).strip()
            author = author.removeprefix("(").removesuffix(")").strip()
        people[-1]["name"] = author

    def _end_published(self) -> None:
        self.pop("published")

    _end_issued = _end_pubdate = _end_dcterms_issued = _end_published

    def _end_updated(self) -> None:
        self.pop("updated")

    _end_modified = _end_lastbuilddate = _end_dc_date = _end_dcterms_modified = _end_updated

    def _end_created(self) -> None:
        self.pop("created")

    _end_dcterms_created = _end_created

    def _start_own(self, key: str) -> None:
        self.push(key, 1)

    def _end_own(self, key: str) -> None:
        value = self.pop(key)
        if value and self.inentry:
            self.entries[-1].setdefault(key, value)

    def _end_image(self) -> None:
        """In an item: its URL, or an element with it, as none of the formats has it but some write."""
        address = self.pop("image") or dict.get(self._picture, "href")
        self.inimage = 0
        if address and self.inentry:
            self.entries[-1].setdefault("image", {"href": address})

    def _start_media_group(self, _attrs: Any) -> None:
        self._groups += 1
        self._group = self._groups

    def _end_media_group(self) -> None:
        self._group = 0

    def _start_media_content(self, attrs: Any) -> None:
        super()._start_media_content(attrs)
        self._medium = self._get_context()["media_content"][-1]
        if self._group:
            self._medium["group"] = str(self._group)  # of several sizes of one

    def _end_media_content(self) -> None:
        self._medium = None

    def _start_media_description(self, _attrs: Any) -> None:
        self._start_own("picture_says" if _is_picture(self._medium) else "media_description")

    def _end_media_description(self) -> None:
        if not _is_picture(self._medium):
            self._end_own("media_description")
        elif value := self.pop("picture_says"):
            self._medium.setdefault("description", value)

    def _start_itunes_summary(self, _attrs: Any) -> None:
        self._start_own("itunes_summary" if self.inentry else "itunes_about")

    def _end_itunes_summary(self) -> None:
        self._end_own("itunes_summary" if self.inentry else "itunes_about")

    def _end_place(self, kind: str, element: str = "geometry") -> None:
        value = self.pop(element)
        if value and self.inentry:
            places = dict.setdefault(self.entries[-1], "places", [])
            if len(places) < MAX_LIST:
                places.append((kind, value))

    def _end_georss_point(self) -> None:
        self._end_place("point")

    def _end_georss_line(self) -> None:
        self._end_place("line")

    def _end_georss_polygon(self) -> None:
        self._end_place("polygon")

    def _end_georss_box(self) -> None:
        self._end_place("box")

    def _end_gml_pos(self) -> None:
        self._end_place("point", "pos")

    def _end_gml_poslist(self) -> None:
        self.pop("pos")

    def _start_podcast_transcript(self, attrs: dict[str, str]) -> None:
        if self.inentry:
            transcripts = dict.setdefault(self.entries[-1], "podcast_transcripts", [])
            if len(transcripts) < MAX_LIST:
                transcripts.append(attrs)
        self.push("podcast_transcript", 0)

    def _start_podcast_episode(self, _attrs: Any) -> None:
        self.push("podcast_episode", 1)

    def _start_podcast_season(self, _attrs: Any) -> None:
        self.push("podcast_season", 1)

    def _start_at_deleted_entry(self, attrs: dict[str, str]) -> None:
        """A tombstone (RFC 6721 §3)."""
        ref = (attrs.get("ref") or "").strip()
        if ref and not self.inentry and len(ref) <= MAX_URL and len(self.deleted) < MAX_SIBLINGS:
            self.deleted.append(ref)

    def _end_hour(self) -> None:
        self._collect(self.pop("hour"), self.skip_hours)

    def _end_day(self) -> None:
        self._collect(self.pop("day"), self.skip_days)

    def _collect(self, value: str | None, into: list[str]) -> None:
        if value and not self.inentry and len(into) < 24:
            into.append(value.strip())


def _is_picture(medium: Any) -> bool:
    if medium is None:
        return False
    return medium.get("medium") == "image" or str(medium.get("type") or "").startswith("image/")


def read(document: bytes, base_url: str) -> Document:
    """Understand a well-formed, bounded UTF-8 ``document``; ``base_url`` resolves its links.

    The document has no DOCTYPE, so there is no entity to expand or fetch.
    Raises :class:`~aggregator.errors.ParseError` when it cannot be read.
    """
    reader = _Reader(base_url)
    starts: list[int] = []
    parser = expat.ParserCreate("utf-8", SEPARATOR)
    parser.namespace_prefixes = True
    # Runs of text arrive whole: in one piece instead of one per line and reference.
    parser.buffer_text = True
    parser.buffer_size = 1 << 16

    def start(name: str, attributes: dict[str, str]) -> None:
        before = len(reader.entries)
        reader.start(name, attributes)
        if len(reader.entries) != before:
            starts.append(parser.CurrentByteIndex)

    parser.StartElementHandler = start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.handle_data
    parser.StartNamespaceDeclHandler = reader.startPrefixMapping
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise ParseError(f"malformed XML: {expat.ErrorString(error.code)}") from error
    return Document(
        version=reader.version,
        feed=reader.feeddata,
        entries=reader.entries,
        starts=starts,
        skip_hours=tuple(reader.skip_hours),
        skip_days=tuple(reader.skip_days),
        faults=reader.faults,
        deleted=tuple(reader.deleted),
    )
