"""Fragments: whatever was rendered before, the bytes are those of a rendering without memory."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Episode, Item, OutputFeed, Person, Provenance, Related
from aggregator.publish.formats import FORMATS
from aggregator.publish.fragments import Fragments
from aggregator.publish.remembered import Remembered
from aggregator.publish.render import render
from tests.support.published import source

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WORDS = (
    "x",
    "é\n< & ]]>",
    "",
    "字\x01\ud800",
    '"quoted"',
    "a" * 400,
    "# items: []",
    '\n "items": []',
)


def item(number: int, chance: random.Random) -> Item:
    """An item whose fields are drawn from a few values, so that many of two are alike."""

    def word() -> str:
        return chance.choice(WORDS)

    made = Item(
        id=f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        title=word(),
        url=chance.choice(["https://e.example/a?b=1&c", None]),
        content_html=f"<p>{word()}</p>" if chance.random() < 0.8 else "",
        summary=word(),
        published=chance.choice([NOW, None]),
        updated=NOW + timedelta(seconds=chance.randrange(3)),
        source=source(word(), "https://s.example/feed"),
        language=chance.choice(["de", None]),
    )
    fields: dict[str, Any] = {
        "authors": (word(), word()),
        "categories": (word(),),
        "enclosures": (Enclosure("https://e.example/f", "audio/mpeg", chance.randrange(2)),),
        "image": "https://e.example/i.png",
        "related": (Related(word(), "https://o.example/"),),
        "provenance": Provenance("feed", chance.choice([None, 0.5])),
        "details": replace(
            made.details, people=(Person(word(), "a@e.example"),), episode=Episode(duration=3)
        ),
    }
    return replace(made, **{name: value for name, value in fields.items() if chance.random() < 0.4})


@pytest.mark.parametrize("kind", FORMATS)
@given(seed=st.integers(0, 10**9), room=st.sampled_from([0, 3000, 20_000, 32 << 20]))
def test_bytes_do_not_depend_on_what_was_rendered_before(kind: str, seed: int, room: int) -> None:
    chance, fragments = random.Random(seed), Fragments(room)
    items = [item(number, chance) for number in range(chance.randrange(8))]
    for _ in range(5):
        fragments.next_round()
        for name in ("all", "tech"):
            given_output = OutputFeed(name, "T", "", "https://me.example", tuple(items), NOW)
            fresh = replace(given_output, items=tuple(replace(one) for one in items))
            assert render(given_output, kind, fragments) == render(fresh, kind)
        for _ in range(chance.randrange(4)):
            place = chance.randrange(len(items) + 1)
            items[place : place + chance.randrange(2)] = [item(place, chance)]
        chance.shuffle(items)


def test_what_is_in_use_stays_and_what_is_not_goes() -> None:
    made: list[str] = []

    def use(name: str, size: int = 1000) -> None:
        def make() -> bytes:
            made.append(name)
            return b"x" * size

        known.get(name, make)

    known = Remembered[str](2500)
    for _ in range(3):
        known.next_round()
        for name in ("one", "two", "three"):  # there is room for two
            use(name)
    assert made == ["one", "two", "three", "three", "three"]
    known.next_round()
    known.next_round()
    made.clear()
    for name in ("three", "three", "two", "large"):
        use(name, 3000 if name == "large" else 1000)
    assert made == ["three", "large"]
    use("one")
    assert made == ["three", "large", "one"]
