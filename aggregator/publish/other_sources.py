"""The line at the end of a text that names the other sources of its story."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from aggregator.model import Item
from aggregator.publish import formatting


def with_other_sources(item: Item, words: str) -> Item:
    """``item`` with a last paragraph such as ``Also at One, Two``, each a link where it has an address.

    ``words`` stand before the links; empty, or where there is no other source, nothing is added.
    """
    links = [
        f'<a href="{escape(url)}">{escape(name or url)}</a>' if url else escape(name)
        for name, url in formatting.other_sources(item)
    ]
    if not words or not links:
        return item
    html = item.content_html
    if not formatting.text(html) and formatting.text(item.summary):
        html = f"<p>{escape(item.summary)}</p>"
    line = f"<p>{escape(words)} {', '.join(links)}</p>"
    return replace(item, content_html=f"{html}\n{line}" if html else line)
