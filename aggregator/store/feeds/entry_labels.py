"""Names and ranks that rules gave an entry, as JSON in the database, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aggregator.model import Labels


def dump_labels(labels: Labels | None) -> dict[str, Any] | None:
    """The labels for a JSON column; None for none."""
    return {name: said for name, said in asdict(labels).items() if said} if labels else None


def load_labels(stored: Mapping[str, Any] | None) -> Labels:
    """The JSON column ``labels`` as a value."""
    if not stored:
        return Labels()
    return Labels(
        tuple(stored.get("categories", ())), tuple(stored.get("tags", ())), stored.get("rank", 0)
    )
