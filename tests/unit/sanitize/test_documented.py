"""docs/html.md says what the policy says: no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from aggregator.sanitize import attribute_values, media, repair_costs
from aggregator.sanitize.policy import (
    ATTRIBUTES,
    COUNTERS,
    DROPPED,
    ID_PREFIX,
    MAX_SIZE,
    MAX_WORDS,
    PLAYERS,
    SANDBOX,
    SCHEMES,
    TAGS,
)

_PAGE = (Path(__file__).parents[3] / "docs" / "html.md").read_text("utf-8")
_SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", _PAGE, re.MULTILINE))


def rows(section: str) -> list[list[str]]:
    lines = [line for line in _SECTIONS[section].splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_elements() -> None:
    found = [name for row in rows("Elements") for name in names(row[1])]
    assert sorted(found) == sorted(TAGS)
    below = _SECTIONS["Elements"].partition("These go with")[2].partition(". Drawings")[0]
    assert sorted(names(below)) == sorted(DROPPED)


def test_attributes() -> None:
    found = {row[0].strip("`"): set(names(row[1])) for row in rows("Attributes")}
    assert found == {"any" if tag == "*" else tag: set(a) for tag, a in ATTRIBUTES.items()}


def test_addresses() -> None:
    first = _SECTIONS["Addresses"].partition(";")[0]
    assert sorted(names(first)) == sorted(SCHEMES)
    assert f"`{ID_PREFIX}`" in _SECTIONS["Addresses"]
    for number in (attribute_values._MAX_URL, MAX_SIZE, MAX_WORDS):
        assert str(number) in _SECTIONS["Addresses"]


def test_pictures_and_players() -> None:
    counters = _SECTIONS["Pictures"].partition("and those of")[2]
    assert names(counters) == list(COUNTERS)
    assert re.findall(r"^- `(.+)`$", _SECTIONS["Players"], re.MULTILINE) == list(PLAYERS)
    assert SANDBOX in " ".join(_SECTIONS["Players"].split())
    assert f"At most {media._MAX_FRAMES} an entry" in _SECTIONS["Players"]


def test_bounds() -> None:
    for number in (
        repair_costs._MAX_OPEN,
        repair_costs.MAX_ATTRIBUTES,
        repair_costs._MAX_REFERENCES,
    ):
        assert f"{number:,}" in _SECTIONS["What it costs"]
