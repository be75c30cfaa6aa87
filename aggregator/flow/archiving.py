"""Archives of outputs: pages are closed, linked, and written as files where outputs are.

Closing is harmless to repeat: a page is stored in one transaction, by whoever comes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from aggregator.model import (
    Guards,
    Item,
    LatestPage,
    OutputFeed,
    PageLines,
    PageNumber,
    Paging,
    Selection,
)
from aggregator.ports import ArchiveFiles, ArchiveStore, Clock
from aggregator.publish import formatting
from aggregator.publish.archive_addresses import page_file
from aggregator.publish.archive_pages import addressed, page_bodies, page_feed
from aggregator.publish.render import digest, render
from aggregator.select.guards import guards_of

log = structlog.get_logger("aggregator")

_AT_ONCE = 10  # pages of one output that are closed before it is rendered; the rest after it
_LARGEST = 8 << 20  # bytes of a page, unless one line alone has more
_SYNC_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Archive:
    """An output with an archive: ``empty`` is the feed without items, ``names`` all that it has or had."""

    empty: OutputFeed
    selection: Selection
    names: Sequence[str]
    present: Callable[[Item], Item]  # an item as the operator wants it to be shown

    @property
    def guards(self) -> Guards:
        """Guards of the feeds in it."""
        return guards_of(self.selection)


@dataclass(slots=True)
class _Filed:
    """Progress of an output's pages in files."""

    all_at: datetime | None = None  # when all of them were compared
    last: PageNumber | None = None
    open_at: int = 0  # latest line of the open page
    revision: int = -1  # of all pages


@dataclass(frozen=True, slots=True)
class Archiving:
    """The step that keeps archives. ``files`` None: none are written."""

    store: ArchiveStore
    clock: Clock
    files: ArchiveFiles | None = None
    _filed: dict[str, _Filed] = field(default_factory=dict)

    async def update(self, archive: Archive, window: OutputFeed) -> LatestPage | None:
        """Close the pages that there are lines for; the page that the ``window`` then leads to.

        The items of ``window`` were read before. Of very many pages some are left to the next rendering.
        """
        await self.store.look_through(archive.names, archive.guards)
        for _ in range(_AT_ONCE):
            lines = await self.store.next_page(archive.selection, archive.names)
            if lines is None:
                break
            await self._close(archive, lines)
        else:
            await self.store.publish_again()
        ids = {one.id for one in window.items}
        return await self.store.latest_page(archive.selection, archive.names, ids)

    async def _close(self, archive: Archive, lines: PageLines) -> None:
        while True:
            shown = replace(lines, items=tuple(archive.present(item) for item in lines.items))
            bodies = await asyncio.to_thread(page_bodies, archive.empty, shown)
            count = lines.last - lines.after
            if max(len(one.body) for one in bodies) <= _LARGEST or count == 1:
                break
            fewer = await self.store.next_page(archive.selection, archive.names, count // 2)
            if fewer is None or fewer.last - fewer.after >= count:
                break
            lines = fewer
        if await self.store.close_page(lines, bodies, archive.guards):
            log.debug("archive page closed", output=archive.names[0], page=lines.page.number)

    # ── files ───────────────────────────────────────────────────────────────────────────────

    async def write_files(self, archive: Archive, latest: LatestPage | None) -> None:
        """Write the pages that are not in their files yet; raises ``PublishError`` for what cannot be."""
        if self.files is None or not self.files.keeps(archive.empty):
            return
        filed = self._filed.setdefault(archive.empty.name, _Filed())
        now, revision = self.clock.now(), await self.store.revision()
        is_old = filed.all_at is None or not filed.all_at <= now < filed.all_at + _SYNC_EVERY
        if is_old or revision != filed.revision:
            filed.last, filed.open_at = None, 0
            wanted = await self._write_new(archive, filed)
            if latest is not None and latest.upto:
                wanted |= {
                    page_file(archive.empty.name, latest.page, k) for k in archive.empty.formats
                }
            await asyncio.to_thread(self.files.prune_pages, archive.empty, wanted)
            filed.all_at, filed.revision = now, revision
        else:
            await self._write_new(archive, filed)
        if latest is not None and latest.upto > filed.open_at:
            await self._write_open(archive, latest, filed)

    async def _write_new(self, archive: Archive, filed: _Filed) -> set[str]:
        files, output = self.files, archive.empty
        written: set[str] = set()
        if files is None:
            return written
        stored = await self.store.stored_pages(archive.names, archive.guards.digest, filed.last)
        for one in stored:
            if one.kind not in output.formats:
                continue
            name = page_file(output.name, one.page, one.kind)
            version = digest(f"{one.digest} {address_version(output)}".encode())
            stamp = (name, version, one.modified)
            if not await asyncio.to_thread(files.has_page, output, *stamp):
                page = await self.store.page_body(one.page, one.kind)
                if page is None:
                    continue
                body = await asyncio.to_thread(addressed, page, archive.names, output, "")
                await asyncio.to_thread(files.write_page, output, *stamp, body)
            written.add(name)
            filed.last = one.page
        return written

    async def _write_open(self, archive: Archive, latest: LatestPage, filed: _Filed) -> None:
        feed = await open_page(self.store, archive, archive.empty.base_url, "")
        if feed is None or self.files is None:
            return
        now = self.clock.now()
        for kind in feed.formats:
            body = await asyncio.to_thread(render, feed, kind)
            name = page_file(feed.name, latest.page, kind)
            made = (archive.empty, name, digest(body), now, body)
            await asyncio.to_thread(self.files.write_page, *made)
        filed.open_at = latest.upto


def address_version(output: OutputFeed) -> str:
    """Another text when the bytes of archive pages must say other addresses."""
    # Of a private output each process makes up the page's address: only that there is one counts.
    return f"{output.base_url} {formatting.feed_id(output)} {bool(output.page)}"


def paging_of(window: OutputFeed, latest: LatestPage | None) -> Paging | None:
    """The links of the ``window`` to the page that it leads to.

    The open page grows: its address in the window is another one with each line that the window does
    not hold, so that readers who stop at addresses they know ask for it again.
    """
    if latest is None:
        return None
    version = f"?to={latest.upto}" if latest.page.number is None else ""
    return Paging(
        {
            kind: f"{link.rpartition('/')[0]}/{page_file(window.name, latest.page, kind)}{version}"
            for kind, link in window.links.items()
            if latest.page.number is None or kind in latest.kinds
        }
    )


async def open_page(
    store: ArchiveStore, archive: Archive, base: str, token: str
) -> OutputFeed | None:
    """The page that is open still, as a feed below ``base``; None where the output has none."""
    lines = await store.open_page(archive.selection, archive.names)
    if lines is None:
        return None
    shown = replace(lines, items=tuple(archive.present(item) for item in lines.items))
    return page_feed(archive.empty, shown, base, token)
