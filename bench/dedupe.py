"""Near duplicates: how well they are found, what it costs, and how the search grows.

``python -m bench dedupe FOLDER`` scores every labelled set of the folder (``NAME.jsonl.gz`` with
``NAME.pairs.json``). With or without a folder it measures the search by generated fingerprints:
10,000 to 1,000,000 texts on SQLite, and on the PostgreSQL server of the tests when that is there.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from aggregator.dedupe import score as scoring
from aggregator.dedupe.sketch import Sketch
from aggregator.store.database import open_engine
from aggregator.store.fingerprints import near_entries
from aggregator.store.tables import metadata

SIZES = (10_000, 100_000, 1_000_000)
_KEYS = 14
_SEARCHES = 300
_BATCH = 20_000


def main(arguments: Sequence[str] = (), sizes: Sequence[int] = SIZES, url: str = "") -> None:
    """Print the table per set (with a folder), and the growth curve."""
    for folder in arguments:
        scores = []
        print(f"{'set':<14}{'documents':>10}{'precision':>10}{'recall':>8}{'F1':>7}", end="")
        print(f"{'ms/article':>12}{'bytes':>7}")
        for path in sorted(Path(folder).glob("*.jsonl*")):
            one = scoring.score(scoring.load(path))
            scores.append(one)
            print(
                f"{one.name:<14}{one.documents:>10}{one.precision:>10.3f}{one.recall:>8.3f}", end=""
            )
            print(f"{one.f1:>7.3f}{one.ms_per_document:>12.2f}{one.signature_bytes:>7.0f}")
        print(f"macro F1 {scoring.macro(scores):.4f}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for size, middle, high in growth(url or f"sqlite:///{folder}/bench.db", sizes):
            print(
                f"search among {size:>9,}: median {middle:.3f} ms, 95 % {high:.3f} ms", flush=True
            )


def growth(url: str, sizes: Sequence[int]) -> Iterator[tuple[int, float, float]]:
    """(texts, median, 95th percentile in milliseconds of time) of a search, for growing sizes.

    Half of the texts searched for are copies that share some keys with a stored one.
    """
    engine = open_engine(url)
    draw = random.Random(7)
    stored = 0
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            _loosen(connection)
        for size in sizes:
            _fill(engine, draw, stored, size)
            stored = size
            with engine.connect() as connection:
                spent = sorted(_search(connection, draw, size) for _ in range(_SEARCHES))
            yield size, statistics.median(spent), spent[int(0.95 * len(spent))]
    finally:
        engine.dispose()


def _loosen(connection: Connection) -> None:
    """Fingerprints alone are wanted here, without the entries that they belong to."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("ALTER TABLE fingerprint_keys DROP CONSTRAINT fk_fingerprint_keys_entry_id")
        )


def _fill(engine: Engine, draw: random.Random, first: int, last: int) -> None:
    for start in range(first, last, _BATCH):
        rows = [
            (key, entry_id)
            for entry_id in range(start, min(start + _BATCH, last))
            for key in _keys(entry_id)
        ]
        draw.shuffle(rows)
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            if engine.dialect.name == "sqlite":
                cursor.execute("PRAGMA foreign_keys = OFF")
            mark = "?" if engine.dialect.name == "sqlite" else "%s"
            cursor.executemany(f"INSERT INTO fingerprint_keys VALUES ({mark}, {mark})", rows)
            raw.commit()
        finally:
            raw.close()


def _keys(entry_id: int) -> list[int]:
    """The keys of one text: smallest hashes, so they crowd at the lower end, as real ones do."""
    draw = random.Random(entry_id)
    return sorted({int(draw.random() ** 2 * 2**28) - 2**31 for _ in range(_KEYS)})


def _search(connection: Connection, draw: random.Random, size: int) -> float:
    keys = _keys(draw.randrange(size) if draw.random() < 0.5 else size + draw.randrange(size))
    asked = Sketch(
        -1, 0, (), (), frozenset(), frozenset(), frozenset(), frozenset(), (), frozenset(keys)
    )
    started = time.perf_counter()
    near_entries(connection, [asked])
    return 1000 * (time.perf_counter() - started)
