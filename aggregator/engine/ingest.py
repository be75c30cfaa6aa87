"""The claim of a feed for which a document came in while it may be polled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from aggregator.config import choices
from aggregator.config.settings import Settings
from aggregator.model import ClaimedFeed
from aggregator.ports import Clock, FeedStore

_PATIENCE_S = 300.0  # with a feed that is being polled: its host may make us wait
_PAUSES_S = (0.1, 5.0)  # between two attempts to claim it: first, longest


async def claim_when_free(
    store: FeedStore,
    clock: Clock,
    feed_id: int,
    settings: Settings,
    in_hand: Callable[[], Collection[int]],
) -> ClaimedFeed | None:
    """The feed, leased as for a poll; None when it stays busy, or is gone.

    What this process has ``in_hand`` is busy, also when its lease has ended.
    """
    # Nobody renews this lease: it lasts as long as the work may take, which may be done twice.
    lease = settings.schedule.lease + 4 * choices.parse_limits(settings).wall
    waited, (pause, longest) = 0.0, _PAUSES_S
    while True:
        claimed = None
        if feed_id not in in_hand():
            claimed = await store.claim_feed(feed_id, clock.now(), lease)
        if claimed is not None or waited > _PATIENCE_S:
            return claimed
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(2 * pause, longest)
