"""Every migration keeps what its phase promises to the release before, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import known_revisions, migrate, newest_revision, script_folder
from aggregator.store.db.phases import FIRST, Phase
from aggregator.store.db.tables import REVISION
from tests.support.shapes import not_ignorable, rows_written, shape_of

BEFORE = "0035"  # migrations up to it have no phase: all that shared a database were stopped
MODULES = {
    one.revision: one.module for one in ScriptDirectory(str(script_folder())).walk_revisions()
}
LATER = sorted(one for one in MODULES if one > BEFORE)


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    one = open_engine(empty_database_url)
    yield one
    one.dispose()


def test_the_tables_are_of_the_newest_migration() -> None:
    assert newest_revision() == REVISION
    assert len(known_revisions()) == len(MODULES)
    assert LATER


@pytest.mark.parametrize("revision", LATER)
def test_every_migration_says_its_phase(revision: str) -> None:
    module = MODULES[revision]
    phase = Phase(module.phase)
    assert (phase is Phase.CONTRACT) == hasattr(module, "works_with")
    if phase is Phase.CONTRACT:
        assert FIRST <= module.works_with <= revision
        assert module.works_with in MODULES
        floors = [getattr(MODULES[one], "works_with", FIRST) for one in LATER if one < revision]
        assert module.works_with >= max(floors, default=FIRST)


def test_expansions_are_nothing_to_the_release_before(engine: Engine) -> None:
    migrate(engine, BEFORE)
    for revision in LATER:
        with engine.connect() as connection:
            before = shape_of(connection)
        with rows_written(engine) as written:
            migrate(engine, revision)
        with engine.connect() as connection:
            after = shape_of(connection)
        if MODULES[revision].phase == Phase.EXPAND:
            assert not_ignorable(before, after) == []
            assert not written & before.keys()


# ── the check itself: what it must find ──────────────────────────────────────────────────────


Change = Callable[[Operations], object]
HARMLESS: dict[str, Change] = {
    "table": lambda op: op.create_table("added", sa.Column("id", sa.Integer(), primary_key=True)),
    "child that goes with its parent": lambda op: op.create_table(
        "added",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("feed_id", sa.BigInteger(), sa.ForeignKey("feeds.id", ondelete="CASCADE")),
    ),
    "column that may be empty": lambda op: op.add_column("feeds", sa.Column("added", sa.Text())),
    "column with a default": lambda op: op.add_column(
        "feeds", sa.Column("added", sa.Text(), nullable=False, server_default="")
    ),
    "index": lambda op: op.create_index("ix_added", "feeds", ["url"]),
    "counter": lambda op: op.execute("INSERT INTO counters (name, value) VALUES ('added', 0)"),
}
HARMFUL: dict[str, tuple[Change, str]] = {
    "table gone": (lambda op: op.drop_table("hub_pings"), "the table hub_pings is gone"),
    "table renamed": (lambda op: op.rename_table("robots", "robot_files"), "robots is gone"),
    "column gone": (lambda op: op.drop_column("feeds", "judged_by"), "judged_by is gone"),
    "column renamed": (
        lambda op: op.execute("ALTER TABLE feeds RENAME COLUMN judged_by TO judge"),
        "judged_by is gone",
    ),
    "check": (
        lambda op: op.execute("ALTER TABLE robots ADD COLUMN added TEXT CHECK (added <> 'x')"),
        "checks was",
    ),
    "index that refuses rows": (
        lambda op: op.create_index("ix_added", "feeds", ["url"], unique=True),
        "unique was",
    ),
    "index gone": (lambda op: op.drop_index("ix_hub_pings_due_at", "hub_pings"), "is gone"),
    "child that holds its parent": (
        lambda op: op.create_table(
            "added",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("feed_id", sa.BigInteger(), sa.ForeignKey("feeds.id")),
        ),
        "keeps rows of feeds from being deleted",
    ),
    "rows": (lambda op: op.execute("UPDATE feeds SET judged_by = 'x'"), "feeds"),
    "rows gone": (lambda op: op.execute("DELETE FROM hosts"), "hosts"),
}


def changed(engine: Engine, change: Change) -> list[str]:
    """What is found against ``change``."""
    with engine.connect() as connection:
        before = shape_of(connection)
    with rows_written(engine) as written, engine.execution_options(writes=True).begin() as one:
        change(Operations(MigrationContext.configure(one)))
    with engine.connect() as connection:
        return [*not_ignorable(before, shape_of(connection)), *sorted(written & before.keys())]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_adds_only_is_an_expansion(name: str, database_url: str) -> None:
    engine = open_engine(database_url)
    assert changed(engine, HARMLESS[name]) == []
    engine.dispose()


@pytest.mark.parametrize("name", HARMFUL)
def test_what_takes_away_or_tightens_is_none(name: str, database_url: str) -> None:
    engine, (change, said) = open_engine(database_url), HARMFUL[name]
    assert said in "; ".join(changed(engine, change))
    engine.dispose()


def test_what_only_postgresql_alters_is_found_as_well(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    for statement, said in (
        ("ALTER TABLE hub_pings ADD COLUMN added TEXT NOT NULL", "must be given"),
        ("ALTER TABLE feeds ALTER COLUMN hub_url TYPE varchar(9)", "the column hub_url was"),
        ("ALTER TABLE feeds ALTER COLUMN hub_url SET NOT NULL", "the column hub_url was"),
        ("ALTER TABLE feeds ALTER COLUMN judged_by DROP DEFAULT", "the column judged_by was"),
        ("ALTER TABLE feeds ADD CHECK (url <> '')", "checks was"),
        ("ALTER TABLE feeds ADD UNIQUE (url)", "unique was"),
    ):
        found = changed(engine, lambda op, it=statement: op.execute(it))  # type: ignore[misc]
        assert said in "; ".join(found), statement
    engine.dispose()
