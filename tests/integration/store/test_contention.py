"""Everything that writes, at once, in several daemons: the short form of ``python -m bench contention``."""

from __future__ import annotations

from bench.contention import contend, deadlocks
from tests.support.counted import miscounted
from tests.support.postgres import Address
from tests.support.storage import stored_at

ROUNDS = 8


async def test_no_two_transactions_lock_each_other_out(
    postgres_url: str, postgres_server: Address
) -> None:
    contended = await contend(postgres_url, lambda times: times >= ROUNDS)
    assert not deadlocks(postgres_server.log, postgres_url)
    assert contended.refused == []
    assert contended.done["polls"] >= ROUNDS
    with stored_at(postgres_url) as stored, stored.database.engine.connect() as connection:
        assert miscounted(connection) == {}


async def test_counters_are_right_whatever_is_done(sqlite_url: str) -> None:
    contended = await contend(sqlite_url, lambda times: times >= ROUNDS, daemons=1)
    assert contended.refused == []
    with stored_at(sqlite_url) as stored, stored.database.engine.connect() as connection:
        assert miscounted(connection) == {}
