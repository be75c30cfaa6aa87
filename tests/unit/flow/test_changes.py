"""Changes of a feed's entries: new, changed, listed again, no longer listed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.flow.changes import (
    PollContext,
    entry_delta,
    public_id,
    tells_what_left,
    unseen,
    whole_entries,
    without_old_news,
)
from aggregator.model import Entry, ExtractMode, KnownEntry, ParsedFeed

URL = "https://a.example/feed"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
CONTEXT = PollContext(URL, None, NOW, ExtractMode.AUTO)


def entry(name: str, content: str = "1", url: str | None = None) -> Entry:
    return Entry(identity=name, title=name, url=url, content_hash=content)


def known(number: int, name: str, content: str = "1", *, listed: bool = True) -> KnownEntry:
    return KnownEntry(number, name, content, listed)


# ── lists that are no news of what they leave out ────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "stood", "new", "tells"),
    [
        (10, 0, 0, False),
        (4, 1, 0, True),
        (10, 2, 0, True),
        (10, 1, 0, False),
        (100, 0, 10, False),  # a list of what came since …
        (101, 0, 10, True),  # … is believed at last
        (300, 5, 0, False),
        (300, 3, 2, False),
        (300, 2, 3, True),
        (300, 60, 0, True),
        (1001, 5, 0, True),
    ],
)
def test_a_list_that_lost_most_tells_nothing_of_it(
    before: int, stood: int, new: int, *, tells: bool
) -> None:
    listed = [known(n, f"{n}") for n in range(before)]
    read = tuple(entry(f"new {n}") for n in range(new))
    for parsed in (
        ParsedFeed("Feed", entries=(*read, *(entry(f"{n}") for n in range(stood)))),
        ParsedFeed("Feed", entries=read, unchanged=tuple(f"{n}" for n in range(stood))),
    ):
        assert tells_what_left(parsed, listed) is tells


# ── new, changed, gone, back ─────────────────────────────────────────────────────────────────


def test_each_entry_is_told_apart() -> None:
    listed = [entry("new 2"), entry("new 1"), entry("same"), entry("changed", "2"), entry("back")]
    stored = [
        known(1, "same"),
        known(2, "changed"),
        known(3, "back", listed=False),
        known(4, "left"),
    ]
    delta = entry_delta(CONTEXT, [*listed, entry("forgotten")], stored, {"forgotten"})
    assert [one.entry.identity for one in delta.new] == ["new 1", "new 2"]  # oldest first
    assert [(one.id, one.entry.content_hash) for one in delta.changed] == [(2, "2")]
    assert (delta.unlisted, delta.relisted) == ((4,), (3,))


def test_an_unchanged_item_is_listed_and_other_bytes_of_an_entry_are_noted() -> None:
    stored = [
        replace(known(1, "unread"), source_digest="a"),
        replace(known(2, "same"), source_digest="b"),
        replace(known(3, "rewritten"), source_digest="c"),
        replace(known(4, "changed"), source_digest="d"),
        replace(known(5, "back", listed=False), source_digest="e"),
    ]
    read = [
        replace(entry("same"), source_digest="b"),
        replace(entry("rewritten"), source_digest="C"),
        replace(entry("changed", "2"), source_digest="D"),
        replace(entry("back"), source_digest=""),
    ]
    delta = entry_delta(CONTEXT, read, stored, (), unchanged=["unread"])
    assert delta.unlisted == ()
    assert delta.rewritten == ((3, "C"), (5, ""))
    assert ([one.id for one in delta.changed], delta.relisted) == ([4], (5,))
    assert unseen([entry("same"), entry("other")], stored) == ["other"]


def test_what_shows_nothing_else_is_stored_and_announces_nothing() -> None:
    listed = [entry("same", "4:a:1"), entry("signed", "4:b:2"), entry("edited", "4:c:3")]
    stored = [known(1, "same", "4:a:1"), known(2, "signed", "4:b:1"), known(3, "edited", "4:b:3")]
    delta = entry_delta(CONTEXT, listed, stored, ())
    assert [(one.id, one.refresh) for one in delta.reread] == [(2, False)]
    assert [one.id for one in delta.changed] == [3]


def test_a_page_is_asked_for_again_when_its_entry_says_that_it_was_updated() -> None:
    stored = [replace(known(n, str(n), "4:a:1"), updated_at=NOW) for n in range(3)]
    later = [replace(entry(str(n), "4:a:2"), updated=NOW + timedelta(hours=n)) for n in range(3)]
    delta = entry_delta(CONTEXT, later, stored, ())
    assert [(one.id, one.refresh) for one in delta.reread] == [(0, False), (1, True), (2, True)]
    # Where all say so, that is when the document was made.
    delta = entry_delta(CONTEXT, later[1:], stored[1:], ())
    assert [one.refresh for one in delta.reread] == [False, False]


@pytest.mark.parametrize("earlier", ["1", "3:1", f"{'a' * 64}", f"3:{'a' * 64}", "3:2:1"])
def test_another_release_of_ours_changes_no_entry(earlier: str) -> None:
    read = replace(entry("a", "4:2"), source_digest="d")
    stored = [known(7, "a", earlier, listed=False), known(8, "b", "4:1")]
    delta = entry_delta(CONTEXT, [read, entry("b", "4:2")], stored, ())
    assert [(one.id, one.entry) for one in delta.reread] == [(7, read)]
    assert ([one.id for one in delta.changed], delta.relisted, delta.rewritten) == ([8], (7,), ())


def test_a_part_of_a_list_unlists_nothing() -> None:
    stored = [known(1, "same"), known(2, "left")]
    delta = entry_delta(CONTEXT, [entry("same"), entry("new")], stored, (), complete=False)
    assert ([one.entry.identity for one in delta.new], delta.unlisted) == (["new"], ())


def test_the_entry_in_which_a_document_breaks_off_is_not_taken() -> None:
    entries = (entry("a"), entry("b"))
    assert whole_entries(ParsedFeed("t", entries=entries)) == entries
    assert whole_entries(ParsedFeed("t", entries=entries, partial=True, cut="b")) == entries[:1]


def test_an_entry_that_comes_back_changed_is_changed() -> None:
    delta = entry_delta(CONTEXT, [entry("a", "2")], [known(1, "a", "1", listed=False)], ())
    assert [one.id for one in delta.changed] == [1]
    assert delta.relisted == ()


def test_what_left_long_ago_does_not_leave_again() -> None:
    assert entry_delta(CONTEXT, [], [known(1, "a", listed=False)], ()).unlisted == ()


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("12")), unique_by=lambda e: e[0]),
       st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("12"), st.booleans()),
                unique_by=lambda e: e[0]),
       st.sets(st.sampled_from("abcdef")))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_applied_it_makes_the_store_say_what_the_feed_says(
    listing: list[tuple[str, str]], stock: list[tuple[str, str, bool]], dropped: set[str]
) -> None:
    listed = [entry(*one) for one in listing]
    stored = [known(i, name, c, listed=on) for i, (name, c, on) in enumerate(stock)]
    forgotten = dropped - {name for name, _, _ in stock}
    delta = entry_delta(CONTEXT, listed, stored, forgotten)
    after = {one.id: (one.identity, one.content_hash, one.listed) for one in stored}
    for change in delta.changed:
        after[change.id] = (change.entry.identity, change.entry.content_hash, True)
    for number in delta.relisted:
        assert not after[number][2]
        after[number] = (*after[number][:2], True)
    for number in delta.unlisted:
        assert after[number][2]
        after[number] = (*after[number][:2], False)
    says = {(name, content) for name, content, on in after.values() if on}
    says |= {(one.entry.identity, one.entry.content_hash) for one in delta.new}
    assert says == {one for one in listing if one[0] not in forgotten}
    assert entry_delta(CONTEXT, listed, [known(i, *a[:2], listed=a[2]) for i, a in after.items()],
                       forgotten | {one.entry.identity for one in delta.new}) == entry_delta(
        CONTEXT, [], [], ())  # fmt: skip


def test_which_page_an_entry_waits_for() -> None:
    def page(url: str | None, mode: ExtractMode = ExtractMode.AUTO) -> str | None:
        context = PollContext(URL, None, NOW, mode)
        return entry_delta(context, [entry("a", url=url)], [], ()).new[0].article_url

    assert page("https://a.example/1?utm_source=rss") == "https://a.example/1"
    assert page("https://a.example/1", ExtractMode.NEVER) is None
    assert page(None) is page("mailto:x@a.example") is None
    assert page("https://a.example/" + "x" * 5000) is None  # no database would index it


def test_what_is_decided_at_first_sight() -> None:
    previous = NOW - timedelta(hours=1)
    context = PollContext(URL, previous, NOW, ExtractMode.AUTO)
    future = Entry("a", published=NOW + timedelta(days=900))
    late = Entry("b", published=NOW - timedelta(hours=5))
    delta = entry_delta(context, [late, future], [], ())
    assert [one.sort_at for one in delta.new] == [NOW, previous]
    assert [one.public_id for one in delta.new] == [public_id(URL, "a"), public_id(URL, "b")]


def test_public_ids_are_for_ever() -> None:
    assert public_id(URL, "a") == "urn:uuid:fdc72f89-f55a-5dc7-a48c-4ad021262348"
    assert len({public_id(k, i) for k in ("a", "b") for i in ("a", "b", "")}) == 6
    assert uuid.UUID(public_id(URL, "ä\ud800".encode("utf-8", "replace").decode())).version == 5


# ── what a hub delivers ──────────────────────────────────────────────────────────────────────


def delivered(before: datetime | None, now: datetime | None) -> tuple[int, bool]:
    """How many changes are taken of an entry so dated in the store and in a delivery, and doubts."""
    stored = [replace(known(1, "a"), updated_at=before)]
    delta = entry_delta(
        CONTEXT, [replace(entry("a", "2"), updated=now), entry("new")], stored, (), complete=False
    )
    assert len(delta.changed) == 1
    kept, doubtful = without_old_news(delta, stored)
    assert kept.new == delta.new
    return len(kept.changed), doubtful


def test_a_delivery_older_than_what_is_known_overwrites_nothing() -> None:
    earlier, later = NOW - timedelta(hours=1), NOW
    assert delivered(earlier, later) == (1, False)
    assert delivered(None, later) == (1, False)
    assert delivered(later, earlier) == (0, False)


def test_what_dates_do_not_tell_is_left_to_a_poll() -> None:
    assert delivered(NOW, NOW) == (0, True)
    assert delivered(NOW, None) == (0, True)
    assert delivered(None, None) == (0, True)
