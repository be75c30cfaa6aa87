"""Changes that the present reading of cron expressions makes for the configured feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.privacy.masking import masked
from aggregator.schedule.cron import Cron


def cron_changes(config: Config, now: datetime) -> Iterator[str]:
    """A line for each feed whose next run after ``now`` differs from that of the release before.

    Until then times were UTC, and a day had to fit both day fields.
    """
    for feed in config.feeds:
        if feed.cron is None:
            continue
        zone = choices.time_zone(config, feed)
        new = Cron(feed.cron, zone).next_run(now)
        old = Cron(feed.cron, UTC, both_days=True).next_run(now)
        if new != old:
            said = [
                f"{run.astimezone(zone):%a %Y-%m-%d %H:%M %Z}" if run else "never"
                for run in (new, old)
            ]
            yield f"cron `{feed.cron}` of {masked(feed.url)}: next run {said[0]}, in the release before {said[1]}"
