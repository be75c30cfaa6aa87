"""A text against whole stories: members that contradict, days that differ, and unions."""

from __future__ import annotations

from itertools import permutations

import pytest

from aggregator.dedupe.assign import assign
from aggregator.dedupe.compare import compare
from aggregator.dedupe.near import NearIndex
from aggregator.dedupe.score import Document, cluster
from aggregator.dedupe.seekers import Seeker
from aggregator.dedupe.unions import Unions
from aggregator.dedupe.whole_story import tells_several
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


def stories_of(*documents: Document) -> set[frozenset[frozenset[str]]]:
    """The stories that ``documents`` make in each order."""
    return {frozenset(map(frozenset, cluster(order)[0])) for order in permutations(documents)}


def test_of_two_that_contradict_each_other_the_closer_copy_has_the_story() -> None:
    """Whoever comes first: one version's notes stand in full elsewhere, another's were cut."""
    points = paragraphs("points", 40, 50, 60)
    cut = "\n".join(points.split("\n")[:2])
    found = stories_of(
        Document("whole", points, "a.example", "", "Quokka v1.2.3"),
        Document("cut", cut, "b.example", "", "Quokka v1.2.4"),
        Document("copy", points, "c.example", "", "Notes of the day"),
    )
    assert found == {frozenset({frozenset({"whole", "copy"}), frozenset({"cut"})})}


def test_a_page_joins_no_story_of_which_most_are_but_parts_of_it() -> None:
    """One of them has a word of its headline by chance."""
    story, rest = paragraphs("story", 60, 80), paragraphs("rest", 90, 100)
    copies = [
        Document(f"copy{n}", f"{lead}{story}", f"c{n}.example", "", f"{prose(f'head{n}', 5)}")
        for n, lead in enumerate(("A review of the week. ", "", ""))
    ]
    page = Document("page", f"{story}\n{rest}", "p.example", "", "The week in review")
    found = stories_of(*copies, page)
    assert found == {frozenset({frozenset(one.id for one in copies), frozenset({"page"})})}


def test_an_address_leads_to_one_story_and_its_copies_to_the_same() -> None:
    """A feed's two states of one page share too little, and another's copy is that of the later."""
    first, later = paragraphs("first", 60, 60), paragraphs("later", 70, 80)
    found = stories_of(
        Document("early", first, "a.example", "https://a.example/1", "Otters seen in the harbour"),
        Document("late", f"{first}\n{later}", "a.example", "https://a.example/1", "Otters seen in the harbour"),
        Document("copy", later, "c.example", "", "Otters seen in the harbour"),
    )  # fmt: skip
    assert len(found) == 1


def test_a_teaser_and_the_rest_under_one_headline_are_no_two_stories() -> None:
    begin, end = prose("begin", 80), prose("end", 90)
    whole = sketched(f"{begin}\n{end}", 1, 1, "Otters seen in the harbour")
    for title, several in (
        ("Otters seen in the harbour", False),
        ("Tram lines to be extended", True),
    ):
        parts = [sketched(begin, 2, 2, "Otters seen in the harbour"), sketched(end, 3, 3, title)]
        index = NearIndex()
        for one in (whole, *parts):
            index.add(one)
        assert tells_several(index, sketched(whole.text, 1, 1, ""), parts) is several
