"""Doubts about values that are allowed and yet probably not meant, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from aggregator.config.locate import KeyPath
from aggregator.config.schema import words_at
from aggregator.config.values import format_duration, parse_duration

_SHORT = timedelta(minutes=1)
_INTERVALS = {"every", "min_interval", "max_interval"}  # between polls of one feed


def doubts(raw: object, where: Callable[[KeyPath], str]) -> Iterator[str]:
    """Doubts about ``raw``, the settings as they were read; ``where`` names a place in them."""
    for path, value in _leaves(raw, ()):
        if words_at(path) != "duration" or not value:
            continue
        try:
            meant = parse_duration(value)
        except ValueError:
            continue  # a fault, and said as one
        name = ".".join(str(step) for step in path if isinstance(step, str))
        if isinstance(value, int | float):
            yield f'{where(path)}: `{name}` = {value} is {value} seconds; write it as "{value}s"'
        if meant < _SHORT and name in {"feeds.every", *(f"schedule.{one}" for one in _INTERVALS)}:
            yield (
                f"{where(path)}: `{name}` = {format_duration(meant)} asks a publisher more than once "
                "a minute; many answer that with a ban"
            )


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _leaves(member, (*path, index))
    else:
        yield path, value
