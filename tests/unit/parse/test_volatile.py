"""What differs from poll to poll and is no change, and what is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Entry
from aggregator.parse.identity import content_hash, reading_of, shown_html, shown_of
from aggregator.parse.volatile import file_shown, html_shown, link_shown

ENTRY = Entry(
    identity="1",
    title="The weir (12 comments)",
    url="https://boats.example/weir?utm_source=rss",
    categories=("Boats", "Mills"),
    authors=("Ida", "Ulf"),
    summary_html="<p>The weir is open again.</p><p>Points: 30</p><p># Comments: 10</p>",
    enclosures=(
        Enclosure("https://cdn1.example/w.mp3?Expires=1711&Signature=Zz11", "audio/mpeg", 7),
    ),
    image="https://cdn.example/w.jpg?v=1",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "The weir  (14 comments)"},
        {"url": "https://boats.example/weir?utm_source=atom"},
        {"categories": ("Mills", "Boats")},
        {"authors": ("Ulf", "Ida")},
        {"summary_html": "<p>The weir is open  again.</p>\n<p>Points: 1,042</p><p># Comments: 14</p>"},
        {"summary_html": "<p>The <b>weir</b> is open again.</p><p> </p><p>Points: 3</p># Comments: 1"},
        {"enclosures": (Enclosure("https://cdn2.example/w.mp3?Expires=1799&Signature=Ab", "audio/mpeg"),)},
        {"image": "https://cdn.example/w.jpg?v=2"},
        {"published": datetime(2026, 11, 2, tzinfo=UTC), "updated": datetime(2026, 11, 3, tzinfo=UTC)},
        {"guid": "another", "language": "de"},
    ],
)  # fmt: skip
def test_what_is_volatile_changes_nothing_that_is_shown(changes: dict[str, object]) -> None:
    before, after = content_hash(ENTRY), content_hash(replace(ENTRY, **changes))  # type: ignore[arg-type] # names are those of the class
    assert reading_of(before) == reading_of(after)
    assert shown_of(before) == shown_of(after)
    assert before != after  # it is stored


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "The weir, once more"},
        {"title": "The weir costs 12 boats"},
        {"url": "https://boats.example/weir-2"},
        {"categories": ("Boats",)},
        {"authors": ("Ida",)},
        {"summary_html": "<p>The weir is closed again.</p><p>Points: 30</p><p># Comments: 10</p>"},
        {"enclosures": ()},
        {"enclosures": (Enclosure("https://cdn1.example/x.mp3?Expires=1711", "audio/mpeg", 7),)},
        {"image": "https://cdn.example/x.jpg?v=1"},
    ],
)
def test_what_is_shown_is_a_change(changes: dict[str, object]) -> None:
    after = content_hash(replace(ENTRY, **changes))  # type: ignore[arg-type] # names are those of the class
    assert shown_of(content_hash(ENTRY)) != shown_of(after)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<p>[42 comments]</p>", "<p>[43 comments]</p>"),
        ("<p>42 points by ida | 7 comments</p>", "<p>1.2k points by ida | 19 comments</p>"),
        ("<p>This page was viewed 1,042 times.</p>", "<p>This page was viewed 1,043 times.</p>"),
        ("Kommentare (3)", "Kommentare (4)"),
        ("<p>This post has been read by 120 readers so far.</p>", "<p>This post has been read by 131 readers so far.</p>"),
        ("<p>3 people like this.</p>", "<p>4 people like this.</p>"),
        ("<p>Join the 31 people who have already commented on this post.</p>", "<p>Join the 36 people who have already commented on this post.</p>"),
        ("<p>There are 3 comments on this story so far.</p>", "<p>There are 8 comments on this story so far.</p>"),
        ("<p>Dieser Beitrag wurde bisher 31 mal gelesen.</p>", "<p>Dieser Beitrag wurde bisher 1.036 mal gelesen.</p>"),
        ("<p>Este artículo ha sido leído 31 veces.</p>", "<p>Este artículo ha sido leído 36 veces.</p>"),
        ("12 просмотров", "15 просмотров"),
        ("<p>3 hours ago</p>", "<p>4 hours ago</p>"),
        ('<img src="https://a.example/i.jpg?ts=1700000000">', '<img src="https://b.example/i.jpg">'),
        ('<a href="https://a.example/x?token=abc">x</a>', '<a href="https://a.example/x?token=def">x</a>'),
        ("<ul><li>a</li></ul>", "<ul>\n<li>a\n</li></ul>"),
    ],
)  # fmt: skip
def test_no_change(first: str, second: str) -> None:
    assert shown_html(first) == shown_html(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<p>The motion was carried with 42 votes.</p>", "<p>The motion was carried with 43 votes.</p>"),
        ("<p>Final score: 3:1</p>", "<p>Final score: 3:2</p>"),
        ("<p>Version 1.2</p>", "<p>Version 1.3</p>"),
        ("<p>112 people were hurt.</p>", "<p>114 people were hurt.</p>"),
        ("<p>There are 12 people on board.</p>", "<p>There are 14 people on board.</p>"),
        ("<p>There are 3 votes missing in the council.</p>", "<p>There are 2 votes missing in the council.</p>"),
        ("<p>He was beaten 3 times by readers.</p>", "<p>He was beaten 4 times by readers.</p>"),
        ("<p>31 people commented on the plan.</p>", "<p>36 people commented on the plan.</p>"),
        ("<p>The ferry leaves at 9:00</p>", "<p>The ferry leaves at 9:30</p>"),
        ('<a href="https://a.example/x?id=1">x</a>', '<a href="https://a.example/x?id=2">x</a>'),
        ('<a href="https://v.example/watch?v=1">x</a>', '<a href="https://v.example/watch?v=2">x</a>'),
        ('<img src="https://a.example/1.jpg">', '<img src="https://a.example/2.jpg">'),
        ('<img src="https://a.example/i?id=1">', '<img src="https://a.example/i?id=2">'),
    ],
)  # fmt: skip
def test_a_change(first: str, second: str) -> None:
    assert shown_html(first) != shown_html(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "https://cdn.example/exp=1711~hmac=0a1b/w.mp3",
            "https://cdn.example/exp=1799~hmac=9f8e/w.mp3",
        ),
        (
            "https://b.example/w.jpg?X-Amz-Date=20261102T120000Z&X-Amz-Signature=0a&id=1",
            "https://b.example/w.jpg?id=1&X-Amz-Date=20261103T120000Z",
        ),
        ("https://p.example/w.jpg?sv=2026&sig=a%2Bb&se=2026-11-02", "https://p.example/w.jpg"),
    ],
)
def test_one_file(first: str, second: str) -> None:
    assert file_shown(first) == file_shown(second)


@given(st.text(max_size=300))
def test_whatever_is_looked_at(text: str) -> None:
    assert html_shown(text) == html_shown(text)
    assert isinstance(link_shown(text) + file_shown(text) + file_shown(f"https://{text}"), str)
