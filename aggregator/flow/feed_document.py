"""Reading a feed's document in a worker: as a whole or, where that takes too much, its newest part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aggregator.config import choices
from aggregator.config.settings import Settings
from aggregator.errors import WorkerMemory, WorkerTimeout
from aggregator.model import ParsedFeed
from aggregator.parse.feed import parse_feed
from aggregator.ports import Workers

_FEWER = 10  # times less than the operator allows is read of a document that took too much


async def read_document(
    workers: Workers,
    settings: Settings,
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    known: Mapping[str, str] | None = None,
) -> ParsedFeed:
    """The document ``body``, parsed in a worker; raises as :func:`parse_feed` and the worker.

    One that is past a limit is read once more, the newest of its entries only: a feed must not be
    lost for ever because it is long and the machine slow. What it then lists is a part.
    """

    async def read(max_entries: int) -> ParsedFeed:
        return await workers.run(
            parse_feed,
            body,
            url=url,
            content_type=content_type,
            max_entries=max_entries,
            known=known,
            limits=choices.parse_limits(settings),
        )

    allowed = settings.parse.max_entries
    try:
        return await read(allowed)
    except (WorkerTimeout, WorkerMemory) as error:
        fewer = max(allowed // _FEWER, 1)
        parsed = await read(fewer)
        note = f"at most {fewer} entries, the newest, were read, since {error}"
        return replace(parsed, partial=True, notes=(*parsed.notes, note))
