"""Reading lists read again: asked for through the guard, judged, and kept beside the data."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from pydantic import ValidationError

from aggregator.config.config import Config
from aggregator.config.edit import write_atomically
from aggregator.config.feed_options import fetch_options
from aggregator.config.list_copies import (
    ListState,
    copies_folder,
    copy_of,
    held_copy_of,
    read_list,
    reason_to_hold,
    state_of,
)
from aggregator.config.settings import OpmlSettings
from aggregator.errors import AggregatorError, ConfigError, FetchError
from aggregator.model import Request, Response, Validators
from aggregator.ports import Clock, Fetcher
from aggregator.privacy.masking import masked

log = structlog.get_logger("aggregator")

_RETRY = timedelta(hours=1)  # after trouble, at the latest


@dataclass(frozen=True, slots=True)
class ListCopy:
    """A list of the configuration, its files, and their state."""

    settings: OpmlSettings
    file: Path
    state: ListState

    @property
    def name(self) -> str:
        """The address as it may be shown."""
        return self.settings.name

    def is_due(self, now: datetime) -> bool:
        """True where it is time to ask for it again, or a clock was set back."""
        every = self.settings.every
        wait = min(every, _RETRY) if self.state.trouble and not self.state.held else every
        return not timedelta() <= now - self.state.asked < wait


def lists_of(config: Config) -> list[ListCopy]:
    """The lists of ``config`` as they stand."""
    folder = copies_folder(config.settings.database.url)
    files = [(one, copy_of(folder, one.url)) for one in config.settings.opml]
    return [ListCopy(one, file, _state(file)) for one, file in files]


def versions(config: Config) -> tuple[object, ...]:
    """Versions of the copies: others than before where another copy stands there."""
    return tuple(_version(one.file) for one in lists_of(config))


async def refresh(config: Config, fetcher: Fetcher, clock: Clock) -> None:
    """Ask for every list of ``config`` that is due; what is good becomes its copy."""
    for one in lists_of(config):
        if one.is_due(clock.now()):
            await _refresh(one, fetcher, clock.now())


async def _refresh(one: ListCopy, fetcher: Fetcher, now: datetime) -> None:
    url, known = one.settings.url, one.state
    asked_before = Validators(url, known.etag, known.last_modified)
    try:
        response = await fetcher.fetch(
            Request(url, validators=asked_before, options=fetch_options(url, None), inside=True)
        )
        state = await asyncio.to_thread(_judged, one, response, now)
    except (FetchError, ConfigError) as error:
        message = masked(error.faults[0].message if isinstance(error, ConfigError) else str(error))
        state = known.model_copy(update={"asked": now, "trouble": message})
    except OSError as error:
        raise AggregatorError(f"{one.file} cannot be written: {error.strerror}") from None
    if state.trouble and state.trouble != known.trouble:
        log.warning("reading list not taken", list=one.name, reason=state.trouble)
    try:
        await asyncio.to_thread(_write, state_of(one.file), state.model_dump_json().encode())
    except OSError as error:
        raise AggregatorError(f"{one.file} cannot be written: {error.strerror}") from None


def _judged(one: ListCopy, response: Response, now: datetime) -> ListState:
    """The state after an answer; a good one is the copy from now on, a doubtful one is held."""
    known = one.state
    if response.status == 304:
        trouble = known.trouble if known.held else ""
        return known.model_copy(update={"asked": now, "trouble": trouble})
    after = read_list(response.body, one.settings.url, one.name)
    last = one.file.read_bytes() if one.file.exists() else None
    before = read_list(last, one.settings.url, one.name) if last is not None else None
    reason = reason_to_hold(before, after)
    told = {
        "asked": now,
        "etag": response.headers.get("etag"),
        "last_modified": response.headers.get("last-modified"),
    }
    if reason:
        _write(held_copy_of(one.file), response.body)
        hint = f"{reason}; the copy before stays until `aggregator feeds accept` takes this one"
        return known.model_copy(update={**told, "trouble": hint, "held": True})
    held_copy_of(one.file).unlink(missing_ok=True)
    if response.body != last:  # another file is another configuration, which is read again
        _write(one.file, response.body)
        log.info("reading list taken", list=one.name, feeds=len(after.feeds))
    return ListState.model_validate({**told, "taken": now})


def accept(one: ListCopy, now: datetime) -> None:
    """Have the held copy take the place of the last good one. Raises ``OSError``."""
    held_copy_of(one.file).replace(one.file)
    state = one.state.model_copy(update={"trouble": "", "held": False, "taken": now})
    _write(state_of(one.file), state.model_dump_json().encode())


def _state(file: Path) -> ListState:
    try:
        state = ListState.model_validate_json(state_of(file).read_bytes())
    except (OSError, ValidationError):
        return ListState()
    if state.taken is not None and not file.exists():
        return (
            ListState()
        )  # validators of a copy that is gone would bring a 304, and never the list
    return state


def _version(file: Path) -> object:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        file.touch(0o600)
    write_atomically(file, data)
