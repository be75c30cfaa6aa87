"""Versions that are announced, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.compare import compare
from aggregator.dedupe.versions import are_other_versions, versions_in
from tests.support.dedupe_texts import prose, sketched


@pytest.mark.parametrize(
    ("title", "line", "found"),
    [
        ("QuokkaMail 7.0", "QuokkaMail 7.0 is out. It is small.", {("quokkamail", "7.0")}),
        ("What is new", "Quokka v8.12.1: less noise", {("quokka", "8.12.1")}),
        ("Neuerungen in Quokka 3.4", "", {("quokka", "3.4")}),
        ("Profit at Quokka 7.4% up, report is out", "", set()),
        ("Friday 19.30: the record is out", "", set()),
        ("Magnitude 5.6 quake", "The ground shook.", set()),
    ],
)
def test_a_number_after_a_name_is_a_version_where_something_is_released(
    title: str, line: str, found: set[tuple[str, str]]
) -> None:
    assert versions_in(title, line) == found


def test_adjacent_versions_are_two_whatever_they_have_in_common() -> None:
    points = prose("points", 90)
    texts = [f"Quokka {n} is out.\n{points}" for n in ("7.0", "7.1", "7.0")]
    one, other, again = (
        sketched(text, n, n, "Quokka: what is new") for n, text in enumerate(texts, 1)
    )
    assert compare(one, other).apart
    assert compare(one, again).same


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_any_text_may_announce_versions(one: str, other: str, line: str) -> None:
    mine, theirs = versions_in(one, line), versions_in(other, line)
    assert not are_other_versions(mine, mine)
    assert are_other_versions(mine, theirs) == are_other_versions(theirs, mine)
