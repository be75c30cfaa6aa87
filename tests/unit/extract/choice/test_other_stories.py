"""without_other_stories: teasers in a row and the next article go, lists of stories and links to elsewhere stay."""

from aggregator.extract.choice.other_stories import without_other_stories
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page

URL = "https://paper.example/2026/mill"
TITLE = "The old mill turns again"
PROSE = (
    "The wheel had stood still for sixty years when the two brothers bought the mill, and nobody in the valley"
    " believed that it would ever grind a sack of rye again. "
)


def left(body: str) -> str:
    blocks = blocks_of(parse_page(f"<html><body>{body}</body></html>"))
    kept = without_other_stories(blocks, [True] * len(blocks), (TITLE,), URL)
    return "\n".join(block.text for block, keep in zip(blocks, kept, strict=True) if keep)


def article(title: str, text: str) -> str:
    return f"<article><h1>{title}</h1>{f'<p>{text}</p>' * 3}</article>"


def cards(count: int, address: str = "/story/{}") -> str:
    return "".join(
        f'<div class="c"><h3><a href="{address.format(i)}">Story {i}</a></h3><p>Teaser {i} of a story.</p></div>'
        for i in range(count)
    )


def test_teasers_in_a_row() -> None:
    for row in (
        f"<h2>More of it</h2><div>{cards(4)}</div>",
        f"<div class='related'>{cards(4)}</div>",
    ):
        found = left(article(TITLE, PROSE) + row)
        assert PROSE.strip() in found
        assert "Teaser" not in found


def test_the_chapters_of_a_guide_stay() -> None:
    assert "Teaser 3" in left(article(TITLE, PROSE) + f"<h2>The chapters</h2><div>{cards(4)}</div>")


def test_a_list_of_stories_stays() -> None:
    assert "Teaser 8" in left(f"<h1>{TITLE}</h1><p>More:</p><div>{cards(9)}</div>")


def test_headings_that_lead_elsewhere_or_to_the_page_itself_stay() -> None:
    elsewhere = cards(4, "https://shop.example/{}")
    own = cards(4, "#part-{}")
    found = left(
        article(TITLE, PROSE) + f"<h2>More</h2><div>{elsewhere}</div><h2>More</h2><div>{own}</div>"
    )
    assert found.count("Teaser") == 8


def test_the_next_article_goes_however_long() -> None:
    found = left(article(TITLE, PROSE) + article("The bakery closes", f"OTHER {PROSE * 5}"))
    assert PROSE.strip() in found
    assert "OTHER" not in found


def test_a_label_and_a_link_in_the_midst_of_a_text() -> None:
    lines = ("Read also: <a href='/x'>LINKED</a>", "<b>Lire aussi</b> <a href='/x'>LINKED</a>", "関連記事：<a href='/x'>LINKED</a>")  # fmt: skip
    assert "LINKED" not in left(f"<p>{PROSE}</p>" + "".join(f"<p>{line}</p>" for line in lines))
    assert "said so" in left(
        "<p>Read more than <a href='/x'>one book</a>, the teacher said so.</p>"
    )


def test_comments_go_that_are_most_of_the_page() -> None:
    said = "".join(f"<div><b>R{i}</b> says:<p>COMMENT {PROSE * 2}</p><a href='#'>Reply</a></div>" for i in range(12))  # fmt: skip
    found = left(article(TITLE, PROSE) + f"<div>{said}</div>")
    assert "COMMENT" not in found
    assert PROSE.strip() in found


def test_comments_are_told_by_their_links_to_answer() -> None:
    said = "".join(f"<div><b>R{i}</b> says:<p>COMMENT {PROSE}</p><a href='#'>Antworten</a></div>" for i in range(3))  # fmt: skip
    found = left(article(TITLE, PROSE) + f"<div>{said}</div>")
    assert PROSE.strip() in found
    assert "COMMENT" not in found


def test_parts_of_one_article_stay() -> None:
    part = f"<article><h2>A part of it</h2><p>PART {PROSE}</p></article>"
    assert "PART" in left(article(TITLE, PROSE) + part)
    assert "PART" in left(f"<article><h1>{TITLE}</h1><p>{PROSE * 3}</p>{part}</article>")
