"""ties: what else on the page is like a block."""

from math import isfinite, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.choice.boxes import Lexicon, add_up, boxes_of
from aggregator.extract.choice.similarity_features import TIES, UNKNOWN, ties
from aggregator.extract.choice.votes import squeezed
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page

BRIDGE = (
    "The bridge across the river opened on Monday, and 3,000 people walked over it in the rain."
)
RIVER = (
    "Nobody had believed that the bridge across the river would ever carry people over to Ashford."
)
RECIPE = (
    "Knead butter with sugar until fluffy, then leave the dough overnight somewhere really cool."
)
PAGE = (
    "<html><body><h1>Bridge opens</h1><article><div class=text>"
    f"<p class=line>{BRIDGE}</p><p class=line>{RIVER}</p></div></article>"
    f"<article><h1>Cake</h1><p>{RECIPE}</p></article><p class=line>More</p></body></html>"
)
TITLE, FIRST, SECOND, CAKE, OTHER, MORE = range(6)


def _rows(
    html: str, chosen: set[int], title: str = "Bridge opens", at: int = TITLE
) -> list[dict[str, float]]:
    blocks = blocks_of(parse_page(html))
    letters = [len(squeezed(block.text)) for block in blocks]
    voted = [float(i in chosen) for i in range(len(blocks))]
    boxes = boxes_of(blocks, Lexicon({}, {}, {}))
    add_up(blocks, boxes, letters, voted)
    rows = ties(blocks, letters, voted, boxes, title, at)
    return [dict(zip(TIES, row, strict=True)) for row in rows]


def test_what_others_of_the_same_form_are_like() -> None:
    rows = _rows(PAGE, {FIRST, SECOND})
    first, more = rows[FIRST], rows[MORE]
    assert (first["form_count"], first["form_voted"], first["form_long"]) == (log1p(1), 1.0, 0.0)
    assert (more["form_count"], more["form_voted"]) == (0.0, UNKNOWN)


def test_how_far_the_chosen_text_and_the_title_are() -> None:
    rows = _rows(PAGE, {FIRST, SECOND})
    assert [row["core_steps"] for row in rows] == [
        1,
        1,
        0,
        2,
        2,
        1,
    ]  # most is in the second paragraph
    assert [row["title_steps"] for row in rows] == [0, 2, 2, 2, 2, 1]
    untitled = _rows(PAGE, {FIRST}, at=-1)
    assert {row["title_steps"] for row in untitled} == {UNKNOWN}


def test_what_is_about_the_same_things() -> None:
    rows = _rows(PAGE, {FIRST})
    assert rows[SECOND]["words_core"] > 0.4 > rows[OTHER]["words_core"]
    assert rows[SECOND]["title_words"] == 0.5
    assert rows[OTHER]["words_first"] == 0.0


def test_a_text_says_nothing_for_itself() -> None:
    assert _rows(f"<p>{RECIPE}</p>", {0})[0]["words_core"] == 0.0


def test_words_are_pairs_of_characters_where_no_spaces_set_them_apart() -> None:
    rows = _rows(
        "<p>东京今天举行了会议讨论</p><p>会议讨论了东京的交通</p><p>蛋糕需要黄油和面粉</p>", {0}
    )
    assert rows[1]["words_core"] > 0.4
    assert rows[2]["words_core"] == 0.0


@given(
    st.lists(
        st.sampled_from(["<div class=a>", "</div>", "<p>", "<article>", "</article>", "<h1>", "x", "会议 ", "long text " * 9]),
        max_size=40,
    ),
    st.sets(st.integers(0, 20)),
    st.integers(-1, 20),
)  # fmt: skip
def test_every_block_gets_all_numbers(parts: list[str], chosen: set[int], at: int) -> None:
    html = f"<html><body>y{''.join(parts)}</body></html>"
    count = len(blocks_of(parse_page(html)))
    rows = _rows(html, chosen, at=min(at, count - 1))
    assert len(rows) == count
    assert all(isfinite(number) for row in rows for number in row.values())


@pytest.mark.parametrize("text", ["5", "!", "\u0301"])
def test_a_block_without_words_is_not_known(text: str) -> None:
    assert _rows(f"<p>{text}</p>", set())[0]["words_core"] == UNKNOWN
