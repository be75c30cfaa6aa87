"""Remarks: a feed's own words beside a link, told from what every feed has there."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.remarks import Told, left_over, remark, without_repeated
from aggregator.dedupe.voice import is_own_voice
from aggregator.text.words import words

PAGE = "https://weir.example/story"
STORY = (
    "Regulators opened the sluices of the upper valley on Monday while the river was low. Engineers had warned for years that the "
    "gates were rusting. Nobody listened. By the evening the meadows stood under water, and the school sent its children home."
)
TOLD = Told(words(STORY), [words("Regulators open the sluices"), words("A valley under water")])


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>Article URL: <a href='x'>x</a></p><p>Comments URL: <a href='y'>y</a></p><p>Points: 12</p><p># Comments: 3</p>",
        "submitted by <a href='x'>/u/jane</a> <a href='y'>[link]</a> <a href='z'>[comments]</a>",
        "37 points, <a href='x'>12 comments</a>",
        "by Jane Doe",
        "Posted on 3 May 2024 by John",
        "Author: jane",
        "via <a href='x'>HN</a>",
        "(via Jane Doe)",
        "Jane Doe:<blockquote>Nobody listened.</blockquote>",
        "Read more at The Weir",
        "#water #valley",
        "https://weir.example/story?x=1",
        "Mehr lesen",
        "Lire la suite",
        "Leer más",
        "Читать далее",
        "続きを読む",
        "コメント 12 件",
        "阅读全文 »",
        "The post <a href='x'>Sluices</a> appeared first on <a href='y'>The Weir</a>.",
        f"<a href='{PAGE}'>Read the full story here</a>",
        "Sluices",
    ],
)
def test_what_stands_around_links_is_no_remark(html: str) -> None:
    assert remark(html.replace("'", '"'), PAGE, ["Sluices", "The Weir"]) == ()


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>This.</p>", [("this",)]),
        ("<blockquote>Nobody listened.</blockquote><p>Nice!</p>", [("nice",)]),
        ("by far the best", [("by", "far", "the", "best")]),
        ("Wow (via Jane)", [("wow",)]),
        ("I found this via Jane", [("i", "found", "this")]),
        ("Sluices, at last", [("sluices", "at", "last")]),
        ("Jane Doe:<blockquote>No.</blockquote>Hear, hear.", [("hear", "hear")]),
        ("すごい！", [("す", "ご", "い")]),
        (f'<a href="{PAGE}">All of this is new to me</a>', [("all", "of", "this", "is", "new", "to", "me")]),
    ],
)  # fmt: skip
def test_a_word_or_two_are_one(html: str, said: list[tuple[str, ...]]) -> None:
    assert list(remark(html, PAGE, ["Sluices", "The Weir"])) == said


@pytest.mark.parametrize(
    "text",
    [
        STORY[:84],
        STORY[:120],
        STORY[85:172],
        "Regulators open the sluices",
        "A valley under water.",
    ],
)
def test_teasers_and_descriptions_are_told_by_the_page(text: str) -> None:
    assert left_over(remark(text), TOLD) == ()
    assert not is_own_voice(remark(text), text, TOLD)


@pytest.mark.parametrize("own", ["This.", "Low!", "Nobody.", "I said so in March.", "すごい！"])
def test_what_is_added_to_a_teaser_is_left(own: str) -> None:
    for text in (own, f"{STORY[:84]} {own}", f"{own} {STORY[:84]}"):
        assert left_over(remark(text), TOLD) == remark(own)
        assert is_own_voice(remark(text), text, TOLD)


def test_a_page_that_was_not_read_is_spoken_of_where_it_is_quoted() -> None:
    assert not is_own_voice(remark("This."), "This.", None)
    assert is_own_voice(remark("This."), "<blockquote>Nobody listened.</blockquote>This.", None)
    assert not is_own_voice((), "<blockquote>Nobody listened.</blockquote>", None)


def test_long_copies_are_copies_with_lines_of_their_own() -> None:
    whole = f"{STORY} {STORY.lower().replace('the', 'a')} {STORY}"
    essay = " ".join(f"Word{n} word{n + 1} word{n + 2} is what I say of it." for n in range(12))
    assert left_over(remark(f"{whole} And so on."), TOLD) == ()
    assert left_over(remark(essay), TOLD) == remark(essay)


def test_who_has_all_of_a_text_that_is_cut_goes_on_with_it() -> None:
    cut = Told(words(STORY[:84]), cut=True)
    assert left_over(remark(STORY), cut) == ()
    assert left_over(remark("This."), cut) == remark("This.")


def test_a_text_that_is_cut_goes_on_with_what_is_told() -> None:
    text = remark(f"{STORY[:84]} The mayor then")
    assert (left_over(text, TOLD), left_over(text, TOLD, cut=True)) == (text[1:], ())


def test_furniture_stands_in_half_of_a_feeds_entries() -> None:
    said = remark("<p>Nice.</p><p>Shared by my reader 5 minutes past 3.</p>")
    others = [remark(f"Shared by my reader {n} minutes past 4.") for n in range(3)]
    assert without_repeated(said, others) == (("nice",),)
    assert without_repeated(said, [*others[:2], *([()] * 3)]) == said
    assert without_repeated(said, others[:1]) == said  # one other tells nothing


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_raises(html: str, other: str) -> None:
    said = remark(html, PAGE, [other])
    assert set(left_over(said, Told(words(other)))) <= set(said)


@pytest.mark.parametrize(
    "text",
    ["A" * 60_000, "via " * 15_000, "via ! " * 9000 + "x", "by " + "A " * 30_000, ". " * 30_000, "(via " * 12_000, "-" * 60_000 + "via x"],
)  # fmt: skip
def test_hostile_texts_cost_little(text: str) -> None:
    before = time.process_time()
    remark(text)
    assert time.process_time() - before < 1
