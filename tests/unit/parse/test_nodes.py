"""Pieces of text as they stand in feeds."""

from __future__ import annotations

import pytest

from aggregator.parse.nodes import mended


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\u0080 \u0093q\u0094 \u0085", "\u20ac \u201cq\u201d \u2026"),
        ("\u0081\u008d\u008f\u0090\u009d", "\u0081\u008d\u008f\u0090\u009d"),  # Windows has none
        ("caf\u00c3\u00a9", "caf\u00e9"),
        ("caf\u00e9 \u0099 \u4e2d", "caf\u00e9 \u2122 \u4e2d"),
        ("plain", "plain"),
    ],
)
def test_what_was_taken_for_another_encoding_is_read_again(text: str, wanted: str) -> None:
    assert mended(text) == wanted
