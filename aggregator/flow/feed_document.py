"""A feed's document, parsed in a worker, as a whole or in its newest part, and compared with what is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.config.choices import FeedRules
from aggregator.errors import WorkerMemory, WorkerTimeout
from aggregator.extract.judging.need import feed_is_whole
from aggregator.flow.changes import PollContext, entry_delta, unseen, whole_entries
from aggregator.flow.recognise import Recognised, recognised
from aggregator.model import Document, Entry, EntryDelta, Feed, KnownEntry, ParsedFeed
from aggregator.parse.feed import parse_feed
from aggregator.parse.identity import former_identities
from aggregator.ports import FeedStore, Workers

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


@dataclass(frozen=True, slots=True)
class Compared:
    """Entries of a document, those of its feed that are stored, and the difference."""

    entries: Sequence[Entry]
    known: Sequence[KnownEntry]
    forgotten: Collection[str]  # identities in it that retention dropped
    delta: EntryDelta


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of documents of one feed with the store; ``known`` are the entries that it listed before."""

    store: FeedStore
    feed: Feed
    rules: FeedRules
    known: Sequence[KnownEntry]
    now: datetime

    async def of_document(self, parsed: ParsedFeed, *, complete: bool = False) -> Compared:
        """Compare ``parsed``, a ``complete`` list of entries or not, with what is stored."""
        entries = whole_entries(parsed)
        return await self._compared(parsed, entries, self.feed.last_success, complete=complete)

    async def of_archive(self, parsed: ParsedFeed, entries: Sequence[Entry]) -> Compared:
        """Compare these ``entries`` of a page of archives: what is new in it is as old as it says."""
        return await self._compared(parsed, entries, None, complete=False)

    async def _compared(
        self,
        parsed: ParsedFeed,
        entries: Sequence[Entry],
        listed_at: datetime | None,
        *,
        complete: bool,
    ) -> Compared:
        known = self.known
        forgotten: set[str] = set()
        whole: bool | None = None
        same: dict[str, Recognised] = {}
        # Of a feed that was never read nothing is stored.
        if self.feed.last_success and (identities := unseen(entries, known)):
            former = [name for entry in entries for name in former_identities(entry)]
            known = await self.store.known_entries(self.feed.id, [*identities, *former])
            forgotten = await self.store.forgotten(self.feed.id, unseen(entries, known))
            present = {entry.identity for entry in entries}.union(parsed.unchanged)
            strangers = set(unseen(entries, known)) - forgotten
            if strangers and known:
                new = [entry for entry in entries if entry.identity in strangers]
                same = await self._recognised(new, known, present, complete=complete)
            whole = feed_is_whole(await self.store.text_sources(self.feed.id))
        context = PollContext(
            self.feed.key,
            listed_at,
            self.now,
            self.rules.extract_mode,
            whole,
            sieve=self.rules.sieve,
            feed_title=parsed.title or self.feed.title,
        )
        delta = entry_delta(
            context,
            entries,
            known,
            forgotten,
            complete=complete,
            unchanged=parsed.unchanged,
            same=same,
        )
        return Compared(entries, known, forgotten, delta)

    async def _recognised(
        self,
        strangers: Sequence[Entry],
        known: Sequence[KnownEntry],
        present: Collection[str],
        *,
        complete: bool,
    ) -> dict[str, Recognised]:
        """Those of the ``strangers`` among the listed entries that are stored under another identity."""
        store, names = self.store, [entry.identity for entry in strangers]
        aliases = await store.aliases(self.feed.id, names)
        absent = {one.id for one in known if one.identity not in present}
        ids = sorted(absent.union(aliases.values()))
        stored = {one.id: one for one in await store.stored_entries(ids)} if ids else {}
        return recognised(strangers, known, stored, aliases, present, complete=complete)
