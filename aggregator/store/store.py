"""The store: the folders' classes put together, over one open database."""

from __future__ import annotations

from aggregator.ports import Clock, Store
from aggregator.store.db.database import Database
from aggregator.store.deliveries.store import SqlDeliveries
from aggregator.store.feeds.pace_rows import SqlPaces
from aggregator.store.feeds.store import SqlFeeds
from aggregator.store.outputs.archive_store import SqlArchives
from aggregator.store.outputs.edition_store import SqlEditions
from aggregator.store.outputs.log import note_stories
from aggregator.store.outputs.store import SqlOutputs
from aggregator.store.pages.store import SqlArticles
from aggregator.store.reports.store import SqlReports
from aggregator.store.stories.store import SqlStories


class SqlStore(
    SqlFeeds,
    SqlPaces,
    SqlArticles,
    SqlStories,
    SqlOutputs,
    SqlArchives,
    SqlEditions,
    SqlDeliveries,
    SqlReports,
    Store,
):
    """Everything that the pipeline keeps, operator edits and reports, over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        SqlFeeds.__init__(self, database, clock)
        SqlPaces.__init__(self, database)
        SqlArticles.__init__(self, database, clock)
        SqlStories.__init__(self, database, note_stories)
        SqlOutputs.__init__(self, database, clock)
        SqlArchives.__init__(self, database, clock)
        SqlEditions.__init__(self, database, clock)
        SqlDeliveries.__init__(self, database)
        SqlReports.__init__(self, database)
