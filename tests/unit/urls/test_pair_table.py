"""The tables of pairs in ``tests/data``: no false merge at all, and few misses, by kind of site."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.urls import canonical, story_key

DATA = Path(__file__).parents[2] / "data"
TABLES = ("url_pairs.txt", "url_pairs_held_out.txt", "url_pairs_written_blind.txt")
MISSED_AT_MOST = 0.05
OF_BLIND_ONES_AT_MOST = 0.10


def pairs(table: str) -> Iterator[tuple[bool, str, str]]:
    for line in (DATA / table).read_text("utf-8").splitlines():
        if line.startswith(("= ", "! ")):
            sign, first, second = line.split()
            yield sign == "=", first, second


@pytest.mark.parametrize("table", TABLES)
def test_different_pages_are_never_one(table: str) -> None:
    different = [(first, second) for same, first, second in pairs(table) if not same]
    assert different
    assert [pair for pair in different if story_key(pair[0]) == story_key(pair[1])] == []


@pytest.mark.parametrize("table", TABLES)
def test_few_pairs_of_one_page_are_missed(table: str) -> None:
    equal = [(first, second) for same, first, second in pairs(table) if same]
    missed = [pair for pair in equal if story_key(pair[0]) != story_key(pair[1])]
    most = OF_BLIND_ONES_AT_MOST if "blind" in table else MISSED_AT_MOST
    assert len(missed) <= most * len(equal), missed


@pytest.mark.parametrize("table", TABLES)
def test_keys_are_the_same_of_what_is_stored_and_what_was_written(table: str) -> None:
    for _, first, second in pairs(table):
        for url in (first, second):
            assert story_key(canonical(url)) == story_key(url)
            assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize("table", TABLES)
def test_a_key_is_a_form_of_its_address(table: str) -> None:
    """What is stored of an address is enough to key it anew under later rules."""
    for _, first, second in pairs(table):
        for url in (first, second):
            assert story_key(f"https://{story_key(url)}") == story_key(url)
