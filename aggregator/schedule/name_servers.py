"""Dead name servers, told from names that did not resolve and the time of their last answer. Pure.

An answer over a connection that is still open, or of a host at an address, says nothing of them; that
a name does not exist is an answer of theirs. All is judged by when it happened, so that it makes no
difference in which order polls of one batch end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

GRACE = timedelta(seconds=3)
"""An answer this near to a failure makes it the name's own; after a long lookup, only before it."""
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Unresolved:
    """One poll of a feed that was well before, to whose name the servers gave no answer."""

    feed_id: int
    domain: str  # registrable: names of one zone fail together
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class NameServers:
    """Evidence on our name servers since their last answer."""

    answered_at: datetime | None = None
    unresolved: tuple[Unresolved, ...] = ()
    down_since: datetime | None = None  # None: no outage
    lasted_since: datetime | None = None  # the last outage
    back_at: datetime | None = None

    def missed(self, one: Unresolved) -> NameServers:
        """After a poll whose name got no answer."""
        return replace(self, unresolved=(*self.unresolved, one)[-_REMEMBERED:])

    def judged(self, needed: int, now: datetime) -> NameServers:
        """Down, if names of ``needed`` domains failed and no answer came near any of them."""
        if self.down_since is not None:
            return self
        proofs = [one for one in self.unresolved if self._is_proof(one, now)]
        if len({one.domain for one in proofs}) < needed:
            return self
        return replace(self, down_since=min(one.began for one in proofs))

    def _is_proof(self, one: Unresolved, now: datetime) -> bool:
        before = self.answered_at is None or one.began >= self.answered_at + GRACE
        return before and max(one.ended, one.began + GRACE) <= now

    def answered(self, now: datetime) -> NameServers:
        """After an answer; to be judged before, for what went before it."""
        return NameServers(
            answered_at=now,
            # The first of an outage may have failed just before this, which was on its way.
            unresolved=tuple(one for one in self.unresolved if one.ended >= now - GRACE),
            lasted_since=self.down_since or self.lasted_since,
            back_at=self.back_at if self.down_since is None else now,
        )

    def innocent(self) -> tuple[Collection[int], NameServers]:
        """The feeds against which failures were counted that are ours, and what is left to judge."""
        if self.down_since is None:
            return (), self
        return {one.feed_id for one in self.unresolved}, replace(self, unresolved=())

    def to_blame_since(self, began: datetime, now: datetime) -> datetime | None:
        """The beginning of the outage that a poll met which ``began`` then; None: none that is known."""
        if self.down_since is not None:
            return self.down_since
        if self.back_at is not None and began <= self.back_at <= now:
            return began
        return None
