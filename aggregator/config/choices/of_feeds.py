"""Settings of one feed as values: how it is asked for, paced, read and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from aggregator.config.choices.of_secrecy import disclosure
from aggregator.config.config import Config
from aggregator.config.feed_options import fetch_options as options_of
from aggregator.config.settings import FeedSettings, Settings
from aggregator.config.sieves import sieve_of
from aggregator.config.site_rules import ReadRule, as_xpath
from aggregator.model import (
    ExtractMode,
    Feed,
    FetchOptions,
    FollowArchives,
    SiteRule,
    TaskLimits,
    TrailBounds,
)
from aggregator.privacy.masking import masked
from aggregator.sanitize.private_hosts import names_private
from aggregator.schedule.cadence import Pace, Policy
from aggregator.schedule.triggers import Schedule, schedule_of
from aggregator.select.sieve import Sieve
from aggregator.text.named_failures import named_failure

_READING = timedelta(seconds=20)  # a batch that takes longer is read where it settles

_PATIENCE = 10  # by the clock: what takes a second of CPU takes many where others work, too


@dataclass(frozen=True, slots=True)
class FeedRules:
    """All that the operator says about one feed: how it is asked for, paced, and read."""

    key: str
    options: FetchOptions | None
    extract_mode: ExtractMode
    max_entries: int  # the newest ones of a document
    parse_limits: TaskLimits
    pace: Pace
    archives: FollowArchives
    archive_bounds: TrailBounds
    inside: bool = False  # it may stand in the networks that the operator opened
    sieve: Sieve | None = None  # what drops entries, and says which pages are fetched


def feed_rules(config: Config, key: str, url: str) -> FeedRules:
    """The rules for the feed ``key``, configured at ``url``, also for one that left the configuration a moment ago."""
    settings = config.settings
    bounds = Policy(settings.schedule.min_interval, settings.schedule.max_interval)
    return FeedRules(
        key=key,
        options=fetch_options(config, key, url),
        extract_mode=extract_mode(config, key),
        max_entries=settings.parse.max_entries,
        parse_limits=parse_limits(settings),
        pace=Pace(bounds, settings.websub.safety_interval, schedule(config, key)),
        sieve=sieve_of(config, key),
        archives=follow_archives(config, key),
        archive_bounds=TrailBounds(settings.fetch.archive_pages, settings.fetch.archive_age),
        inside=may_be_inside(config, key),
    )


def may_be_inside(config: Config, key: str) -> bool:
    """True where the feed ``key`` may stand in the networks that the operator opened.

    One of a reading list of somebody outside may not: the operator wrote neither its address nor the list.
    """
    listed = config.listed_at.get(key)
    return not listed or names_private(listed)


def follow_archives(config: Config, key: str) -> FollowArchives:
    """Mode of following the archives of the feed ``key``."""
    feed = config.feed(key)
    return (feed.archives if feed else None) or config.settings.fetch.archives


def parse_limits(settings: Settings) -> TaskLimits:
    """Limits of reading one document."""
    of = settings.parse
    return TaskLimits("parse", of.memory, wall=_PATIENCE * of.timeout, cpu=of.timeout)


def reading_limits(settings: Settings) -> TaskLimits:
    """Limits of reading the texts of a batch of entries before they settle."""
    return TaskLimits("parse", settings.parse.memory, wall=_READING)


def extract_limits(settings: Settings) -> TaskLimits:
    """Limits of reading one page."""
    return TaskLimits("extract", settings.extract.memory, wall=settings.extract.timeout)


def extract_mode(config: Config, key: str) -> ExtractMode:
    """Mode of fetching the pages of the feed ``key``."""
    feed = config.feed(key)
    return (feed.extract if feed else None) or config.settings.extract.mode


def fetch_options(config: Config, key: str, url: str) -> FetchOptions | None:
    """Options of the requests for the feed ``key``, configured at ``url``, where they differ.

    Also for one that left the configuration a moment ago: its address may hold credentials.
    """
    feed = config.feed(key)
    return options_of(feed.url if feed else url, feed.options if feed else None)


def fetch_options_at(config: Config, url: str) -> FetchOptions | None:
    """Options of the requests for the feed configured at ``url``; None: as all others."""
    feed = next((one for one in config.feeds if one.url == url), None)
    return options_of(url, feed.options) if feed else None


def key_at(config: Config, url: str) -> str:
    """The key of the feed that is configured at ``url``; empty where none is."""
    return next((one.key for one in config.feeds if one.url == url), "")


def site_rule(config: Config, url: str, key: str) -> ReadRule | None:
    """Rule for reading the page ``url`` that the feed ``key`` links to; None without one.

    What the feed's own options say goes before the site's rule.
    """
    read = config.rules.rule_for(url) if config.rules is not None else None
    feed = config.feed(key)
    options = feed.options if feed else None
    if options is None or not (options.content or options.strip):
        return read
    given = read.rule if read is not None else SiteRule()
    own = replace(
        given,
        name=f"{given.name} with the feed's options" if given.name else "the feed's options",
        body=(as_xpath(options.content),) if options.content else given.body,
        strip=(*given.strip, *map(as_xpath, options.strip)),
    )
    return ReadRule(own, read.notes if read is not None else ())


def schedule(config: Config, key: str) -> Schedule | None:
    """The operator's own schedule for the feed ``key``, if there is one."""
    feed = config.feed(key)
    return schedule_of(feed.every, feed.cron, time_zone(config, feed), key) if feed else None


def own_intervals(config: Config) -> Mapping[str, timedelta]:
    """Feed key → its `every`, where it has one."""
    return config.kept("own_intervals", lambda: _own_intervals(config))


def _own_intervals(config: Config) -> Mapping[str, timedelta]:
    return {feed.key: feed.every for feed in config.feeds if feed.every is not None}


def time_zone(config: Config, feed: FeedSettings) -> ZoneInfo:
    """Time zone of the ``cron`` of ``feed``."""
    return ZoneInfo(feed.timezone or config.settings.timezone)


def titles(config: Config) -> Mapping[str, str]:
    """Feed key → the operator's name for it, where there is one."""
    return config.kept("titles", lambda: _titles(config))


def _titles(config: Config) -> Mapping[str, str]:
    return {feed.key: feed.title for feed in config.feeds if feed.title}


def shown_name(config: Config, key: str, url: str, title: str) -> tuple[str, str]:
    """Title (empty without one) and address by which people know the feed ``key``; no secret is in them."""
    shown = masked(disclosure(config, key).feed_url(url, None) or key)
    named = masked(titles(config).get(key) or title)
    return ("" if named in {key, url, shown} else named), shown


def failure_of(config: Config, feed: Feed, error: str) -> str:
    """``error`` with the title of ``feed`` and the address that may be told of it."""
    shown = disclosure(config, feed.key).feed_url(feed.url, feed.site_url)
    title = titles(config).get(feed.key) or feed.title
    return named_failure(masked(title), masked(shown or feed.key), error)


def categories(config: Config) -> Mapping[str, Sequence[str]]:
    """Feed key → its categories, where there are any."""
    return config.kept("categories", lambda: _categories(config))


def _categories(config: Config) -> Mapping[str, Sequence[str]]:
    return {feed.key: feed.categories for feed in config.feeds if feed.categories}


def keys_in(config: Config, category: str) -> tuple[str, ...]:
    """Keys of the feeds in ``category`` and in the folders below it."""
    return tuple(
        feed.key
        for feed in config.feeds
        if any(one == category or one.startswith(f"{category}/") for one in feed.categories)
    )


def ranks(config: Config) -> Mapping[str, int]:
    """Feed key → its rank, where the operator gave one; lower is better."""
    return config.kept("ranks", lambda: _ranks(config))


def _ranks(config: Config) -> Mapping[str, int]:
    return {feed.key: feed.rank for feed in config.feeds if feed.rank}
