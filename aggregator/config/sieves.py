"""The configuration's filters and rules, compiled, feed by feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aggregator.config.config import Config
from aggregator.config.rule_settings import RuleSettings
from aggregator.config.settings import FeedSettings
from aggregator.model import JudgedEntry, Labels, ParsedFeed, TextJudgement
from aggregator.select.expressions import compile_earliest, compile_expression
from aggregator.select.sieve import FILTER, FeedWords, Rule, Sieve
from aggregator.select.story_fields import Phase

_OF_ITS_FEED = "the `filter` of its feed"


def sieve_of(config: Config, key: str) -> Sieve | None:
    """The filter of the feed ``key`` with the rules over all feeds; None where there is neither."""
    feed = config.feed(key)
    if feed is None or not (feed.filter or config.settings.rules):
        return None
    return config.kept(f"sieve {key}", lambda: _sieve(config, feed))


def asks_something(config: Config) -> bool:
    """True where there are rules, or a feed has a filter."""
    return config.kept(
        "asks something",
        lambda: bool(config.settings.rules) or any(feed.filter for feed in config.feeds),
    )


def waits_for_texts(config: Config) -> bool:
    """True where a rule has something to say of entries that have their text."""
    return any(rule.waits_for_text for rule in rules(config))


def _sieve(config: Config, feed: FeedSettings) -> Sieve:
    return Sieve(
        FeedWords(feed.key, feed.title, feed.categories, feed.tags),
        compile_expression(feed.filter, Phase.FEED) if feed.filter else None,
        rules(config),
    )


def judge_text(
    config: Config, note: Callable[[str, str, str], None]
) -> Callable[[JudgedEntry, bool], TextJudgement] | None:
    """The judgement of rules on entries with their texts, that were let in before or not; None without any.

    One that was dropped is judged by all that is configured. ``note`` gets each expression that could not be evaluated: the feed's key, who wrote it, and why.
    """
    if not asks_something(config):
        return None

    def judge(one: JudgedEntry, was_let_in: bool) -> TextJudgement:
        sieve = sieve_of(config, one.feed_key)
        if sieve is None:
            return TextJudgement()
        if one.filtered:
            early = sieve.judge(one.entry, one.first_seen, one.feed_title)
            if early.dropped_by:
                return TextJudgement(sieve.digest)
        judgement = sieve.judge_text(one, was_let_in=was_let_in and not one.filtered)
        for who, why in judgement.unjudged:
            note(one.feed_key, who, why)
        return TextJudgement(sieve.digest if judgement.dropped_by else None, judgement.labels)

    return judge


def dropped_unread(config: Config, key: str, feed: ParsedFeed, now: datetime) -> tuple[str, ...]:
    """Filter or rule that drops each entry of ``feed`` before pages are read, in words; empty: none.

    One that is configured under no such ``key`` is judged by the rules alone.
    """
    sieve = sieve_of(config, key) or Sieve(FeedWords(key), rules=rules(config))
    found = [sieve.judge(entry, now, feed.title).dropped_by for entry in feed.entries]
    return tuple(_OF_ITS_FEED if by == FILTER else by for by in found)


def ruled(config: Config, one: JudgedEntry) -> str:
    """The part of filters and rules in what became of an entry, in words; empty where they had none."""
    sieve = sieve_of(config, one.feed_key)
    if one.filtered:
        return f"dropped by {_dropped_by(sieve, one)}"
    if sieve is None:
        return ""
    said = []
    early = sieve.judge(one.entry, one.first_seen, one.feed_title, was_let_in=True)
    if early.extract is not None:
        said.append(f"its page is fetched as {early.extract_by} says: {early.extract}")
    late = sieve.judge_text(one, was_let_in=True)
    if late.labelled_by:
        said.append(f"{_labelled(late.labels)} by {', '.join(late.labelled_by)}")
    return "; ".join(said)


def _labelled(labels: Labels) -> str:
    names = ", ".join((*labels.categories, *labels.tags))
    found = [f"named {names}"] if names else []
    if labels.rank or not names:
        found.append(f"ranked {labels.rank:+}")
    return " and ".join(found)


def _dropped_by(sieve: Sieve | None, one: JudgedEntry) -> str:
    if sieve is None or one.filtered != sieve.digest:
        return "a filter that is configured no more; it is judged anew soon"
    early = sieve.judge(one.entry, one.first_seen, one.feed_title)
    by = early.dropped_by or sieve.judge_text(one).dropped_by
    return _OF_ITS_FEED if by == FILTER else by or "what it said before"


def rules(config: Config) -> tuple[Rule, ...]:
    """The rules over all feeds, in their order."""
    return config.kept(
        "rules",
        lambda: tuple(
            _rule(number, one, config) for number, one in enumerate(config.settings.rules, start=1)
        ),
    )


def _rule(number: int, one: RuleSettings, config: Config) -> Rule:
    place = config.rule_places[number - 1] if number <= len(config.rule_places) else ""
    return Rule(
        name=f"rule {number}" + (f" ({place})" if place else ""),
        when=compile_earliest(one.when),
        drop=one.drop,
        extract=one.extract,
        labels=Labels((one.category,) if one.category else (), one.tags, one.rank),
    )
