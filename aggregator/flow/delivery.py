"""Push: what a hub delivered of a feed, taken as the pipeline takes a poll, without a fetch."""

from __future__ import annotations

import structlog

from aggregator.errors import AggregatorError, LeaseLost, StoreError
from aggregator.flow.changes import error_line
from aggregator.flow.pipeline import Pipeline, log_poll
from aggregator.model import ClaimedFeed, Delivery, PollOutcome, PollResult
from aggregator.privacy.masking import masked

log = structlog.get_logger("aggregator")


async def take(pipeline: Pipeline, claimed: ClaimedFeed, delivery: Delivery) -> PollOutcome | None:
    """Take what a hub delivered of one claimed feed; None when nothing came of it.

    A delivery may hold only what is new: it unlists nothing, and says nothing of the feed as a
    whole. The feed's poll goes back to where it was planned.
    """
    feed, now = claimed.feed, pipeline.clock.now()
    try:
        known = await pipeline.listed(feed)
        parsed = await pipeline.parsed(delivery.body, delivery.topic, delivery.content_type, known)
        outcome = PollOutcome(
            feed_id=feed.id,
            result=PollResult.PUSHED,
            polled_at=now,
            next_poll=max(delivery.next_poll, feed.next_poll or now),
            delta=await pipeline.compared(feed, parsed, known, now, complete=False),
        )
        await pipeline.store.commit_poll(outcome, claimed.lease)
    except LeaseLost as lost:
        log.warning("delivery dropped", feed=masked(feed.key), reason=str(lost))
        return None
    except StoreError:
        raise
    except AggregatorError as error:
        log.warning("delivery dropped", feed=masked(feed.key), reason=error_line(error))
        await pipeline.store.release(feed.id, claimed.lease)
        return None
    log_poll(claimed, outcome)
    return outcome
