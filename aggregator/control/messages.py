"""The protocol: what commands ask of a running daemon and what it answers, as values and as JSON.

A message is one JSON object with a ``kind``. It goes over the control socket in a frame
(:mod:`aggregator.control.frames`), or lies in a row of a database that machines share. Neither side
trusts the other: what is no message raises :class:`~aggregator.errors.ControlError`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aggregator.errors import ConfigFault, ControlError
from aggregator.model import AskedPoll
from aggregator.privacy.masking import masked

T = TypeVar("T")

LARGEST = 1 << 20
"""Bytes of a message, at most."""
_FAULTS = 20  # of a configuration that are told; `aggregator config check` tells all
_LONGEST = 1000  # characters of what is told of one
_OF_A_POLL = LARGEST // 4  # its answer says a word more about each feed


@dataclass(frozen=True, slots=True)
class Poll:
    """Poll these feeds now, by their keys: as politely as ever, but before all that are due."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reload:
    """Read the configuration again, as for SIGHUP."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of each feed of a :class:`Poll`, by its key; ``network_down``: no host answers."""

    feeds: Mapping[str, AskedPoll]
    network_down: bool = False


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The end of a reload: of a faulty configuration nothing was taken over.

    ``config`` is the daemon's file; ``changes`` counts feeds that were added, paused and so on;
    ``restart`` names changed settings that only a restart applies. Of many ``faults`` some are told.
    """

    config: str
    changes: Mapping[str, int] = field(default_factory=dict)
    restart: tuple[str, ...] = ()
    faults: tuple[ConfigFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done, for this reason."""

    reason: str


Request = Poll | Reload
Reply = Asked | Reloaded | Refused


def polls(keys: Sequence[str]) -> Iterator[Poll]:
    """Requests for all of ``keys``, each of which fits into a message, and its answer too."""
    some: list[str] = []
    size = 0
    for key in keys:
        needed = len(json.dumps(key)) + 2
        if some and size + needed > _OF_A_POLL:
            yield Poll(tuple(some))
            some, size = [], 0
        some.append(key)
        size += needed
    if some:
        yield Poll(tuple(some))


def write(message: Request | Reply) -> bytes:
    """``message`` as JSON; no secret stands in it. Raises ``ControlError`` for one that is too large."""
    body = json.dumps(_plain(message), separators=(",", ":")).encode("ascii")
    if len(body) > LARGEST:
        raise ControlError(f"a message of {len(body)} bytes is too large; {LARGEST} are allowed")
    return body


def _plain(message: Request | Reply) -> dict[str, object]:
    match message:
        case Poll(keys):
            return {"kind": "poll", "keys": list(keys)}
        case Reload():
            return {"kind": "reload"}
        case Asked(feeds, network_down):
            states = {key: state.value for key, state in feeds.items()}
            return {"kind": "asked", "feeds": states, "network_down": network_down}
        case Reloaded(config, changes, restart, faults):
            told = [[_short(one.where), _short(one.message)] for one in faults[:_FAULTS]]
            if (more := len(faults) - _FAULTS) > 0:
                told.append([config, f"and {more} more; `aggregator config check` tells all"])
            return {
                "kind": "reloaded",
                "config": config,
                "changes": dict(changes),
                "restart": list(restart),
                "faults": told,
            }
        case Refused(reason):
            return {"kind": "refused", "reason": _short(reason)}


def _short(text: str) -> str:
    shown = masked(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def read_request(body: bytes | str) -> Request:
    """The request in ``body``. Raises ``ControlError`` for what is none."""
    kinds: Mapping[str, Callable[[dict[str, Any]], Request]] = {"poll": _poll, "reload": _reload}
    return _read(body, kinds)


def read_reply(body: bytes | str) -> Reply:
    """The answer in ``body``. Raises ``ControlError`` for what is none."""
    kinds: Mapping[str, Callable[[dict[str, Any]], Reply]] = {
        "asked": _asked,
        "reloaded": _reloaded,
        "refused": _refused,
    }
    return _read(body, kinds)


def _read(body: bytes | str, kinds: Mapping[str, Callable[[dict[str, Any]], T]]) -> T:
    try:
        found = json.loads(body)
        kind = found["kind"]
        make = kinds.get(kind) if isinstance(kind, str) else None
        if make is not None:
            return make(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ControlError(f"not a message of ours ({type(error).__name__})") from None
    raise ControlError(
        f"an unknown kind of message: {str(kind)[:40]!r}",
        hint="are the daemon and the command of one release? Restart the daemon after an upgrade",
    )


def _poll(found: dict[str, Any]) -> Poll:
    return Poll(_texts(found["keys"]))


def _reload(_: dict[str, Any]) -> Reload:
    return Reload()


def _asked(found: dict[str, Any]) -> Asked:
    states = {_text(key): AskedPoll(state) for key, state in found["feeds"].items()}
    return Asked(states, found["network_down"] is True)


def _reloaded(found: dict[str, Any]) -> Reloaded:
    changes = {_text(name): int(count) for name, count in found["changes"].items()}
    faults = tuple(ConfigFault(_text(where), _text(why)) for where, why in found["faults"])
    return Reloaded(_text(found["config"]), changes, _texts(found["restart"]), faults)


def _refused(found: dict[str, Any]) -> Refused:
    return Refused(_text(found["reason"]))


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return tuple(map(_text, value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
