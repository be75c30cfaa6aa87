"""The database opened without the rest of the daemon, and how things stand in it.

Nothing here fetches, extracts or publishes, so that a command that only looks starts fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import hubs
from aggregator.model import FeedPlace, HostStatus, HubReport, Status
from aggregator.ports import Overview
from aggregator.store.db.database import Database, bound_idle_transactions, open_engine
from aggregator.store.db.migrations import Opening, migrate
from aggregator.store.deliveries.hub_store import SqlHub
from aggregator.store.reports.overview import SqlOverview
from aggregator.urls import use_tracking_parameters

# A command that only looks takes nothing away: whoever runs the former release may want to go back.
_TO_LOOK = Opening(contracts=False)


@contextmanager
def open_database(config: Config, opening: Opening = _TO_LOOK) -> Iterator[Database]:
    """The configured database, migrated. Raises :class:`~aggregator.errors.StoreError`."""
    use_tracking_parameters(config.settings.urls.tracking_parameters)
    engine = open_engine(config.settings.database.url)
    try:
        migrate(engine, opening=opening)
        bound_idle_transactions(engine)
        database = Database(engine)
        try:
            yield database
        finally:
            database.close()
    finally:
        engine.dispose()


@contextmanager
def open_overview(config: Config) -> Iterator[Overview]:
    """Feeds and totals in the configured database, to be read again and again."""
    with open_database(config) as database:
        yield SqlOverview(database)


async def read_status(
    config: Config,
    limit: int | None = None,
    after: FeedPlace | None = None,
    *,
    failing: bool = False,
) -> Status:
    """Feeds and totals in the configured database, whether or not a daemon runs.

    See :meth:`aggregator.ports.Overview.status`.
    """
    with open_database(config) as database:
        titles, categories = choices.titles(config), choices.categories(config)
        return await SqlOverview(database).status(titles, categories, limit, after, failing=failing)


async def read_hub(config: Config) -> HubReport:
    """Subscribers of our hub, counted, and other hubs that could not be told."""
    if not hubs(config.settings):
        return HubReport()
    with open_database(config) as database:
        return await SqlHub(database).report(datetime.now(UTC))


async def read_host_status(config: Config) -> list[HostStatus]:
    """Request counts and cooldowns of hosts; a running daemon is half a minute ahead."""
    with open_database(config) as database:
        return await SqlOverview(database).hosts(datetime.now(UTC))
