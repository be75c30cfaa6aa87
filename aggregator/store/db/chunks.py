"""Statements over many values: a bounded number at a time, or all of them as one parameter."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

T = TypeVar("T")

CHUNK = 500  # bound parameters per statement stay far below both databases' limits


def chunks(values: Sequence[T], size: int = CHUNK) -> list[Sequence[T]]:
    """``values`` in their order, up to ``size`` at a time; an empty list for none."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def among(
    connection: Connection, key: ColumnElement[str], values: Collection[str]
) -> ColumnElement[bool]:
    """The condition that ``key`` is one of ``values``, however many: they are one parameter."""
    wanted = sorted(values)
    if connection.dialect.name == "sqlite":
        told = func.json_each(bindparam(None, json.dumps(wanted))).table_valued(
            column("value", Text)
        )
        return key.in_(select(told.c.value))
    return key == func.any(bindparam(None, wanted, type_=ARRAY(Text)))
