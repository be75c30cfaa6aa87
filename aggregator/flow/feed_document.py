"""A feed's document, parsed in a worker: as a whole or, where that takes too much, its newest part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aggregator.config.choices import FeedRules
from aggregator.errors import WorkerMemory, WorkerTimeout
from aggregator.model import Document, ParsedFeed
from aggregator.parse.feed import parse_feed
from aggregator.ports import Workers

_FEWER = 10  # times less than the operator allows is read of a document that took too much


async def read_document(
    workers: Workers, rules: FeedRules, document: Document, known: Mapping[str, str] | None = None
) -> ParsedFeed:
    """Parse ``document`` by its feed's ``rules``; raises as :func:`parse_feed` and the worker.

    ``known`` (source digest → identity) are the entries that are not read again. A document past a
    limit is read once more, the newest of its entries only: a feed must not be lost for ever
    because it is long and the machine slow. What it then lists is a part.
    """

    async def read(max_entries: int) -> ParsedFeed:
        return await workers.run(
            parse_feed,
            document.body,
            url=document.url,
            content_type=document.content_type,
            language=document.language,
            max_entries=max_entries,
            known=known,
            limits=rules.parse_limits,
        )

    try:
        return await read(rules.max_entries)
    except (WorkerTimeout, WorkerMemory) as error:
        fewer = max(rules.max_entries // _FEWER, 1)
        parsed = await read(fewer)
        note = f"at most {fewer} entries, the newest, were read, since {error}"
        return replace(parsed, partial=True, notes=(*parsed.notes, note))
