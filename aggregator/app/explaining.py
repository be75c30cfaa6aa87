"""Entries found, explained and rearranged for the operator, whether or not a daemon runs."""

from __future__ import annotations

from aggregator.app.stored import open_database
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.errors import StoreError
from aggregator.publish.explain import Explained
from aggregator.store.reports.explain import explain
from aggregator.store.reports.find_entries import find_entries
from aggregator.store.stories import operator
from aggregator.store.stories.operator import OperatorEdit


async def explain_entries(config: Config, what: str) -> list[Explained]:
    """Why the entries that ``what`` names are shown in each output, or not."""
    selections = {one.name: choices.selection(config, one) for one in config.settings.outputs}
    with open_database(config) as database:
        return await database.read(explain, what, selections)


async def find_entry(config: Config, what: str) -> int:
    """The one entry that ``what`` names. Raises :class:`StoreError` for none or several."""
    with open_database(config) as database:
        found = await database.read(find_entries, what)
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"no entry is known by {what}", hint="`aggregator explain` finds entries")
    raise StoreError(
        f"{what} names {len(found)} entries: {', '.join(map(str, found))}", hint="give one's number"
    )


async def split_story(config: Config, entry_id: int, apart_from: int | None) -> OperatorEdit:
    """Take an entry out of its story, for good. Raises :class:`StoreError`."""
    with open_database(config) as database:
        return await database.write(operator.split, entry_id, apart_from)


async def merge_stories(config: Config, first_id: int, second_id: int) -> OperatorEdit:
    """Make the stories of two entries one, for good. Raises :class:`StoreError`."""
    with open_database(config) as database:
        return await database.write(operator.merge, first_id, second_id)
