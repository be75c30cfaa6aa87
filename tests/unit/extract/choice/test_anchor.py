"""anchored: the summary says where the article begins."""

from itertools import compress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.choice.anchor import anchored
from aggregator.extract.choice.votes import squeezed

MENU = "World"
AD = "This week only: two years for one."
DECK = "The river has been crossed, ten years late."
LEAD = "The long awaited bridge across the river opened on Monday, ten years after the first stone was laid."
REST = (
    "The city paid 210 million, twice what had been planned, as the auditors noted in their report. "
    * 3
)
BLOCKS = (MENU, AD, DECK, LEAD, REST)


TITLE = "Bridge opens after ten years"


def _kept(kept: set[str], summary: str, blocks: tuple[str, ...] = BLOCKS) -> list[str]:
    texts = [squeezed(text) for text in blocks]
    chosen = anchored(texts, [text in kept for text in blocks], summary, [TITLE])
    return list(compress(blocks, chosen))


@pytest.mark.parametrize(
    ("kept", "summary", "expected"),
    [
        ({AD, LEAD, REST}, LEAD, [LEAD, REST]),
        ({AD, LEAD, REST}, f"{LEAD[:60]} …", [LEAD, REST]),
        ({REST}, LEAD, [LEAD, REST]),
        ({REST}, f"{DECK} {LEAD[:40]}", [DECK, LEAD, REST]),
        ({AD, LEAD, REST}, "", [AD, LEAD, REST]),
        ({AD, LEAD, REST}, "The mayor is pleased with what the city has built.", [AD, LEAD, REST]),
        ({AD, LEAD, REST}, "The long", [AD, LEAD, REST]),
        ({AD, LEAD, REST}, f"{TITLE}\n\n{LEAD}", [LEAD, REST]),
        ({AD, LEAD, REST}, TITLE, [AD, LEAD, REST]),
    ],
    ids=[
        "before",
        "cut",
        "missing",
        "over two blocks",
        "none",
        "other words",
        "too little",
        "title first",
        "title only",
    ],
)
def test_the_article_begins_with_its_summary(
    kept: set[str], summary: str, expected: list[str]
) -> None:
    assert _kept(kept, summary) == expected


def test_signs_and_datelines_make_no_difference() -> None:
    page = "RIVERTON (Daily) \u2013 The mayor\u2019s bridge opened \u2013 \u201cat last\u201d \u2013 on Monday, in the rain."
    summary = 'The mayor\'s bridge opened - "at last" - on Monday, in the rain...'
    blocks = (MENU, AD, page, REST)
    assert _kept({AD, page, REST}, summary, blocks) == [page, REST]


def test_a_summary_from_the_midst_of_the_article_drops_nothing() -> None:
    assert _kept({DECK, REST, LEAD}, LEAD, (DECK, REST, LEAD)) == [DECK, REST, LEAD]


def test_the_teaser_elsewhere_is_not_the_beginning() -> None:
    blocks = (LEAD, MENU, AD, LEAD.upper(), REST)
    assert _kept({LEAD.upper(), REST}, LEAD, blocks) == [LEAD.upper(), REST]


@given(st.lists(st.tuples(st.text(min_size=1), st.booleans()), max_size=10), st.text())
def test_nothing_kept_stays_nothing_kept(blocks: list[tuple[str, bool]], summary: str) -> None:
    texts, kept = [squeezed(text) for text, _ in blocks], [keep for _, keep in blocks]
    assert any(anchored(texts, kept, summary)) == any(kept)
