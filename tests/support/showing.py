"""A parsed feed as people come to see it: in a trusting feed reader, and through our outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from aggregator.model import Entry, Item, OutputFeed, ParsedFeed, Related
from aggregator.publish.render import render
from aggregator.sanitize import to_text
from tests.support.published import source

_NOW = datetime(2026, 11, 2, tzinfo=UTC)
_ATOM = "{http://www.w3.org/2005/Atom}"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"


def output_of(parsed: ParsedFeed) -> OutputFeed:
    """What is published of ``parsed``, its title and address standing as a source's, too."""
    site = parsed.site_url or "https://e.org/"
    items = tuple(_item(entry, parsed, site) for entry in parsed.entries)
    return OutputFeed("all", parsed.title, parsed.description, "https://me.example", items, _NOW)


def _item(entry: Entry, parsed: ParsedFeed, site: str) -> Item:
    return Item(
        id=uuid5(NAMESPACE_URL, entry.identity).urn,
        title=entry.title,
        url=entry.url,
        content_html=entry.html,
        summary=to_text(entry.html)[:300],
        published=entry.published or _NOW,
        updated=entry.updated or _NOW,
        source=source(parsed.title, site, parsed.site_url),
        authors=entry.authors,
        categories=entry.categories,
        enclosures=entry.enclosures,
        image=entry.image,
        language=entry.language,
        related=(Related(entry.title, entry.url or site),),
    )


def in_reader(parsed: ParsedFeed) -> Iterator[str]:
    """A page an entry: HTML is believed to be clean, text is escaped, addresses are followed."""
    for entry in parsed.entries:
        addresses = [
            entry.url,
            entry.image,
            *(one.url for one in entry.enclosures),
            parsed.site_url,
        ]
        yield _page(
            [parsed.title, parsed.description, entry.title, *entry.authors, *entry.categories],
            [address for address in addresses if address],
            [entry.summary_html, entry.content_html],
        )


def through_outputs(output: OutputFeed) -> Iterator[str]:
    """A page an item of each output, read as its format says what is text and what HTML."""
    atom = etree.fromstring(render(output, "atom"))
    for one in atom.iter(f"{_ATOM}entry"):
        html = [e.text or "" for e in one.iter(f"{_ATOM}content") if e.get("type") == "html"]
        yield _page(_texts(one, html), _addresses(one), html)
    rss = etree.fromstring(render(output, "rss"))
    for one in rss.iter("item"):
        html = [e.text or "" for e in one.iter("description", _ENCODED)]
        yield _page(_texts(one, html), _addresses(one), html)
    for item in json.loads(render(output, "json"))["items"]:
        addresses = [item.get("url", ""), item.get("image", ""), *_of(item, "url")]
        names = [item.get("title", ""), item.get("summary", ""), *_of(item, "name")]
        yield _page(names, [a for a in addresses if a], [item.get("content_html", "")])


def _of(item: dict[str, object], key: str) -> list[str]:
    lists = [value for value in item.values() if isinstance(value, list)]
    return [
        str(one[key]) for values in lists for one in values if isinstance(one, dict) and key in one
    ]


def _texts(item: etree._Element, html: list[str]) -> list[str]:
    return [e.text for e in item.iter(etree.Element) if e.text and e.text not in html]


def _addresses(item: etree._Element) -> list[str]:
    attributes = [e.get(name) for e in item.iter(etree.Element) for name in ("href", "url")]
    elements = [e.text for e in item.iter("link", f"{_ATOM}uri")]
    return [address for address in [*attributes, *elements] if address]


def _page(texts: list[str], addresses: list[str], html: list[str]) -> str:
    shown = "".join(f"<p title='{escape(text)}'>{escape(text)}</p>" for text in texts)
    links = "".join(
        f"<a href='{escape(address)}'>x</a><img src='{escape(address)}' alt=''>"
        for address in addresses
    )
    bodies = "".join(f"<div>{body}</div>" for body in html)
    return f"<!doctype html><meta charset=utf-8><title>t</title>{shown}{links}{bodies}"
