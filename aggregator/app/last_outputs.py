"""Outputs as they were published last: served at once after a start, with the validators they had.

Bytes of another configuration may tell what is secret now: they are made anew, or served no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from aggregator.app.wiring import Parts
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import hubs
from aggregator.config.settings import OutputSettings
from aggregator.errors import AggregatorError
from aggregator.flow.pipeline import output_feed
from aggregator.model import LastRendering, Maker, Rendered
from aggregator.publish.files import FilePublisher
from aggregator.publish.hub_links import link_header
from aggregator.publish.render import digest, pack

log = structlog.get_logger("aggregator")

_Last = Mapping[tuple[str, str], LastRendering]


async def put_back(config: Config, parts: Parts) -> None:
    """Publish again what was published before this process; where nothing was ever, nothing is.

    Files that this release made with this configuration are taken as they are: their digest tells.
    All other outputs are rendered anew, since other bytes may tell what is secret now; so are those
    that are new or have a new name, whose readers had the same items a moment ago.
    """
    last, maker = await parts.store.last_renderings(), choices.maker(config)
    directory = config.settings.publish.directory
    files = FilePublisher(Path(directory) if directory else None)
    missing: list[str] = []
    for output in config.settings.outputs:
        written = await asyncio.to_thread(_written, config, output, files, last, maker)
        if written:
            parts.snapshot.put_back(written)
        elif last:
            missing.append(output.name)
    if missing:
        await _render(parts, missing)


async def make_anew(config: Config, parts: Parts) -> None:
    """Render all outputs by ``config``, however lately they were; what cannot be is withdrawn."""
    before = parts.snapshot.table
    await _render(parts, [one.name for one in config.settings.outputs])
    parts.snapshot.prune(
        {key for key, one in parts.snapshot.table.items() if before.get(key) is not one}
    )


def _written(
    config: Config, output: OutputSettings, files: FilePublisher, last: _Last, maker: Maker
) -> list[Rendered]:
    """All formats of ``output`` from their files; [] where one is not as we left it."""
    found: list[Rendered] = []
    links = output_feed(config, output, ()).links
    for kind in () if output.token else output.formats:
        known, body = last.get((output.name, kind)), files.body(output.name, kind)
        if known is None or body is None or known.maker != maker or digest(body) != known.digest:
            return []
        link = link_header(hubs(config.settings), links[kind])
        packed = pack(
            output.name, kind, body, known.modified, known.cursor, link=link, all_codings=True
        )
        found.append(packed)
    return found


async def _render(parts: Parts, names: list[str]) -> None:
    try:
        await parts.engine.publish(names)
    except AggregatorError as error:
        log.error("cannot publish", error=str(error))
    except Exception:
        # What a stranger's entry does to one rendering must not keep all else from starting.
        log.exception("cannot publish")
