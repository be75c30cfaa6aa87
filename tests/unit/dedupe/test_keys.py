"""story_keys: which entries find one another, and which must not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.assign import assign
from aggregator.dedupe.keys import story_keys
from aggregator.dedupe.seekers import Seeker
from aggregator.model import JoinRule, StoryCandidate, StoryKey

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TEXT = "The long awaited bridge across the river opened on Monday in the rain. " * 10
NOTES = "Thanks to our sponsors, and write to us about the show at any time you like. " * 4

ENTRY = StoryCandidate(
    entry_id=1, feed_id=1, guid="41", urls=("https://paper.example/2026/bridge-opens-at-last",), title="Bridge opens",
    text=TEXT, first_seen=NOW, sort_at=NOW, public_id="urn:uuid:1",
)  # fmt: skip


def joined(*candidates: StoryCandidate) -> list[int]:
    """For each candidate, the index of the story it ends up in; all in one batch."""
    numbered = [replace(c, entry_id=i) for i, c in enumerate(candidates)]
    found = assign([Seeker(c.entry_id, story_keys(c), feed_id=c.feed_id) for c in numbered], {})
    return [assignment.founder or 0 for assignment in found]


def other(**changes: object) -> StoryCandidate:
    """The same in another feed, with nothing in common unless it is given."""
    base = {
        "feed_id": 2,
        "guid": "77",
        "urls": ("https://other.example/x-y-z",),
        "title": "Another title",
        "text": "Short.",
    }
    return replace(ENTRY, **{**base, **changes})  # type: ignore[arg-type] # names are those of the class


@pytest.mark.parametrize(
    "copy",
    [
        other(urls=("http://www.paper.example/2026/bridge-opens-at-last/?utm_source=rss",)),
        other(urls=("https://other.example/x-y-z", ENTRY.urls[0])),
        other(text=TEXT.upper().replace(".", " !")),
        other(text="The bridge is open. " * 15, title=ENTRY.title),
    ],
)
def test_copies_in_another_feed_join(copy: StoryCandidate) -> None:
    first = replace(ENTRY, text=copy.text) if copy.title == ENTRY.title else ENTRY
    assert joined(first, copy) == [0, 0]


@pytest.mark.parametrize(
    "guid",
    [
        "https://paper.example/?p=4711",
        "urn:uuid:0a1b2c3d-0000-4000-8000-00805f9b34fb",
        "tag:paper.example,2026-11:bridge",
    ],
)
def test_guids_that_are_unique_in_the_world_join(guid: str) -> None:
    assert joined(replace(ENTRY, guid=guid), other(guid=guid)) == [0, 0]


@pytest.mark.parametrize(
    "guid",
    ["41", "bridge", "", "  ", None, "https://paper.example/", "https://paper.example/news", "urn:uuid:00000000-0000-0000-0000-000000000000",
     "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", "urn:uuid:nonsense", "tag:example", "yt:video:abcdefghijk"],
)  # fmt: skip
def test_guids_of_one_feed_do_not(guid: str | None) -> None:
    assert joined(replace(ENTRY, guid=guid), other(guid=guid)) == [0, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://paper.example/", "https://www.paper.example/?utm_source=rss"),
        ("https://paper.example/news", "https://paper.example/news/"),
        ("https://paper.example/en/blog", "https://paper.example/en/blog"),
        ("https://paper.example/changelog#v1.2.3", "https://paper.example/changelog#v1.2.4"),
    ],
)
def test_pages_of_many_stories_join_nobody(first: str, second: str) -> None:
    assert joined(replace(ENTRY, urls=(first,)), other(urls=(second,))) == [0, 1]


def test_equal_short_texts_join_nobody() -> None:
    brief = "Markets are closed today."
    assert joined(replace(ENTRY, text=brief), other(text=brief, title=ENTRY.title)) == [0, 1]


def test_equal_notes_under_other_titles_join_nobody() -> None:
    assert joined(replace(ENTRY, text=NOTES), other(text=NOTES)) == [0, 1]


class TestWithinOneFeed:
    """Different guids are different entries, unless all of title and page or text agree."""

    def test_one_page_with_several_entries(self) -> None:
        second = replace(ENTRY, guid="42", title="Mayor walks over the bridge", text="Later. " * 60)
        assert joined(ENTRY, second) == [0, 1]

    def test_one_text_under_several_titles(self) -> None:
        second = replace(ENTRY, guid="42", title="Episode 12", urls=("https://paper.example/e/12",))
        assert joined(replace(ENTRY, title="Episode 11"), second) == [0, 1]

    def test_a_republished_entry(self) -> None:
        assert joined(ENTRY, replace(ENTRY, guid="42", text="Corrected. " + TEXT)) == [0, 0]
        assert joined(
            ENTRY, replace(ENTRY, guid="42", urls=("https://paper.example/moved-to-here",))
        ) == [0, 0]

    def test_another_feed_joins_only_one_of_them(self) -> None:
        second = replace(ENTRY, guid="42", title="Mayor walks over the bridge", text="Later. " * 60)
        copies = other(urls=ENTRY.urls), other(urls=ENTRY.urls, guid="78", title="Third title")
        assert joined(ENTRY, second, *copies) == [0, 1, 0, 3]

    def test_entries_without_titles(self) -> None:
        assert joined(replace(ENTRY, title=""), replace(ENTRY, title="", guid="42")) == [0, 1]


def test_the_feeds_of_known_stories_count() -> None:
    key = StoryKey(JoinRule.URL, "paper.example/a", other_feeds_only=True)
    seekers = [Seeker(1, (key,), feed_id=1), Seeker(2, (key,), feed_id=2)]
    found = assign(seekers, {key: 9}, {9: {1}})
    assert [a.story for a in found] == [None, 9]


def test_the_safest_rule_comes_first() -> None:
    keys = story_keys(replace(ENTRY, guid="https://paper.example/?p=4711"))
    assert [key.rule for key in keys] == ["guid", "url", "url", "text", "text", "text"]


def test_scripts_without_spaces() -> None:
    text = "長く待たれていた川をわたる橋が月曜日に開通し、雨の中を数千人が歩いて渡った。"
    assert joined(replace(ENTRY, text=text * 8), other(text=text * 8)) == [0, 0]
    assert joined(replace(ENTRY, text=text), other(text=text, title=ENTRY.title)) == [0, 1]


@given(
    st.text(max_size=400),
    st.lists(st.text(max_size=400), max_size=3),
    st.text(max_size=50),
    st.text(max_size=600),
)
def test_keys_are_bounded_and_unique(guid: str, urls: list[str], title: str, text: str) -> None:
    candidate = replace(ENTRY, guid=guid, urls=tuple(urls), title=title, text=text)
    keys = story_keys(candidate)
    assert len(set(keys)) == len(keys)
    assert all(0 < len(key.value) <= 200 for key in keys)


def test_long_addresses_are_told_apart() -> None:
    long = "https://paper.example/a-b-c?" + "x" * 500
    assert joined(replace(ENTRY, urls=(long + "1",)), other(urls=(long + "2",))) == [0, 1]
    assert joined(replace(ENTRY, urls=(long + "1",)), other(urls=(long + "1",))) == [0, 0]


def test_equal_notes_of_two_releases_join_nobody() -> None:
    first = replace(ENTRY, title="Editor 1.2.3", guid="a")
    assert joined(first, other(text=TEXT, title="Editor Next 1.2.4")) == [0, 1]
    assert joined(first, other(text=TEXT, title="Out now: 1.2.3")) == [0, 0]


def test_one_guid_on_several_entries_of_a_feed_joins_nobody() -> None:
    first = replace(ENTRY, guid="https://paper.example/spotlight/news", urls=())
    second = replace(first, title="Something else", text="Something else.")
    assert joined(first, second) == [0, 1]
    assert joined(first, replace(second, feed_id=2)) == [0, 0]


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:4000/2026/hello-to-all.html",
        "http://127.0.0.1:1313/2026/hello-to-all/",
        "https://www.example.com/2026/hello-to-all/",
        "https://example.org/2026/hello-to-all/",
        "http://yoursite.com/2026/11/23/hello-to-all/",
        "tag:example.com,2026:hello-to-all",
        "http://blog.localhost/2026/hello-to-all",
    ],
)
def test_addresses_of_nobody_join_nobody(address: str) -> None:
    first = replace(ENTRY, guid=address, urls=(address,))
    assert joined(first, other(guid=address, urls=(address,))) == [0, 1]
    # A text is a text, and within one feed the address still tells what was republished.
    assert joined(first, other(guid=address, urls=(address,), text=TEXT)) == [0, 0]
    if address.startswith("http"):
        assert joined(first, replace(first, guid="42", text="Corrected.")) == [0, 0]


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost.paper.example/2026/hello-to-all",
        "https://counterexample.com/2026/hello-to-all",
        "http://127.0.0.1:43210/2026/hello-to-all",
        "tag:example-news.org,2026:hello-to-all",
    ],
)
def test_addresses_of_somebody_join(address: str) -> None:
    first = replace(ENTRY, guid=address, urls=(address,))
    assert joined(first, other(guid=address, urls=(address,))) == [0, 0]
