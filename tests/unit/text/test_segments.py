"""Segments: one way to cut texts for both databases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.segments import LONGEST, segments, sought


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Café, don't: 18.2", ["cafe", "don", "t", "18", "2"]),
        ("STRASSE Straße ΑΘΉΝΑ", ["strasse", "strasse", "αθηνα"]),
        ("東京都 株", ["東京", "京都", "都", "株"]),
        ("中。文", ["中", "文"]),
        ("iPhone15発売", ["iphone15", "発売", "売"]),
        ("ёлка й", ["ёлка", "й"]),
        ("हिन्दी", ["हिन्दी"]),
    ],
)
def test_words_are_folded_and_runs_cut_into_pairs(text: str, cut: list[str]) -> None:
    assert segments(text, 50) == cut


@pytest.mark.parametrize(
    ("text", "row", "is_open"),
    [
        ("東京都", ["東京", "京都"], False),
        ("東", ["東"], True),
        ("東京 tower", ["東京", "京", "tower"], False),
        ("tower 東京", ["tower", "東京"], False),
        ("!?", [], False),
    ],
)
def test_what_is_sought_may_go_on_where_a_run_does(
    text: str, row: list[str], is_open: bool
) -> None:
    assert sought(text, 50) == (row, is_open)


@given(st.text(max_size=200) | st.text("東京都ab é.", max_size=60))
def test_any_part_of_a_text_that_ends_with_a_word_is_found_in_a_row(text: str) -> None:
    whole = segments(text, 1000)
    row, is_open = sought(text, 1000)
    assert all(one and one == one.casefold() and len(one) <= LONGEST for one in whole)
    assert row == whole[: len(row)]
    assert not is_open or whole[len(row) - 1].startswith(row[-1])
