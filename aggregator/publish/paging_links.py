"""Links between a merged feed and its archive pages (RFC 5005), and what left it (RFC 6721), in XML."""

from __future__ import annotations

from aggregator.model import OutputFeed, OutputFormat
from aggregator.publish import formatting
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import ATOM, HISTORY, TOMBSTONES, Element, child


def namespaces(output: OutputFeed) -> dict[str | None, str]:
    """Names that an archive page needs beside those of every feed, by prefix."""
    paging = output.paging
    if paging is None or not paging.is_archive:
        return {}
    known: dict[str | None, str] = {"fh": HISTORY}
    if paging.gone:
        known["at"] = TOMBSTONES
    return known


def add_paging(parent: Element, output: OutputFeed, format: OutputFormat) -> None:  # noqa: A002
    """The links, the sign of an archive page, and the tombstones of what left; nothing without an archive."""
    paging = output.paging
    if paging is None:
        return
    for relation, addresses in (("current", paging.current), ("prev-archive", paging.older)):
        href = addresses.get(format.name)
        if href:
            kind = format.media_type
            child(parent, f"{{{ATOM}}}link", rel=relation, type=kind, href=uri(href))
    if not paging.is_archive:
        return
    child(parent, f"{{{HISTORY}}}archive")
    for one in paging.gone:
        when = formatting.rfc3339(one.at)
        child(parent, f"{{{TOMBSTONES}}}deleted-entry", ref=uri(one.item_id), when=when)
