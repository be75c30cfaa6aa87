"""Near duplicates: how well they are found, what it costs, and how the search grows.

``python -m bench dedupe FOLDER`` leaves one set out after the other (``bench/dedupe_left_out.py``), scores every labelled set of the folder (``NAME.jsonl.gz`` with
``NAME.pairs.json``), and settles a thousand documents of each in a store. With or without a folder it measures the search by generated fingerprints:
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
from aggregator.dedupe.score import LabelledSet
from aggregator.dedupe.sketch import Sketch
from aggregator.store.db.database import open_engine
from aggregator.store.db.tables import metadata
from aggregator.store.stories.fingerprints import near_entries
from bench.dedupe_ids import ids
from bench.dedupe_left_out import left_out, smaller
from bench.dedupe_orders import ORDERS, stability
from bench.made_forms import sets as made_forms
from bench.made_sets import sets as made_sets
from bench.made_wires import sets as made_wires
from bench.settling import ms_per_article
from tests.support.postgres import PostgresUnavailable, shared_server

BATCHES = (50, 5)
# Documents that are there, and how many are settled at a time: as the daemon keeps up, and with all of
# a fresh database's feeds polled before the first is settled.
ID_BATCHES = ((100, 100), (500, 100))
ID_ORDERS = 4  # each settles every set twice
SETTLED = 1000  # documents of a set, at most, that are settled to see what it costs
SIZES = (10_000, 100_000, 1_000_000)
_KEYS = 14
_SEARCHES = 300


def main(arguments: Sequence[str] = (), sizes: Sequence[int] = SIZES) -> None:
    """Print the table per set (with a folder), and the growth curve."""
    for folder in arguments:
        labelled_sets = [scoring.load(path) for path in sorted(Path(folder).glob("*.jsonl*"))]
        labelled_sets += [*made_sets(), *made_wires(), *made_forms()]
        _print_left_out(labelled_sets)
        _print_orders(labelled_sets)
        _print_ids(labelled_sets)
        scores, settled = [], {}
        print(f"{'set':<14}{'documents':>10}{'precision':>10}{'recall':>8}{'F1':>7}", end="")
        print(f"{'ms/article':>12}{'bytes':>7}")
        for labelled in labelled_sets:
            one = scoring.score(labelled)
            scores.append(one)
            documents = labelled.documents[:SETTLED]
            settled[one.name] = [ms_per_article(documents, batch) for batch in BATCHES]
            print(
                f"{one.name:<14}{one.documents:>10}{one.precision:>10.3f}{one.recall:>8.3f}", end=""
            )
            print(
                f"{one.f1:>7.3f}{one.ms_per_document:>12.2f}{one.signature_bytes:>7.0f}", flush=True
            )
        print(f"macro F1 {scoring.macro(scores):.4f}\n", flush=True)
        print("settled in the store, SQLite, CPU ms/article, in batches of", *BATCHES)
        for name, spent in settled.items():
            print(f"{name:<14}", *(f"{one:>6.2f}" for one in spent), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        _print("SQLite", growth(f"sqlite:///{folder}/bench.db", sizes))
    try:
        with (
            tempfile.TemporaryDirectory() as run,
            shared_server(Path(run)) as server,
            server.fresh_database() as url,
        ):
            _print("PostgreSQL", growth(url, sizes))
    except PostgresUnavailable as error:
        print(f"no PostgreSQL: {error}")


def _print_left_out(sets: Sequence[LabelledSet]) -> None:
    print(
        f"{'left out':<14}{'precision':>10}{'recall':>8}{'F1':>7}{'as is':>8}  chosen on the others"
    )
    found = []
    for base, one, chosen in left_out(sets):
        found.append(one)
        print(f"{one.name:<14}{one.precision:>10.3f}{one.recall:>8.3f}{one.f1:>7.3f}", end="")
        print(f"{base.f1:>8.3f}  {chosen or 'the same values'}", flush=True)
    print(f"macro F1 left out {scoring.macro(found):.4f}\n", flush=True)


def _print_orders(sets: Sequence[LabelledSet]) -> None:
    print(
        f"{'in ' + str(ORDERS) + ' orders':<14}{'pairs':>8}{'in all':>8}{'wrong by chance':>17}{'same id':>9}"
    )
    for labelled in sets:
        one = stability(labelled)
        print(f"{labelled.name:<14}{one.in_any:>8}{one.share:>8.3f}{one.by_chance:>17}", end="")
        print(f"{one.same_founder:>9.3f}", flush=True)
    print()


def _print_ids(sets: Sequence[LabelledSet]) -> None:
    """In a fresh database, on as many documents as for the table of sets that are left out."""
    head = f"{'ids, ' + str(ID_ORDERS) + ' orders':<18}{'batches, of':>14}{'documents':>10}"
    print(f"{head}{'same id':>9}{'left a run':>12}{'items ended a run':>19}")
    for labelled in map(smaller, sets):
        for arriving, batch in ID_BATCHES:
            one = ids(labelled, batch, arriving, ID_ORDERS)
            print(
                f"{labelled.name:<18}{f'{batch}, {arriving}':>14}{len(labelled.documents):>10}",
                end="",
            )
            print(f"{one.same:>9.3f}{one.left:>12.1f}{one.ended:>19.1f}", flush=True)
    print()


def _print(name: str, curve: Iterator[tuple[int, float, float]]) -> None:
    for size, middle, high in curve:
        print(
            f"{name}: search among {size:>9,}: median {middle:.3f} ms, 95 % {high:.3f} ms",
            flush=True,
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
            _fill(engine, stored, size)
            stored = size
            with engine.connect() as connection:
                spent = sorted(_search(connection, draw, size) for _ in range(_SEARCHES))
            yield size, statistics.median(spent), spent[int(0.95 * len(spent))]
    finally:
        engine.dispose()


def _loosen(connection: Connection) -> None:
    """Fingerprints alone are wanted here, without the entries that they belong to."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TABLE fingerprint_keys"))
        connection.execute(
            text(
                "CREATE TABLE fingerprint_keys (key INTEGER NOT NULL, entry_id INTEGER NOT NULL,"
                " PRIMARY KEY (key, entry_id)) WITHOUT ROWID"
            )
        )
        connection.execute(
            text("CREATE INDEX ix_fingerprint_keys_entry_id ON fingerprint_keys (entry_id)")
        )
    else:
        connection.execute(
            text("ALTER TABLE fingerprint_keys DROP CONSTRAINT fk_fingerprint_keys_entry_id")
        )


def _fill(engine: Engine, first: int, last: int) -> None:
    """Fingerprints for these entries. Real keys are smallest hashes: they crowd at one end."""
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT {0} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {1})"
        " SELECT {2} AS key, n.i FROM n, (WITH RECURSIVE k(j) AS (SELECT 1 UNION ALL"
        f" SELECT j + 1 FROM k WHERE j < {_KEYS}) SELECT j FROM k) AS k WHERE true ORDER BY 1"
    )
    key = {
        "sqlite": "abs(random()) % (1 + abs(random()) % 268435456) - 2147483648",
        "postgresql": "(random() * random() * 268435456)::bigint - 2147483648",
    }[engine.dialect.name]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO fingerprint_keys (key, entry_id) "
                + numbers.format(first, last, key)
                + " ON CONFLICT DO NOTHING"
            )
        )
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _search(connection: Connection, draw: random.Random, size: int) -> float:
    like = {"entry_id": draw.randrange(size)}
    mine = text("SELECT key FROM fingerprint_keys WHERE entry_id = :entry_id")
    keys = list(connection.execute(mine, like).scalars())
    if draw.random() < 0.5:  # a copy: some of the keys of a stored text
        keys = keys[: _KEYS // 2]
    else:
        keys = [key + draw.randrange(1000) for key in keys]
    none = frozenset[str]()
    asked = Sketch(-1, 0, "", 0, none, none, none, none, (), frozenset(keys))
    started = time.perf_counter()
    near_entries(connection, [asked])
    return 1000 * (time.perf_counter() - started)
