"""A reload of the configuration: what it changes at once, and what only a restart can change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from aggregator.app.after_publish import AfterPublish
from aggregator.app.last_outputs import make_anew
from aggregator.app.wiring import Parts, subscribe
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.errors import AggregatorError, ConfigError
from aggregator.ports import Clock
from aggregator.publish.archive_files import ArchivePageFiles
from aggregator.publish.files import FilePublisher, outputs_of
from aggregator.store.feeds.feeds import FeedChanges

log = structlog.get_logger("aggregator")

# Sections, and single settings of others, that parts were built from.
_FIXED_SECTIONS = (
    "engine",
    "database",
    "server",
    "fetch",
    "log",
    "schedule",
    "search",
    "traces",
    "urls",
    "worker",
)
_FIXED_SETTINGS = {"extract": ("workers",), "publish": ("directory", "compressed", "after")}


@dataclass(frozen=True, slots=True)
class Applied:
    """The end of a reload: the configuration that holds now, counts of feeds by what became of them.

    ``restart`` are the names of settings that differ and only a restart can change.
    """

    config: Config
    counts: Mapping[str, int]
    restart: Sequence[str]


async def read_again(load: Callable[[], Config]) -> Config:
    """The configuration as its files say now; raises ``ConfigError``, after a line for each fault."""
    try:
        return await asyncio.to_thread(load)
    except ConfigError as error:
        for fault in error.faults:
            log.error("configuration not reloaded", where=fault.where, fault=fault.message)
        raise


def changeable(now: Config, fresh: Config) -> tuple[Config, list[str]]:
    """``fresh`` with the settings of ``now`` that only a restart can change.

    Returns the names of those that differ, too.
    """
    kept: dict[str, object] = {name: getattr(now.settings, name) for name in _FIXED_SECTIONS}
    changed = [name for name in _FIXED_SECTIONS if kept[name] != getattr(fresh.settings, name)]
    for section, names in _FIXED_SETTINGS.items():
        mine, theirs = getattr(now.settings, section), getattr(fresh.settings, section)
        changed += [f"{section}.{n}" for n in names if getattr(mine, n) != getattr(theirs, n)]
        kept[section] = theirs.model_copy(update={n: getattr(mine, n) for n in names})
    return replace(fresh, settings=fresh.settings.model_copy(update=kept)), changed


async def apply_config(now: Config, fresh: Config, parts: Parts, clock: Clock) -> Applied:
    """Have ``parts`` work by ``fresh`` in place of ``now``, so far as they can."""
    config, changed = changeable(now, fresh)
    if changed:
        log.warning("restart to apply", settings=", ".join(changed))
    # At once: to take over a configuration lasts as long as whatever is rendered at the moment.
    telling_less = choices.tell_less(now, config)
    _withdraw_files(config.settings, telling_less, parts.after)
    with parts.snapshot.withholding(telling_less):
        await parts.engine.reconfigure(config)
    _withdraw_files(config.settings, telling_less, parts.after)
    counts: Mapping[str, int] = {}
    try:
        counts = log_changes(await subscribe(config, parts.store, clock.now()))
    except AggregatorError as error:
        log.error("subscriptions not updated", error=str(error))
    prune_outputs(config.settings, parts)
    if choices.maker(config) != choices.maker(now):
        await make_anew(config, parts)
    for warning in config.warnings:
        log.warning("configuration", warning=warning)
    parts.hub.reconfigured()
    parts.engine.publish_anew()
    parts.engine.tick()
    return Applied(config, counts, changed)


def _withdraw_files(settings: Settings, names: Collection[str], after: AfterPublish) -> None:
    """Remove the files of these outputs, which are written anew by what holds now."""
    if not names or not settings.publish.directory:
        return
    left = [one for one in settings.outputs if not one.token and one.name not in names]
    try:
        gone = FilePublisher(Path(settings.publish.directory)).prune(
            {(one.name, kind) for one in left for kind in one.formats}
        )
        after.removed(outputs_of(gone))
    except AggregatorError as error:
        log.error("old output files not removed", error=str(error))


def prune_outputs(settings: Settings, parts: Parts) -> None:
    """Remove outputs that are configured no more, from memory and from the folder of files."""
    parts.snapshot.prune(
        {
            (one.name, kind, token)
            for one in settings.outputs
            for kind in one.formats
            for token in choices.tokens(one) or ("",)
        }
    )
    if directory := settings.publish.directory:
        public = [one for one in settings.outputs if not one.token]
        wanted = {(one.name, kind) for one in public for kind in one.formats}
        try:
            files = FilePublisher(Path(directory), compressed=settings.publish.compressed)
            parts.after.removed(outputs_of(files.prune(wanted)))
            ArchivePageFiles(Path(directory)).prune(
                {one.name for one in public if one.kept_archive}
            )
        except AggregatorError as error:
            log.error("old output files not removed", error=str(error))


def prune_leftovers(settings: Settings) -> None:
    """Remove what a process that was killed left half written in folders of private outputs.

    For a start: whoever writes there meanwhile would lose it.
    """
    for folder in {one.files for one in settings.outputs if one.token and one.files}:
        try:
            FilePublisher.prune_leftovers(Path(folder))
        except AggregatorError as error:
            log.error("old output files not removed", error=str(error))


def log_changes(changes: FeedChanges) -> Mapping[str, int]:
    """One line on the feeds that came and went, none when all are as they were; how many did."""
    every = {
        "added": len(changes.added),
        "resumed": len(changes.resumed),
        "stopped": len(changes.stopped),
        "paused": len(changes.paused),
        "continued": len(changes.continued),
    }
    counts = {name: count for name, count in every.items() if count}
    if counts:
        log.info("subscriptions", **counts)
    return counts
