"""A text against whole stories: members that contradict, days that differ, and unions."""

from __future__ import annotations

import pytest

from aggregator.dedupe.assign import assign
from aggregator.dedupe.compare import compare
from aggregator.dedupe.near import NearIndex
from aggregator.dedupe.seekers import Seeker
from aggregator.dedupe.unions import Unions
from tests.support.dedupe_texts import paragraphs, prose, sketched

NOTES = paragraphs("notes", 60, 70)


def test_two_versions_do_not_meet_in_a_third_text() -> None:
    texts = [
        sketched(NOTES, 1, 1, "Quokka v1.2.3"),
        sketched(NOTES, 2, 2, "What is new"),
        sketched(NOTES, 3, 3, "Quokka v1.2.4"),
    ]
    placed = assign(
        [Seeker(x.entry_id, (), None, x.feed_id, x) for x in texts], {}, index=NearIndex()
    )
    assert [one.founder for one in placed] == [1, 1, 3]
    assert placed[2].note == "a member of its story: versions in the titles differ"


@pytest.mark.parametrize("size", [8, 80])
def test_the_day_of_a_notice_is_the_news(size: int) -> None:
    said = "The council of Merrin meets on {} in the old town hall, as it says. " + prose(
        "agenda", size
    )
    one, other = (sketched(said.format(day), n, n) for n, day in ((1, "12 March"), (2, "19 March")))
    assert compare(one, other).apart
    again = sketched(said.format("12 March"), 3, 3)
    assert compare(one, again).same


def test_a_number_that_only_one_has_was_added() -> None:
    said = (
        f"{prose('begins', 60)} fell from a ridge{{}} while climbing to the hut {prose('ends', 40)}"
    )
    one = sketched(said.format(""), 1, 1)
    other = sketched(said.format(" 60 metres 200 feet high"), 2, 2)
    assert compare(one, other).same


def test_the_older_story_goes_on_and_what_the_operator_placed_never_ends() -> None:
    stories = Unions(pinned={9, 10})
    stories.found(1)
    stories.found(2)
    assert stories.unite((False, 2), (False, 1)) == (False, 2)
    assert stories.unite((True, 7), (False, 1)) == (False, 1)
    assert stories.unite((True, 5), (True, 7)) == (True, 7)
    assert stories.unite((True, 5), (True, 9)) == (True, 5)
    assert stories.unite((True, 9), (True, 10)) is None
    assert stories.now((False, 2)) == (True, 9)
