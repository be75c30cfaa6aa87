"""Pages, news and their links are found by keys and indexes, however much is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, event

from aggregator.model import ArchiveBounds, Cursor, PageNumber
from aggregator.select.guards import guards_of
from aggregator.store.db.tables import archive_pages, output_items, output_now
from aggregator.store.outputs import (
    archive_upkeep,
    archives,
    log_members,
    new_items,
    standing,
    windows,
)
from tests.support.outputs import Configured, log_of
from tests.support.storage import DAY, NOW, Stored, new

GROWING = (output_items.name, output_now.name, archive_pages.name, "archive_bodies")


async def test_nothing_is_scanned(stored: Stored) -> None:
    config = Configured()
    await config.tell(stored)
    await stored.poll("https://a.example/feed", *(new(str(n)) for n in range(4)))
    await stored.settle(outputs=config.selections().values())
    selection, names = config.selection("off"), ["off"]
    await stored.store.sync_archives({"off": True})
    await stored.store.catch_up([selection])
    log, guards = log_of(stored, "off"), guards_of(selection)
    lines = await stored.store.open_page(selection, names)
    assert lines is not None
    await stored.store.close_page(replace(lines, page=PageNumber(log, 1)), (), guards)
    page, bounds = PageNumber(log, 1), {"off": ArchiveBounds(DAY, 1)}
    found = _plans(stored, lambda connection: [
        archives.next_page(connection, selection, names), archives.open_page(connection, selection, names),
        archives.latest_page(connection, selection, names, []), archives.find_page(connection, names, page, "atom", "x"),
        archives.page_body(connection, page, "atom"), archive_upkeep.made_otherwise(connection, names, "x"),
        archive_upkeep.look_through(connection, names, guards, NOW), archive_upkeep.drop_pages(connection, bounds, NOW),
        new_items.cursor_of(connection, selection), new_items.items_since(connection, selection, Cursor(log, 1), 5),
        new_items.items_since(connection, selection, NOW, 5),
    ])  # fmt: skip
    assert len(found) > 10
    for other in (plan for statement, plan in found if "allowed <" in statement):
        assert "ix_archive_pages_allowed" in other
        assert "allowed" in other.replace("ix_archive_pages_allowed", "")
    for statement, plan in found:
        for table in GROWING:
            assert f"SCAN {table}" not in plan, (statement, plan)
            assert f"Seq Scan on {table}" not in plan, (statement, plan)


async def test_what_was_withdrawn_is_found_by_its_id_and_not_in_the_whole_log(
    stored: Stored,
) -> None:
    config = Configured()
    await config.tell(stored)
    selection, unknown = config.selection("off"), "urn:uuid:00000000-0000-4000-8000-000000000000"
    await stored.store.catch_up([selection])
    found = _plans(stored, lambda connection: [
        standing.named_item(connection, selection, unknown),
        windows.withdrawn_items(connection, selection, [unknown]),
    ])  # fmt: skip
    asked = [plan for statement, plan in found if "withdraw" in statement]
    assert len(asked) == 3, [statement for statement, _ in found]
    if stored.database.engine.dialect.name == "sqlite":  # the other one knows how many there are
        assert all("ix_output_items_withdrawn" in plan for plan in asked), asked


async def test_what_stands_of_a_story_is_found_by_the_story(stored: Stored) -> None:
    config = Configured()
    await config.tell(stored)
    found = _plans(stored, lambda connection: [log_members.standing_of(connection, [1, 2], [1])])
    assert [True for _, plan in found if "ix_output_now_story_id" in plan] == [True], found


def _plans(stored: Stored, run: Any) -> list[tuple[str, str]]:
    """Statements over what grows, with their plans."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _ctx: Any, many: bool) -> None:
        if not many and any(f"{name}" in statement for name in GROWING):
            seen.append((statement, parameters))

    engine = stored.database.engine
    with engine.execution_options(writes=True).begin() as connection:
        event.listen(engine, "before_cursor_execute", note)
        try:
            run(connection)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        selects = [one for one in seen if one[0].lstrip().startswith("SELECT")]
        return [(statement, _plan(connection, statement, given)) for statement, given in selects]


def _plan(connection: Connection, statement: str, parameters: Any) -> str:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    else:  # of a table with few rows it would be read as a whole
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(str(row) for row in rows)
