"""completed: what the page's structure adds to the chosen blocks."""

import pytest

from aggregator.extract.choice.complete import completed
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page

A = "The first paragraph of the article says what happened on the bridge."
B = "The second one says why it happened there, and to whom."


def kept(body: str, *chosen: str) -> list[str]:
    """The texts that are kept of ``body`` when those that begin so were chosen."""
    blocks = blocks_of(parse_page(f"<html><body>{body}</body></html>"))
    flags = completed(blocks, [block.text.startswith(chosen) for block in blocks])
    return [block.text for block, flag in zip(blocks, flags, strict=True) if flag]


@pytest.mark.parametrize(
    "between",
    ["<address>Quay 12</address>", "<div>Short.</div>", "<div><p>Short.</p></div>", "<ul><li>Short.</li></ul>",
     "<h3>Short</h3>", "Short."],
)  # fmt: skip
def test_a_line_between_is_kept(between: str) -> None:
    assert len(kept(f"<div><p>{A}</p>{between}<p>{B}</p></div>", A, B)) == 3


@pytest.mark.parametrize(
    "between",
    [
        "<p><a href='/x'>Read on here</a></p>",
        "<div class='share-bar'>Tell your friends</div>",
        "<aside><p>Get our newsletter</p></aside>",
        "<p hidden>Machines read this</p>",
        "<p style='display: none'>Machines read this</p>",
        "<p>1</p><p>2</p><p>3</p><p>4</p>",
        "<div><div><div><p>Far away</p></div></div></div>",
    ],
)
def test_what_says_that_it_is_something_else_is_not(between: str) -> None:
    assert kept(f"<div><p>{A}</p>{between}<p>{B}</p></div>", A, B) == [A, B]


def test_most_of_a_table_is_all_of_it() -> None:
    table = f"<table><tr><th>Year</th><th>Why</th></tr><tr><td>2016</td><td>{A}</td></tr></table>"
    assert kept(table, A) == ["Year", "Why", "2016", A]
    layout = f"<table role='presentation'><tr><td>Menu</td><td>{A}</td></tr></table>"
    assert kept(layout, A) == [A]


def test_little_of_a_list_is_not_all_of_it() -> None:
    items = f"<ul><li>{A}</li><li>Short.</li></ul>"
    assert kept(items, A) == [A, "Short."]
    assert kept(items, "Short.") == ["Short."]


def test_who_is_quoted_stays_and_links_in_a_list_do_not() -> None:
    quote = f"<blockquote><p>{A}</p><footer>The mayor</footer></blockquote>"
    assert kept(quote, A) == [A, "The mayor"]
    tags = f"<ul><li>{A}</li><li><a href='/t'>Tag</a></li></ul>"
    assert kept(tags, A) == [A]


def test_hidden_text_goes_unless_it_is_the_article() -> None:
    long = f"{A} {B} " * 3
    hidden = "<p style='display:none'>Machines read this.</p>"
    assert kept(f"<p>{long}</p>{hidden}", long.strip(), "Machines") == [long.strip()]
    unfolded = f"<p>{A}</p><div style='display:none'><p>{long}</p></div>"
    assert kept(unfolded, A, long.strip()) == [A, long.strip()]


def test_what_is_said_again_under_the_last_heading_is_kept() -> None:
    day = f"<h3>{{}}</h3><p>{A}</p>"
    blocks = blocks_of(
        parse_page(f"<html><body>{day.format('Monday')}{day.format('Friday')}</body></html>")
    )
    assert completed(blocks, [True, True, True, False]) == [True] * 4


def test_code_between_kept_paragraphs_is_kept() -> None:
    code = "<div><div><pre class=prism><code>pump.run()</code></pre></div></div>"
    assert kept(f"<div><p>{A}</p>{code}<p>{B}</p></div>", A, B) == [A, "pump.run()", B]
    assert kept(f"<div><p>{A}</p><p>{B}</p></div>{code}", A, B) == [A, B]


def test_the_caption_of_a_kept_table_is_kept() -> None:
    table = "<table><tr><th>Year</th><td>2016</td></tr></table>"
    figure = f"<div><figure><div>{table}</div><figcaption><p>The auditors</p></figcaption></figure></div>"
    assert kept(figure, "Year", "2016") == ["Year", "2016", "The auditors"]
    assert kept(f"<p>{A}</p>{figure}", A) == [A]


def test_a_table_between_kept_paragraphs_is_kept_whole() -> None:
    table = "<table><tr><th>Year</th><td>2016</td></tr><tr><th>Cost</th><td>90</td></tr></table>"
    cells = ["Year", "2016", "Cost", "90"]
    assert kept(f"<p>{A}</p><div>{table}</div><p>{B}</p>", A, B) == [A, *cells, B]
    assert kept(f"<p>{A}</p><p>{B}</p><div>{table}</div>", A, B, "90") == [A, B]
    linked = "<table><tr><td><a href=/a>World</a></td><td><a href=/b>Sport</a></td></tr></table>"
    assert kept(f"<p>{A}</p>{linked}<p>{B}</p>", A, B) == [A, B]


def test_the_mark_of_a_note_is_kept_with_it() -> None:
    note = "<div class=footnote><a href='#back'>1</a><div><p>That of March.</p></div></div>"
    assert kept(f"<div><p>{A}</p>{note}<p>{B}</p></div>", A, "That", B) == [
        A,
        "1",
        "That of March.",
        B,
    ]


def test_what_editors_set_apart_between_kept_blocks_is_kept_whole() -> None:
    card = "<div class='kg-card kg-callout-card'><div>💡</div><div><p>Dismount.</p></div></div>"
    page = f"<p>{A}</p>{card}<p>{B}</p>"
    assert kept(page, A, B) == [A, "💡", "Dismount.", B]
    assert kept(page, A) == [A]
    two = f"<p>{A}</p>{card}{card}<p>{B}</p>"
    assert len(kept(two, A, B)) == 6
    quoted = "<figure><blockquote><p>It holds.</p></blockquote><figcaption>The mayor</figcaption></figure>"
    assert kept(f"<p>{A}</p>{quoted}<p>{B}</p>", A, B) == [A, "It holds.", "The mayor", B]


def test_what_stands_around_a_field_for_an_address_is_not() -> None:
    field = "<form><p>Weekly, and free.</p><input type=email></form>"
    box = f"<div class='subscription-widget'><p>The quay is supported by readers.</p>{field}</div>"
    text = f"<p>{A}</p><p>{A} {B} {A} {B}</p>"
    assert len(kept(f"{text}{box}<p>{B}</p>", A, B, "The quay", "Weekly")) == 3
    # Much of a short article is not: the box is one around it, too.
    assert len(kept(f"<p>{A}</p>{box}<p>{B}</p>", A, B, "The quay", "Weekly")) == 4
    popup = f"<body class=newsletter-popup><p>{A}</p><p>{B}</p><form><input type=email></form>"
    assert kept(popup, A, B) == [A, B]
    # A page that is one form, as those of some frameworks are, is not a box around a field.
    page = f"<form>{field}<p>{A}</p><p>{B}{B}{B}{B}{B}{B}{B}{B}</p></form>"
    assert kept(page, A, B)[0] == A


def test_hidden_boxes_far_around_and_closed_dialogs_go() -> None:
    long = f"<p>{A * 9}</p>"
    deep = "<div style='display:none'><div><div><div><p>Hidden.</p></div></div></div></div>"
    assert kept(f"{long}{deep}{long}", A, "Hidden") == [A * 9] * 2
    assert kept(f"{long}<dialog><p>Hidden.</p></dialog>{long}", A, "Hidden") == [A * 9] * 2
    assert kept(f"{long}<dialog open><p>Shown.</p></dialog>{long}", A, "Shown") == [
        A * 9,
        "Shown.",
        A * 9,
    ]
