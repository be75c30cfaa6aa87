"""Characters that steer a screen: none is left open, and none reaches a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.controls import (
    closed_directions,
    for_terminal,
    for_terminal_json,
    without_controls,
)

MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
STEERING = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u2028\u2029", *MARKS} - {
    *"\n\t"
}
TEXTS = st.text(st.sampled_from([*MARKS, *"a \n\x1b\x80\x9b\u05d0"]), max_size=30)
ENDS = {"\u2069": "\u2066\u2067\u2068", "\u202c": "\u202a\u202b"}


@given(TEXTS)
def test_every_direction_ends_within_the_text(text: str) -> None:
    shown = without_controls(text)
    waiting: list[str] = []
    for sign in shown:
        assert sign not in "\u202d\u202e\x80\x9b"
        if sign in "".join(ENDS.values()):
            waiting.append(sign)
        elif sign in ENDS:
            assert waiting
            assert waiting.pop() in ENDS[sign]
    assert not waiting
    assert closed_directions(shown) == shown
    assert [s for s in shown if s in "a\u05d0"] == [s for s in text if s in "a\u05d0"]


@given(TEXTS)
def test_nothing_steers_a_terminal(text: str) -> None:
    assert STEERING.isdisjoint(for_terminal(text))
    document = for_terminal_json(json.dumps({text: [text]}, ensure_ascii=False, indent=2))
    assert STEERING.isdisjoint(document)
    assert json.loads(document) == {text: [text]}


@pytest.mark.parametrize("text", ["\u2067" * 100_000, "\u202b" * 100_000 + "\u2069" * 100_000])
def test_marks_without_end_cost_little(text: str) -> None:
    assert closed_directions(text) == ""


@pytest.mark.parametrize("text", ["שלום \u200fעולם", "a \u2067b\u2069 c", "👩‍👩‍👧 ok", "a\tb\nc"])
def test_what_texts_are_written_with_stays(text: str) -> None:
    assert without_controls(text) == text
