"""Migrations: up, down and up with data, under a lock, and to the very shape that the code uses."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, event, func, insert, inspect, select, text

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.model import (
    Alarm,
    AlarmChanges,
    ArchiveTrail,
    Basis,
    Cursor,
    DueEdition,
    Edition,
    Guards,
    HealthKind,
    HostCount,
    HubAddress,
    HubCaps,
    HubMode,
    HubRequest,
    HubTopic,
    Maker,
    NewLetter,
    PageBody,
    PageLines,
    PageNumber,
    ParsedFeed,
    Quota,
    ReaderCount,
    RenamedEntry,
    RoadKey,
    RoadKind,
    RoadSource,
    RobotsCopy,
    Selection,
    SettleOrder,
    Stretch,
    WantedRoad,
)
from aggregator.store.db import processes
from aggregator.store.db.counters import Counter
from aggregator.store.db.database import Database, open_engine
from aggregator.store.db.migrations import lost_by, migrate, script_folder
from aggregator.store.db.phases import FIRST
from aggregator.store.db.tables import counters, feeds, metadata, output_logs
from aggregator.store.deliveries.hub_store import SqlHub
from aggregator.store.feeds import claims as claim_rows
from aggregator.store.feeds import feeds as feed_rows
from aggregator.store.hosts.counts import SqlHosts
from aggregator.store.outputs.reader_rows import SqlReaderCounts
from aggregator.store.pages import claims as page_claims
from aggregator.store.requests.posted import SqlRequests
from aggregator.store.stories import ready_entries
from aggregator.store.websub.store import SqlSubscriptions
from tests.support.storage import DAY, LEASE, NOW, Stored, article, new, stored_at, wanted

A = "https://a.example/feed"
# Those of the limit on polls are there once it was set, those of keys once something was settled.
NOTHING_COUNTED = sorted(
    (name.value, 0) for name in Counter if not name.value.startswith(("stretch", "keyed"))
)
HEAD = max(file.name[:4] for file in (script_folder() / "versions").glob("[0-9]*.py"))


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    one = open_engine(empty_database_url)
    yield one
    one.dispose()


def everything(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


async def fill(url: str) -> None:
    """Put rows into every table, by the store itself."""
    with stored_at(url) as stored:
        await stored.subscribe(A)
        await stored.store.sync_logs([Basis("all", "identity", "choice", "")])
        basis = Basis("all", "identity", "choice", "")
        output = Selection(100, basis=basis, quota=Quota(5, DAY))
        ids = await stored.poll(A, new("one", "https://a.example/1"), new("old", at=NOW - DAY))
        (task,) = await stored.pages()
        await stored.store.commit_article(task, article(), "https://a.example/moved", b"digests.")
        await stored.settle()
        await stored.poll(A, renamed=[RenamedEntry(ids[0], "one, later", "one")])
        await stored.poll(A, unlisted=ids)
        stored.clock.advance(2 * DAY)
        await stored.store.drop_old(stored.clock.now(), 0 * DAY, 1, [])
        await stored.store.remember_rendering("all", "atom", "digest", NOW, Maker("1", "c"))
        await stored.store.sync_outputs({("all", "atom"): []}, NOW)
        hosts = SqlHosts(stored.database)
        await hosts.note([HostCount("a.example", 1)], {"a.example": NOW + DAY}, NOW)
        await hosts.save("https://a.example", RobotsCopy("User-agent: *", NOW))
        await stored.poll(A, parsed=ParsedFeed("F", hub_url="https://hub.example/", self_url=A))
        stretch = Stretch("https://a.example/older", archived=True, known_at=NOW)
        trail = ArchiveTrail((stretch,), NOW, read=("digest",))
        await stored.poll(A, health=(HealthKind.BROKE,), parsed=None, trail=trail)
        box = SqlRequests(stored.database)
        await box.answer(await box.post("{}", DAY, for_all=False), "{}")
        await SqlSubscriptions(stored.database).reconcile("https://me.example", NOW)
        await stored.store.catch_up([output])
        await stored.store.sync_archives({"all": True})
        log_id = stored.rows(output_logs)[0].id
        lines = PageLines(PageNumber(log_id, 1), 0, 1, (), (), NOW, {}, None)
        body = PageBody("atom", b"<feed/>", "mark", "digest")
        guards = Guards(private=False, marks={}, digest="guards")
        await stored.store.close_page(lines, [body], guards)
        await stored.store.begin_editions(output, ["all"])
        news = await stored.store.edition_news(output, ["all"])
        assert news is not None
        edition = Edition("urn:uuid:1", "2026-11-02", "Title", (), NOW, NOW)
        due = DueEdition(NOW, "2026-11-02")
        await stored.store.store_edition(["all"], news, due, edition, guards)
        await _deliver(stored)
        await stored.store.sync_logs([Basis("all", "identity", "another choice", "")])
        await fill_hub(SqlHub(stored.database))
        await fill_readers(stored.database)
        await stored.database.write(processes.join, processes.this_process("run"))


async def fill_readers(database: Database) -> None:
    said = ReaderCount("all", "atom", 304, "Feedly", "", 12, requests=3)
    await SqlReaderCounts(database).note([said], NOW)


async def fill_hub(hub: SqlHub) -> None:
    topic, caps = HubTopic("https://me.example/feeds/all.atom", "all", "atom"), HubCaps(9, 9)
    for name in ("a", "b"):
        url = f"https://{name}.example/"
        request = HubRequest(HubMode.SUBSCRIBE, topic, url, f"{name}.example", DAY, "secret")
        await hub.ask(request, caps, NOW)
    (one, *_) = await hub.claim_requests(NOW, NOW + DAY, 1, [])
    await hub.confirm(one, NOW, Cursor(1, 1), caps)
    await hub.announce([HubAddress("https://hub.example/", topic.url, "digest")], NOW)


async def _deliver(stored: Stored) -> None:
    """A road that gave a message up, and an alarm."""
    key, now = RoadKey(RoadKind.WEBHOOK, "ops", "all"), stored.clock.now()
    await stored.store.sync_roads([WantedRoad(key, RoadSource.LOG)], now)
    (road,) = await stored.store.claim_roads(now, DAY, 1)
    state = replace(road.state, epoch=1, seq=1, recent=(now,))
    await stored.store.save_road(road, state, now, NewLetter(1, 1, 1, "answered 500"))
    alarms = AlarmChanges((Alarm("backlog", "Backlog"),))
    await stored.store.note_alarms(lambda _: alarms, now)


def declared(_object: object, name: str | None, *_: object) -> bool:
    """All but the index for searching, which is a table of its own kind on SQLite."""
    return not str(name).startswith("search_index") and name != "ix_search_texts_terms"


def test_up_gives_the_shape_that_the_code_uses(engine: Engine) -> None:
    assert migrate(engine) == (None, HEAD)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": declared}
        )
        assert compare_metadata(context, metadata) == []
        assert sorted(map(tuple, connection.execute(select(counters)))) == NOTHING_COUNTED
        indexes = {
            index["name"]: str(index["dialect_options"])
            for table in metadata.tables
            for index in inspect(connection).get_indexes(table)
            if index["dialect_options"].get(f"{engine.dialect.name}_where") is not None
        }
    assert set(indexes) == {
        "ix_feeds_due",
        "ix_feeds_in_trouble",
        "ix_feeds_offline",
        "ix_feeds_unpolled",
        "ix_feeds_left_over",
        "ix_entries_exact_id",
        "ix_entries_droppable",
        "ix_entries_droppable_of_feed",
        "ix_entries_filtered",
        "ix_alarm_events_standing",
        "ix_archive_trails_due",
        "ix_articles_due",
        "ix_entries_unsettled",
        "ix_entries_unsettled_by_date",
        "ix_feeds_hub",
        "ix_feeds_paused",
        "ix_health_events_broken",
        "ix_health_events_unsummed",
        "ix_output_logs_open",
        "ix_output_items_withdrawn",
    }


async def test_up_again_changes_nothing(engine: Engine, empty_database_url: str) -> None:
    migrate(engine)
    await fill(empty_database_url)
    before = everything(engine)
    assert all(before.values()), "every table holds something"
    assert migrate(engine) == (HEAD, HEAD)
    assert everything(engine) == before


def test_every_way_back_says_what_it_loses(engine: Engine) -> None:
    assert lost_by(engine, "base") == []  # nothing is there
    migrate(engine)
    whole = lost_by(engine, "base")
    files = (script_folder() / "versions").glob("[0-9]*.py")
    numbers = sorted((file.name.partition("_")[0] for file in files), reverse=True)
    assert [line.partition(": ")[0] for line in whole] == numbers
    ninth = numbers.index("0009")
    assert all(len(line) > 20 for line in whole)
    assert lost_by(engine, "0009") == whole[:ninth]
    for nowhere in (HEAD, "head", "nonsense"):
        assert lost_by(engine, nowhere) == []
    migrate(engine, "0009")
    assert lost_by(engine, "head") == []
    assert lost_by(engine, "0008") == whole[ninth:][:1]


async def test_down_and_up_with_data(engine: Engine, empty_database_url: str) -> None:
    migrate(engine)
    await fill(empty_database_url)
    assert migrate(engine, "base") == (HEAD, None)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert migrate(engine) == (None, HEAD)
    assert everything(engine) == {
        **{table.name: [] for table in metadata.sorted_tables},
        "counters": NOTHING_COUNTED,
        "works_with": [(FIRST, __version__)],
    }
    await fill(empty_database_url)


def test_a_database_of_a_newer_release_is_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for revision in ("base", HEAD):
        with pytest.raises(StoreError, match="newer release") as caught:
            migrate(engine, revision)
        assert caught.value.hint
        assert "9999" in str(caught.value)
    assert inspect(engine).has_table("entries")
    assert migrate(engine) == ("9999", "9999")  # which says that this release may work on it
    assert lost_by(engine, "head") == []


@pytest.mark.parametrize("revision", ["", "-1", "nothing", "head:base"])
def test_what_is_no_revision_is_refused(engine: Engine, revision: str) -> None:
    migrate(engine)
    with pytest.raises(StoreError) as caught:
        migrate(engine, revision)
    assert caught.value.hint
    if not revision:
        with pytest.raises(StoreError):
            lost_by(engine, revision)


def test_a_failed_migration_leaves_nothing_behind(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "entry_texts" in statement:
            raise RuntimeError("pulled the plug")

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(RuntimeError, match="plug"):
        migrate(engine)
    event.remove(engine, "before_cursor_execute", fail)
    assert inspect(engine).get_table_names() == []
    assert migrate(engine) == (None, HEAD)


def test_an_unknown_revision_is_refused(engine: Engine) -> None:
    with pytest.raises(StoreError, match="nonsense"):
        migrate(engine, "nonsense")


def test_a_database_out_of_reach_says_what_to_check(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}", "postgresql+psycopg://u:s3cret@127.0.0.1:1/x"):
        with pytest.raises(StoreError, match=r"database\.url") as caught:
            migrate(open_engine(url))
        assert "s3cret" not in str(caught.value)


_MIGRATING = """
import sys
from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
engine = open_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(migrate(engine))
"""


def test_processes_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATING, empty_database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in starting:
        assert process.stdout is not None
        process.stdout.readline()
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0].strip() for process in starting)
    assert said == [str((HEAD, HEAD)), str((HEAD, HEAD)), str((None, HEAD))]


# ── the partial indexes serve the queries they were made for ─────────────────────────────────


def plan(connection: Connection, statement: str, parameters: Any) -> str:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(str(row) for row in rows)


def plans_of(engine: Engine, run: Any, table: Table) -> list[str]:
    """The plans of the statements over ``table`` that ``run(connection)`` makes."""
    seen: list[tuple[str, Any]] = []

    def note(
        _c: Connection, _cursor: Any, statement: str, parameters: Any, _ctx: Any, many: bool
    ) -> None:
        if table.name in statement and not many:
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with engine.execution_options(writes=True).begin() as connection:
        run(connection)
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        return [plan(connection, *one) for one in seen]


def test_due_feeds_are_found_by_their_index(engine: Engine) -> None:
    migrate(engine)
    rows = {f"https://{i}.example/": NOW + i * DAY for i in range(500)}
    with engine.begin() as connection:
        feed_rows.sync_feeds(connection, wanted(rows), NOW)
        assert connection.scalar(select(func.count()).select_from(feeds)) == 500
    claims = plans_of(engine, lambda c: claim_rows.claim_due(c, NOW, LEASE, 10), feeds)
    assert len(claims) == 1
    assert "ix_feeds_due" in claims[0]


async def test_unsettled_entries_and_wanted_pages_are_found_by_their_indexes(
    engine: Engine, empty_database_url: str
) -> None:
    migrate(engine)
    with stored_at(empty_database_url) as stored:
        await stored.subscribe(A)
        await stored.poll(A, *(new(str(i), f"https://a.example/{i}") for i in range(50)))
    entries = metadata.tables["entries"]
    (overdue,) = plans_of(engine, lambda c: ready_entries.release_overdue(c, NOW, 0 * DAY), entries)
    assert "ix_entries_unsettled" in overdue
    by_date = "ix_entries_unsettled_by_date"
    for order, index in zip(SettleOrder, (by_date, by_date, "ix_entries_unsettled"), strict=True):
        ready, *_ = plans_of(
            engine, lambda c, o=order: ready_entries.ready_entries(c, 9, o), entries
        )
        assert re.search(rf"\b{index}\b", ready)
    pages = plans_of(
        engine,
        lambda c: page_claims.claim_articles(c, NOW, LEASE, 10, []),
        metadata.tables["articles"],
    )
    assert "ix_articles_due" in pages[0]


def test_foreign_keys_are_enforced(engine: Engine) -> None:
    migrate(engine)
    texts = metadata.tables["entry_texts"]
    row = {"entry_id": 7, "summary_html": "", "content_html": ""}
    with pytest.raises(Exception, match=r"(?i)foreign key"), engine.begin() as connection:
        connection.execute(insert(texts), row)
