"""What a feed's filter and the rules make of an entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Details, Enclosure, Entry, Episode, ExtractMode, JudgedEntry, Labels
from aggregator.select.expressions import Expression, compile_expression
from aggregator.select.sieve import FILTER, LET_IN, FeedWords, Judgement, Rule, Sieve
from aggregator.select.story_fields import FIELDS, Phase

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FEED = FeedWords("https://a.example/feed", "", ("News",), ("work",))


def said(text: str) -> Expression:
    return compile_expression(text, Phase.FEED)


def judge(sieve: Sieve, entry: Entry, *, was_let_in: bool = False) -> Judgement:
    return sieve.judge(entry, NOW, "Its own title", was_let_in=was_let_in)


def test_every_field_of_the_feed_is_what_the_entry_says() -> None:
    entry = Entry(
        identity="1",
        title="T",
        url="https://www.example.co.uk/1",
        authors=("A", "B"),
        categories=("c", "News"),
        summary_html="<p>short</p>",
        content_html="<p>long &amp; <b>bold</b></p>",
        enclosures=(Enclosure("https://a.example/1.mp3", "audio/mpeg"),),
        published=NOW + timedelta(days=9),
        details=Details(episode=Episode(duration=90)),
    )
    told = """
        title == "T" && author == "A, B" && domain == "example.co.uk" && url.endsWith("/1")
        && feed == "Its own title" && feed_id == "https://a.example/feed" && tags == ["work"]
        && categories == ["c", "News"] && summary == "long & bold" && seconds == 90
        && published == discovered && discovered == timestamp("2026-11-02T12:00:00Z")
        && enclosures == ["audio/mpeg"]
    """
    assert judge(Sieve(FEED, said(told)), entry) == LET_IN
    assert judge(Sieve(FEED, said(f"!({told})")), entry).dropped_by == FILTER


def test_rules_are_asked_in_their_order_after_the_filter() -> None:
    rules = (
        Rule("1", said('title.contains("a")'), extract=ExtractMode.NEVER),
        Rule("2", said('title.contains("b")'), drop=True),
        Rule("3", said("true"), extract=ExtractMode.ALWAYS),
        Rule("4", said('categories[9] == ""'), extract=ExtractMode.AUTO),
    )
    sieve = Sieve(FEED, said('title != "x"'), rules)
    broken = ("4", "Index error: index=9 size=1")
    assert judge(sieve, Entry("1", "x")).dropped_by == FILTER
    assert judge(sieve, Entry("1", "ab")).dropped_by == "2"
    let_in = Judgement("", ExtractMode.ALWAYS, "3", (broken,))
    assert judge(sieve, Entry("1", "a")) == let_in
    assert judge(sieve, Entry("1", "ab"), was_let_in=True) == let_in
    assert judge(sieve, Entry("1", "x"), was_let_in=True) == let_in


def test_ranks_that_rules_give_are_added() -> None:
    rules = (
        Rule("1", said('title.contains("a")'), labels=Labels(rank=-2)),
        Rule("2", said('title.contains("b")'), labels=Labels(tags=("t",), rank=3)),
    )
    sieve = Sieve(FEED, None, rules)
    found = {
        title: sieve.judge_text(JudgedEntry(1, FEED.key, "", Entry("1", title), NOW)).labels
        for title in ("a", "b", "ab", "c")
    }
    assert found == {
        "a": Labels(rank=-2),
        "b": Labels(tags=("t",), rank=3),
        "ab": Labels(tags=("t",), rank=1),
        "c": Labels(),
    }


def test_a_rule_sees_names_that_are_given_by_the_text() -> None:
    spam = compile_expression('text.contains("spam")', Phase.TEXT)
    rules = (
        Rule("1", said('"spam" in tags'), drop=True),
        Rule("2", spam, labels=Labels(tags=("spam",))),
        Rule("3", said('"spam" in tags'), labels=Labels(categories=("Junk",))),
        Rule("4", said('"Junk" in categories && title == "x"'), drop=True),
    )
    sieve = Sieve(FEED, None, rules)
    one = JudgedEntry(1, FEED.key, "", Entry("1", "x"), NOW, text="spam")
    assert judge(sieve, one.entry).dropped_by == ""
    assert sieve.judge_text(one).dropped_by == "4"
    assert sieve.judge_text(replace(one, text="ham")).dropped_by == ""
    kept = sieve.judge_text(one, was_let_in=True)
    assert kept.labels == Labels(("Junk",), ("spam",))


def test_the_digest_is_of_what_may_drop_an_entry() -> None:
    drop, fetch = (
        Rule("1", said("false"), drop=True),
        Rule("2", said("true"), extract=ExtractMode.AUTO),
    )
    assert Sieve(FEED, None, (fetch,)).digest == ""
    one = Sieve(FEED, said("true"), (drop, fetch)).digest
    assert one == Sieve(FEED, said(" true "), (Rule("other place", drop.when, drop=True),)).digest
    others = {
        Sieve(FEED, None, (drop,)).digest,
        Sieve(FEED, said("true")).digest,
        Sieve(FeedWords(FEED.key, "named"), said("true"), (drop,)).digest,
    }
    assert len({one, *others}) == 4


_TEXT = st.text(max_size=30)
_ASKED = said(" && ".join(f"({field.example})" for field in FIELDS if field.phase is Phase.FEED))


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        Entry,
        identity=_TEXT, title=_TEXT, url=st.none() | _TEXT | st.just("https://[::1]:x/"), summary_html=_TEXT,
        content_html=_TEXT, authors=st.lists(_TEXT).map(tuple), categories=st.lists(_TEXT).map(tuple),
        published=st.none() | st.datetimes(timezones=st.just(UTC)),
    )
)  # fmt: skip
def test_any_entry_is_judged(entry: Entry) -> None:
    sieve = Sieve(FEED, _ASKED, (Rule("1", _ASKED, drop=True),))
    assert judge(sieve, entry).unjudged == ()
