"""with_author_note: who wrote it, said in a line right below the text."""

import pytest

from aggregator.extract.choice.author_note import with_author_note
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page


def kept_lines(below: str, *authors: str) -> list[str]:
    blocks = blocks_of(parse_page(f"<html><body><div><p>The text.</p>{below}</div></body></html>"))
    kept = with_author_note(blocks, [block.text == "The text." for block in blocks], authors)
    return [block.text for block, keep in zip(blocks, kept, strict=True) if keep][1:]


@pytest.mark.parametrize(
    "note",
    [
        "Ida Holm is a staff writer.",
        "Ida Holm covers the sea for this paper.",
        "Ida Holm ist Redakteurin für Verkehr.",
        "Ida Holm, who grew up on the coast, writes about ships.",
    ],
)
def test_notes(note: str) -> None:
    assert kept_lines(f"<footer><p><em>{note}</em></p></footer>", "Ida Holm") == [note]


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("Ida Holm is a staff writer at The Gazette.", True),
        ("Ida van der Holm covers the sea for this paper.", True),
        ("Ida Holm is a mountain in the north.", False),
        ("Read more is a staff writer.", False),
        ("The staff writer is away.", False),
    ],
)
def test_notes_where_the_page_names_nobody(note: str, kept: bool) -> None:
    assert kept_lines(f"<p>{note}</p>") == [note] * kept


@pytest.mark.parametrize(
    "below",
    [
        "<p>Ida Holm</p>",
        "<p><a href='/ida'>Ida Holm is here: all of her stories</a></p>",
        "<p>Per Berg is a staff writer.</p>",
        "<p>One.</p><p>Two.</p><p>Three.</p><p>Ida Holm is a staff writer.</p>",
        "<p>Ida Holm is" + " very" * 100 + " far.</p>",
    ],
)
def test_other_lines(below: str) -> None:
    assert kept_lines(below, "Ida Holm") == []
