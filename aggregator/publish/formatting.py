"""Single values as they are written in every format.

Everything here takes what a stranger's feed said and returns something that the format's grammar
allows, or nothing: a wrong language tag or media type is left out rather than passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from aggregator.model import Enclosure, Item, OutputFeed
from aggregator.publish import feed_addresses
from aggregator.publish.languages import registered
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import document_safe
from aggregator.sanitize import policy, xml_safe
from aggregator.urls import host_of

GENERATOR = "aggregator"  # no version: an upgrade alone must not change the bytes

SCHEMES = policy.SCHEMES | {"ftp"}

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:[A-Za-z0-9()+,.:=@;$_!*'%/-]+")
_TAG = re.compile(
    r"tag:[A-Za-z0-9.@_-]+,\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?:[^\s#]*"
)
_TITLE_LENGTH = 80
UNKNOWN_TYPE = "application/octet-stream"  # where a format must have a media type


_HOSTED = frozenset({"http", "https", "ftp"})


def link(url: str | None) -> str | None:
    """``url`` as a subscriber may follow it; None for none, for schemes such as ``javascript:``, for the web without a host."""
    if not url:
        return None
    written = uri(url)
    try:
        scheme = urlsplit(text(url)).scheme
        leads = scheme not in _HOSTED or urlsplit(written).hostname
    except ValueError:  # a broken IPv6 literal
        return None
    return written if leads and scheme in SCHEMES else None


def name_uri(identifier: str | None) -> str | None:
    """``identifier`` as a URI that names something: an http(s) one, a URN (RFC 8141), a tag (RFC 4151).

    None for what has no such form: validators refuse it where a URI must stand.
    """
    encoded = uri(identifier or "")
    is_name = _URN.fullmatch(encoded) or _TAG.fullmatch(encoded)
    return encoded if is_name else (_web(identifier) or None)


def _web(url: str | None) -> str | None:
    shown = link(url)
    return shown if shown and shown.startswith(("http://", "https://")) else None


def text(value: str) -> str:
    """``value`` without forbidden characters and without white space around it."""
    return document_safe(value).strip()


def texts(values: Iterable[str]) -> list[str]:
    """``values``, each as :func:`text` gives it, without blanks and repetitions, in their order."""
    cleaned = (text(value) for value in values)
    return list(dict.fromkeys(value for value in cleaned if value))


def rfc3339(moment: datetime) -> str:
    """``2026-11-23T18:00:00Z`` (RFC 3339), whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def media_type(claimed: str) -> str | None:
    """``claimed`` when it is a media type (``audio/mpeg``; parameters dropped), else None."""
    essence = claimed.partition(";")[0].strip().lower()
    return essence if _MEDIA_TYPE.fullmatch(essence) else None


def language(claimed: str | None) -> str | None:
    """``claimed`` as a language tag that registries know (BCP 47), None where they know no such language."""
    return registered(claimed)


def common_language(items: Iterable[Item]) -> str | None:
    """The language of all items, None when they differ or one's is unknown.

    Entries inherit the feed's language, so it must be true of every one of them.
    """
    tags = {language(item.language) for item in items}
    return tags.pop() if len(tags) == 1 else None


def feed_id(output: OutputFeed) -> str:
    """``urn:uuid:…``, the same for ever for one address and name of an output."""
    return uuid5(
        NAMESPACE_URL, xml_safe(f"{output.id_base or output.base_url}/feeds/{output.name}")
    ).urn


def title(output: OutputFeed) -> str:
    """The output's title, else its name."""
    return text(output.title) or text(output.name)


def self_link(output: OutputFeed, kind: str) -> str:
    """The absolute URL at which ``output`` is served in the format ``kind``."""
    return uri(
        output.links.get(kind) or f"{output.base_url}/{feed_addresses.path(output.name, kind)}"
    )


def home_link(output: OutputFeed) -> str:
    """The absolute URL of the output's page for people, else of the page about all outputs."""
    return uri(output.page or f"{output.base_url}/")


def stylesheet(output: OutputFeed) -> str:
    """Path of the style sheet by which browsers show the feed; empty where the server has no known address.

    From the host's root on, so that it is the same whatever stands before the file's name.
    """
    if not output.page:
        return ""
    return f"{urlsplit(uri(output.base_url)).path.rstrip('/')}/{feed_addresses.STYLE}"


def source_name(item: Item) -> str:
    """Name of the item's source: its title, else the host of its address."""
    name = text(item.source.title)
    if name:
        return name
    return host_of(uri(item.source.feed_url)) or "unknown"


def credited(item: Item) -> list[str]:
    """Names given as the item's authors: its authors, else its source. Never empty."""
    origin = item.details.origin
    return texts(item.authors) or [(origin and text(origin.title)) or source_name(item)]


def headline(item: Item) -> str:
    """The item's title; where it has none, the beginning of its summary, else its source's name.

    For formats in which every entry must have a title (RFC 4287 §4.1.2).
    """
    own = text(item.title)
    if own:
        return own
    summary = " ".join(document_safe(item.summary).split())
    if len(summary) > _TITLE_LENGTH:
        summary = summary[:_TITLE_LENGTH].rpartition(" ")[0] or summary[:_TITLE_LENGTH]
        summary += "…"
    return summary or source_name(item)


def attachments(item: Item) -> list[tuple[Enclosure, str]]:
    """The item's enclosures that can be followed, each with its URL, every URL once."""
    found: dict[str, Enclosure] = {}
    for enclosure in item.enclosures:
        url = link(enclosure.url)
        if url is not None:
            found.setdefault(url, enclosure)
    return [(enclosure, url) for url, enclosure in found.items()]


def related(item: Item) -> list[tuple[str, str]]:
    """The story's other links that can be followed: name of the source (may be empty) and URL of each."""
    return [(text(other.title), url) for other in item.related if (url := link(other.url))]


def other_sources(item: Item) -> list[tuple[str, str | None]]:
    """All other sources of the story: name (may be empty) and URL of each.

    The URL is the source's own link to the story, else its site; None where none can be followed.
    """
    named = ((text(one.title), link(one.url) or link(one.site_url)) for one in item.related)
    return [(name, url) for name, url in named if name or url]


def told_by(item: Item) -> list[tuple[str, str]]:
    """Name and address of each other source that has no link of its own: of its feed, else of its site."""
    found: dict[str, str] = {}
    for one in item.related:
        url = link(one.feed_url) or link(one.site_url)
        if url and not link(one.url):
            found.setdefault(url, text(one.title))
    return [(name, url) for url, name in found.items()]


def size(enclosure: Enclosure) -> int | None:
    """The enclosure's length in bytes when it is a possible one, else None."""
    return enclosure.length if enclosure.length is not None and enclosure.length >= 0 else None


def text_origin(item: Item) -> dict[str, str | None] | None:
    """Attributes for the origin of the item's text and the confidence that it is the article's."""
    if item.provenance is None:
        return None
    sure = item.provenance.confidence
    confidence = None if sure is None else f"{sure:.2f}"
    return {"from": text(item.provenance.source), "confidence": confidence}
