"""Furniture: what a feed repeats is read once for all of its entries, and is nobody's remark."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.dedupe import furniture as module
from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.furniture import Furniture, Sample, remark_of
from aggregator.dedupe.keys import story_keys
from aggregator.dedupe.readings import read_all

NOW = datetime(2026, 11, 30, tzinfo=UTC)
FEED = (1, "Saved")
REPEATED = "Shared from my phone."
LATEST = tuple(
    Sample(n, f"Story {n}", f"https://weir.example/{n}", (), (), REPEATED) for n in range(4)
)


def source(number: int, html: str, latest: tuple[Sample, ...] | None = LATEST) -> EntrySource:
    url = f"https://weir.example/{number}"
    return EntrySource(
        id=number,
        feed_id=1,
        guid=None,
        url=url,
        title=f"Story {number}",
        first_seen_at=NOW,
        sort_at=NOW,
        public_id=f"urn:uuid:{number}",
        summary_html=html,
        content_html="",
        article_id=None,
        article_text=None,
        final_url=None,
        canonical_url=None,
        site_url="https://links.example/",
        feed_url="https://links.example/feed",
        feed_title="Saved",
        latest=latest,
    )


def test_what_an_entry_alone_says_is_its_own() -> None:
    one = LATEST[0]._replace(html=f"Mind the gap! {REPEATED}")
    said = remark_of(one, "Saved")
    assert Furniture().without(said, one, FEED, LATEST) == (("mind", "the", "gap"),)
    assert Furniture().without(said, one, FEED, ()) == said


def test_an_entry_does_not_repeat_itself() -> None:
    one = LATEST[0]
    same = tuple(other._replace(title=one.title) for other in LATEST)
    assert Furniture().without(remark_of(one), one, FEED, same) == remark_of(one)


def test_a_feeds_latest_entries_are_read_once_for_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sample] = []

    def counted(one: Sample, *names: str | None) -> tuple[tuple[str, ...], ...]:
        asked.append(one)
        return remark_of(one, *names)

    monkeypatch.setattr(module, "remark_of", counted)
    sources = [source(n, f"Mind gap {n}! {REPEATED}") for n in range(4)]
    found = read_all(sources, story_keys, near=True, searchable=False)
    assert [one.candidate.remark for one in found] == [(("mind", "gap", str(n)),) for n in range(4)]
    assert len(asked) == len(LATEST)


def test_what_was_not_asked_is_no_remark() -> None:
    (made,) = read_all([source(1, "Mind!", None)], story_keys, near=True, searchable=False)
    assert (made.candidate.remark, made.candidate.guest) == ((), False)
