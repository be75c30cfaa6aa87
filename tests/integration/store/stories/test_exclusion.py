"""One at a time: who settles, splits or merges keeps all others out until its transaction ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from aggregator.dedupe.keys import story_keys
from aggregator.errors import StoreError
from aggregator.store.db.database import open_engine
from aggregator.store.stories import operator
from aggregator.store.stories import settle as stories
from tests.support.storage import NOW, WINDOW

Work = Callable[[Connection], object]


def settle(connection: Connection) -> object:
    return stories.settle(connection, 10, NOW, WINDOW, story_keys)


def split(connection: Connection) -> object:
    return operator.split(connection, 1)


def merge(connection: Connection) -> object:
    return operator.merge(connection, 1, 2)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(postgres_url)
    yield engine
    engine.dispose()


def impatient(work: Work, connection: Connection) -> object:
    """What ``work`` does when it may not wait for another's lock."""
    connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
    return work(connection)


@pytest.mark.parametrize("second", [settle, split, merge])
@pytest.mark.parametrize("first", [settle, split, merge])
def test_the_second_waits_until_the_first_is_done(
    engine: Engine, first: Work, second: Work
) -> None:
    with engine.connect() as one, engine.connect() as other:
        done(first, one)
        with pytest.raises(OperationalError) as refused:
            impatient(second, other)
        assert isinstance(refused.value.orig, LockNotAvailable)
        other.rollback()
        one.rollback()
        done(lambda connection: impatient(second, connection), other)


def done(work: Work, connection: Connection) -> None:
    """Do ``work``; that there is nothing to split or to merge yet is no matter here."""
    try:
        work(connection)
    except StoreError as error:
        assert "there is no entry" in str(error)  # noqa: PT017 - it may also just work
