"""What the database counts as things change, counted anew."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from aggregator.store.db.counters import Counter, read_counters
from aggregator.store.db.tables import ArticleState, articles, entries, feeds, stories


def miscounted(connection: Connection) -> dict[str, tuple[int, int]]:
    """Counters that are wrong: name → (kept, counted). Empty when all are right."""

    def number(rows: object, *where: object) -> int:
        return connection.execute(select(func.count()).select_from(rows).where(*where)).scalar_one()  # type: ignore[arg-type]

    kept = read_counters(connection)
    counted = {
        Counter.ENTRIES: number(entries),
        Counter.STORIES: number(stories),
        Counter.PAGES: number(articles),
        Counter.PAGES_FAILED: number(articles, articles.c.state == ArticleState.FAILED),
    }
    wrong = {n.value: (kept[n], real) for n, real in counted.items() if kept[n] != real}
    of_feed = select(func.count()).where(entries.c.feed_id == feeds.c.id).scalar_subquery()
    for row in connection.execute(select(feeds.c.key, feeds.c.entries, of_feed.label("real"))):
        if row.entries != row.real:
            wrong[row.key] = (row.entries, row.real)
    return wrong
