"""Own words of a text, outside of its quotations; what is no sentence is none, however long."""

from __future__ import annotations

import pytest

from aggregator.tidy.own_words import own_words


@pytest.mark.parametrize(
    "said",
    [
        "This is what I said in March.",
        "Nobody ever listened to me then\u2026",
        "1. This is what I said in March!",
        "これは三月に私が言ったことで、誰も聞かなかった。",
        "誰も聞かなかったのは本当だ！",
    ],
)
def test_a_sentence(said: str) -> None:
    assert own_words(f"<blockquote>Something that another said.</blockquote><p>{said}</p>") == said


@pytest.mark.parametrize(
    "said",
    ["<q>This is what she said in March.</q>", "one two three four five six seven", "Via: a b c d. e f."],
)  # fmt: skip
def test_no_sentence(said: str) -> None:
    assert not own_words(said)


@pytest.mark.parametrize("unit", ["a ", "1 ", "鷺", "a\n", "一a "])
def test_a_long_text_without_an_end_costs_no_more_than_its_length(unit: str) -> None:
    assert not own_words(unit * (300_000 // len(unit)))
