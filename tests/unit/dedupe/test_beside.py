"""Texts that tell another story beside the one that they share with others, whatever came first."""

from __future__ import annotations

from itertools import permutations

import pytest

from aggregator.dedupe.compare import compare
from aggregator.dedupe.pair_verdict import Beside
from aggregator.dedupe.score import Document, cluster
from tests.support.dedupe_texts import prose, sketched


def story(seed: str, *people: str) -> str:
    """Four paragraphs that speak of ``people`` again and again."""
    return "\n".join(
        f"{prose(f'{seed} {n}', 12)} when {people[n % len(people)]} met {people[(n + 1) % len(people)]} and "
        f"{prose(f'{seed} topic', 6)} as {people[(n + 2) % len(people)]} said in {prose(f'{seed} {n} more', 12)}"
        for n in range(4)
    )


FERRY = story("ferry", "Adela Brandt", "Hugo Alvar", "Mina Castell")
FERRY_TITLE = "Ferry Aground Near Hallin"
QUARRY = story("quarry", "Otto Reyes", "Pia Santoro", "Bram Okafor")
QUARRY_TITLE = "Quarry Loses Its Licence"
BOTH = f"{QUARRY}\n{FERRY}"


def test_a_page_with_another_story_is_no_copy_of_either() -> None:
    page = sketched(BOTH, 1, 1, "Morning briefing")
    for text in (FERRY, QUARRY):
        found = compare(page, sketched(text, 2, 2, "Something else"))
        assert not found.same
        assert found.apart or found.note == "a fragment of a longer text"


@pytest.mark.parametrize("first", [FERRY, QUARRY])
def test_a_headline_that_names_two_stories_is_about_neither_alone(first: str) -> None:
    last = QUARRY if first == FERRY else FERRY
    page = sketched(f"{first}\n{last}", 1, 1, f"{FERRY_TITLE}, and also {QUARRY_TITLE}")
    found = compare(page, sketched(f"{FERRY_TITLE}\n{FERRY}", 2, 2, FERRY_TITLE))
    assert not found.same


def test_a_headline_within_makes_it_a_section() -> None:
    """Where a language does not write names in capitals, too."""
    page = "\n".join([QUARRY_TITLE, prose("one", 90), FERRY_TITLE, prose("two", 100)]).lower()
    found = compare(
        sketched(page, 1, 1, "live"), sketched(prose("two", 100), 2, 2, FERRY_TITLE.lower())
    )
    assert (found.apart, found.beside) == (True, Beside.LONGER)


def test_what_stands_below_a_story_is_no_second_one_by_its_headline() -> None:
    page = sketched(f"{FERRY}\n{QUARRY}", 1, 1, "Ferry: Adela Brandt and Hugo Alvar")
    assert compare(page, sketched(FERRY, 2, 2, "Ferry: Adela Brandt and Hugo Alvar")).same


def test_a_teaser_and_the_rest_of_its_article_are_one_story() -> None:
    assert compare(sketched(FERRY, 1, 1), sketched("\n".join(FERRY.split("\n")[:2]), 2, 2)).same


def test_no_order_joins_two_stories_through_a_page_that_tells_both() -> None:
    headlines = f"{QUARRY_TITLE}\n{QUARRY}\n{FERRY_TITLE}\n{FERRY}"
    documents = [
        Document("ferry", FERRY, "a.example", "", FERRY_TITLE),
        Document("ferry copy", f"{prose('lead', 8)}\n{FERRY}", "b.example", "", "On the rocks"),
        Document("quarry", QUARRY, "c.example", "", QUARRY_TITLE),
        Document("page", headlines, "d.example", "", f"{QUARRY_TITLE}, and also {FERRY_TITLE}"),
    ]
    for some in permutations(documents):
        stories, _ = cluster(some)
        assert sorted(map(sorted, stories)) == [["ferry", "ferry copy"], ["page"], ["quarry"]]


@pytest.mark.parametrize(
    "lead",
    [
        f"{prose('desk', 9)} after news that {FERRY_TITLE.lower()} {prose('what is known', 30)}",
        f"{prose('cite', 14)}: {FERRY_TITLE}, {prose('how to cite', 20)}",
    ],
)
def test_a_headline_within_a_sentence_is_no_other_storys(lead: str) -> None:
    """Leads that an outlet puts before an agency's text, and lines on how to cite it."""
    agency = sketched(FERRY, 1, 1, FERRY_TITLE)
    found = compare(agency, sketched(f"{lead}\n{FERRY}", 2, 2, FERRY_TITLE))
    assert found.same


def test_a_headline_over_another_story_is_about_that() -> None:
    page = f"{FERRY_TITLE}\n{FERRY}\n{QUARRY}"
    found = compare(
        sketched(page, 1, 1, FERRY_TITLE), sketched(QUARRY, 2, 2, "Otto Reyes and Pia Santoro")
    )
    assert not found.same
