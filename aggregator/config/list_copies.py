"""Reading lists: OPML at an address, of which the last good copy stands beside the data.

A list is somebody else's file: it decides what is subscribed, under which title and category, and
nothing else. A new copy that lacks much of the last one is held until the operator accepts it. Pure
but for where copies stand.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from aggregator.config.opml import PlacedFeed, Reading, read_opml
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked
from aggregator.sanitize.private_hosts import is_private

LIST_CAP = 5 << 20  # bytes
FEEDS_CAP = 10_000
_OUTLINES_CAP = 2 * FEEDS_CAP  # with folders, and feeds that stand in several
_A_FEED = re.compile(rb"xmlurl|^https?://", re.IGNORECASE | re.MULTILINE)
_MISSED = 5  # a list that lacks one feed in so many is held
_SQLITE = "sqlite:///"


class ListState(BaseModel):
    """State of a list, beside its copy: when it was asked for, and how that ended."""

    model_config = ConfigDict(frozen=True)

    asked: datetime = datetime.fromtimestamp(0, UTC)
    taken: datetime | None = None  # when the copy was
    etag: str | None = None  # of the latest answer, taken or held
    last_modified: str | None = None
    trouble: str = ""  # why the latest answer was none, or was not taken
    held: bool = False  # there is one that waits to be accepted


def copies_folder(database_url: str) -> Path:
    """The folder of copies: beside the SQLite file, else in `data`."""
    if database_url.startswith(_SQLITE):
        return Path(database_url.removeprefix(_SQLITE).partition("?")[0]).parent / "opml"
    return Path("data/opml")


def copy_of(folder: Path, url: str) -> Path:
    """The file of the last good copy of the list at ``url``; its name tells nothing of the address."""
    return folder / f"{sha256(url.encode()).hexdigest()[:20]}.opml"


def held_copy_of(copy: Path) -> Path:
    """The file of a copy that waits to be accepted."""
    return copy.with_suffix(".held")


def state_of(copy: Path) -> Path:
    """The file of the :class:`ListState`."""
    return copy.with_suffix(".json")


def read_list(data: bytes, url: str, name: str = "") -> Reading:
    """The feeds of ``data``, the list at ``url``, with nothing that a list must not decide.

    ``name`` is the address as it may be shown, where that is not known from ``url`` itself.

    Raises ``ConfigError`` for what is none, or too large.
    """
    name = name or masked(url, is_url=True)
    if len(data) > LIST_CAP:
        raise ConfigError([ConfigFault(name, f"larger than {LIST_CAP >> 20} MB")])
    # Counted before they are read, which costs more.
    too_many = ConfigError([ConfigFault(name, f"lists more than {FEEDS_CAP:,} feeds")])
    if len(_A_FEED.findall(data)) > FEEDS_CAP:
        raise too_many
    reading = read_opml(data, name, _OUTLINES_CAP)
    if len(reading.feeds) > FEEDS_CAP:  # written in another way, or in UTF-16
        raise too_many
    kept: list[PlacedFeed] = []
    its_own = {"options": None, "extract": None, "every": None, "paused": False}
    faults = list(reading.faults)
    for one in reading.feeds:
        if "@" in one.feed.url.partition("://")[2].partition("/")[0]:
            faults.append(ConfigFault(one.where, "an address with user name or password"))
            continue
        if is_private(one.feed.url) and not is_private(url):
            faults.append(
                ConfigFault(one.where, "an address of a private network, which the list is not in")
            )
            continue
        plain = one.feed.model_copy(update=its_own)
        kept.append(replace(one, feed=plain, address=url))
    return replace(reading, feeds=tuple(kept), faults=tuple(faults), notes=())


def reason_to_hold(before: Reading | None, after: Reading) -> str:
    """The reason why ``after`` does not take the place of ``before``; empty where it may."""
    if not after.feeds:
        return "lists no feeds"
    known = {one.feed.key for one in before.feeds} if before else set()
    missing = len(known - {one.feed.key for one in after.feeds})
    if missing and after.mended:
        return f"is {after.mended}, and lacks {missing} of {len(known)} feeds"
    if known and missing * _MISSED >= len(known):
        return f"lacks {missing} of {len(known)} feeds"
    return ""
