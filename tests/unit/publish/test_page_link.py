"""Feeds lead to their page for people, and browsers show them by a style sheet; both where there is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.model import OutputFeed
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PLAIN = OutputFeed("all", "All", "", "https://me.example/a&b", (), NOW)
PAGE = "https://me.example/a&b/read/all"
LINKS = {
    "atom": b'<link rel="alternate" type="text/html" href="%s"/>',
    "rss": b"<channel>\n    <title>All</title>\n    <link>%s</link>",
    "json": b'"home_page_url": "%s"',
}


@pytest.mark.parametrize("kind", FORMATS)
def test_the_page_is_named_where_there_is_one(kind: str) -> None:
    def link(address: str) -> bytes:
        escaped = address if kind == "json" else address.replace("&", "&amp;")
        return LINKS[kind] % escaped.encode()

    assert link("https://me.example/a&b/") in render(PLAIN, kind)
    assert link(PAGE) in render(replace(PLAIN, page=PAGE), kind)


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_the_style_sheet_follows_the_declaration(kind: str) -> None:
    plain, styled = render(PLAIN, kind), render(replace(PLAIN, page=PAGE), kind)
    assert b"xml-stylesheet" not in plain
    declaration, style, _ = styled.split(b"\n", 2)
    assert declaration == plain.split(b"\n", 1)[0]
    assert style == b'<?xml-stylesheet type="text/css" href="/a&amp;b/feed.css"?>'
    root = render(replace(PLAIN, base_url="https://me.example", page=PAGE), kind)
    assert b'href="/feed.css"?>' in root
