"""The outputs' logs as our hub tells of them: documents made once for all who know the same."""

from __future__ import annotations

from collections.abc import Callable

from aggregator.app.history import OutputHistory
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import hubs
from aggregator.config.settings import OutputSettings
from aggregator.errors import AggregatorError
from aggregator.flow.digesting import latest_edition
from aggregator.flow.pipeline import output_feed
from aggregator.model import Cursor, HubDocument, HubTopic
from aggregator.publish.hub_links import link_header
from aggregator.store.store import SqlStore
from aggregator.web.kept import Kept

_KEPT_S, _KEPT = 60.0, 16  # documents

_Key = tuple[str, str, Cursor | None, int, Cursor, str]


class OutputNews:
    """Implements :class:`aggregator.ports.HubNews` by the configuration of the moment."""

    def __init__(self, config: Callable[[], Config], store: SqlStore) -> None:
        self._config = config
        self._store = store
        self._history = OutputHistory(config, store)
        self._made = Kept(self._make, _KEPT_S, _KEPT)

    async def head(self, output: str) -> Cursor | None:
        """The place of the latest line, of a digest that of the latest edition."""
        config, settings = self._config(), self._output(output)
        if settings.digest:
            return await latest_edition(self._store, settings)
        return await self._store.cursor(choices.selections(config)[output])

    async def news(self, topic: HubTopic, since: Cursor | None, most: int) -> HubDocument | None:
        """Items that are new since then; where that is a place in no log that stands, the newest."""
        head = await self.head(topic.output)
        if head is None:
            return None
        if since == head:
            return HubDocument(b"", "", "", head, 0)
        maker = choices.maker(self._config())
        # What was made before the latest line is another one's document.
        return await self._made.get((topic.output, topic.format, since, most, head, maker.config))

    async def _make(self, key: _Key) -> HubDocument | None:
        name, kind, since, most, head, _ = key
        found = None
        if since is not None and since.epoch == head.epoch:
            found = await self._history.new_items(name, kind, "", since, most, announced=True)
        if found is None:
            found = await self._history.new_items(name, kind, "", None, most)
        if found is None:
            return None
        rendered, new = found
        config, settings = self._config(), self._output(name)
        feed = output_feed(config, settings, ())
        link = link_header(hubs(config.settings), feed.links[kind])
        return HubDocument(
            rendered.body, rendered.media_type, link, new.upto, len(new.items), new.more
        )

    def _output(self, name: str) -> OutputSettings:
        found = (one for one in self._config().settings.outputs if one.name == name)
        settings = next(found, None)
        if settings is None or settings.token:  # a reload has just changed it
            raise AggregatorError(f"no output {name} without a token")
        return settings
