"""An entry's details as JSON in the database, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from aggregator.model import (
    NO_DETAILS,
    Chapter,
    Details,
    Episode,
    FurtherLink,
    Origin,
    Person,
    Relation,
    Topic,
)

Stored = Mapping[str, Any]


def dump_details(details: Details) -> dict[str, Any] | None:
    """The parts that say something, for a JSON column; None for nothing."""
    if details == NO_DETAILS:  # as of most entries
        return None
    return _said(asdict(details)) or None


def load_details(stored: Stored | None) -> Details:
    """The inverse of :func:`dump_details`."""
    if not stored:
        return NO_DETAILS
    return Details(
        people=tuple(Person(**{"name": "", **one}) for one in _list(stored, "people")),
        contributors=tuple(Person(**{"name": "", **one}) for one in _list(stored, "contributors")),
        topics=tuple(Topic(**{"name": "", **one}) for one in _list(stored, "topics")),
        links=tuple(_link(one) for one in _list(stored, "links")),
        rights=stored.get("rights", ""),
        origin=Origin(**stored["origin"]) if "origin" in stored else None,
        places=tuple((kind, numbers) for kind, numbers in _list(stored, "places")),
        episode=_episode(stored["episode"]) if "episode" in stored else None,
    )


def _list(stored: Stored, name: str) -> Iterable[Any]:
    found: Iterable[Any] = stored.get(name, ())
    return found


def _link(stored: Stored) -> FurtherLink:
    return FurtherLink(**{"url": "", **stored, "relation": Relation(stored["relation"])})


def _episode(stored: Stored) -> Episode:
    chapters = tuple(
        Chapter(**{"start": 0.0, "title": "", **chapter}) for chapter in _list(stored, "chapters")
    )
    return Episode(**{**stored, "chapters": chapters})


def _said(value: Any) -> Any:
    """``value`` without what is empty in it, a chapter's start at 0 seconds too."""
    if isinstance(value, dict):
        return {name: said for name, one in value.items() if (said := _said(one))}
    if isinstance(value, (list, tuple)):
        return [_said(one) for one in value]
    return value
