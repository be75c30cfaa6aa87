"""Choice of stories of an output, and digests that tell when another one is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from aggregator.config.choices.of_feeds import categories, ranks, titles
from aggregator.config.choices.of_secrecy import belongs, disclosures, hidden, private_feeds
from aggregator.config.config import Config
from aggregator.config.output_terms import parse_quota
from aggregator.config.settings import OutputScope, OutputSettings
from aggregator.model import (
    Basis,
    FeedLabels,
    Selection,
    StoryFilter,
)
from aggregator.select.filters import output_filter

_NOTHING_SAID = ((), (), 0, False)

_DIGEST = 32  # hexadecimal digits: 128 bits


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
        lambda: frozenset(feed.key for feed in config.feeds if belongs(feed, output)),
    )
