"""Many texts found in one, as a pattern of all of them would find them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from aggregator.privacy.needles import Needles

LETTERS = st.text("abÄ", max_size=12)


@given(st.lists(LETTERS, max_size=8), st.text("abÄ ", max_size=60))
def test_as_one_pattern_of_all_of_them(values: list[str], text: str) -> None:
    longest_first = sorted(set(values) - {""}, key=lambda one: (-len(one), one))
    pattern = re.compile("|".join(longest_first)) if longest_first else None
    expected = pattern.sub("***", text) if pattern else text
    assert Needles(values).replaced(text, "***") == expected


def test_the_longest_of_those_that_begin_at_one_place() -> None:
    assert (
        Needles(["secret", "secret-two"]).replaced("a secret-two, a secret", "***")
        == "a ***, a ***"
    )


def test_thousands_are_found() -> None:
    values = [f"secret-number-{number:05}" for number in range(20_000)]
    text = " ".join(values[::2000])
    assert Needles(values).replaced(text, "*") == " ".join("*" * 10)
