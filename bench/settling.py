"""What settling costs: a labelled set through the real store, in the batches in which polls come."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from aggregator.dedupe.keys import story_keys
from aggregator.dedupe.score import Document
from aggregator.model import SettleOrder
from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import EntryState, articles, entries, entry_texts, feeds
from aggregator.store.stories.settle import settle
from aggregator.store.stories.text_cache import TextCache

_WINDOW = timedelta(days=30)
_AGAIN = 4  # rounds after the last document
_ORDER = SettleOrder.OLDEST
_START = datetime(2026, 1, 5, tzinfo=UTC)


def ms_per_article(documents: Sequence[Document], batch: int) -> float:
    """CPU of this process, in milliseconds an article, on SQLite; ``batch`` entries at a time."""
    return 1000 * sum(spent for _, spent in settled(documents, batch)) / max(1, len(documents))


def settled(
    documents: Sequence[Document],
    batch: int,
    published: Mapping[str, datetime] | None = None,
    arriving: int = 0,
) -> Iterator[tuple[Connection, float]]:
    """Settle ``documents`` in a fresh database; after each batch a connection, and the CPU it took in seconds.

    ``published`` are their dates by id; ``arriving`` of them are there (0: a batch) before any is settled.
    At the end what is to be looked at again is, a few times.
    """
    arriving = arriving or batch
    numbers = {name: n for n, name in enumerate(dict.fromkeys(map(_feed, documents)), 1)}
    taken = TextCache()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        try:
            migrate(engine)  # with the index for searching, which no table of the metadata is
            with engine.begin() as connection:
                connection.execute(feeds.insert(), [_feed_row(k, n) for k, n in numbers.items()])
            for start in range(0, len(documents) + _AGAIN * arriving, arriving):
                now = _START + timedelta(seconds=start)
                with engine.begin() as connection:
                    for number, one in enumerate(documents[start : start + arriving], start + 1):
                        date = (published or {}).get(one.id)
                        _insert(connection, number, numbers[_feed(one)], one, now, date)
                for _ in range(0, arriving, batch):
                    began = time.process_time()
                    with engine.begin() as connection:
                        settle(
                            connection, batch, now, _WINDOW, story_keys, cache=taken, order=_ORDER
                        )
                    spent = time.process_time() - began
                    with engine.connect() as connection:
                        yield connection, spent
        finally:
            engine.dispose()


def _feed(document: Document) -> str:
    return document.feed or f"alone {document.id}"


def _feed_row(key: str, number: int) -> dict[str, object]:
    return {
        "id": number,
        "key": key,
        "url": key,
        "active": True,
        "hints": {},
        "recent": [],
        "next_poll_at": _START,
        "gone": False,
        "added_at": _START,
    }


def _insert(
    connection: Connection,
    number: int,
    feed_id: int,
    document: Document,
    now: datetime,
    published: datetime | None,
) -> None:
    """An entry whose page has come: its text is what the document says."""
    connection.execute(
        articles.insert().values(
            id=number,
            url=f"https://pages.example/{number}",
            host="pages.example",
            state=1,
            next_attempt_at=now,
            text=document.text,
            fetched_at=now,
        )
    )
    connection.execute(
        entries.insert().values(
            id=number,
            feed_id=feed_id,
            identity=document.id,
            public_id=f"urn:bench:{document.id}",
            content_hash=document.id,
            url=document.url or None,
            title=document.title,
            authors=[],
            categories=[],
            enclosures=[],
            first_seen_at=now,
            published_at=published,
            sort_at=published or now,
            listed=True,
            state=EntryState.READY,
            state_since=now,
            article_id=number,
        )
    )
    connection.execute(
        entry_texts.insert().values(entry_id=number, summary_html="", content_html="")
    )
