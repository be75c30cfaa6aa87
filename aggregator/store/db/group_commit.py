"""Group commit: what several callers want written at the same moment shares one transaction.

While one group is being written the next one gathers, so a group is as large as the load makes it
and a lone caller never waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection

from aggregator.errors import LeaseLost
from aggregator.store.db.database import Database

Piece = TypeVar("Piece")
Result = TypeVar("Result")

# What one transaction holds, in unchanged polls and the like: others wait for the write lock meanwhile.
_LARGEST = 200


class GroupCommit(Generic[Piece, Result]):
    """Writes pieces with ``apply(connection, pieces)``, which gives each its result or LeaseLost.

    A group is all or nothing. When one fails, its pieces are written one by one, so that a piece
    that cannot be written harms no other. ``weight`` of a piece (1 or more) says how much it is to
    write: 1 as for a poll that found nothing.
    """

    def __init__(
        self,
        database: Database,
        apply: Callable[[Connection, Sequence[Piece]], list[Result | LeaseLost]],
        weight: Callable[[Piece], int] = lambda _: 1,
    ) -> None:
        self._database = database
        self._apply = apply
        self._weight = weight
        self._gathering: list[tuple[Piece, asyncio.Future[Result]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, piece: Piece) -> Result:
        """Write ``piece``, durably when this returns.

        Raises :class:`LeaseLost`, or :class:`~aggregator.errors.StoreError` when the database refused it.
        """
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._gathering.append((piece, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._gathering:
            size = self._size_of_next()
            group, self._gathering = self._gathering[:size], self._gathering[size:]
            try:
                await self._write(group)
            except Exception:  # noqa: BLE001 - each caller gets its own below
                for one in group:
                    await self._write_alone(one)

    def _size_of_next(self) -> int:
        """How many pieces the next transaction holds: one at least."""
        total = 0
        for size, (piece, _) in enumerate(self._gathering):
            total += self._weight(piece)
            if total > _LARGEST:
                return max(size, 1)
        return len(self._gathering)

    async def _write_alone(self, one: tuple[Piece, asyncio.Future[Result]]) -> None:
        try:
            await self._write([one])
        except Exception as error:  # noqa: BLE001 - the caller's to handle: it must not hang
            if not one[1].done():
                one[1].set_exception(error)

    async def _write(self, group: Sequence[tuple[Piece, asyncio.Future[Result]]]) -> None:
        results = await self._database.write(self._apply, [piece for piece, _ in group])
        for (_, answer), result in zip(group, results, strict=True):
            if answer.done():
                continue  # its caller was cancelled; what it wanted is written all the same
            if isinstance(result, LeaseLost):
                answer.set_exception(result)
            else:
                answer.set_result(result)
