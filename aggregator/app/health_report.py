"""The health feed of a configuration, and its upkeep: summaries, and an end for what is old."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import id_base, own_base
from aggregator.model import OutputFeed
from aggregator.publish.health_items import health_feed
from aggregator.schedule.cron import Cron
from aggregator.schedule.health_changes import summary_day
from aggregator.store.store import SqlStore

_EVENTS = 100


async def health_of(config: Config, store: SqlStore) -> OutputFeed:
    """The feed about the feeds of ``config``."""
    events = await store.health(choices.titles(config), _EVENTS)
    return health_feed(
        events,
        partial(choices.told, config),
        title=config.settings.title,
        base_url=own_base(config.settings),
        id_base=id_base(config.settings),
    )


async def keep_health(config: Config, store: SqlStore, now: datetime) -> None:
    """Write the summary that is due, and drop old events."""
    settings = config.settings.health_feed
    if settings.enabled and settings.summary:
        zone = ZoneInfo(config.settings.timezone)
        day_of = partial(summary_day, Cron(settings.summary, zone), zone, now)
        await store.sum_up_health(now, day_of)
    await store.drop_health(now, settings.max_age)
