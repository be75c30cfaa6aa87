"""Editions as text: contents that lead to the stories, by category, within bounds, and always valid."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Edition, Item, NewsStory, OutputFeed, Source
from aggregator.privacy.public import PublicUrl
from aggregator.publish import edition_text
from aggregator.publish.edition_text import (
    arranged,
    edition_html,
    edition_item,
    edition_summary,
    edition_title,
    story_pieces,
    without_others,
)
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render
from aggregator.sanitize import clean_html
from aggregator.web.reading_html import story_of
from tests.support.feed_rules import faults

AT = datetime(2026, 12, 1, 7, tzinfo=UTC)
SITE = Source("Site", PublicUrl("https://a.example/feed"), PublicUrl("https://a.example/"))
UID = "urn:uuid:43e2b0a7-c911-5d11-a40b-2033b28c3f07"


def item(name: str, html: str = "<p>Text.</p>", **fields: object) -> Item:
    made = Item(name, f"Title {name}", f"https://a.example/{name}", html, "Lead.", AT, AT, SITE)
    return replace(made, **fields)  # type: ignore[arg-type]


def news(name: str, key: str, *categories: str) -> NewsStory:
    return NewsStory(item(name), key, categories, (name,), ())


def feed_of(*items: Item) -> OutputFeed:
    links = {kind: f"https://me.example/feeds/morning.{kind}" for kind in FORMATS}
    base = "https://me.example"
    return OutputFeed(
        "morning", "Morning", "", base, items, AT, tuple(FORMATS), links, id_base=base
    )


def test_the_contents_lead_to_the_stories_by_category() -> None:
    pieces = story_pieces(UID, [("Tech", item("1")), ("Tech", item("2", "")), ("", item("3"))])
    html = edition_html(pieces)
    links = re.findall(r'href="#([^"]*)"', html)
    assert links == re.findall(r'id="([^"]*)"', html)
    assert len(set(links)) == 3
    assert [html.count(f"<h2>{name}</h2>") for name in ("Tech", "Other")] == [1, 1]
    assert "<p>Lead.</p>" in html  # the second has no text
    assert edition_summary(pieces) == "3 stories: Title 1 · Title 2 · Title 3"
    assert "<h2>" not in edition_html(pieces[:2])  # one group needs no heading
    other = story_pieces("urn:uuid:5a2b0a7c-c911-5d11-a40b-2033b28c3f07", [("", item("1"))])
    assert not set(links) & set(re.findall(r'id="([^"]*)"', edition_html(other)))


def test_a_title_alone_leads_to_the_page_of_its_story() -> None:
    (piece,) = story_pieces(UID, [("", item("1", "", summary=""))])
    assert piece.section == ""
    assert piece.line == '<a href="https://a.example/1">Title 1</a> · Site'
    (piece,) = story_pieces(UID, [("", item("1", "", summary="", url="javascript:alert(1)"))])
    assert piece.line == "Title 1 · Site"


def test_groups_are_in_the_order_of_the_configuration() -> None:
    categories = {"a": ["Misc", "Tech"], "b": ["News"], "c": ["Zoo"], "d": ["apes"]}
    given = [news("1", "c"), news("2", "x"), news("3", "b"), news("4", "a"), news("5", "d")]
    given.append(news("6", "b", "Tech"))  # a rule says so
    found = [(name, one.item.id) for name, one in arranged(given, categories, ["Tech", "News"])]
    assert found == [
        ("Tech", "4"), ("Tech", "6"), ("News", "3"), ("apes", "5"), ("Zoo", "1"), ("", "2"),
    ]  # fmt: skip


def test_a_very_long_edition_ends_with_leads_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition_text, "FULL_BYTES", 3000)
    monkeypatch.setattr(edition_text, "LEAD_BYTES", 5000)
    monkeypatch.setattr(edition_text, "MOST", 100)
    long = [("", item(str(n), f"<p>{'x' * 900}</p>")) for n in range(150)]
    pieces = story_pieces(UID, long)
    kinds = Counter(
        "full" if "xxx" in one.section else "lead" if one.section else "line" for one in pieces
    )
    assert kinds["full"] == 3
    assert kinds["lead"] > 3
    assert len(pieces) == 101
    assert pieces[-1].line == "and 50 more"
    assert edition_summary(pieces).startswith("100 stories: ")
    assert len(edition_html(pieces).encode()) < 30_000


def test_headings_of_a_story_are_below_its_title() -> None:
    (piece,) = story_pieces(UID, [("", item("1", "<h1>A</h1><h4 id='x'>B</h4><hr><h6>C</h6>"))])
    assert piece.section.endswith("<h4>A</h4><h6 id='x'>B</h6><hr><h6>C</h6>")


def test_titles_tell_the_date() -> None:
    assert edition_title("Morning", "2026-12-01") == "Morning, Tuesday 1 December 2026"


@given(
    title=st.text(max_size=40),
    html=st.text(max_size=60),
    category=st.text(max_size=20),
    site=st.text(max_size=20),
    author=st.text(max_size=20),
)
def test_whatever_stories_say_an_edition_is_valid(
    title: str, html: str, category: str, site: str, author: str
) -> None:
    said = clean_html(f"<p>{html}</p><h1>{title}</h1>", "https://a.example/")
    fields = {"title": title, "source": replace(SITE, title=site), "authors": (author,)}
    pieces = story_pieces(UID, [(category, item("1", said, **fields)), ("", item("2"))])
    made = edition_item(
        Edition(UID, "2026-12-01", "Morning", pieces, AT, AT, 1),
        Source("Morning", PublicUrl("https://me.example/")),
        "https://me.example/read/morning/x",
    )
    for kind in FORMATS:
        assert faults(render(feed_of(made), kind)) == []
    # Nothing of it is markup but what the sanitizer let through, and ours.
    tags = set(re.findall(r"<([a-z0-9]+)", made.content_html))
    own = set(re.findall(r"<([a-z0-9]+)", said)) | {"h4", "h5", "h6"}
    assert tags - own <= {"p", "strong", "ul", "li", "a", "hr", "h2", "h3", "em"}
    assert "Title 2" in story_of(made, heading=1).text


def test_what_is_counted_only_is_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition_text, "MOST", 2)
    pieces = story_pieces(UID, [("News", item(name)) for name in "abcde"])
    assert pieces[-1].line == "and 3 more"
    assert without_others(pieces, set("abcde")) == pieces
    left = without_others(pieces, set("ade"))
    assert [one.item_id for one in left] == ["a", ""]
    assert left[-1].line == "and 2 more"
    assert [one.item_id for one in without_others(pieces, {"b"})] == ["b"]
    assert without_others(pieces, set()) == ()
