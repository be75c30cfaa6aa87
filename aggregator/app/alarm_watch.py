"""Conditions of which the operator is told, looked for: feeds, backlog, disks, deliveries."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.roads import has_alarms
from aggregator.deliver.alarms import backlog_alarm, changes, delivery_alarms, disk_alarm
from aggregator.deliver.notify_text import one_line
from aggregator.model import Alarm, AlarmChanges, FeedName
from aggregator.ports import DeliveryStore
from aggregator.privacy.masking import masked
from aggregator.store.db.database import sqlite_path
from aggregator.text.named_failures import without_address
from aggregator.urls import host_of

_LONGEST = 300  # characters of an error


async def look_for_alarms(config: Config, store: DeliveryStore, now: datetime) -> int:
    """Note which alarms begin and which are over, where somebody is told of them; how many are they?"""
    if not has_alarms(config):
        return 0
    settings = config.settings.alarms
    standing = await store.standing_alarms()
    met = list[Alarm]()
    if settings.feeds:
        met += [_feed(config, feed, error) for feed, error in await store.broken_feeds()]
    met += backlog_alarm(await store.oldest_unsettled(), settings.backlog, now)
    met += await asyncio.to_thread(lambda: list(_disks(config, standing.keys())))
    if settings.deliveries:
        met += delivery_alarms(await store.roads())
    disks = f"disk:{platform.node()}:"  # of another machine nothing is known here
    looked_at = ("feed:", "backlog", disks, "delivery:")

    def decide(stands: Collection[str]) -> AlarmChanges:
        return changes(stands, met, looked_at)

    found = decide(standing.keys())
    if not found.begun and not found.over:
        return 0  # as nearly always
    return await store.note_alarms(decide, now)


def _feed(config: Config, feed: FeedName, error: str) -> Alarm:
    """A feed that broke, without what is secret of it."""
    known = choices.disclosure(config, feed.key)
    address = known.feed_url(feed.url, feed.site_url)
    title = choices.titles(config).get(feed.key) or feed.title
    if not title or title in {feed.key, feed.url}:
        title = (host_of(address) if known.private else address) or "a feed"
    why = known.text(masked(without_address(masked(error), masked(feed.url))))
    said = f"Feed broke: {known.text(masked(title))}" + (f": {why}" if why else "")
    return Alarm(f"feed:{masked(feed.key)}", one_line(said, _LONGEST))


def _disks(config: Config, standing: Collection[str]) -> Iterator[Alarm]:
    bound = config.settings.alarms.disk_free
    file = sqlite_path(config.settings.database.url)
    folders = [str(file.parent)] if file is not None else []
    folders += [config.settings.publish.directory] if config.settings.publish.directory else []
    for folder in dict.fromkeys(folders):
        key = f"disk:{platform.node()}:{folder}"
        try:
            free = shutil.disk_usage(Path(folder)).free
        except OSError:  # it is made when it is first written to
            continue
        yield from disk_alarm(key, folder, free, bound, stands=key in standing)
