"""The pipeline's decisions: what is new, what changed, when a page is tried again."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import (
    AddressRefused,
    BadBody,
    ConnectFailed,
    Gone,
    HttpStatus,
    InvalidUrl,
    NoArticle,
    ParseError,
    Throttled,
    TimedOut,
    TooLarge,
    WorkerCrashed,
    WorkerMemory,
    WorkerTimeout,
)
from aggregator.flow.changes import (
    PollContext,
    article_retry,
    entry_delta,
    error_line,
    feed_request,
    public_id,
    same_body,
    unchanged_result,
    unseen,
    validators_after,
    whole_entries,
)
from aggregator.model import (
    Entry,
    ExtractMode,
    Feed,
    KnownEntry,
    ParsedFeed,
    PollResult,
    Request,
    RequestKind,
    Response,
    Validators,
)

URL = "https://a.example/feed"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FEED = Feed(id=1, key=URL, url=URL)
CONTEXT = PollContext(FEED, NOW, ExtractMode.AUTO)


def entry(name: str, content: str = "1", url: str | None = None) -> Entry:
    return Entry(identity=name, title=name, url=url, content_hash=content)


def known(number: int, name: str, content: str = "1", *, listed: bool = True) -> KnownEntry:
    return KnownEntry(number, name, content, listed)


def response(status: int = 200, url: str = URL, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(url, status, named, b"", 0, timedelta(0))


# ── the request, and what did not change ─────────────────────────────────────────────────────


def test_a_poll_is_conditional_with_whatever_validators_there_are() -> None:
    own, other = Validators(URL, '"1"'), Validators("https://a.example/old", '"1"')
    assert feed_request(FEED).validators is None
    stored = Feed(1, URL, URL, validators=own)
    assert feed_request(stored) == Request(URL, RequestKind.FEED, own, delta=True)
    assert feed_request(stored, whole=True) == Request(URL, RequestKind.FEED)
    # They may be a redirect target's: the fetcher sends them to no other URL.
    assert feed_request(Feed(1, URL, URL, validators=other)).validators == other
    dated = Feed(1, URL, URL, validators=Validators(URL, None, "Mon"))
    assert not feed_request(dated).delta


def test_nothing_to_parse_after_a_304_or_the_same_bytes() -> None:
    feed = Feed(1, URL, URL, body_hash="h")
    assert same_body(feed, response(304), None)
    assert same_body(feed, response(), "h")
    assert not same_body(feed, response(), "other")
    assert not same_body(FEED, response(), None)
    assert unchanged_result(response(304)) is PollResult.NOT_MODIFIED
    assert unchanged_result(response()) is PollResult.UNCHANGED


def test_a_304_keeps_the_validators_that_it_does_not_repeat() -> None:
    stored = Validators(URL, '"1"', "Mon")
    feed = Feed(1, URL, URL, validators=stored)
    assert validators_after(feed, response(304)) == stored
    assert validators_after(feed, response(304, etag='"2"')) == Validators(URL, '"2"', "Mon")
    assert validators_after(feed, response(200)) == Validators(URL)
    assert validators_after(feed, response(226, etag='"3"')) == Validators(URL, '"3"', "Mon")
    other = response(304, url="https://b.example/")
    assert validators_after(feed, other) == Validators("https://b.example/")


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
        context = PollContext(FEED, NOW, mode)
        return entry_delta(context, [entry("a", url=url)], [], ()).new[0].article_url

    assert page("https://a.example/1?utm_source=rss") == "https://a.example/1"
    assert page("https://a.example/1", ExtractMode.NEVER) is None
    assert page(None) is page("mailto:x@a.example") is None
    assert page("https://a.example/" + "x" * 5000) is None  # no database would index it


def test_what_is_decided_at_first_sight() -> None:
    previous = NOW - timedelta(hours=1)
    context = PollContext(Feed(1, URL, URL, last_success=previous), NOW, ExtractMode.AUTO)
    future = Entry("a", published=NOW + timedelta(days=900))
    late = Entry("b", published=NOW - timedelta(hours=5))
    delta = entry_delta(context, [late, future], [], ())
    assert [one.sort_at for one in delta.new] == [NOW, previous]
    assert [one.public_id for one in delta.new] == [public_id(URL, "a"), public_id(URL, "b")]


def test_public_ids_are_for_ever() -> None:
    assert public_id(URL, "a") == "urn:uuid:fdc72f89-f55a-5dc7-a48c-4ad021262348"
    assert len({public_id(k, i) for k in ("a", "b") for i in ("a", "b", "")}) == 6
    assert uuid.UUID(public_id(URL, "ä\ud800".encode("utf-8", "replace").decode())).version == 5


# ── pages that failed ────────────────────────────────────────────────────────────────────────

PASSING = [
    ConnectFailed(URL, "refused"),
    TimedOut(URL, "30 s"),
    BadBody(URL, "cut"),
    HttpStatus(URL, 500),
    HttpStatus(URL, 403),
    Throttled(URL, 429),
    WorkerCrashed("died"),
    KeyError("ours"),
]
HOPELESS = [
    HttpStatus(URL, 404),
    Gone(URL, 410),
    InvalidUrl(URL, "not http"),
    AddressRefused(URL, "private"),
    TooLarge(URL, "11 MB"),
    NoArticle("a wall"),
    WorkerTimeout("20 s"),
    WorkerMemory("1 GB"),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass_is_tried_again_up_to_the_limit(error: Exception) -> None:
    waits = [article_retry(error, attempts, 4, NOW, 0.5) for attempts in range(1, 6)]
    first, second, third, *last = waits
    assert first is not None
    assert second is not None
    assert third is not None
    assert NOW < first < second < third
    assert last == [None, None]


@pytest.mark.parametrize("error", HOPELESS, ids=repr)
def test_what_cannot_pass_is_given_up_at_once(error: Exception) -> None:
    assert article_retry(error, 1, 20, NOW, 0.5) is None


@given(st.integers(1, 19), st.floats(0, 1, exclude_max=True))
def test_every_wait_is_bounded(attempts: int, chance: float) -> None:
    retry = article_retry(TimedOut(URL, ""), attempts, 20, NOW, chance)
    assert retry is not None
    assert timedelta(minutes=5) <= retry - NOW < timedelta(days=365)


def test_an_error_is_one_line_that_names_its_kind() -> None:
    assert error_line(ParseError("two\nlines", hint="x")) == "ParseError: two lines (x)"
    assert error_line(HttpStatus(URL, 500)) == f"{URL}: HTTP status 500"
    assert error_line(ValueError("")) == "ValueError: "
