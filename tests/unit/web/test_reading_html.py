"""Pages of stories: what of a story's text the page around it has to know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html

from aggregator.model import Item, Source, StandingItems
from aggregator.privacy.public import PublicUrl
from aggregator.web.reading_html import Frame, render_stories, render_story

WHEN = datetime(2026, 11, 30, 12, tzinfo=UTC)
FRAME = Frame("Site", "all", "All", "", "../", index=True, feeds=(), search="", up="../all")


def story(text: str) -> Item:
    source = Source("S", PublicUrl("https://s.example/feed"))
    item_id = "urn:uuid:958acddb-a79a-4f13-a83a-48466205e801"
    return Item(item_id, "T", "https://s.example/1", text, "T", WHEN, WHEN, source)


@pytest.mark.parametrize(
    ("text", "by_keys"),
    [("<p>Words.</p>", []), ("<table><tr><td>1</td></tr></table>", ["0"]), ("&lt;table", [])],
)
def test_a_text_that_may_be_wider_than_the_page_is_moved_by_keys(
    text: str, by_keys: list[str]
) -> None:
    many = render_stories(FRAME, StandingItems((story(text),)), is_first=True)
    for page in (many, render_story(FRAME, story(text))):
        found = html.document_fromstring(page).xpath("//div[@class='text']/@tabindex")
        assert found == by_keys
