"""The configuration's meaning for one feed or one output, as values for the stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from aggregator import __version__
from aggregator.config.audience import may_show_private, only_here
from aggregator.config.config import Config
from aggregator.config.feed_options import fetch_options as options_of
from aggregator.config.output_terms import parse_quota
from aggregator.config.own_address import hubs, own_base
from aggregator.config.secrets import has_credentials, secrets_of_feed
from aggregator.config.settings import FeedSettings, OutputScope, OutputSettings, Settings
from aggregator.config.sieves import sieve_of
from aggregator.config.site_rules import ReadRule, as_xpath
from aggregator.model import (
    ArchiveBounds,
    Basis,
    ExtractMode,
    Feed,
    FeedLabels,
    FetchOptions,
    FollowArchives,
    Maker,
    Selection,
    SiteRule,
    StoryFilter,
    TaskLimits,
    TrailBounds,
)
from aggregator.privacy.masking import SHORTEST_SECRET, masked
from aggregator.privacy.public import Disclosure
from aggregator.schedule.cadence import Pace, Policy
from aggregator.schedule.cron import Cron
from aggregator.schedule.triggers import Schedule, schedule_of
from aggregator.select.filters import output_filter
from aggregator.select.sieve import Sieve
from aggregator.text.named_failures import named_failure

_OPEN = Disclosure()  # of a feed without secrets
_NOTHING_SAID = ((), (), 0, False)
_DIGEST = 32  # hexadecimal digits: 128 bits
_NAMED = 10  # feeds that a warning names
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
    )


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


def is_private(feed: FeedSettings) -> bool:
    """True where the address of ``feed`` is shown to nobody."""
    if feed.private != "auto":
        return feed.private == "true"
    return feed.has_secret_address or has_credentials(feed)


def disclosures(config: Config) -> Mapping[str, Disclosure]:
    """Feed key → what may be told of it: of private feeds, and of those with a ``public_url``."""
    return config.kept("disclosures", lambda: _disclosures(config))


def _disclosures(config: Config) -> Mapping[str, Disclosure]:
    private = _private_keys(config)
    return {
        feed.key: Disclosure(feed.key in private, feed.public_url, secrets_of_feed(feed))
        for feed in config.feeds
        if feed.public_url or feed.key in private
    }


def disclosure(config: Config, key: str) -> Disclosure:
    """Disclosure of the feed ``key``; of one that left the configuration, nothing secret is known."""
    feed = config.feed(key)
    if feed is None:
        return Disclosure()
    return Disclosure(is_private(feed), feed.public_url, secrets_of_feed(feed))


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


def _parted(config: Config, output: OutputSettings) -> Mapping[str, Sequence[str]] | None:
    """Feed key → those of its categories of which ``output`` shows the items; None: it parts nothing."""
    if output.scope is not OutputScope.CATEGORY:
        return None
    if not output.categories:
        return categories(config)
    shown = (
        (key, tuple(name for name in names if name in output.categories))
        for key, names in categories(config).items()
    )
    return {key: names for key, names in shown if names}


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


def output_title(settings: Settings, output: OutputSettings) -> str:
    """Title of ``output`` as readers see it.

    Without one of its own, that of the whole where it stands for the whole, as `all` does or the only
    one; else its name, in words.
    """
    whole = output.name == "all" or len(settings.outputs) == 1
    words = "" if whole else " ".join(output.name.replace("-", " ").replace("_", " ").split())
    return output.title or words[:1].upper() + words[1:] or settings.title


def tokens(output: OutputSettings) -> tuple[str, ...]:
    """The tokens of ``output``, each once; empty: everybody may read it."""
    return tuple(dict.fromkeys(token.get_secret_value() for token in output.token))


def addresses(config: Config) -> Mapping[tuple[str, str], Sequence[str]]:
    """Name and format of every output, by former names too → digests of its tokens; []: everybody."""
    return {
        (name, kind): [sha256(token.encode()).hexdigest() for token in tokens(output)]
        for output in config.settings.outputs
        for name in (output.name, *output.aliases)
        for kind in output.formats
    }


def archived(config: Config) -> Mapping[str, bool]:
    """Name of every output, former names too → does it keep archive pages?"""
    return {name: bool(bounds.max_age) for name, bounds in archive_bounds(config).items()}


def archive_bounds(config: Config) -> Mapping[str, ArchiveBounds]:
    """Name of every output, former names too → bounds of its archive."""
    return {
        name: ArchiveBounds(output.kept_archive, output.archive_size)
        for output in config.settings.outputs
        for name in (output.name, *output.aliases)
    }


def digests(config: Config) -> Mapping[str, Cron]:
    """Output with a digest → when its editions are made."""
    return config.kept(
        "digests",
        lambda: {
            one.name: Cron(one.digest, ZoneInfo(config.settings.timezone))
            for one in config.settings.outputs
            if one.digest
        },
    )


def kept_editions(config: Config) -> Mapping[str, int]:
    """Name of every output with a digest, former names too → editions that it shows."""
    return {
        name: output.limit
        for output in config.settings.outputs
        if output.digest
        for name in (output.name, *output.aliases)
    }


def group_order(config: Config, output: OutputSettings) -> Sequence[str]:
    """Categories in the order of groups in editions: the output's own, else as the feeds have them."""
    if output.categories:
        return output.categories
    return list(dict.fromkeys(name for feed in config.feeds for name in feed.categories))


_FOR_EDITIONS = 500
"""Stories at least that a log which begins anew is filled with, where editions are cut from it."""


def selections(config: Config) -> Mapping[str, Selection]:
    """Selections of all outputs, by name."""
    return config.kept(
        "selections", lambda: {one.name: selection(config, one) for one in config.settings.outputs}
    )


def feed_facts(config: Config) -> Mapping[str, str]:
    """Feed key → digest of what the configuration says of it, so far as outputs depend on it."""
    return config.kept("feed_facts", lambda: _feed_facts(config))


def _feed_facts(config: Config) -> Mapping[str, str]:
    kept_back = {feed.key for feed in private_feeds(config) if not feed.share}
    said = (
        (one.key, (one.categories, tuple(sorted(one.tags)), one.rank, one.key in kept_back))
        for one in config.feeds
    )
    return {key: "" if told == _NOTHING_SAID else _digest(*told) for key, told in said}


def facts(config: Config) -> str:
    """Digest over :func:`feed_facts` of all feeds."""
    return config.kept(
        "facts", lambda: _digest(sorted(pair for pair in feed_facts(config).items() if pair[1]))
    )


def _basis(config: Config, output: OutputSettings, found: Selection) -> Basis:
    by_category, shows_all = output.scope is OutputScope.CATEGORY, not found.hidden
    identity = (found.dedupe, found.window, by_category, found.by_story)
    choice = (sorted(output.categories), sorted(output.tags), shows_all, *_terms(found))
    return Basis(output.name, _digest(*identity), _digest(*choice), facts(config))


def _terms(found: Selection) -> tuple[object, ...]:
    """All by which an output takes some items and not others; empty where it takes them all."""
    if found.is_plain:
        return ()
    by_title = found.filter is not None and "feed" in found.filter.names
    return (
        found.filter.digest if found.filter is not None else "",
        sorted(found.titles.items()) if by_title else (),
        found.min_sources,
        str(found.quota or ""),
        found.order.value,
    )


def _digest(*said: object) -> str:
    return sha256(repr(said).encode()).hexdigest()[:_DIGEST]


def selection(config: Config, output: OutputSettings) -> Selection:
    """Selection of the stories that ``output`` shows.

    A feed belongs to it when it is in one of its categories and has one of its tags; an empty
    list of either asks nothing.
    """
    asked = filter_of(config, output)
    found = Selection(
        limit=max(output.limit, _FOR_EDITIONS) if output.digest else output.limit,
        keys=_keys(config, output),
        titles=titles(config),
        dedupe=output.dedupe,
        window=output.window or None,
        categories=_parted(config, output),
        ranks=ranks(config),
        hidden=hidden(config, output),
        disclosures=disclosures(config),
        private=bool(output.token),
        filter=asked,
        labels=_labels(config) if asked is not None else {},
        min_sources=output.min_sources,
        quota=parse_quota(output.max_per_feed),
        order=output.order,
        max_age=output.max_age or None,
    )
    return replace(found, basis=_basis(config, output, found))


def filter_of(config: Config, output: OutputSettings) -> StoryFilter | None:
    """The filter of ``output``, compiled; None: it takes everything."""
    said = (output.keep, output.drop, output.filter)
    return config.kept(f"filter {said}", lambda: output_filter(*said))


def _labels(config: Config) -> Mapping[str, FeedLabels]:
    return config.kept(
        "labels",
        lambda: {
            feed.key: FeedLabels(feed.categories, feed.tags)
            for feed in config.feeds
            if feed.categories or feed.tags
        },
    )


def _keys(config: Config, output: OutputSettings) -> frozenset[str] | None:
    """Keys of the feeds that belong to ``output``; None: all of them."""
    if not (output.categories or output.tags):
        return None
    return config.kept(
        f"keys {sorted(output.categories)} {sorted(output.tags)}",
        lambda: frozenset(feed.key for feed in config.feeds if _belongs(feed, output)),
    )


def private_feeds(config: Config) -> Sequence[FeedSettings]:
    """The private feeds, in the configuration's order."""
    return config.kept("private", lambda: [feed for feed in config.feeds if is_private(feed)])


def _private_keys(config: Config) -> frozenset[str]:
    return config.kept("private keys", lambda: frozenset(f.key for f in private_feeds(config)))


def hidden(config: Config, output: OutputSettings) -> frozenset[str]:
    """Keys of the private feeds that ``output`` must not show."""
    if may_show_private(config.settings, output):
        return frozenset()
    return frozenset(feed.key for feed in private_feeds(config) if not feed.share)


def tell_less(now: Config, fresh: Config) -> frozenset[str]:
    """Outputs of ``fresh`` that hide a feed which they showed by ``now``."""
    before = {one.name: one for one in now.settings.outputs}
    return frozenset(
        one.name
        for one in fresh.settings.outputs
        if (was := before.get(one.name)) is not None
        and (more := hidden(fresh, one) - hidden(now, was))
        and any(_belongs(feed, was) for feed in now.feeds if feed.key in more)
    )


def for_owner_only(config: Config, output: OutputSettings) -> bool:
    """True where the files of ``output`` show private feeds, and nobody said that they may."""
    if output.token:
        return True
    shared = may_show_private(config.settings, output)
    return shared and any(
        not feed.share and _belongs(feed, output) for feed in private_feeds(config)
    )


def held_back(config: Config) -> Iterator[str]:
    """Feeds that outputs hold back because everybody may read these, and what would let them in."""
    for output in config.settings.outputs:
        kept = hidden(config, output)
        names = [
            feed.title or feed.key
            for feed in config.feeds
            if feed.key in kept and _belongs(feed, output)
        ]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield (
                f"output `{output.name}` holds back {_feeds(len(names))}, since everybody may read "
                f"it: {', '.join(names[:_NAMED])}{more}; to let them in, put `share = true` below a "
                'feed, or `token = { file = "…" }` below the output'
            )


def _feeds(count: int) -> str:
    return "a private feed" if count == 1 else f"{count} private feeds"


def _belongs(feed: FeedSettings, output: OutputSettings) -> bool:
    return bool(
        (not output.categories or set(feed.categories) & set(output.categories))
        and (not output.tags or set(feed.tags) & set(output.tags))
    )


def untold(config: Config) -> frozenset[str]:
    """Keys of the feeds of which pages must tell nothing."""
    if only_here(config.settings):
        return frozenset()
    return _private_keys(config)


def told(config: Config, key: str) -> Disclosure | None:
    """Facts that pages may tell of the feed ``key``; None: not even that it is there."""
    if config.feed(key) is None or key in untold(config):
        return None
    return disclosures(config).get(key) or _OPEN


def guarded(config: Config) -> Mapping[str, frozenset[str]]:
    """Private feed's key → its address and what is secret of it: no output may hold these."""
    known = disclosures(config)
    return {
        feed.key: frozenset(
            {feed.url, *(s for s in known[feed.key].secrets if len(s) >= SHORTEST_SECRET)}
        )
        for feed in private_feeds(config)
    }


def maker(config: Config) -> Maker:
    """This release, and a digest of all in ``config`` that changes what readers may see.

    No secret goes into the digest, which is stored: a weak one could be guessed from it.
    """
    return config.kept("maker", lambda: _maker(config))


def _maker(config: Config) -> Maker:
    settings = config.settings
    outputs = [(one.model_dump(exclude={"token"}), len(one.token)) for one in settings.outputs]
    private = _private_keys(config)
    feeds = [
        (
            key := feed.key,
            key in private,
            feed.share,
            feed.public_url,
            feed.title,
            feed.categories,
            feed.tags,
        )
        for feed in config.feeds
    ]
    names = [output_title(settings, one) for one in settings.outputs]
    seen = (names, own_base(settings), hubs(settings), only_here(settings), outputs, feeds)
    return Maker(__version__, sha256(repr(seen).encode()).hexdigest())
