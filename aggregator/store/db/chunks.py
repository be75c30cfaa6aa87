"""Statements over many values, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK = 500  # bound parameters per statement stay far below both databases' limits


def chunks(values: Sequence[T]) -> list[Sequence[T]]:
    """``values`` in their order, up to :data:`CHUNK` at a time; an empty list for none."""
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
