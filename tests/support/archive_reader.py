"""Who gives out an output with an archive, and who reads it: the window, and what its links lead to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from aggregator.flow.archiving import Archive, Archiving, open_page, paging_of
from aggregator.model import Absence, LineKind, OutputFeed, Selection
from aggregator.publish.archive_addresses import split_page
from aggregator.publish.archive_pages import addressed
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render
from aggregator.store.db.tables import output_items, output_logs
from tests.support.storage import NOW, Stored

BASE = "https://me.example"
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
Addresses = Callable[[str], Awaitable[bytes | None]]


@dataclass
class Outlet:
    """An output over a real store, published and served as the daemon does it."""

    stored: Stored
    name: str
    selection: Callable[[], Selection]
    known: dict[tuple[int, int], tuple[str, LineKind]] = field(default_factory=dict)

    def archive(self) -> Archive:
        links = {kind: f"{BASE}/feeds/{self.name}.{kind}" for kind in FORMATS}
        empty = OutputFeed(self.name, self.name, "", BASE, (), NOW, tuple(FORMATS), links)
        return Archive(empty, self.selection(), (self.name,), lambda item: item)

    async def window(self, kind: str = "atom") -> bytes:
        """Publish, and return the window's bytes."""
        store, archive = self.stored.store, self.archive()
        await store.sync_archives({self.name: True})
        await store.catch_up([archive.selection])
        items = await store.load_items(archive.selection)
        feed = replace(archive.empty, items=tuple(items))
        latest = await Archiving(store, self.stored.clock).update(archive, feed)
        self.note()
        return render(replace(feed, paging=paging_of(feed, latest)), kind)

    def note(self) -> None:
        """Remember the log's lines, which go in time."""
        own = {row.id for row in self.stored.rows(output_logs, output_logs.c.name == self.name)}
        for row in self.stored.rows(output_items, output_items.c.log_id.in_(own)):
            self.known[row.log_id, row.seq] = row.item_id, LineKind(row.kind)

    def told(self, first: int = 0) -> set[str]:
        """All items that lines of this output's logs, from ``first`` on, have let in and not withdrawn."""
        found: set[str] = set()
        for (log, _), (item_id, kind) in sorted(self.known.items()):
            if log >= first:
                found = found - {item_id} if kind is LineKind.WITHDRAW else found | {item_id}
        return found

    def ever(self, log: int) -> set[str]:
        """All items that lines of one log speak of."""
        return {item_id for (one, _), (item_id, _) in self.known.items() if one == log}

    async def fetch(self, address: str) -> bytes | None:
        """The bytes of an archive page; None: 404 or 410."""
        file = address.removeprefix(f"{BASE}/feeds/").partition("?")[0]
        stem, _, kind = file.rpartition(".")
        found, archive = split_page(stem), self.archive()
        assert found is not None, address
        name, page = found
        assert name == self.name
        if page.number is None:
            feed = await open_page(self.stored.store, archive, BASE, "")
            return render(feed, kind) if feed is not None else None
        stored = await self.stored.store.find_page(archive.names, page, kind, archive.guards.digest)
        assert stored is not Absence.LATER
        body = await self.stored.store.page_body(page, kind)
        if isinstance(stored, Absence) or body is None:
            return None
        return addressed(body, archive.names, archive.empty, "")


@dataclass
class Reader:
    """Reads windows whenever it likes, and follows ``prev-archive`` to what it knows.

    What stands in a later document wins; the window is the latest.
    """

    fetch: Addresses
    titles: dict[str, str] = field(default_factory=dict)  # of the items that it holds, by id
    seen: set[str] = field(default_factory=set)
    requests: int = 0

    async def read(self, window: bytes) -> None:
        documents = [window]
        address = older(window)
        fresh = []
        while address is not None and address not in self.seen:
            body = await self.fetch(address)
            self.requests += 1
            if body is None:
                break
            documents.append(body)
            fresh.append(address)
            address = older(body)
        for one in reversed(documents):
            self._take(etree.fromstring(one))
        self.seen.update(fresh)

    def _take(self, feed: etree._Element) -> None:
        for one in feed.iter(TOMBSTONE):
            self.titles.pop(str(one.get("ref")), None)
        self.titles |= titles_in(feed)


def titles_in(feed: etree._Element) -> Mapping[str, str]:
    return {
        str(one.findtext(f"{ATOM}id")): str(one.findtext(f"{ATOM}title"))
        for one in feed.iter(f"{ATOM}entry")
    }


def older(body: bytes) -> str | None:
    """Where the link ``prev-archive`` of an Atom document leads."""
    links = etree.fromstring(body).iterfind(f"{ATOM}link[@rel='prev-archive']")
    return next((str(one.get("href")) for one in links), None)
