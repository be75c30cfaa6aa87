"""Private feeds: which they are, what may be told of them, and which outputs show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aggregator.config.audience import may_show_private, only_here
from aggregator.config.config import Config
from aggregator.config.secrets import has_credentials, secrets_of_feed
from aggregator.config.settings import FeedSettings, OutputSettings
from aggregator.privacy.masking import SHORTEST_SECRET
from aggregator.privacy.public import Disclosure

_OPEN = Disclosure()  # of a feed without secrets

_NAMED = 10  # feeds that a warning names


def is_private(feed: FeedSettings) -> bool:
    """True where the address of ``feed`` is shown to nobody."""
    if feed.private != "auto":
        return feed.private == "true"
    return feed.has_secret_address or has_credentials(feed)


def disclosures(config: Config) -> Mapping[str, Disclosure]:
    """Feed key → what may be told of it: of private feeds, and of those with a ``public_url``."""
    return config.kept("disclosures", lambda: _disclosures(config))


def _disclosures(config: Config) -> Mapping[str, Disclosure]:
    private = private_keys(config)
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


def private_feeds(config: Config) -> Sequence[FeedSettings]:
    """The private feeds, in the configuration's order."""
    return config.kept("private", lambda: [feed for feed in config.feeds if is_private(feed)])


def private_keys(config: Config) -> frozenset[str]:
    """Keys of the private feeds."""
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
        and any(belongs(feed, was) for feed in now.feeds if feed.key in more)
    )


def for_owner_only(config: Config, output: OutputSettings) -> bool:
    """True where the files of ``output`` show private feeds, and nobody said that they may."""
    if output.token:
        return True
    shared = may_show_private(config.settings, output)
    return shared and any(
        not feed.share and belongs(feed, output) for feed in private_feeds(config)
    )


def held_back(config: Config) -> Iterator[str]:
    """Feeds that outputs hold back because everybody may read these, and what would let them in."""
    for output in config.settings.outputs:
        kept = hidden(config, output)
        names = [
            feed.title or feed.key
            for feed in config.feeds
            if feed.key in kept and belongs(feed, output)
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


def belongs(feed: FeedSettings, output: OutputSettings) -> bool:
    """True where ``feed`` has one of the categories and one of the tags of ``output``; none asks nothing."""
    return bool(
        (not output.categories or set(feed.categories) & set(output.categories))
        and (not output.tags or set(feed.tags) & set(output.tags))
    )


def untold(config: Config) -> frozenset[str]:
    """Keys of the feeds of which pages must tell nothing."""
    if only_here(config.settings):
        return frozenset()
    return private_keys(config)


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
