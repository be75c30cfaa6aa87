"""Forms of an output: its feed, its formats, its rendered bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from aggregator.model.output_items import Cursor, Item, Paging


@dataclass(frozen=True, slots=True)
class DroppedOutput:
    """An output, in one format, that is configured no more."""

    name: str
    format: str
    readers: tuple[str, ...]  # SHA-256 of each of its tokens, in hexadecimal; (): everybody
    told_until: datetime


class SourcePlace(StrEnum):
    """Place in which readers see the source of an item, beside the format's own."""

    AUTHOR = "author"
    TITLE = "title"
    LINE = "line"  # the last one of its text
    NONE = "none"


class TextAmount(StrEnum):
    """Amount of an item's text that an output shows."""

    FULL = "full"
    SUMMARY = "summary"
    TITLE = "title"  # none


class PictureChoice(StrEnum):
    """Pictures of items in an output."""

    KEEP = "keep"
    LINK = "link"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Maker:
    """Maker of a rendering: the program's release, and a digest of the configuration."""

    release: str
    config: str


@dataclass(frozen=True, slots=True)
class LastRendering:
    """The latest bytes of an output in one format: their digest, since when, and who made them."""

    digest: str
    modified: datetime
    maker: Maker
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Guards:
    """Facts of feeds that an output keeps back, or tells less of; see :mod:`aggregator.select.guards`."""

    private: bool  # the output is for readers who know a token
    marks: Mapping[str, str]  # mark of a feed → digest of what may be told of it
    digest: str  # of both


@dataclass(frozen=True, slots=True)
class OutputFeed:
    """A merged feed, ready to be rendered. ``items`` are newest first."""

    name: str
    title: str
    description: str
    base_url: str  # no trailing slash
    items: tuple[Item, ...]
    updated: datetime  # of the newest change in it; never "now"
    formats: tuple[str, ...] = ()  # names, see :class:`OutputFormat`
    links: Mapping[str, str] = field(default_factory=dict)  # format → absolute URL
    tokens: tuple[str, ...] = field(default=(), repr=False)  # who knows one may read it; none: all
    folder: str = ""  # of an output with tokens: where its files go; empty: none are written
    owner_only: bool = False  # its files are for our own user alone
    id_base: str = ""  # address that its id is made of; empty: ``base_url``
    paging: Paging | None = None  # None: it has no archive
    hubs: tuple[str, ...] = ()  # absolute URLs of the WebSub hubs that tell of it
    page: str = ""  # absolute URL of its page for people; empty: that of the page about all outputs

    @property
    def private(self) -> bool:
        """True when it is for those alone who know a token."""
        return bool(self.tokens)


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A format of merged feeds; :data:`aggregator.publish.formats.FORMATS` lists them all."""

    name: str  # in settings and in addresses: ``feeds/all.NAME``
    label: str  # for people
    media_type: str
    render: Callable[..., bytes]  # of an OutputFeed; pure: equal outputs give equal bytes
    item_end: bytes = b""  # what stands in its bytes where an item ends
    charset: str = ""  # empty for a media type that has no such parameter
    in_fragments: bool = False  # ``render`` also takes what items were written as before

    @property
    def content_type(self) -> str:
        """The media type as it is sent in ``Content-Type``."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type


class Coding(StrEnum):
    """Content coding (RFC 9110 §8.4.1) that a rendering may be sent in, by its name in headers."""

    BROTLI = "br"
    ZSTD = "zstd"
    GZIP = "gzip"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One output in one format: the bytes that every subscriber gets."""

    name: str
    format: str  # name of an :class:`OutputFormat`
    media_type: str
    body: bytes
    gzip: bytes
    etag: str  # strong, quoted
    modified: datetime  # when these bytes came to be, whole seconds
    # Whose they are: their self link holds it. Empty for an open output, and for a private one's files.
    token: str = field(default="", repr=False)
    cursor: Cursor | None = None  # the place in its log that readers of it have come to
    link: str = ""  # value of its `Link` header: its hubs, and itself
    brotli: bytes = b""  # empty: not made, as is zstd
    zstd: bytes = b""

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The codings that it can be sent in, the ones that make it smallest first."""
        made = ((Coding.BROTLI, self.brotli), (Coding.ZSTD, self.zstd))
        return (*(coding for coding, body in made if body), Coding.GZIP, Coding.IDENTITY)

    def in_coding(self, coding: Coding) -> bytes:
        """The bytes to send in one of :attr:`codings`."""
        by_coding = {
            Coding.BROTLI: self.brotli,
            Coding.ZSTD: self.zstd,
            Coding.GZIP: self.gzip,
            Coding.IDENTITY: self.body,
        }
        return by_coding[coding]
