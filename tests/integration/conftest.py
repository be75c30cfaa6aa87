"""What tests of edges get: a site that answers as told, a worker process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aggregator.engine.workers import ProcessWorkers
from tests.support.polling import Site, open_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site on every 127.x.y.z, which is not there for what a test has not said."""
    async with open_site() as one:
        yield one


@pytest.fixture
async def workers() -> AsyncIterator[ProcessWorkers]:
    """One worker process of the test's own."""
    async with ProcessWorkers(1) as one:
        yield one
