"""No statement has more values than both databases allow."""

from __future__ import annotations

from pathlib import Path

import pytest

import aggregator.store
from aggregator.store.db.chunks import CHUNK, chunks

STORE = Path(aggregator.store.__file__).parent


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (CHUNK, [CHUNK]), (CHUNK + 1, [CHUNK, 1]), (2 * CHUNK, [CHUNK, CHUNK])],
)
def test_every_value_is_in_one_chunk_in_its_order(count: int, sizes: list[int]) -> None:
    values = range(count)
    found = chunks(values)
    assert [len(chunk) for chunk in found] == sizes
    assert [value for chunk in found for value in chunk] == list(values)


def test_nobody_counts_chunks_by_hand() -> None:
    by_hand = [
        path.name
        for path in STORE.rglob("*.py")
        if "range(0, len(" in path.read_text("utf-8") and path.name != "chunks.py"
    ]
    assert by_hand == []
