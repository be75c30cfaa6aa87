"""Fingerprints, the search among them, and the lines that a feed repeats."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.near import (
    CANDIDATES,
    HOLDERS,
    Boilerplate,
    NearIndex,
    nearest,
    sketch_of,
)
from aggregator.dedupe.sketch import SIGNATURE_BYTES, digest, lines_of, remembered, sketch
from aggregator.model import StoryCandidate
from tests.support.dedupe_texts import paragraphs, prose, sketched

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_signature_has_at_most_64_bytes() -> None:
    assert 4 * len(sketched(prose("long", 3000)).keys) <= SIGNATURE_BYTES <= 64


@given(st.text(max_size=2000))
def test_any_text_has_a_sketch_that_both_databases_can_store(text: str) -> None:
    keys = sketched(text).keys
    assert len(keys) <= SIGNATURE_BYTES // 4
    assert all(-(2**31) <= key < 2**31 for key in keys)


def test_keys_are_the_same_in_every_process() -> None:
    assert sketched("one two three four five").keys == {-792832584}


def test_a_teaser_shares_a_key_with_the_article_that_it_was_cut_from() -> None:
    for seed in map(str, range(20)):
        article = prose(seed, 1500)
        teaser = " ".join(article.split()[:55])
        assert sketched(article).keys & sketched(teaser).keys


def test_the_best_copy_is_found_among_others() -> None:
    index = NearIndex()
    article = prose("article")
    for number in range(30):
        index.add(sketched(prose(str(number)), number, number))
    index.add(sketched(" ".join(article.split()[:140]), 40, 40))
    index.add(sketched(article, 41, 41))
    found = index.match(sketched(article, 50, 50))
    assert found is not None
    assert found.verdict.same
    assert found.verdict.overlap == 1
    assert index.match(sketched(prose("nobody knows"), 51, 51)) is None


def test_a_key_of_few_counts_more_than_keys_of_many() -> None:
    """A house's lines stand under all of its articles, and hide no copy."""
    holders = {1: range(40), 2: range(40), 3: range(40), 7: [50], 8: [50, 99]}
    assert nearest([1, 2, 3, 7, 8], holders, 99)[0] == 50
    assert len(nearest([1, 2, 3, 7, 8], holders, 99)) == CANDIDATES
    assert 99 not in nearest([8], holders, 99)


def test_a_copy_is_found_among_many_with_the_same_last_lines() -> None:
    index = NearIndex()
    house = prose("house", 40)
    article = prose("article", 60)
    index.add(sketched(article, 1, 1))
    for number in range(2, 40):
        index.add(sketched(f"{prose(str(number), 60)}\n{house}", number, number))
    found = index.match(sketched(f"{article}\n{house}", 50, 50))
    assert found is not None
    assert (found.entry_id, found.verdict.same) == (1, True)


def test_what_changed_is_found_by_what_it_says_now() -> None:
    index = NearIndex()
    index.add(sketched(prose("before"), 1, 1))
    index.add(sketched(prose("after"), 1, 1))
    assert index.match(sketched(prose("before"), 2, 2)) is None
    assert index.match(sketched(prose("after"), 2, 2)) is not None


def test_a_refused_text_is_named() -> None:
    index = NearIndex()
    notes = prose("notes", 120)
    index.add(sketched(notes, 1, 1, "Release 1.2.3"))
    found = index.match(sketched(notes, 2, 1, "Release 1.2.4"))
    assert found is not None
    assert (found.entry_id, found.verdict.same) == (1, False)


def test_the_work_for_one_text_is_bounded() -> None:
    """However many share a key: the latest are looked at."""
    index = NearIndex()
    said = prose("notice", 120)
    for number in range(HOLDERS * 3):
        index.add(sketched(said, number, number))
    found = index.match(sketched(said, 1000, 1000))
    assert found is not None
    assert found.entry_id >= HOLDERS * 3 - max(CANDIDATES, HOLDERS)


def test_a_line_under_two_other_titles_is_furniture() -> None:
    boilerplate = Boilerplate()
    (notice,) = lines_of("Sign up for our letters")
    assert not boilerplate.is_boilerplate((1, notice.digest), digest("First"))
    for title in ("First", "Second", "Second"):
        boilerplate.learn(1, title, [notice])
    assert not boilerplate.is_boilerplate(
        (1, notice.digest), digest("First")
    )  # under one other title
    assert boilerplate.is_boilerplate((1, notice.digest), digest("Third"))
    assert not boilerplate.is_boilerplate((2, notice.digest), digest("Third"))  # another feed
    boilerplate.learn(1, "Third", [notice])
    assert boilerplate.is_boilerplate((1, notice.digest), digest("First"))
    boilerplate.learn(1, "Fourth", [notice])
    assert len(boilerplate.titles((1, notice.digest))) == 3  # bounded


def test_pages_of_a_paywall_share_furniture_only() -> None:
    """From the third on its words are nobody's text."""
    boilerplate, index = Boilerplate(), NearIndex()
    wall = lines_of(prose("subscribe to go on reading", 80))
    for number, title in enumerate(["One", "Two", "Three", "Four"]):
        boilerplate.learn(1, title, wall)
        own = [
            line for line in wall if not boilerplate.is_boilerplate((1, line.digest), digest(title))
        ]
        made = sketch(number, 1, title, own)
        if number >= 2:
            assert not made.words
            assert index.match(made) is None
        index.add(made)


def given_thrice(*titles: str) -> NearIndex:
    """An item of one feed, under each of ``titles``, with a line of its own each time."""
    boilerplate, index = Boilerplate(), NearIndex()
    results = "\n".join(f"{prose(f'results {n}', 7)} {n}{n} vs {n}7" for n in range(1, 9))
    candidates = [
        StoryCandidate(n, 1, None, (), title, f"{results}\n{prose(title, 8)}", THEN, THEN, str(n))
        for n, title in enumerate(titles)
    ]
    for one in candidates:
        boilerplate.learn(1, one.title, lines_of(one.text))
    for one in candidates:
        index.add(sketch_of(one, lines_of(one.text), boilerplate))
    return index


def test_an_item_that_is_corrected_and_repeated_is_no_boilerplate() -> None:
    name = "Ardmoor Ferries Inc 4th qtr"
    index = given_thrice(f"{name} net", f"CORRECTED - {name}", f"RPT - {name} net")
    known = [index.get(n) for n in range(3)]
    assert all(one is not None and one.thrice for one in known)
    first = known[0]
    assert first is not None
    assert {m.entry_id for m in index.matches(first) if m.verdict.same} == {1, 2}


def test_what_stands_under_three_headlines_makes_them_no_copies() -> None:
    """The first three articles behind a wall, of which nothing else is known."""
    index = given_thrice("Ferry aground near Hallin", "Quarry loses licence", "Choir sings today")
    first = index.get(0)
    assert first is not None
    assert {m.verdict.note for m in index.matches(first)} == {
        "its feed shows it under other headlines"
    }


def test_of_a_long_text_both_ends_are_remembered() -> None:
    lines = lines_of(paragraphs("chapter", *[3] * 500))
    kept = remembered(lines)
    assert len(kept) < 100
    assert (kept[0], kept[-1]) == (lines[0], lines[-1])
