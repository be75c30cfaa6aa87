"""Cursors: what was written is read, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import ItemPlace
from aggregator.web.cursor import cursor_of, item_id_of, item_path, place_of

PLACES = st.builds(
    ItemPlace,
    st.datetimes(timezones=st.just(UTC)),
    st.integers(-(2**63), 2**63 - 1),
    st.uuids().map(lambda one: one.urn),
)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True)
ONE = ItemPlace(datetime(2026, 11, 2, tzinfo=UTC), 7, UUID(int=9).urn)


@given(PLACES, NAMES)
def test_a_cursor_leads_back_to_its_place(place: ItemPlace, output: str) -> None:
    cursor = cursor_of(place, output)
    assert place_of(cursor, output) == place
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert place_of(cursor, f"{output}x"[-64:]) is None


@given(st.text() | st.text("ABCDEFabcdef0123456789-_=", min_size=46, max_size=50))
def test_what_somebody_made_up_is_none(text: str) -> None:
    assert place_of(text, "all") is None


@given(st.integers(0, 47), st.sampled_from("AB9-_=+/ é\n\0"))
def test_a_changed_cursor_is_none(at: int, sign: str) -> None:
    cursor = cursor_of(ONE, "all")
    other = cursor[:at] + sign + cursor[at + 1 :]
    assert other == cursor or place_of(other, "all") is None


@given(st.uuids(), st.text())
def test_ids_of_items_are_written_one_way(uuid: UUID, text: str) -> None:
    assert item_id_of(item_path(uuid.urn)) == uuid.urn
    assert item_id_of(str(uuid).upper()) is None or str(uuid).upper() == str(uuid)
    assert item_id_of(uuid.hex) is None
    assert item_id_of(f"{{{uuid}}}") is None
    assert item_id_of(uuid.urn) is None
    read = item_id_of(text)
    assert read is None or read == f"urn:uuid:{text}"
