"""Values as they are published, for tests that care for other things."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aggregator.model import FeedStatus, Source
from aggregator.privacy.public import Disclosure, PublicUrl


def source(
    title: str, feed_url: str, site_url: str | None = None, updated: datetime | None = None
) -> Source:
    """The source of an item; these addresses are no secret."""
    site = None if site_url is None else PublicUrl(site_url)
    return Source(title, PublicUrl(feed_url), site, updated)


def all_told(feeds: Iterable[FeedStatus]) -> dict[str, Disclosure]:
    """Everything may be told of these feeds."""
    return {feed.key: Disclosure() for feed in feeds}
