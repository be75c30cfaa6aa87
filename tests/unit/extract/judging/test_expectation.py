"""expected_of: the chance falls with gaps, pieces, prose left out and a price, and rises with what the page says of itself."""

from dataclasses import replace

import pytest

from aggregator.extract.choice.choose import Choice
from aggregator.extract.judging.expectation import Expected, expected_of
from aggregator.extract.page.blocks import Block, blocks_of
from aggregator.extract.page.metadata import Metadata
from aggregator.extract.page.tree import parse_page

SURE = Expected(0.95, 0.95)
LINE = "Ten letters of a paragraph"  # 22 letters


def _blocks() -> list[Block]:
    body = (
        f"<p><a href='/a'>{LINE}</a></p>" + f"<p>{LINE}</p>" * 3 + f"<p><a href='/b'>{LINE}</a></p>"
    )
    return blocks_of(parse_page(f"<html><body>{body}</body></html>"))


@pytest.mark.parametrize(
    "worse",
    [
        replace(SURE, f1=0.7), replace(SURE, gap=0.3), replace(SURE, runs=6), replace(SURE, linked_out=0.1), replace(SURE, is_free=False),
        replace(SURE, description="A bridge opened across the great river", text=LINE),
    ],
)  # fmt: skip
def test_each_doubt_counts(worse: Expected) -> None:
    assert 0 < worse.chance < SURE.chance < 1


def test_what_the_page_says_of_itself_speaks_for_a_text_that_tells_it() -> None:
    described = replace(SURE, description="A bridge opened across the great river yesterday")
    told = replace(
        described, text="Yesterday the great bridge opened: across the river one may walk."
    )
    assert told.chance > SURE.chance > replace(described, text=LINE).chance
    assert replace(SURE, description="News", text=LINE).chance == SURE.chance  # says too little
    unspaced = replace(SURE, description="大きな橋が開通した", text="昨日、大きな橋が開通した。")
    assert unspaced.chance > SURE.chance


def test_a_text_that_the_model_hardly_believes_is_never_sure() -> None:
    sure = [Expected(right, 0.95).chance for right in (0.0, 0.3, 0.5, 0.6, 0.9)]
    assert sure == sorted(set(sure))
    assert sure[1] < 0.3
    assert sure[2] < 0.5


def test_chances_are_bounded_for_whatever_is_expected() -> None:
    for f1 in (0.0, 1.0):
        for gap in (0.0, 1.0):
            assert 0 < Expected(f1, f1, gap, 500, 0.0).chance < 1


def test_what_is_counted() -> None:
    found = expected_of(_blocks(), [False, True, False, True, False], Choice([], 0.9, [0.0, 1.0, 0.5, 0.5, 0.0]), Metadata(is_free=False), LINE)  # fmt: skip
    assert found is not None
    assert found.right == 0.9
    assert found.f1 == pytest.approx(2 * 1.5 / (2 + 2))
    assert found.gap == pytest.approx(1 / 3)
    assert found.runs == 2
    assert found.linked_out == pytest.approx(2 / 3)
    assert not found.is_free
    assert found.text == LINE


def test_where_all_is_kept_nothing_is_left_out() -> None:
    found = expected_of(_blocks(), [True] * 5, Choice([], 1.0, [1.0] * 5), Metadata(), LINE)
    assert found is not None
    assert (found.f1, found.gap, found.runs, found.linked_out) == (1.0, 0.0, 1, None)


def test_without_a_model_s_choice_nothing_is_expected() -> None:
    for choice in (None, Choice([True] * 5)):
        assert expected_of(_blocks(), [True] * 5, choice, Metadata(), LINE) is None
    assert expected_of(_blocks(), [False] * 5, Choice([], 0.9, [0.5] * 5), Metadata(), "") is None
