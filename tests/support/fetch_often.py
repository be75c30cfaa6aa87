"""A process that fetches one address several times, politely, over a shared database.

``python -m tests.support.fetch_often DATABASE_URL URL TIMES GAP``: says ``ready``, waits for a line, fetches all
at once, and says for each in the end ``200`` or the error's name.
"""

from __future__ import annotations

import asyncio
import sys

from aggregator.app.politeness import open_politeness
from aggregator.app.wiring import SystemClock
from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch.client import HttpFetcher
from aggregator.store.db.database import Database, open_engine
from tests.support.asked import asked


async def main(database_url: str, url: str, times: int, gap: float) -> None:
    settings = FetchSettings.model_validate(
        {"allow_networks": ("127.0.0.0/8",), "host_gap": gap, "timeout": 120}
    )
    database = Database(open_engine(database_url))
    async with (
        open_politeness(settings, database, SystemClock()) as politeness,
        HttpFetcher(settings, base_url="http://feeds.example", politeness=politeness) as fetcher,
    ):

        async def once() -> str:
            try:
                return str((await fetcher.fetch(asked(url))).status)
            except FetchError as error:
                return type(error).__name__

        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(*await asyncio.gather(*(once() for _ in range(times))), flush=True)
    database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
