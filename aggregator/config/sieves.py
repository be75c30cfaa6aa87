"""The configuration's filters and rules, compiled, feed by feed."""

from __future__ import annotations

from aggregator.config.config import Config
from aggregator.config.rule_settings import RuleSettings
from aggregator.config.settings import FeedSettings
from aggregator.model import JudgedEntry
from aggregator.select.expressions import compile_expression
from aggregator.select.sieve import FILTER, LET_IN, FeedWords, Rule, Sieve
from aggregator.select.story_fields import Phase


def sieve_of(config: Config, key: str) -> Sieve | None:
    """The filter of the feed ``key`` with the rules over all feeds; None where there is neither."""
    feed = config.feed(key)
    if feed is None or not (feed.filter or config.settings.rules):
        return None
    return config.kept(f"sieve {key}", lambda: _sieve(config, feed))


def _sieve(config: Config, feed: FeedSettings) -> Sieve:
    return Sieve(
        FeedWords(feed.key, feed.title, feed.categories, feed.tags),
        compile_expression(feed.filter, Phase.FEED) if feed.filter else None,
        rules(config),
    )


def ruled(config: Config, one: JudgedEntry) -> str:
    """The part of filters and rules in what became of an entry, in words; empty where they had none."""
    sieve = sieve_of(config, one.feed_key)
    was_let_in = not one.filtered
    judgement = LET_IN
    if sieve is not None:
        judgement = sieve.judge(one.entry, one.first_seen, one.feed_title, was_let_in=was_let_in)
    if one.filtered and (sieve is None or one.filtered != sieve.digest):
        return "dropped by a filter that is configured no more; it is judged anew soon"
    if judgement.dropped_by == FILTER:
        return "dropped by the `filter` of its feed"
    if judgement.dropped_by:
        return f"dropped by {judgement.dropped_by}"
    if judgement.extract is not None:
        return f"its page is fetched as {judgement.extract_by} says: {judgement.extract}"
    return ""


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
        when=compile_expression(one.when, Phase.FEED),
        drop=one.drop,
        extract=one.extract,
    )
