"""Entries explained and rearranged for the operator, whether or not a daemon runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from aggregator.app.stored import open_database
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.sieves import ruled
from aggregator.errors import StoreError
from aggregator.model import Explained, OperatorEdit, OutputSummary, Selection, TriedItem
from aggregator.ports import Reports
from aggregator.schedule.edition_times import edition_time
from aggregator.select.guards import guards_of
from aggregator.store.db.database import Database
from aggregator.store.outputs import edition_rows
from aggregator.store.reports.store import SqlReports
from aggregator.store.stories.store import SqlStories


async def explain_entries(config: Config, what: str) -> list[Explained]:
    """Everything known of the entries that ``what`` names, in each configured output."""
    with open_database(config) as database:
        ruling = partial(ruled, config)
        return await SqlReports(database).explain(what, _selections(config), ruling)


async def read_outputs(config: Config) -> list[OutputSummary]:
    """Summaries of the configured outputs, in the configuration's order."""
    with open_database(config) as database:
        found = await SqlReports(database).outputs(_selections(config))
        return [await _with_editions(config, database, one) for one in found]


async def _with_editions(config: Config, database: Database, one: OutputSummary) -> OutputSummary:
    """The summary of an output as it shows editions, where it does."""
    (output,) = (own for own in config.settings.outputs if own.name == one.name)
    if not output.digest:
        return one
    names, allowed = (output.name, *output.aliases), guards_of(choices.selections(config)[one.name])
    shown, _ = await database.read(
        edition_rows.latest_editions, names, allowed.digest, output.limit
    )
    cut = await database.read(edition_rows.cut_of, names)
    cron, zone = choices.digests(config)[one.name], ZoneInfo(config.settings.timezone)
    when = edition_time(cron, zone, datetime.now(UTC), cut)
    return replace(one, shown=len(shown), next_edition=when)


async def try_output(
    config: Config, name: str, since: datetime, expression: str | None = None
) -> list[TriedItem]:
    """The stories from ``since`` on that the output ``name`` takes and drops.

    As it is configured, or with ``expression`` for its filter.
    """
    (settings,) = (one for one in config.settings.outputs if one.name == name)
    if expression is not None:
        settings = settings.model_copy(update={"filter": expression})
    with open_database(config) as database:
        return await SqlReports(database).try_output(choices.selection(config, settings), since)


def _selections(config: Config) -> Mapping[str, Selection]:
    now = datetime.now(UTC)
    return {name: one.at(now) for name, one in choices.selections(config).items()}


async def split_story(config: Config, entry: str, other: str | None = None) -> OperatorEdit:
    """Take ``entry`` out of its story, for good; with ``other`` only if the two are in one.

    Each names one entry, see :func:`find_entry`. Raises :class:`StoreError`.
    """
    with open_database(config) as database:
        reports = SqlReports(database)
        ids = [await find_entry(reports, one) for one in (entry, other) if one is not None]
        return await SqlStories(database).split(*ids)


async def merge_stories(config: Config, first: str, second: str) -> OperatorEdit:
    """Make the stories of two entries one, for good.

    Each names one entry, see :func:`find_entry`. Raises :class:`StoreError`.
    """
    with open_database(config) as database:
        reports = SqlReports(database)
        ids = [await find_entry(reports, one) for one in (first, second)]
        return await SqlStories(database).merge(*ids)


async def find_entry(reports: Reports, what: str) -> int:
    """The one entry that ``what`` names. Raises :class:`StoreError` for none or several."""
    found = await reports.find_entries(what)
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(
            f"no entry {what}", hint="`aggregator explain URL` shows the numbers of entries"
        )
    raise StoreError(
        f"{what} names {len(found)} entries: {', '.join(map(str, found))}",
        hint="give the number of one",
    )
