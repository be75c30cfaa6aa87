"""Words of any script, found by whichever of three expressions is quickest for the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.words import reading_minutes, words

_MIXED = st.text(alphabet="aZ_ 1-.,é\u0301ßÅ中カ\u0e01\u0e31\u093f\u0915\u200c", max_size=40)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Don't stop_me, at 3.5!", ["don", "t", "stop", "me", "at", "3", "5"]),
        ("Straße im Café", ["strasse", "im", "café"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("東京 Tower", ["東", "京", "tower"]),
        ("_", []),
    ],
)
def test_words(text: str, said: list[str]) -> None:
    assert words(text) == said


def test_marks_without_end_are_cut_before_they_are_put_in_order() -> None:
    # Hours when all of them were.
    (word,) = words("e" + "\u0316\u0301" * 500_000)
    assert len(word) <= len("e") + 30


@given(st.text(max_size=60) | _MIXED)
def test_what_else_a_text_says_does_not_change_its_words(text: str) -> None:
    """Neither a letter beyond ASCII nor one of a script without spaces."""
    assert words(f"{text} é 中") == [*words(text), "é", "中"]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", 0), ("…", 0), ("Rain.", 1), ("word " * 230, 1), ("word " * 1150, 5), ("橋" * 1500, 3)],
)
def test_reading_minutes(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes
