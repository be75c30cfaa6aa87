"""Pictures of an output: kept, as links, or left out; nothing else changes, and nobody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from lxml import html as lxml_html

from aggregator.model import Enclosure, Item, PictureChoice
from aggregator.publish.picture_choice import with_pictures
from aggregator.sanitize import clean_html, to_text
from tests.support.published import source
from tests.support.strange_html import strange_html

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LINK = 'rel="noopener noreferrer"'
IMG = '<img src="https://e.example/a.png" alt="A &lt;cat&gt;" referrerpolicy="no-referrer" loading="lazy">'


def item(html: str, **fields: Any) -> Item:
    made = Item(
        "urn:x", "T", "https://e.example/", html, "sum", NOW, NOW,
        source("S", "https://e.example/feed"),
    )  # fmt: skip
    return replace(made, **fields)


@pytest.mark.parametrize(
    ("html", "linked", "without"),
    [
        (f"<p>x {IMG} y</p>", f'<p>x <a href="https://e.example/a.png" {LINK}>A &lt;cat&gt;</a> y</p>', "<p>x  y</p>"),
        ('<img src="https://e.example/a.png">', f'<a href="https://e.example/a.png" {LINK}>Picture</a>', ""),
        (
            f'<a href="https://e.example/more">{IMG}</a>!',
            f'<a href="https://e.example/more">A &lt;cat&gt;</a> <a href="https://e.example/a.png" {LINK}>Picture</a>!',
            '<a href="https://e.example/more"></a>!',
        ),
        (
            '<picture><source srcset="https://e.example/b 2x"><img src="https://e.example/a.png" alt="A"></picture>',
            f'<a href="https://e.example/a.png" {LINK}>A</a>',
            "",
        ),
        (f"<figure>{IMG}<figcaption>A cat.</figcaption></figure>", None, ""),
        (f"<figure>{IMG}<p>Words</p><figcaption>A cat.</figcaption></figure>", None,
         "<figure><p>Words</p><figcaption>A cat.</figcaption></figure>"),
        ("<figure><pre>code</pre><figcaption>C</figcaption></figure>",) + ("<figure><pre>code</pre><figcaption>C</figcaption></figure>",) * 2,
        ('<video src="https://e.example/v" poster="https://e.example/p.jpg" controls></video>',)
        + ('<video src="https://e.example/v" controls></video>',) * 2,
        ('<audio controls><source src="https://e.example/s"></audio>',) + ('<audio controls><source src="https://e.example/s"></audio>',) * 2,
    ],
)  # fmt: skip
def test_pictures_of_a_text(html: str, linked: str | None, without: str) -> None:
    assert with_pictures(item(html), PictureChoice.KEEP) == item(html)
    if linked is not None:
        assert with_pictures(item(html), PictureChoice.LINK).content_html == linked
    assert with_pictures(item(html), PictureChoice.NONE).content_html == without


def test_pictures_beside_the_text() -> None:
    files = (Enclosure("https://e.example/b.png", "image/png"), Enclosure("https://e.example/c.mp3", "audio/mpeg"))  # fmt: skip
    given_item = item("<p>x</p>", image="https://e.example/a.png", enclosures=files)
    without = with_pictures(given_item, PictureChoice.NONE)
    assert (without.image, without.enclosures) == (None, files[1:])
    assert without.content_html == "<p>x</p>"
    linked = with_pictures(given_item, PictureChoice.LINK)
    assert (linked.image, linked.enclosures) == (None, files[1:])
    assert linked.content_html == (
        f'<p>x</p>\n<p><a href="https://e.example/a.png" {LINK}>Picture</a>, '
        f'<a href="https://e.example/b.png" {LINK}>Picture</a></p>'
    )
    bare = replace(given_item, content_html="", enclosures=())
    assert with_pictures(bare, PictureChoice.LINK).content_html.startswith("<p>sum</p>\n<p><a ")
    known = replace(given_item, content_html='<img src="https://e.example/a.png">', enclosures=())
    assert with_pictures(known, PictureChoice.LINK).content_html.count("a.png") == 1


@given(strange_html())
def test_no_picture_is_left_and_no_word_is_lost(text: str) -> None:
    cleaned = clean_html(text, "https://e.example/")
    linked = with_pictures(item(cleaned), PictureChoice.LINK)
    without = with_pictures(item(cleaned), PictureChoice.NONE)
    for one in (linked, without):
        assert (one.title, one.published, one.updated) == ("T", NOW, NOW)
        assert "<img" not in one.content_html
        assert " poster=" not in one.content_html
        assert clean_html(one.content_html, None) == one.content_html.strip()
    if not without.content_html.strip():
        return
    tree = lxml_html.fragment_fromstring(without.content_html, create_parent="div")
    assert not tree.xpath(".//img")
    if "<figure" not in cleaned:
        assert to_text(without.content_html).split() == to_text(cleaned).split()
