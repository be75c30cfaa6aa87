"""Readings: what an entry is by itself, and that it is the same wherever it is read."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.compare import compare
from aggregator.dedupe.keys import no_keys, story_keys
from aggregator.dedupe.readings import read, read_all
from aggregator.sanitize import clean_html

NOW = datetime(2026, 11, 30, tzinfo=UTC)
PAGE = "https://a.example/news/1"
SOURCE = EntrySource(
    id=7,
    feed_id=1,
    guid=PAGE,
    url=PAGE,
    title="A title",
    first_seen_at=NOW,
    sort_at=NOW,
    public_id="urn:uuid:7",
    summary_html="",
    content_html="<p>Of a “quoted” thing.</p><blockquote><p>And another.</p></blockquote>",
    article_id=3,
    article_text=None,
    final_url=None,
    canonical_url="https://a.example/other",
    site_url="https://a.example/",
    feed_url="https://a.example/feed",
)


def test_an_entry_is_its_text_its_keys_and_its_segments() -> None:
    found = read(SOURCE, story_keys, near=True, searchable=True)
    assert found.candidate.text == "Of a “quoted” thing.\n“And another.”"
    assert found.candidate.urls == (PAGE, "https://a.example/other")
    assert found.keys == story_keys(found.candidate)
    assert found.sketch is not None
    assert found.sketch.words == ("of", "a", "quoted", "thing", "and", "another")
    assert found.indexed == ("a title", "of a quoted thing and another")


def test_what_is_not_asked_for_is_left_out() -> None:
    found = read(SOURCE, no_keys, near=False, searchable=False)
    assert (found.keys, found.lines, found.sketch, found.indexed) == ((), (), None, None)


def test_an_address_of_too_many_pages_is_none() -> None:
    found = read(
        SOURCE, story_keys, near=True, searchable=True, ambiguous_urls={"https://a.example/other"}
    )
    assert found.candidate.urls == (PAGE,)


@given(st.text(), st.text())
def test_a_reading_crosses_from_a_worker_as_it_is(title: str, html: str) -> None:
    source = SOURCE._replace(title=title, content_html=clean_html(html, PAGE))
    (made,) = read_all([source], story_keys, near=True, searchable=True)
    assert made.sketch is not None
    first = made.sketch.shingles  # kept where they were made
    crossed = pickle.loads(pickle.dumps(made))
    assert crossed == made
    assert crossed.sketch.shingles == first
    other = replace(made.sketch, entry_id=8, feed_id=2)
    assert compare(crossed.sketch, other) == compare(made.sketch, other)
