"""Bytes of archive pages: rendered for good with marks for our own addresses, which stand in them when served.

So a page's stored bytes hold no token, and stay when the server's address or a token changes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any

from lxml import etree

from aggregator.model import OutputFeed, PageBody, PageLines, PageNumber, Paging
from aggregator.publish import feed_addresses, formatting
from aggregator.publish.archive_addresses import page_file
from aggregator.publish.jsonfeed import as_document, gone_items
from aggregator.publish.render import digest, render
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import ATOM, TOMBSTONES, Element, serialise

_ENTRY_IDS = {f"{{{ATOM}}}entry": f"{{{ATOM}}}id", "item": "guid"}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def page_bodies(output: OutputFeed, lines: PageLines) -> list[PageBody]:
    """The page in each format of ``output``, with a mark that nobody can have written into it."""
    mark = secrets.token_hex(16)
    marked = page_feed(output, lines, _base(mark), mark)
    bodies = [(kind, render(marked, kind)) for kind in output.formats]
    return [PageBody(kind, body, mark, digest(body)) for kind, body in bodies]


def page_feed(output: OutputFeed, lines: PageLines, base: str, token: str = "") -> OutputFeed:
    """The page as a feed whose addresses are of the server at ``base``."""

    def addresses(page: PageNumber, kinds: Collection[str]) -> dict[str, str]:
        return {
            kind: f"{folder(base, token)}{page_file(output.name, page, kind)}" for kind in kinds
        }

    older = lines.older_kinds.intersection(output.formats)
    return replace(
        output,
        base_url=base,
        id_base=base if token and base == _base(token) else output.id_base,
        items=lines.items,
        updated=max([lines.at, *(one.updated for one in lines.items)]),
        links=addresses(lines.page, output.formats),
        page=page_for_people(output, base, token),
        paging=Paging(
            older=addresses(lines.older, older) if lines.older is not None else {},
            current={
                kind: f"{folder(base, token)}{feed_addresses.file_name(output.name, kind)}"
                for kind in output.formats
            },
            gone=lines.gone,
        ),
    )


def page_for_people(output: OutputFeed, base: str, token: str = "") -> str:
    """Address of the output's page for people for who knows ``token``; empty where there is none.

    Without the token of a private output there is no page but that about all outputs.
    """
    if not output.page:
        return ""
    private_file = output.private and not token
    return f"{base}/{'' if private_file else feed_addresses.page_path(output.name, token)}"


def addressed(page: PageBody, names: Sequence[str], output: OutputFeed, token: str) -> bytes:
    """The page as a reader of ``output`` gets it who knows ``token`` (empty: everybody, or a file).

    ``names`` are all that the output has or had, its own first: the page was made under one of them.
    """
    marked, body, base = _base(page.mark), page.body, output.base_url
    here, there = folder(marked, page.mark), folder(base, token)
    own = next(iter(names), "")
    home = page_for_people(output, base, token) or f"{base}/"
    longest_first = sorted(names, key=len, reverse=True)
    for old, new in (
        *((f"{here}{name}.", f"{there}{own}.") for name in names),
        (here, there),
        *((f"{marked}/{feed_addresses.page_path(one, page.mark)}", home) for one in longest_first),
        (f"{marked}/", f"{base}/"),
    ):
        body = _replaced(body, old, new)
    feed_id = formatting.feed_id(output).encode()
    for name in names:
        body = body.replace(_marked_id(name, page.mark).encode(), feed_id)
    return _restyled(body, output)


def _restyled(body: bytes, output: OutputFeed) -> bytes:
    """``body`` with its style sheet below the path of the server's address."""
    bare, there = f"/{feed_addresses.STYLE}", formatting.stylesheet(output)
    start, end, rest = body.partition(f'href="{bare}"?>'.encode())
    # It stands before the root element, and so before all that strangers wrote.
    if not end or not there or b"<feed" in start or b"<rss" in start:
        return body
    return b"".join((start, f'href="{escape(there)}"?>'.encode(), rest))


def _marked_id(name: str, mark: str) -> str:
    """The feed's id in the stored bytes of a page."""
    nobody = datetime.fromtimestamp(0, UTC)
    return formatting.feed_id(OutputFeed(name, "", "", _base(mark), (), nobody))


def _replaced(body: bytes, old: str, new: str) -> bytes:
    written = uri(new)
    text = json.dumps(written)[1:-1] if body[:1] == b"{" else escape(written, quote=False)
    return body.replace(old.encode(), text.encode())


def folder(base: str, token: str = "") -> str:
    """``https://host/feeds/TOKEN/``: the address below which the files of an output stand."""
    return "/".join(filter(None, (base, feed_addresses.FOLDER, token))) + "/"


def _base(mark: str) -> str:
    return f"https://{mark}.invalid"


def without_items(page: PageBody, item_ids: Collection[str], now: datetime) -> PageBody:
    """The page with nothing left of these items but that they are gone."""
    if page.body[:1] == b"{":
        body = _without_in_json(page.body, item_ids, now)
    else:
        body = _without_in_xml(page.body, item_ids, now)
    return replace(page, body=body, digest=digest(body))


def _without_in_json(body: bytes, item_ids: Collection[str], now: datetime) -> bytes:
    feed: dict[str, Any] = json.loads(body)
    found = [one["id"] for one in feed["items"] if one["id"] in item_ids]
    feed["items"] = [one for one in feed["items"] if one["id"] not in item_ids]
    said: dict[str, Any] = feed["_aggregator"]
    said["gone"] = [*said.get("gone", ()), *gone_items(dict.fromkeys(found, now))]
    return as_document(feed)


def _without_in_xml(body: bytes, item_ids: Collection[str], now: datetime) -> bytes:
    root = etree.fromstring(body, _PARSER)
    for element in list(root.iter(*_ENTRY_IDS)):
        item_id = element.findtext(_ENTRY_IDS[str(element.tag)]) or ""
        parent = element.getparent()
        if item_id in item_ids and parent is not None:
            parent.replace(element, _tombstone(element, item_id, now))
    styled = root.getprevious() is not None  # the style sheet is all that stands there
    return serialise(root, f"/{feed_addresses.STYLE}" if styled else "")


def _tombstone(element: Element, item_id: str, now: datetime) -> Element:
    said = {"ref": item_id, "when": formatting.rfc3339(now)}
    made = etree.Element(f"{{{TOMBSTONES}}}deleted-entry", said, {"at": TOMBSTONES})
    made.tail = element.tail
    return made
