"""Entries under other names: pairs of what is new and what left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.flow import recognise
from aggregator.flow.recognise import recognised
from aggregator.model import Entry, KnownEntry, StoredEntry

WHEN = datetime(2026, 11, 2, 12, tzinfo=UTC)
TEXT = "<p>The heron is back on its post by the mill, and the hinge is quiet.</p>"

WORDS = st.sampled_from(["", "Heron", "Heron 2", "heron in Leeds", "The heron is back on its post"])
ENTRIES = st.builds(
    Entry,
    identity=st.text(min_size=1, max_size=3),
    title=WORDS,
    summary_html=WORDS,
    url=st.sampled_from([None, "https://e.org/a-b-1?k=1", "https://e.org/a-b-1?k=2", "https://e.org/a#x"]),
    guid=st.sampled_from([None, "1"]),
    published=st.sampled_from([None, WHEN]),
)  # fmt: skip


def stored(number: int, entry: Entry) -> StoredEntry:
    return StoredEntry(
        number, entry.guid, entry.url, entry.title, entry.html, entry.published, entry.updated
    )


@given(
    st.lists(ENTRIES, max_size=5, unique_by=lambda one: one.identity),
    st.lists(ENTRIES, max_size=5, unique_by=lambda one: one.identity),
    st.booleans(),
)
def test_nothing_is_taken_twice_and_all_of_it_was_there(
    old: list[Entry], new: list[Entry], complete: bool
) -> None:
    names = {one.identity for one in old}
    strangers = [one for one in new if one.identity not in names]
    known = [KnownEntry(n, one.identity, "", listed=True) for n, one in enumerate(old)]
    details = {n: stored(n, one) for n, one in enumerate(old)}
    present = {one.identity for one in new}
    found = recognised(strangers, known, details, {}, present, complete=complete)
    assert found.keys() <= {one.identity for one in strangers}
    ids = [one.known.id for one in found.values()]
    assert len(ids) == len(set(ids))
    assert not any(one.is_listed for one in found.values())
    assert not any(one.known.identity in present for one in found.values())


def test_an_address_without_a_guid_is_known_under_the_name_of_a_release_before() -> None:
    entry = Entry("https://e.org/changes#spring", "Spring", url="https://e.org/changes#spring", summary_html=TEXT)  # fmt: skip
    known = [KnownEntry(1, "https://e.org/changes", "", listed=False)]
    found = recognised([entry], known, {1: stored(1, entry)}, {}, {entry.identity}, complete=False)
    assert found[entry.identity].known.id == 1
    assert found[entry.identity].says_the_same


def test_many_of_one_date_and_title_are_not_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    monkeypatch.setattr(recognise, "compare", lambda *two: compared.append(two))
    old = [Entry(str(n), "Note", summary_html=f"Old {n} " * 30, published=WHEN) for n in range(40)]
    new = [Entry(f"n{n}", "Note", summary_html=f"New {n} " * 30, published=WHEN) for n in range(40)]
    known = [KnownEntry(n, one.identity, "", listed=True) for n, one in enumerate(old)]
    details = {n: stored(n, one) for n, one in enumerate(old)}
    names = {one.identity for one in new}
    assert not recognised(new, known, details, {}, names, complete=True)
    assert not compared
