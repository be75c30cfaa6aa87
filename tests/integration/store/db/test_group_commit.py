"""Groups of what is written together: as large as the load, but no larger than others can wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection

from aggregator.errors import LeaseLost
from aggregator.store.db.group_commit import GroupCommit
from tests.support.storage import Stored


async def groups(stored: Stored, *weights: int) -> list[list[int]]:
    """The groups in which pieces of these weights are written that come at one moment."""
    written = list[list[int]]()

    def apply(_: Connection, pieces: Sequence[int]) -> list[int | LeaseLost]:
        written.append(list(pieces))
        return list(pieces)

    commit = GroupCommit[int, int](stored.database, apply, lambda piece: piece)
    assert await asyncio.gather(*map(commit.submit, weights)) == list(weights)
    return written


async def test_light_pieces_share_a_transaction(stored: Stored) -> None:
    assert await groups(stored, *[1] * 150) == [[1] * 150]


async def test_heavy_ones_leave_the_writer_to_others_in_between(stored: Stored) -> None:
    assert await groups(stored, *[90] * 5) == [[90, 90], [90, 90], [90]]


async def test_one_that_is_too_heavy_is_written_alone(stored: Stored) -> None:
    assert await groups(stored, 5, 500, 5) == [[5], [500], [5]]
