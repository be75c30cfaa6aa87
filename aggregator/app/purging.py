"""Items taken out of closed archive pages by the operator, whether or not a daemon runs."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.app.stored import open_database
from aggregator.app.wiring import SystemClock
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.feed_id import feed_key
from aggregator.errors import StoreError
from aggregator.select.guards import feed_mark
from aggregator.store.outputs.archive_store import SqlArchives
from aggregator.store.outputs.edition_store import SqlEditions


async def purge_archive(config: Config, name: str, item: str | None, feed: str | None) -> int:
    """Take the item, or all that tell of the feed, out of the pages of the output ``name``; count them.

    Raises :class:`StoreError` where there is no such output, or no page has any of it.
    """
    named = (one for one in config.settings.outputs if name in {one.name, *one.aliases})
    output = next(named, None)
    if output is None:
        known = ", ".join(one.name for one in config.settings.outputs)
        raise StoreError("there is no such output", hint=f"the outputs are: {known}")
    mark = feed_mark(choices.key_at(config, feed) or feed_key(feed)) if feed is not None else None

    def is_meant(item_id: str, marks: Sequence[str]) -> bool:
        return item_id == item if mark is None else mark in marks

    with open_database(config) as database:
        store = SqlArchives(database, SystemClock())
        names = (output.name, *output.aliases)
        found = await store.purge(names, is_meant)
        items = {item} if item is not None else set()
        found |= await SqlEditions(database, SystemClock()).take_out_of_editions(names, items, mark)
    if not found:
        raise StoreError(
            "no archive page and no edition of this output has any of it",
            hint="`aggregator explain` shows the ids of items; pages are closed with so many lines",
        )
    return len(found)
