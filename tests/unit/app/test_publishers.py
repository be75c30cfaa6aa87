"""Publishing to several places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from aggregator.app.publishers import Publishers
from aggregator.errors import PublishError
from aggregator.model import OutputFeed, Rendered
from aggregator.ports import Publisher
from aggregator.publish.snapshot import Snapshot

OUTPUT = OutputFeed(
    "a", "a", "", "https://me.example", (), datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
)
ATOM = Rendered("a", "atom", "text/plain", b"x", b"", '"e"', OUTPUT.updated)


class Broken:
    def __init__(self, message: str) -> None:
        self._message = message

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        raise PublishError(self._message)


def test_one_broken_place_keeps_no_other_from_being_published() -> None:
    snapshot = Snapshot()
    places: Publisher = Publishers(Broken("first"), snapshot, Broken("second"))
    with pytest.raises(PublishError, match="first"):
        places.publish(OUTPUT, [ATOM])
    assert snapshot.get("a", "atom") is not None


def test_publishing_to_several_places() -> None:
    one, two = Snapshot(), Snapshot()
    Publishers(one, two).publish(OUTPUT, [ATOM])
    assert one.table == two.table == {("a", "atom", ""): ATOM}
