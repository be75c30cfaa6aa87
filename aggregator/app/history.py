"""The logs of outputs as the web server asks for them: pages, and what is new, made as readers get them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import OutputSettings
from aggregator.errors import AggregatorError
from aggregator.flow.archiving import Archive, address_version, open_page
from aggregator.flow.digesting import editions_since
from aggregator.flow.pipeline import archive_of, output_feed
from aggregator.model import (
    Absence,
    Cursor,
    NewItems,
    OutputFeed,
    PageNumber,
    Rendered,
    StoredPage,
)
from aggregator.publish import feed_addresses
from aggregator.publish.archive_pages import addressed, folder, page_for_people
from aggregator.publish.render import pack, render
from aggregator.store.store import SqlStore


class OutputHistory:
    """Implements :class:`aggregator.web.daemon_view.History` by the configuration of the moment."""

    def __init__(self, config: Callable[[], Config], store: SqlStore) -> None:
        self._config = config
        self._store = store

    @property
    def configured(self) -> str:
        """Another text with each reload that changes what an output might show."""
        return choices.maker(self._config()).config

    async def version(self) -> str:
        """Another text with every change that an output might show, and with each reload."""
        maker = choices.maker(self._config())
        return f"{await self._store.version()} {maker.release} {maker.config}"

    def address_version(self, name: str) -> str:
        """Another text when an output's bytes must say other addresses."""
        return address_version(self._archive(name).empty)

    async def find_page(self, name: str, page: PageNumber, kind: str) -> StoredPage | Absence:
        """A closed archive page, or the reason why there is none to be had."""
        if not self._settings(name).kept_archive:
            return Absence.NEVER
        archive = self._archive(name)
        return await self._store.find_page(archive.names, page, kind, archive.guards.digest)

    async def page(self, name: str, page: PageNumber, kind: str, token: str) -> Rendered | None:
        """The bytes of a closed archive page."""
        archive, found = self._archive(name), await self.find_page(name, page, kind)
        stored = await self._store.page_body(page, kind)
        if stored is None or isinstance(found, Absence):
            return None
        empty = archive.empty
        body = await asyncio.to_thread(addressed, stored, archive.names, empty, token)
        return await _packed(empty, kind, body, found.modified, token, all_codings=True)

    async def cursor(self, name: str) -> Cursor | None:
        """The place of the latest line; None where there is no log with an archive."""
        if not self._settings(name).kept_archive:
            return None
        return await self._store.cursor(self._archive(name).selection)

    async def open_page(self, name: str, kind: str, token: str) -> Rendered | None:
        """The page with the latest lines."""
        archive = self._archive(name)
        if not self._settings(name).kept_archive:
            return None
        feed = await open_page(self._store, archive, archive.empty.base_url, token)
        return await self._rendered(feed, kind, token) if feed is not None else None

    async def new_items(
        self,
        name: str,
        kind: str,
        token: str,
        since: Cursor | datetime | None,
        limit: int,
        *,
        announced: bool = False,
    ) -> tuple[Rendered, NewItems] | None:
        """Items that entered or changed after ``since`` as a feed; ``announced``: only what is news."""
        config, settings = self._config(), self._settings(name)
        selection = choices.selections(config)[name]
        if settings.digest:
            found = await editions_since(self._store, config, settings, since, limit)
        elif since is None:
            cursor = await self._store.cursor(selection)
            few = replace(selection, limit=min(limit, selection.limit))
            items = tuple(await self._store.load_items(few))
            found = NewItems(items, cursor) if cursor is not None else None
        else:
            found = await self._store.items_since(selection, since, limit, announced=announced)
        if found is None and await self._store.is_behind(selection):
            raise AggregatorError(f"the log of {name} does not follow the configuration yet")
        if found is None:
            return None
        feed = output_feed(config, settings, found.items)
        there = folder(feed.base_url, token)
        links = {k: f"{there}{feed_addresses.file_name(feed.name, k)}" for k in feed.formats}
        page = page_for_people(feed, feed.base_url, token)
        return await self._rendered(replace(feed, links=links, page=page), kind, token), found

    async def _rendered(self, feed: OutputFeed, kind: str, token: str) -> Rendered:
        body = await asyncio.to_thread(render, feed, kind)
        return await _packed(feed, kind, body, feed.updated, token)

    def _archive(self, name: str) -> Archive:
        config, settings = self._config(), self._settings(name)
        return archive_of(config, settings, output_feed(config, settings, ()))

    def _settings(self, name: str) -> OutputSettings:
        found = (one for one in self._config().settings.outputs if one.name == name)
        settings = next(found, None)
        if settings is None:  # a reload has just taken it away
            raise AggregatorError(f"no output {name}")
        return settings


async def _packed(
    feed: OutputFeed,
    kind: str,
    body: bytes,
    modified: datetime,
    token: str,
    *,
    all_codings: bool = False,
) -> Rendered:
    packed = await asyncio.to_thread(pack, feed.name, kind, body, modified, all_codings=all_codings)
    return replace(packed, token=token)
