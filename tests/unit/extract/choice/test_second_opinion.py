"""second_opinion: the model's choice, or trafilatura's where the two differ widely and the page speaks for that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from aggregator.extract.choice.second_opinion import Opinion, second_opinion
from aggregator.extract.page.blocks import Block, blocks_of
from aggregator.extract.page.tree import parse_page

_PARAGRAPH = (
    "The ferry crossed the bay on Monday with nine people on board, as it had for a century. " * 2
)


def _blocks(count: int, *, linked: bool = False) -> list[Block]:
    text = f"<a href=/x>{_PARAGRAPH}</a>" if linked else _PARAGRAPH
    paragraphs = "".join(f"<p>{number}. {text}</p>" for number in range(count))
    return blocks_of(parse_page(f"<html><body><main>{paragraphs}</main></body></html>"))


def _flags(count: int, kept: range) -> list[bool]:
    return [i in kept for i in range(count)]


def _asked(
    blocks: Sequence[Block],
    ours: range,
    fast: range,
    thorough: range | None,
    chances: Sequence[float],
) -> Opinion:
    """The opinion; without ``thorough`` nobody may ask for that."""

    def others() -> list[bool]:
        assert thorough is not None
        return _flags(len(blocks), thorough)

    count = len(blocks)
    return second_opinion(
        blocks, _flags(count, ours), np.array(chances), _flags(count, fast), others
    )


def test_what_goes_on_far_below_the_end_without_trust_ends_there() -> None:
    chances = [0.95] * 4 + [0.5] * 8
    found = _asked(_blocks(12), range(12), range(4), None, chances)
    assert found.kept == _flags(12, range(4))
    assert found.expected == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("ours", "fast", "chances"),
    [
        pytest.param(range(12), range(4), [0.95] * 12, id="trusted"),
        pytest.param(range(12), range(8, 12), [0.7] * 12, id="above"),
        pytest.param(range(5), range(4), [0.95] * 4 + [0.5] * 8, id="hardly more"),
        pytest.param(range(2, 12), range(4), [0.95] * 4 + [0.6] * 8, id="holds but half of the other"),
        pytest.param(range(12), range(1), [0.95] + [0.7] * 11, id="next to nothing"),
    ],
)  # fmt: skip
def test_otherwise_what_the_model_keeps_stays(
    ours: range, fast: range, chances: list[float]
) -> None:
    found = _asked(_blocks(12), ours, fast, range(0), chances)
    assert found.kept == _flags(12, ours)


def test_what_stops_short_goes_on_where_all_extractors_say_so() -> None:
    chances = [0.95] * 2 + [0.05] * 10
    found = _asked(_blocks(12), range(2), range(2), range(11), chances)
    assert found.kept == _flags(12, range(11))
    assert found.expected is not None
    assert found.expected <= 0.8  # the model is not sure of it


@pytest.mark.parametrize(
    "thorough",
    [
        pytest.param(range(2, 12), id="another container"),
        pytest.param(range(4), id="hardly more"),
        pytest.param(range(0), id="nothing"),
    ],
)
def test_nor_does_it_for_less(thorough: range) -> None:
    chances = [0.95] * 2 + [0.05] * 10
    assert _asked(_blocks(12), range(2), range(2), thorough, chances).kept == _flags(12, range(2))


def test_links_are_no_rest_of_a_text() -> None:
    blocks = [*_blocks(2), *_blocks(3), *_blocks(5, linked=True)]
    chances = [0.95] * 2 + [0.05] * 8
    assert _asked(blocks, range(2), range(2), range(10), chances).kept == _flags(10, range(2))


def test_where_most_is_doubted_the_others_choose_unless_that_is_next_to_nothing() -> None:
    blocks, chances = _blocks(8), [0.5] * 8
    assert _asked(blocks, range(8), range(8), range(6), chances).kept == _flags(8, range(6))
    assert _asked(blocks, range(8), range(8), range(3), chances).kept == _flags(8, range(8))
    assert _asked(_blocks(8, linked=True), range(8), range(8), range(6), chances).kept == _flags(8, range(8))  # fmt: skip


def test_of_nothing_there_is_no_opinion() -> None:
    found = _asked(_blocks(3), range(0), range(3), None, [0.1] * 3)
    assert found == Opinion([False] * 3, None)
    assert second_opinion([], [], np.zeros(0), [], list) == Opinion([], None)


def _with_table(rows: int, *, href: str = "") -> list[Block]:
    cell = f"<a href={href}>Rest, or walk for an hour</a>" if href else "Rest, or walk for an hour"
    table = f"<table>{f'<tr><td>{cell}</td><td>{cell}</td></tr>' * rows}</table>"
    body = f"<p>{_PARAGRAPH}</p>{table}<p>{_PARAGRAPH}</p><ul><li>{cell}</li></ul>"
    return blocks_of(parse_page(f"<html><body><main>{body}</main></body></html>"))


@pytest.mark.parametrize(
    ("href", "fast", "chance", "kept"),
    [
        pytest.param("", range(9), 0.2, range(8), id="a table between what is kept"),
        pytest.param("/x", range(9), 0.2, None, id="of links"),
        pytest.param("", range(4), 0.2, None, id="that the other choice has by half"),
        pytest.param("", range(9), 0.05, None, id="that the model excludes"),
    ],
)
def test_tables_between_what_is_kept_are_kept(
    href: str, fast: range, chance: float, kept: range | None
) -> None:
    blocks = _with_table(3, href=href)
    assert [block.parent.tag for block in blocks] == ["p", *["td"] * 6, "p", "li"]
    chances = np.array([0.95, *[chance] * 6, 0.95, 0.2])
    ours = [True, *[False] * 6, True, False]
    found = second_opinion(blocks, ours, chances, _flags(9, fast), lambda: [False] * 9)
    assert found.kept == (ours if kept is None else _flags(9, kept))
