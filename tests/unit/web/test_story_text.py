"""A story's HTML on our page: below its headings, without landmarks, frames and pictures in the clear."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from lxml import html as lxml_html

from aggregator.sanitize import clean_html, to_text
from aggregator.sanitize.policy import TAGS
from aggregator.web.story_text import first_picture, may_be_loaded, over_https, page_text
from tests.support.strange_html import strange_html

BASE = "https://e.example/post"


@pytest.mark.parametrize(
    ("given_html", "heading", "shown"),
    [
        ("<h1>A</h1><h3>B</h3>", 2, "<h3>A</h3><h4>B</h4>"),
        ("<h5>A</h5><h6>B</h6>", 2, "<h3>A</h3><h4>B</h4>"),
        ("<h2>A</h2><h6>B</h6><h4>C</h4>", 2, "<h3>A</h3><h4>B</h4><h5>C</h5>"),
        ("<h2>A</h2>", 1, "<h2>A</h2>"),
        ("<aside><p>A</p></aside><header>B</header>", 2, "<div><p>A</p></div><div>B</div>"),
        ("<p>a &lt;h1&gt; http://e.example</p>", 2, "<p>a &lt;h1&gt; http://e.example</p>"),
        ('<a href="http://e.example/">x</a>', 2, '<a href="http://e.example/" rel="noopener noreferrer">x</a>'),
    ],
)  # fmt: skip
def test_it_takes_its_place(given_html: str, heading: int, shown: str) -> None:
    assert page_text(clean_html(given_html, BASE), heading) == shown


def test_media_are_asked_for_over_https_and_every_picture_has_a_text() -> None:
    shown = page_text(
        clean_html(
            '<img src="http://e.example/a.png" srcset="http://e.example/b.png 2x, https://c.example/c 3x">'
            '<video src="http://e.example/v.mp4" poster="http://e.example/p.jpg"></video>',
            BASE,
        ),
        2,
    )
    assert "http:" not in shown
    assert 'alt=""' in shown
    assert 'preload="none"' in shown
    assert over_https("HTTP://e.example/") == "https://e.example/"
    assert over_https("https://e.example/") == "https://e.example/"


@pytest.mark.parametrize(
    ("address", "is_shown"),
    [
        ("http://e.example:8080/a.png", False),
        ("HTTP://e.example:8080", False),
        ("http://[::1]:81/a.png", False),
        ("http://e.example:80/a.png", True),
        ("http://e.example/a.png:81", True),
        ("https://e.example:8080/a.png", True),
        ("/a.png", True),
    ],
)
def test_a_picture_that_cannot_be_had_over_https_leaves_no_box(
    address: str, is_shown: bool
) -> None:
    html = f'<p>a<img src="{address}" alt="&lt;b&gt; &amp; c">d</p>'
    shown = page_text(html, 2)
    assert ("<img" in shown) is is_shown
    assert may_be_loaded(address) is is_shown
    assert bool(first_picture(html)) is is_shown
    if not is_shown:
        assert shown == "<p>a&lt;b&gt; &amp; cd</p>"


def test_players_become_links() -> None:
    frame = '<p>a <iframe src="https://www.youtube.com/embed/x?a=1&amp;b=2"></iframe> b</p>'
    shown = page_text(clean_html(frame, BASE), 2)
    assert "<iframe" not in shown
    assert 'href="https://www.youtube.com/embed/x?a=1&amp;b=2"' in shown
    assert "▶ www.youtube.com</a> b</p>" in shown


def test_the_first_picture_is_no_icon() -> None:
    cleaned = clean_html(
        '<img src="/i.png" width="16"><img src="/a.png?x=1&amp;y=2" width="640">', BASE
    )
    assert first_picture(cleaned) == "https://e.example/a.png?x=1&y=2"
    assert first_picture("<p>none</p>") is None


@given(strange_html())
def test_nothing_comes_in_that_the_sanitizer_left_out(text: str) -> None:
    cleaned = clean_html(text, BASE)
    shown = page_text(cleaned, 2)
    if not shown:
        return
    tree = lxml_html.fragment_fromstring(shown, create_parent="main")
    for element in tree.iterdescendants():
        if isinstance(element.tag, str):
            assert element.tag in TAGS - {"iframe", "aside", "header", "footer", "h1", "h2"}
            assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
            assert all(
                not str(element.get(name, "")).lower().startswith("http://")
                for name in ("src", "poster")
            )
    words = re.sub(r"▶ \S+", "", to_text(shown))
    assert "".join(words.split()) == "".join(to_text(cleaned).split())


@pytest.mark.parametrize(
    ("given_html", "shown"),
    [
        ("<h1>a</h1><h4>b</h4><h5>c</h5><h2>d</h2>", "<h2>a</h2><h3>b</h3><h4>c</h4><h3>d</h3>"),
        ("<h4>a</h4><h3>b</h3>", "<h2>a</h2><h2>b</h2>"),
        ('a<a href="https://b.example/"> </a>b', "a b"),
        ('<a href="https://b.example/"><b></b></a>', "<b></b>"),
        (
            '<a href="https://b.example/x"><img src="https://b.example/i" alt=""></a>',
            '<a href="https://b.example/x" aria-label="b.example"><img src="https://b.example/i" alt=""></a>',
        ),
        (
            '<a href="https://b.example/x"><img src="https://b.example/i" alt="i"></a>',
            '<a href="https://b.example/x"><img src="https://b.example/i" alt="i"></a>',
        ),
        ('<a href="https://b.example/x">b</a>', '<a href="https://b.example/x">b</a>'),
    ],
)
def test_who_hears_a_page_misses_nothing(given_html: str, shown: str) -> None:
    assert page_text(given_html, 1) == shown


def test_links_that_are_never_closed_cost_little() -> None:
    assert page_text('<a href="https://b.example/"><b>' * 20_000, 1)
