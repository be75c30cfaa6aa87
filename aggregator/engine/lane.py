"""One kind of work: claim it, run it with bounded concurrency, look again when woken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, TypeVar

import structlog

from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError

T = TypeVar("T")
log = structlog.get_logger("aggregator")


class Lane(Generic[T]):
    """Runs ``work`` over what ``claim`` gives, at most ``slots`` at once.

    ``claim(free)`` leases at most ``free`` pieces; ``release`` ends the lease of a piece that
    was not worked on. A piece that fails is logged and left to its lease; the lane goes on.
    """

    def __init__(
        self,
        name: str,
        slots: int,
        claim: Callable[[int], Awaitable[list[T]]],
        work: Callable[[T], Awaitable[object]],
        release: Callable[[T], Awaitable[None]],
    ) -> None:
        self._name = name
        self._slots = slots
        self._claim = claim
        self._work = work
        self._release = release
        self._running: dict[asyncio.Task[None], T] = {}
        self._woken = asyncio.Event()
        self._stopping = False
        self.done = 0
        self._claiming = RepeatedErrors("cannot claim work", kind=name)
        self._storing = RepeatedErrors("result not stored", kind=name)

    @property
    def running(self) -> list[T]:
        """The pieces that are being worked on."""
        return list(self._running.values())

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    async def serve(self) -> None:
        """Claim and work until :meth:`stop`."""
        while not self._stopping:
            self._woken.clear()
            await self.claim()
            await self._woken.wait()

    async def claim(self) -> int:
        """Claim as much as there are free slots and start it; return how much that was."""
        free = self._slots - len(self._running)
        if free <= 0 or self._stopping:
            return 0
        try:
            pieces = await self._claim(free)
        except StoreError as error:
            self._claiming.failed(error)
            return 0
        self._claiming.worked()
        if self._stopping:  # stopped while the claim was under way
            for piece in pieces:
                await self._release_lease(piece)
            return 0
        for piece in pieces:
            task = asyncio.create_task(self._run(piece), name=self._name)
            self._running[task] = piece
            task.add_done_callback(self._ended)
        return len(pieces)

    async def drain(self) -> None:
        """Claim and work until there is nothing left to claim and nothing runs."""
        while True:
            ended = self.done
            started = await self.claim()
            if not self._running and not started and ended == self.done:
                return
            # Only a piece that ends can make more claimable: its slot, its host.
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            while self._running and not self._worth_claiming():
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self, patience: float) -> None:
        """Start nothing more; wait ``patience`` seconds for the rest, then release its leases."""
        self._stopping = True
        self.wake()
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        left = dict(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        # All at once: one after the other, each would wait for its turn at the writer.
        await asyncio.gather(*(self._release_lease(piece) for piece in left.values()))

    def drop(self, pieces: Collection[T]) -> None:
        """Work no more on these of what runs, whose leases are lost: nothing is given back."""
        lost = {id(piece) for piece in pieces}
        for task, piece in self._running.items():
            if id(piece) in lost:
                task.cancel()

    async def _release_lease(self, piece: T) -> None:
        try:
            await self._release(piece)
        except StoreError as error:
            log.warning("lease not given back", kind=self._name, error=str(error))

    async def _run(self, piece: T) -> None:
        try:
            await self._work(piece)
        except StoreError as error:
            self._storing.failed(error)
        except Exception:
            # One piece must never end the lane; its lease ends by itself.
            log.exception("unexpected failure", kind=self._name)
        else:
            self._storing.worked()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self.done += 1
        if self._worth_claiming():
            self.wake()

    def _worth_claiming(self) -> bool:
        # A claim is a transaction: not for one free slot at a time.
        return self._slots - len(self._running) >= max(self._slots // 4, 1)
