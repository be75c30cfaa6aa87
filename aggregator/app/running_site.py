"""Answers to what the web server asks of the daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from aggregator.app.health_report import health_of
from aggregator.app.liveness import ticks
from aggregator.app.sources import source_keys, sources_of, sources_opml
from aggregator.app.wiring import Parts
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.opml_export import Outline
from aggregator.config.own_address import id_base, own_base
from aggregator.config.settings import OutputSettings
from aggregator.errors import AggregatorError
from aggregator.flow.digesting import editions_page, named_edition
from aggregator.flow.pipeline import presented, presented_on_page
from aggregator.model import (
    DroppedOutput,
    FeedPlace,
    FoundItems,
    ItemPlace,
    NamedItem,
    OutputFeed,
    Selection,
    StandingItems,
    Status,
)
from aggregator.ports import Clock, Store
from aggregator.privacy.public import Disclosure
from aggregator.select.search_query import SearchQuery
from aggregator.store.db.chunks import chunks
from aggregator.web.daemon_view import OutputInfo

_STORIES_ON_A_PAGE = 20
_EDITIONS_ON_A_PAGE = 10
_SOURCES_AT_ONCE = 1000  # feeds of which the database is asked


class RunningSite:
    """The daemon as the web server sees it: answers by the configuration of the moment, and by the parts once they run.

    The daemon sets :attr:`parts` when they are open, and :attr:`config` and :attr:`revision` when the
    configuration is read anew.
    """

    def __init__(self, config: Config, clock: Clock, is_stopping: Callable[[], bool]) -> None:
        self.config = config
        self.parts: Parts | None = None
        self.revision = 0
        self.dropped_outputs: Sequence[DroppedOutput] = ()
        self._clock = clock
        self._is_stopping = is_stopping

    @property
    def title(self) -> str:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return self.config.settings.title

    @property
    def base_url(self) -> str:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return self.config.settings.base_url

    @property
    def index(self) -> bool:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return self.config.settings.server.index

    def outputs(self) -> Sequence[OutputInfo]:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return [
            OutputInfo(
                one.name,
                choices.output_title(self.config.settings, one),
                one.description,
                one.formats,
                choices.tokens(one),
                one.aliases,
            )
            for one in self.config.settings.outputs
        ]

    def dropped(self) -> Sequence[DroppedOutput]:
        """See :class:`aggregator.web.daemon_view.Site`."""
        if not self.dropped_outputs:
            return ()
        now = self._clock.now()
        return [one for one in self.dropped_outputs if now < one.told_until]

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        """See :class:`aggregator.web.daemon_view.Site`."""
        if self.parts is None:
            raise AggregatorError("not started yet")
        titles, categories = choices.titles(self.config), choices.categories(self.config)
        return await self.parts.store.status(
            titles, categories, limit, after, choices.untold(self.config)
        )

    async def sources(self, name: str) -> bytes:
        """See :class:`aggregator.web.daemon_view.Site`."""
        if self.parts is None:
            raise AggregatorError("not started yet")
        config = self.config
        output = next(one for one in config.settings.outputs if one.name == name)
        titles, told = choices.titles(config), list[Outline]()
        for some in chunks(source_keys(config, output), _SOURCES_AT_ONCE):
            feeds = await self.parts.store.feeds(some, titles)
            told += sources_of(config, output, feeds)
        return await asyncio.to_thread(sources_opml, config, output, told)

    @property
    def has_health_feed(self) -> bool:
        """See :class:`aggregator.web.daemon_view.HealthReporter`."""
        return self.config.settings.health_feed.enabled

    async def health_feed(self) -> OutputFeed:
        """See :class:`aggregator.web.daemon_view.HealthReporter`."""
        if self.parts is None:
            raise AggregatorError("not started yet")
        return await health_of(self.config, self.parts.store)

    @property
    def feed_base(self) -> str:
        """See :class:`aggregator.web.daemon_view.Searcher`."""
        return own_base(self.config.settings)

    @property
    def id_base(self) -> str:
        """See :class:`aggregator.web.daemon_view.Searcher`."""
        return id_base(self.config.settings)

    async def search(
        self, name: str, query: SearchQuery, limit: int, below: int | None = None
    ) -> FoundItems:
        """See :class:`aggregator.web.daemon_view.Searcher`."""
        store, output, selection = self._reads(name)
        found = await store.search_items(replace(selection, limit=limit), query, below)
        return replace(found, items=tuple(presented(item, output) for item in found.items))

    async def stories(self, name: str, below: ItemPlace | None = None) -> StandingItems | None:
        """See :class:`aggregator.web.daemon_view.Stories`."""
        store, output, selection = self._reads(name)
        if output.digest:
            return await editions_page(store, self.config, output, _EDITIONS_ON_A_PAGE, below)
        found = await store.standing_items(replace(selection, limit=_STORIES_ON_A_PAGE), below)
        if found is None:
            return None
        return replace(found, items=tuple(presented_on_page(one, output) for one in found.items))

    async def story(self, name: str, item_id: str) -> NamedItem | None:
        """See :class:`aggregator.web.daemon_view.Stories`."""
        store, output, selection = self._reads(name)
        if output.digest:
            return await named_edition(store, self.config, output, item_id)
        found = await store.named_item(selection, item_id)
        if found is None or found.item is None:
            return found
        return replace(found, item=presented_on_page(found.item, output))

    def _reads(self, name: str) -> tuple[Store, OutputSettings, Selection]:
        config = self.config
        output = next((one for one in config.settings.outputs if one.name == name), None)
        if self.parts is None or output is None:
            raise AggregatorError("not started yet")
        return self.parts.store, output, choices.selections(config)[name]

    def told(self, key: str) -> Disclosure | None:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return choices.told(self.config, key)

    @property
    def holds_back(self) -> bool:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return bool(choices.untold(self.config))

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        """See :class:`aggregator.web.daemon_view.Site`."""
        if self.parts is None or (last := self.parts.engine.last_tick) is None:
            return False, {"last_tick": None}
        return ticks(last, self._clock.now()), {
            "last_tick": last.isoformat(),
            "feeds": len(self.config.feeds) - len(choices.untold(self.config)),
            "oldest_unsettled_s": self.parts.engine.stats.backlog_age.total_seconds(),
        }

    async def readiness(self) -> str:
        """The reason why readers should not be sent here; empty: none. See ``web/ready_page.py``."""
        if self._is_stopping():
            return "stopping"
        if self.parts is None:
            return "starting"
        await self.parts.store.version()
        return "" if self.parts.snapshot.table else "nothing published yet"
