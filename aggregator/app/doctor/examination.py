"""The whole examination, in the order in which one thing stands on another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from aggregator.app.doctor.findings import Finding, ok, warning
from aggregator.app.doctor.integrity import database
from aggregator.app.doctor.machine import descriptors, disk, for_owner, versions, writable
from aggregator.app.doctor.network import network
from aggregator.app.libraries import parser_versions
from aggregator.config.config import Config
from aggregator.store.db.database import sqlite_path


async def examine(config: Config, *, online: bool = True) -> AsyncIterator[Finding]:
    """Every finding about this machine and ``config``, as it comes; nothing is changed.

    With ``online`` feeds, name servers and our own address are asked, one request each.
    """
    for finding in _here(config):
        yield finding
    if online:
        async for finding in network(config):
            yield finding


def _here(config: Config) -> Iterator[Finding]:
    settings = config.settings
    yield from versions(parser_versions())
    for said in config.warnings:
        yield warning("configuration", said, "see `aggregator config check`")
    if not config.warnings:
        yield ok("configuration", f"{len(config.feeds)} feeds, {len(settings.outputs)} outputs")
    yield descriptors(settings)
    file = sqlite_path(settings.database.url)
    folders = dict.fromkeys(
        [
            *([file.parent] if file else []),
            *([Path(settings.publish.directory)] if settings.publish.directory else []),
        ]
    )
    for folder in folders:
        yield writable("permissions", folder)
        yield disk(folder)
    if file and (finding := for_owner(file, secret=True)):
        yield finding
    yield from database(settings.database.url)
