"""One story, its page, and what the store made of it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from aggregator.store.db.tables import articles
from tests.support.polling import House

SENTENCES = [
    f"Part {part} of the story says that the bridge across the river was opened by {who} in the rain of that year."
    for part, who in enumerate(("the mayor", "a school class", "two engineers", "an old fisher"), 1)
]  # fmt: skip
TITLE = "Bridge opens after ten years"


def page(*sentences: str, after: str = "", head: str = "") -> web.Response:
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    html = (
        f"<html><head><title>{TITLE}</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{TITLE}</h1>{body}{after}</article><footer>Imprint</footer></body></html>"
    )
    return web.Response(body=html.encode(), content_type="text/html")


def article_row(house: House) -> Any:
    return house.stored.row(articles)
