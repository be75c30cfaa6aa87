"""Presentation of items in one output: where readers see the source, how much text, which title. Pure.

Many readers show an entry's `source` poorly or not at all, while each shows authors and titles.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from aggregator.model import Item, SourcePlace, TextAmount
from aggregator.publish import formatting

TITLE, SOURCE = "{title}", "{source}"
"""Fields of a ``title_format``."""


def with_source(item: Item, place: SourcePlace) -> Item:
    """``item`` with the name of its source in ``place``, unless that names it already."""
    name = site_of(item)
    match place:
        case SourcePlace.AUTHOR:
            return _credited(item, name)
        case SourcePlace.TITLE:
            return titled(item, f"{TITLE} · {SOURCE}")
        case SourcePlace.LINE:
            return _signed(item, name)
        case SourcePlace.NONE:
            return item


def site_of(item: Item) -> str:
    """Name of the site that the item is from: of a planet's entry the blog that it copied."""
    origin = item.details.origin
    return (origin and formatting.text(origin.title)) or formatting.source_name(item)


def titled(item: Item, title_format: str) -> Item:
    """``item`` with a title by ``title_format``; one without a title stays so."""
    title = formatting.text(item.title)
    if title_format == TITLE or not title:
        return item
    # In one pass: what a stranger's title says in braces is no field.
    parts = title_format.split(TITLE)
    words = title.join(part.replace(SOURCE, site_of(item)) for part in parts)
    return replace(item, title=words)


def shortened(item: Item, amount: TextAmount) -> Item:
    """``item`` with so much of its text."""
    if amount is TextAmount.FULL:
        return item
    summary = item.summary if amount is TextAmount.SUMMARY else ""
    return replace(item, content_html="", summary=summary, provenance=None)


def _credited(item: Item, name: str) -> Item:
    """The site behind the first author's name, which every reader shows; without authors it is the author."""
    authors = formatting.texts(item.authors)
    if not authors or _names(authors[0], name):
        return item
    first = f"{authors[0]} · {name}"
    people = tuple(
        replace(one, name=first) if formatting.text(one.name) == authors[0] else one
        for one in item.details.people
    )
    details = replace(item.details, people=people)
    return replace(item, authors=(first, *authors[1:]), details=details)


def _names(words: str, name: str) -> bool:
    return name.casefold() in words.casefold()


def _signed(item: Item, name: str) -> Item:
    """A last line with the site's name, which leads there."""
    html = item.content_html
    if not formatting.text(html) and formatting.text(item.summary):
        html = f"<p>{escape(item.summary)}</p>"
    site = formatting.link(item.source.site_url)
    words = f'<a href="{escape(site)}">{escape(name)}</a>' if site else escape(name)
    line = f"<p>{words}</p>"
    return replace(item, content_html=f"{html}\n{line}" if html else line)
