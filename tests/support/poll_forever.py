"""Polls one feed for ever, as fast as it can; killed by the test that started it.

``python -m tests.support.poll_forever DATABASE_URL START``: poll number n finds the entry ``n``, and its
validators and body hash say n. Every poll that was committed is printed; so is its beginning.
Every third is settled, and at every fifth an output chooses otherwise.
"""

from __future__ import annotations

import asyncio
import sys

from aggregator.model import ChangedEntry
from tests.support.outputs import FEEDS, Configured
from tests.support.storage import DAY, changed, new, stored_at

FEED = FEEDS[0]
CONFIG = Configured({FEED}, {FEED: "Tech"})


async def poll_forever(url: str, start: int) -> None:
    with stored_at(url) as stored:
        await stored.store.free_leases()
        await CONFIG.tell(stored)
        stored.clock.advance(start * DAY)
        number, changes = start, list[ChangedEntry]()
        while True:
            number += 1
            stored.clock.advance(DAY)
            (claimed,) = await stored.claim()
            entry = new(str(number), f"https://a.example/{number}")
            outcome = stored.outcome(claimed, entry, changed=changes, body_hash=str(number))
            print("begun", number, flush=True)
            (added,) = await stored.store.commit_poll(outcome, claimed.lease)
            print("done", number, flush=True)
            page = f"https://a.example/{number}"
            changes = [changed(added, str(number), page, title=f"by {number + 1}")]
            if number % 3 == 0:
                await stored.settle(outputs=CONFIG.selections().values())
            if number % 5 == 0:
                CONFIG.chosen = "World" if CONFIG.chosen == "Tech" else "Tech"
                await CONFIG.tell(stored)
                await stored.store.catch_up(CONFIG.selections().values())


if __name__ == "__main__":
    asyncio.run(poll_forever(sys.argv[1], int(sys.argv[2])))
