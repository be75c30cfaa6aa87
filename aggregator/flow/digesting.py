"""Editions of outputs with a digest: made when they are due, stored once, shown for ever the same.

What an edition tells, and the place up to which it does, are one transaction: whatever moment the
process is killed, the edition is stored or is made again, and shown by whoever publishes next.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import has_pages, id_base, own_base
from aggregator.config.settings import OutputSettings
from aggregator.errors import AggregatorError
from aggregator.model import (
    Cursor,
    DueEdition,
    Edition,
    EditionNews,
    Item,
    ItemPlace,
    NamedItem,
    NewItems,
    Source,
    StandingItems,
)
from aggregator.ports import Clock, EditionStore
from aggregator.privacy.public import Disclosure
from aggregator.publish import presentation
from aggregator.publish.edition_text import (
    arranged,
    edition_item,
    edition_title,
    story_pieces,
)
from aggregator.publish.other_sources import with_other_sources
from aggregator.publish.picture_choice import with_pictures
from aggregator.publish.private import page_link
from aggregator.schedule.edition_times import due_edition, is_ahead
from aggregator.select.guards import guards_of

log = structlog.get_logger("aggregator")

_EPOCH = 10**17  # of cursors that name editions: no log has such a number
_PATIENCE = timedelta(minutes=5)
_IDS = uuid.UUID("5d2f6f0e-1a7c-4f3b-9c64-6b0d0a3f8e21")


@dataclass(frozen=True, slots=True)
class Digesting:
    """The step that makes editions. ``store`` and ``clock`` are those of the pipeline."""

    store: EditionStore
    clock: Clock
    # Output whose edition is due and is not made yet → since when it waits.
    waiting: dict[str, datetime] = field(default_factory=dict)

    async def begin(self, config: Config) -> None:
        """Have editions tell what enters from now on, of outputs that have none yet."""
        found = choices.selections(config)
        for output in config.settings.outputs:
            if output.digest:
                guards = guards_of(found[output.name])
                await self.store.look_through_editions(names_of(output), guards)
                await self.store.begin_editions(found[output.name], names_of(output))

    async def update(
        self, config: Config, output: OutputSettings, *, patient: bool = False
    ) -> list[Item]:
        """Make the edition that is due, if one is; all that the output shows, the latest first.

        ``patient``: it waits for feeds that were due before it, for some minutes.
        """
        names, selection = names_of(output), choices.selections(config)[output.name]
        guards = guards_of(selection)
        await self.store.look_through_editions(names, guards)
        if await self.store.begin_editions(selection, names):
            due = await self._due(config, output)
            if due is None:
                self.waiting.pop(output.name, None)
            elif not (patient and await self._waits(output.name, due)):
                await self._make(config, output)
        editions, _ = await self.store.latest_editions(names, guards, output.limit)
        return [item_of(config, output, one) for one in editions]

    async def _waits(self, name: str, due: DueEdition) -> bool:
        """True while feeds bring what came until then, as after a start: it is to be in this edition."""
        now, since = self.clock.now(), self.waiting.get(name)
        if since is not None and not now - _PATIENCE < since <= now:
            return False
        if not await self.store.news_waits(due.at, stories=since is not None):
            return False
        self.waiting.setdefault(name, now)
        return True

    async def _make(self, config: Config, output: OutputSettings) -> None:
        names, selection = names_of(output), choices.selections(config)[output.name]
        news = await self.store.edition_news(selection, names)
        due = await self._due(config, output)
        if news is None:
            self.waiting.setdefault(output.name, self.clock.now())
            return
        self.waiting.pop(output.name, None)
        if due is None:
            return
        made = await asyncio.to_thread(_made, config, output, news, due)
        if await self.store.store_edition(names, news, due, made, guards_of(selection)):
            log.info("edition", output=output.name, day=due.day, stories=len(news.stories))

    async def _due(self, config: Config, output: OutputSettings) -> DueEdition | None:
        cut, now = await self.store.edition_cut(names_of(output)), self.clock.now()
        if cut is None:
            return None
        cron, zone = choices.digests(config)[output.name], ZoneInfo(config.settings.timezone)
        if is_ahead(cut, now):
            today = now.astimezone(zone).date().isoformat()
            if await self.store.bring_back(names_of(output), today):
                log.warning("editions of a clock that was ahead brought back", output=output.name)
            return None
        return due_edition(cron, zone, now, cut.due_at, cut.day)


def names_of(output: OutputSettings) -> Sequence[str]:
    """All names that the output has or had."""
    return (output.name, *output.aliases)


def next_run(config: Config, now: datetime) -> datetime | None:
    """The earliest time after ``now`` at which an edition of any output may be due."""
    runs = [cron.next_run(now) for cron in choices.digests(config).values()]
    return min((run for run in runs if run is not None), default=None)


def item_of(config: Config, output: OutputSettings, edition: Edition) -> Item:
    """An edition as the item that feeds and pages show."""
    base = own_base(config.settings)
    url = None
    if has_pages(config.settings):
        page = page_link(base, output.name, private=bool(output.token))
        url = f"{page}/{uuid.UUID(edition.id)}"
    title = choices.output_title(config.settings, output)
    return edition_item(edition, Source(title, Disclosure().feed_url(f"{base}/", None)), url)


async def latest_edition(store: EditionStore, output: OutputSettings) -> Cursor:
    """The place after all editions that there are."""
    return Cursor(_EPOCH, await store.latest_number(names_of(output)))


async def editions_since(
    store: EditionStore,
    config: Config,
    output: OutputSettings,
    since: Cursor | datetime | None,
    most: int,
) -> NewItems | None:
    """The first editions after ``since``, at most so many; None for a place that is no edition's.

    Without ``since`` it is the newest ones. Raises :class:`AggregatorError` while what they may tell is looked
    through.
    """
    names, guards = names_of(output), guards_of(choices.selections(config)[output.name])
    last = await store.latest_number(names)
    if isinstance(since, Cursor) and (since.epoch != _EPOCH or since.seq > last):
        return None
    if since is None:
        newest, _ = await store.latest_editions(names, guards, min(most, output.limit))
        upto = max((one.number for one in newest), default=0)
        return _new(config, output, newest, upto)
    place, after = (since.seq, None) if isinstance(since, Cursor) else (0, since)
    found = await store.editions_after(names, guards, place, most, since=after)
    if found is None:
        raise AggregatorError(f"the editions of {output.name} do not follow the configuration yet")
    return _new(config, output, found.editions[::-1], found.upto, more=found.more)


def _new(
    config: Config,
    output: OutputSettings,
    found: Sequence[Edition],
    upto: int,
    *,
    more: bool = False,
) -> NewItems:
    items = tuple(item_of(config, output, one) for one in found)
    return NewItems(items, Cursor(_EPOCH, upto), more)


async def editions_page(
    store: EditionStore,
    config: Config,
    output: OutputSettings,
    most: int,
    below: ItemPlace | None,
) -> StandingItems:
    """The latest editions for pages that people read, from ``below`` on."""
    guards = guards_of(choices.selections(config)[output.name])
    found, more = await store.latest_editions(
        names_of(output), guards, most, below=below.tie if below is not None else None
    )
    last = found[-1] if found and more else None
    return StandingItems(
        tuple(on_page(config, output, one) for one in found),
        None if last is None else ItemPlace(last.made_at, last.number, last.id),
    )


async def named_edition(
    store: EditionStore, config: Config, output: OutputSettings, item_id: str
) -> NamedItem:
    """The edition with this id, or nothing."""
    guards = guards_of(choices.selections(config)[output.name])
    found = await store.edition_called(names_of(output), guards, item_id)
    return NamedItem(on_page(config, output, found) if found is not None else None)


def on_page(config: Config, output: OutputSettings, edition: Edition) -> Item:
    """An edition as pages show it, which need no link to themselves."""
    return replace(item_of(config, output, edition), url=None)


def _made(
    config: Config, output: OutputSettings, news: EditionNews, due: DueEdition
) -> Edition | None:
    """The edition that tells ``news``; None where there is nothing to tell."""
    if not news.stories:
        return None
    uid = uuid.uuid5(_IDS, f"{id_base(config.settings)}\n{output.name}\n{due.day}").urn
    placed = arranged(news.stories, choices.categories(config), choices.group_order(config, output))
    shown = [(category, _story(one.item, output)) for category, one in placed]
    title = edition_title(choices.output_title(config.settings, output), due.day)
    at = news.at.replace(microsecond=0)
    return Edition(uid, due.day, title, story_pieces(uid, shown), at, at)


def _story(item: Item, output: OutputSettings) -> Item:
    """A story as the output's settings want it, its site standing beside it anyway."""
    shown = presentation.shortened(with_pictures(item, output.images), output.text)
    titled = presentation.titled(shown, output.title_format)
    return with_other_sources(titled, output.also_at)
