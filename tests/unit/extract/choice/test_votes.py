"""votes: which blocks stand in a text that was chosen."""

import pytest
from lxml import etree

from aggregator.extract.choice.votes import lines_of, votes

LONG = "thisisablockofmorethantwentyfiveletters"
OTHER = "anditsneighbourwhichisaboutaslongasthat"


@pytest.mark.parametrize(
    ("blocks", "chosen", "expected"),
    [
        pytest.param([LONG], f"\n{LONG}\n", [1.0], id="long"),
        pytest.param([LONG], f"\n{OTHER}\n", [0.0], id="another"),
        pytest.param(["share", LONG, "end"], f"\n{LONG}\nend\n", [0.0, 1.0, 1.0], id="short in turn"),
        pytest.param(["end", LONG], f"\n{LONG}\n{OTHER}\nend\n", [0.0, 1.0], id="short out of turn"),
        pytest.param(["hare", LONG], f"\nshareholders\n{LONG}", [0.0, 1.0], id="part of a word"),
        pytest.param([LONG + OTHER], f"\n{LONG}\n", [1 / 3], id="half"),
        pytest.param([LONG], "", [0.0], id="nothing chosen"),
    ],
)  # fmt: skip
def test_share_of_each_block(blocks: list[str], chosen: str, expected: list[float]) -> None:
    assert votes(blocks, chosen) == pytest.approx(expected)


def test_lines_of_a_result() -> None:
    body = etree.fromstring(
        "<body><p>one <hi>two</hi> three</p><list><item>a b</item></list>tail</body>"
    )
    assert lines_of(body).split() == ["onetwothree", "ab", "tail"]
    assert lines_of(None) == ""
