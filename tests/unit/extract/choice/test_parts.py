"""Parts of pages: comments, posts, releases; and pages that only look like several things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.choice.parts import Part, part_at, part_told
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page

LEAD = "When the ferry stopped in the fog, nobody on board thought of the time; later they argued about little else."
ONE = "My aunt sailed on that boat for thirty years, and she never once saw a life belt that fitted her."
TWO = "The belts were made for the navy, which had ordered them in one size and then refused to take them."
THREE = "Has anybody kept the timetable of the last season? I would pay for a copy of it."
FILL = "The harbour office keeps no list of that kind, as far as its clerk could find out within a week, and nor do those of the other ports."


def body(markup: str) -> str:
    menu = "".join(f"<li><a href='/{n}'>Section number {n} of this site</a></li>" for n in range(6))
    return f"<html><head><title>Ferry</title></head><body><ul>{menu}</ul>{markup}<footer><p>Imprint of the site</p></footer></body></html>"


def text_of(part: Part | None) -> str:
    return "" if part is None else " ".join(part.tree.find("body").text_content().split())


def told(markup: str, summary: str) -> str:
    tree = parse_page(body(markup))
    return text_of(part_told(tree, blocks_of(tree), summary))


def at(markup: str, fragment: str) -> tuple[str, bool]:
    part, found = part_at(parse_page(body(markup)), fragment)
    return text_of(part), found


def comment(number: int, name: str, text: str, answers: str = "") -> str:
    return (
        f"<li id='comment-{number}' class='comment even'><article id='div-comment-{number}'><footer><cite>{name}</cite> <time>12 May</time></footer>"
        f"<div class='comment-content'><p>{text}</p></div><div class='reply'><a href='#r'>Reply</a></div></article>{answers}</li>"
    )


BLOG = (
    f"<article><h1>Ferry</h1><p>{LEAD}</p><p>{FILL}</p><p>{FILL[::-1]}</p></article><ol class='comment-list'>"
    + comment(5, "Ann", ONE, f"<ol class='children'>{comment(7, 'Piet', TWO)}</ol>")
    + comment(6, "Ola", THREE)
    + "</ol>"
)
THREAD = "".join(
    f"<div class='topic-body' id='post_{n}'><h2>user{n}</h2><div class='post'><p>{text}</p></div></div>"
    for n, text in enumerate((LEAD, ONE, TWO, THREE), 1)
)
PHPBB = "".join(
    f"<div id='p{900 + n}' class='post has-profile bg{n % 2}'><p class='author'>by <strong>user{n}</strong></p><div class='content'>{text}</div></div>"
    for n, text in enumerate((LEAD, ONE, TWO, THREE), 1)
)
CARDS = "".join(
    f"<div class='card'><h3>Headline {n}</h3><p>{text}</p></div>"
    for n, text in enumerate((LEAD, ONE, TWO), 1)
)


@pytest.mark.parametrize(
    ("markup", "summary", "wanted", "others"),
    [
        (BLOG, ONE, ONE, (TWO, THREE, LEAD)),
        (BLOG, TWO, TWO, (ONE, THREE, LEAD)),
        (BLOG, THREE, THREE, (ONE, TWO, LEAD)),
        (THREAD, LEAD, LEAD, (ONE, TWO, THREE)),
        (THREAD, TWO, TWO, (LEAD, ONE, THREE)),
        (THREAD, f"{TWO[:60]} …", TWO, (LEAD, ONE, THREE)),
        (PHPBB, THREE, THREE, (LEAD, ONE, TWO)),
        (PHPBB, LEAD, LEAD, (ONE, TWO, THREE)),
        (CARDS, ONE, ONE, (LEAD, TWO)),
    ],
)
def test_the_feeds_words_as_one_block_among_others_are_a_part(
    markup: str, summary: str, wanted: str, others: tuple[str, ...]
) -> None:
    found = told(markup, summary)
    assert wanted in found
    assert not [other for other in others if other in found]


@pytest.mark.parametrize(
    ("markup", "summary"),
    [
        (f"<article><p>{LEAD}</p><p>{ONE}</p><p>{TWO}</p></article>", LEAD),
        (f"<article><p>{LEAD}</p><p>{ONE}</p><p>{TWO}</p></article>", ONE),
        # Sections of one article, the first of which the feed gives.
        ("".join(f"<section><h2>Part</h2><p>{t}</p><p>{FILL}</p></section>" for t in (LEAD, ONE, TWO)), LEAD),
        ("".join(f"<div class='paragraph'><p>{t}</p></div>" for t in (LEAD, ONE, TWO, THREE)), TWO),
        ("".join(f"<div class='paragraph'>{t}</div>" for t in (LEAD, ONE, TWO, THREE)), LEAD),
        ("".join(f"<li>{t}</li>" for t in (LEAD, ONE, TWO, THREE)), ONE),
        (BLOG, LEAD),
        (BLOG, f"{LEAD} {FILL}"),
        (f"<div class='post' id='post-12'><h1>Ferry</h1><p>{LEAD}</p><p>{FILL}</p></div><div class='widget'>{TWO}</div>", LEAD),
        (f"<article class='post'><p>{LEAD}</p><p>{FILL}</p></article><article class='related'><h3>{TWO}</h3></article>", LEAD),
        # The next stories stand below the first, each as whole.
        ("".join(f"<article class='post' id='post-{n}'><h1>Ferry</h1><p>{t}</p><p>{FILL}</p><p>{FILL[::-1]}</p></article>" for n, t in enumerate((LEAD, ONE, TWO))), LEAD),
        (THREAD, "Thanks!"),
        (THREAD, ""),
    ],
)  # fmt: skip
def test_an_article_that_begins_with_the_feeds_words_is_the_page(markup: str, summary: str) -> None:
    assert told(markup, summary) == ""


def release(version: str, text: str, form: str) -> str:
    heading = {
        "id": f"<h2 id='v{version}'>Version {version}</h2>",
        "box": f"<div class='markdown-heading'><h2>Version {version}</h2><a id='user-content-v{version}' href='#v{version}'></a></div>",
        "name": f"<a name='v{version}'></a><h2>Version {version}</h2>",
        "inner": f"<h2><a name='v{version}'></a>Version {version}</h2>",
        "section": f"<section id='v{version}'><h2>Version {version}</h2>",
    }[form]
    end = "</section>" if form == "section" else ""
    return f"{heading}<h3>Changed</h3><ul><li>{text}</li></ul>{end}"


@pytest.mark.parametrize("form", ["id", "name", "inner", "section"])
def test_a_fragment_names_a_release(form: str) -> None:
    page = "<h1>Changelog</h1>" + "".join(
        release(version, text, form) for version, text in (("2", TWO), ("1.1", ONE), ("1", THREE))
    )
    found, there = at(page, "v1.1")
    assert there
    assert ONE in found
    assert "Version 1.1" in found
    assert TWO not in found
    assert THREE not in found


def test_a_fragment_names_a_comment_and_is_looked_for_in_vain() -> None:
    found, there = at(BLOG, "comment-6")
    assert there
    assert THREE in found
    assert LEAD not in found
    assert at(BLOG, "comment-99") == ("", False)


@pytest.mark.parametrize("fragment", ["more", "all", "intro"])
def test_marks_that_are_no_part(fragment: str) -> None:
    page = f"<div id='all'><h1>Ferry</h1><p>{LEAD}<span id='more'></span></p><p id='x'>{FILL}</p><p>{ONE} {TWO} {THREE}</p></div><a id='intro'></a>"
    assert at(page, fragment) == ("", True)


@given(st.text(alphabet="<>/ =\"'abdhilp#123", max_size=300), st.text(max_size=30))
def test_any_page_gives_a_part_or_none(markup: str, fragment: str) -> None:
    tree = parse_page(f"<html><body><p id='a'>x</p>{markup}</body></html>")
    part_at(tree, fragment)
    part_told(tree, blocks_of(tree), markup)
