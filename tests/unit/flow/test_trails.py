"""Trails: which archives are read, how far, and what is taken from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from aggregator.flow.trails import (
    PagePart,
    digest,
    given_up,
    is_gap,
    last_read,
    page_delta,
    postponed,
    trail_after_failure,
    trail_after_page,
    trail_after_poll,
    wanted,
)
from aggregator.model import (
    ArchiveTrail,
    ChangedEntry,
    EntryDelta,
    Feed,
    FollowArchives,
    KnownEntry,
    ParsedFeed,
    Stretch,
    TrailBounds,
)
from tests.support.storage import DAY, HOUR, NOW, entry, new

URL = "https://a.example/older"
BEFORE = NOW - DAY
BOUNDS = TrailBounds(3, 100 * DAY)


def known(name: str, seen: datetime = BEFORE, **fields: Any) -> KnownEntry:
    return replace(KnownEntry(ord(name), name, "", listed=True, first_seen_at=seen), **fields)


def linking(url: str | None = URL, *, archive: bool = True, **fields: Any) -> ParsedFeed:
    return ParsedFeed("Feed", previous_url=url, previous_is_archive=archive, **fields)


def test_a_gap_is_a_list_of_which_nothing_was_known() -> None:
    both = EntryDelta(new=(new("x"), new("y")))
    one = EntryDelta(new=(new("x"),))
    assert is_gap(BEFORE, "xy", [], both)
    assert not is_gap(None, "xy", [], both)  # never read before
    assert not is_gap(BEFORE, "", [], EntryDelta())
    assert not is_gap(BEFORE, "xa", [known("a")], one)
    assert not is_gap(BEFORE, "xa", [], one)  # known by another name, or forgotten


def test_what_a_hub_brought_meanwhile_and_what_was_updated_hide_no_gap() -> None:
    assert is_gap(BEFORE, "xp", [known("p", NOW)], EntryDelta(new=(new("x"),)))
    updated = ChangedEntry(ord("a"), entry("a", updated=NOW), None)
    assert is_gap(BEFORE, "xa", [known("a")], EntryDelta(new=(new("x"),), changed=(updated,)))
    undated = ChangedEntry(ord("a"), entry("a"), None)
    assert not is_gap(BEFORE, "xa", [known("a")], EntryDelta(new=(new("x"),), changed=(undated,)))
    feed = Feed(1, "k", "u", last_success=NOW, last_poll=BEFORE)  # pushed since
    assert last_read(feed) == BEFORE
    assert last_read(Feed(1, "k", "u")) is None


@pytest.mark.parametrize("mode", FollowArchives)
def test_at_the_first_poll_archives_are_read_where_all_of_them_are_wanted(
    mode: FollowArchives,
) -> None:
    made = trail_after_poll(mode, None, linking(), None, NOW, gap=False)
    match mode:
        case FollowArchives.NEVER:
            assert made is None
        case FollowArchives.GAPS:
            assert made == ArchiveTrail(read=(digest(URL),))
            assert trail_after_poll(mode, made, linking(), BEFORE, NOW, gap=False) is None
        case FollowArchives.ALL:
            stretches = (Stretch(URL, archived=True, known_at=None),)
            assert made == ArchiveTrail(stretches, NOW, whole=True)
            done = replace(made, stretches=(), next_at=None, read=(digest(URL),))
            assert trail_after_poll(mode, done, linking(), BEFORE, NOW, gap=False) is None


def test_no_archives_of_a_feed_that_is_whole_or_links_to_none() -> None:
    for parsed in (linking(None), linking(complete=True)):
        assert trail_after_poll(FollowArchives.ALL, None, parsed, BEFORE, NOW, gap=True) is None


def test_pages_that_shift_are_read_after_gaps_only() -> None:
    shifting = linking(archive=False)
    assert trail_after_poll(FollowArchives.GAPS, None, shifting, BEFORE, NOW, gap=False) is None
    made = trail_after_poll(FollowArchives.GAPS, None, shifting, BEFORE, NOW, gap=True)
    assert made is not None
    assert made.stretches == (Stretch(URL, archived=False, known_at=BEFORE),)
    again = trail_after_poll(FollowArchives.GAPS, made, shifting, NOW, NOW + HOUR, gap=True)
    assert again is not None
    assert [one.known_at for one in again.stretches] == [NOW, BEFORE]


def after(trail: ArchiveTrail, parsed: ParsedFeed, *names: str, **given: Any) -> ArchiveTrail:
    """The trail after a page with entries called ``names``: those in capitals are of the gap."""
    shown = [entry(n, updated=NOW if n.isupper() else BEFORE - DAY) for n in names]
    part = PagePart(shown, [known(n) for n in given.pop("stored", "")], given.pop("forgotten", ()))
    return trail_after_page(trail, parsed, part, given.pop("bounds", BOUNDS), 0, NOW, NOW + HOUR)


def begun(known_at: datetime | None = BEFORE, **fields: Any) -> ArchiveTrail:
    return replace(ArchiveTrail((Stretch(URL, True, known_at),), NOW), **fields)


def test_a_stretch_ends_at_known_ground() -> None:
    older = linking(f"{URL}/1")
    assert after(begun(), older, "A", "B").stretches[0].url == f"{URL}/1"
    mixed = after(begun(), older, "A", "B", "c", stored="c")  # more of the gap than known
    assert mixed.stretches[0].evidence == 1
    assert after(mixed, linking(f"{URL}/0"), "x", "y").stretches == ()  # from before our time
    for reached in (
        after(begun(), older, "A", "b", "c", stored="bc"),
        after(begun(), older, "c", forgotten=["c"]),
        after(begun(), linking(None), "A"),
        after(begun(read=(digest(f"{URL}/1"),)), older, "A"),
    ):
        assert reached == replace(reached, stretches=(), next_at=None, ended="")
        assert digest(URL) in reached.read
    assert after(begun(None), older, "c", stored="c").stretches  # where all are wanted


def test_a_trail_ends_at_its_bounds_and_in_a_circle() -> None:
    trail = begun()
    for number in range(3):
        trail = after(trail, linking(f"{URL}/{number}"), "A")
    assert not trail.stretches
    assert "more than 3 pages" in trail.ended
    circle = after(begun(), linking(URL), "A")
    assert "back to each other" in circle.ended
    ancient = PagePart([entry("x", published=NOW - 200 * DAY)], [], [])
    old = trail_after_page(begun(None), linking(f"{URL}/1"), ancient, BOUNDS, 0, NOW, None)
    assert old.stretches == ()


def test_after_ten_pages_the_rest_waits_for_the_feeds_poll() -> None:
    trail, many = begun(), TrailBounds(100, timedelta(0))
    for number in range(10):
        trail = after(trail, linking(f"{URL}/{number}"), "A", bounds=many)
    assert trail.next_at == NOW + HOUR
    assert after(trail, linking(f"{URL}/x"), "A", bounds=many).next_at == NOW


def test_a_page_is_tried_again_ever_more_rarely_and_then_no_more() -> None:
    trail, waits = begun(), []
    while trail.next_at is not None:
        trail = trail_after_failure(trail, "500", NOW, None, for_good=False)
        waits.append(trail.next_at)
    assert len(waits) == 8
    assert waits[:-1] == sorted(one for one in waits if one is not None)
    assert trail.ended == "500"
    assert trail_after_failure(begun(), "410", NOW, None, for_good=True).next_at is None
    later = trail_after_failure(begun(), "503", NOW, NOW + DAY, for_good=False)
    assert later.next_at == NOW + DAY
    asleep = postponed(begun(), NOW, NOW + DAY)
    assert asleep == begun(next_at=NOW + DAY)
    assert given_up(begun()).next_at is None
    assert given_up(begun()).ended == ""


def test_a_stretch_that_breaks_off_leaves_the_others() -> None:
    two = begun(stretches=(Stretch(URL, True, NOW), Stretch(f"{URL}/9", True, BEFORE)))
    left = trail_after_failure(two, "404", NOW, None, for_good=True)
    assert [one.url for one in left.stretches] == [f"{URL}/9"]
    assert left.next_at == NOW
    assert left.ended == "404"


def test_what_is_deleted_or_too_old_is_not_taken() -> None:
    given = [entry("x"), entry("y", published=NOW - 101 * DAY), entry("z", published=NOW)]
    trail = begun(deleted=(digest("z"),))
    assert [one.title for one in wanted(trail, BOUNDS, given, NOW)] == ["Title x"]
    endless = TrailBounds(3, timedelta(0))
    assert len(wanted(begun(), endless, given, NOW)) == 3
    told = after(begun(), linking(f"{URL}/1", deleted=("q",)), "A")
    assert told.deleted == (digest("q"),)


def test_a_change_is_taken_where_it_is_newer_and_was_known_before_the_gap() -> None:
    stored = [
        known("a", updated_at=BEFORE),
        known("b", updated_at=NOW),
        known("c", NOW, updated_at=BEFORE),
        known("d"),
    ]
    changed = tuple(
        ChangedEntry(ord(name), entry(name, updated=None if name == "d" else NOW - HOUR), None)
        for name in "abcd"
    )
    delta = EntryDelta(new=(new("n"),), changed=changed, relisted=(1,), unlisted=(2,))
    taken = page_delta(delta, stored, BEFORE)
    assert [one.id for one in taken.changed] == [ord("a")]
    assert [one.id for one in page_delta(delta, stored, None).changed] == [ord("a"), ord("c")]
    assert not any(one.listed for one in taken.new)
    assert not any(one.listed for one in taken.changed)
    assert taken.relisted == taken.unlisted == ()
