"""to_html: the kept blocks of a page from its own tree, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from aggregator.extract.page.blocks import Block, blocks_of
from aggregator.extract.page.tree import base_of, parse_page
from aggregator.extract.writing.serialise import Written, to_html
from aggregator.sanitize import clean_html
from bench.fidelity import OPENING, URL, Construct, constructs, fault

LEAD = "https://news.example.org/i/lead-1200x800.jpg"


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def as_chosen(construct: Construct, blocks: list[Block]) -> list[Block]:
    """The blocks that a perfect choice would keep."""
    expected = lxml_html.fragment_fromstring(construct.expected, create_parent="div")
    for caption in expected.findall(".//figcaption"):
        caption.text = None  # captions come with their pictures, chosen or not
    wanted = letters(expected.text_content()) + letters(OPENING)
    return [
        block
        for block in blocks
        if letters(block.text.replace("[edit]", "")) in wanted
        or next(block.parent.iter("math"), None) is not None
        or block.parent.tag == "pre"
    ]


@pytest.mark.parametrize("construct", constructs(), ids=lambda one: one.name)
def test_constructs_come_through(construct: Construct) -> None:
    page = (
        f"<html><head>{construct.head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<article>{construct.page}<p>{OPENING}</p></article></body></html>"
    )
    if not construct.name.startswith(("lead", "byline")):
        page = page.replace("<article>", f"<article><p>{OPENING}</p>").replace(
            f"<p>{OPENING}</p></article>", f"<p>{OPENING[:-1]}!</p></article>"
        )
    tree = parse_page(page)
    base = base_of(tree, URL)
    written = to_html(tree, as_chosen(construct, blocks_of(tree)), base, lead_image=LEAD)
    assert fault(construct, clean_html(written.html, base)) == "", written.html


def write(body: str, *dropped: str, lead: str | None = None) -> Written:
    """``body`` written without the blocks whose text is among ``dropped``."""
    tree = parse_page(f"<html><body>{body}</body></html>")
    kept = [block for block in blocks_of(tree) if block.text not in dropped]
    return to_html(tree, kept, URL, lead_image=lead)


def test_nothing_kept_is_nothing_written() -> None:
    assert write("<p>One</p><img src='/a.jpg'>", "One") == Written("", "", "")


def test_captions_that_are_the_story_are_its_text() -> None:
    slides = "".join(
        f"<div class=slide><img src=/{number}.jpg><div class=slide-caption><p>{number}: {OPENING}</p></div></div>"
        for number in range(4)
    )
    assert write(slides).text.count("The long awaited bridge") == 4


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ("<table><tr><th>Pier</th><th>Height</th></tr><tr><td><img src=/a.jpg><div class=caption>North</div></td><td>40 m</td></tr></table>",
         "<td>40 m</td>"),
        ("<ul><li><img src=/a.jpg><p class=caption>North</p></li></ul>", "<ul><li>"),
        ("<div><figure><img src=/a.jpg></figure><figure><img src=/b.jpg><figcaption>South</figcaption></figure></div>",
         '<figure><img src="https://news.example.org/b.jpg" alt=""><figcaption>South'),
    ],
)  # fmt: skip
def test_what_means_something_is_made_no_figure(markup: str, wanted: str) -> None:
    html = write(f"<p>{OPENING}</p>{markup}<p>It goes on after that.</p>").html
    assert wanted in html
    assert "<figure><figure>" not in html
    assert ("<td>" in html) == ("<td>" in markup)


POST = (
    "<blockquote class='twitter-tweet'><p>It holds, it really does.</p>— The engineers</blockquote>"
)


def test_an_embedded_post_is_shown_and_is_not_the_article_s_text() -> None:
    written = write(
        f"<p>The engineers wrote a message in the evening.</p>{POST}<p>It was read.</p>"
    )
    assert (
        "<blockquote><p>It holds, it really does.</p><p>— The engineers</p></blockquote>"
        in written.html
    )
    assert written.text == "The engineers wrote a message in the evening.\nIt was read."
    assert written.shown.split("\n")[1:] == [
        "It holds, it really does.",
        "— The engineers",
        "It was read.",
    ]


def test_an_article_made_of_posts_is_their_text() -> None:
    assert write(f"<p>They wrote:</p>{POST}").text.split("\n") == [
        "They wrote:",
        "It holds, it really does.",
        "— The engineers",
    ]


def test_the_text_has_a_line_a_block_and_no_captions() -> None:
    written = write(
        "<h2>Costs</h2><p>One <b>big</b>\n line<br>and a short one</p><ul><li>Steel</li><li>Wages</li></ul>"
        "<figure><img src='/i/a.jpg'><figcaption>A pier</figcaption></figure><p>End “<q>of</q>” it</p>"
    )
    assert written.text == "Costs\nOne big line\nand a short one\nSteel\nWages\nEnd ““of”” it"
    assert "<figcaption>A pier</figcaption>" in written.html
    assert written.image == "https://news.example.org/i/a.jpg"


def test_a_dropped_block_leaves_nothing() -> None:
    written = write(
        "<div class='x'><p>One</p><div><ul><li><a href='/s'>Share</a></li></ul></div><p>Two</p></div>",
        "Share",
    )
    assert written.html == "<p>One</p><p>Two</p>"


def test_what_is_repeated_is_written_once() -> None:
    written = write(
        f"<p>{OPENING}</p><p>Two.</p><div class='mobile'><p>{OPENING}</p></div><p>Three.</p>"
    )
    assert written.text == f"{OPENING}\nTwo.\nThree."


def test_what_is_said_again_in_its_place_stays() -> None:
    portion = f"<p>{OPENING}</p><p>Stew.</p>"
    week = "".join(f"<section><h2>{day}</h2>{portion}</section>" for day in ("Mon", "Tue"))
    assert write(week).text == f"Mon\n{OPENING}\nStew.\nTue\n{OPENING}\nStew."
    song = f"<p>One.</p><p>{OPENING}</p><p>Two.</p><p>{OPENING}</p>"
    assert write(song).text == f"One.\n{OPENING}\nTwo.\n{OPENING}"


def test_portions_in_boxes_of_other_names_stay() -> None:
    day = "<div class='{}'><h3>{}</h3><p>" + OPENING + "</p></div>"
    named = day.format("day day-1", "Monday") + day.format("day day-2", "Tuesday")
    assert write(f"{named}{day.format('last', 'Friday')}").text.count(OPENING) == 3


def test_a_body_shown_twice_is_written_once() -> None:
    body = f"<p>{OPENING}</p><p>Two.</p><p>Three.</p>"
    assert write(f"<div>{body}</div><div>{body}</div>").text == f"{OPENING}\nTwo.\nThree."


def test_a_pull_quote_right_before_its_sentence_leaves_the_sentence() -> None:
    line = "The mill will grind again next year, said the younger of the two brothers."
    assert (
        write(f"<p>One</p><div class='pullquote'><p>{line}</p></div><p>{line}</p>").text
        == f"One\n{line}"
    )


def test_a_body_in_one_piece_beside_its_paragraphs_is_written_once() -> None:
    lines = [f"Paragraph {i} tells what the river did in the spring of the year 190{i}." for i in range(5)]  # fmt: skip
    body = "".join(f"<p>{line}</p>" for line in lines)
    assert write(f"<div>{' '.join(lines)}</div><div>{body}</div>").text.split("\n") == lines


def test_the_markdown_of_a_text_beside_it_is_no_text() -> None:
    lines = [f"Paragraph {i} tells what the river did in the spring of the year 190{i}." for i in range(5)]  # fmt: skip
    marked = "\n\n".join(line.replace("river", "[river](https://a.example/r)").replace("spring", "**spring**") for line in lines)  # fmt: skip
    body = "".join(f"<p>{line}</p>" for line in lines)
    assert write(f"<pre>{marked}</pre><div>{body}</div>").text.split("\n") == lines


def test_the_lines_of_slides_are_captions() -> None:
    slides = "".join(
        f"<div class='CarouselSlide'><div class='media'><img src='/{i}.jpg' width='800' height='500'></div>"
        f"<div class='CarouselSlide-info'><p>The mill in May, {i}.</p></div></div>"
        for i in range(2)
    )
    written = write(f"<div>{slides}</div><p>{'The wheel stood still for sixty years. ' * 5}</p>")
    assert "in May" not in written.text


def test_one_line_a_thousand_times_is_compared_once() -> None:
    written = write(f"<p>{OPENING}</p>" * 3_000)
    assert written.text.count(OPENING) >= 1


def test_links_in_code_stay() -> None:
    written = write('<pre>\nimport <a href="/os">os</a>, <a href="javascript:x">sys</a>\n</pre>')
    assert written.html == '<pre>import <a href="https://news.example.org/os">os</a>, sys</pre>'
    assert written.text == "import os, sys"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>A<span>B</span>C</p>", "<p>ABC</p>"),
        ("<p><span>10</span><span>th</span> of May</p>", "<p>10th of May</p>"),
        ("<p><span>N</span><span>obody</span> came</p>", "<p>Nobody came</p>"),
        ("<p><span>Posted</span><span>by Jane</span></p>", "<p>Posted by Jane</p>"),
        ("<p><a href='/a'>Kim Jong Un</a><a href='/b'>Russia</a></p>",
         '<p><a href="https://news.example.org/a">Kim Jong Un</a> <a href="https://news.example.org/b">Russia</a></p>'),
        ("<p><span>(</span><span>sic</span><span>)</span></p>", "<p>(sic)</p>"),
        ("<p><span>日本</span><span>語版</span></p>", "<p>日本語版</p>"),
        ("<p> <b> bold </b>and</p>", "<p><strong>bold</strong> and</p>"),
        ("<p>x<em></em>y<br></p>", "<p>xy</p>"),
        ("<p>&nbsp;</p><p>One</p><p> </p>", "<p>One</p>"),
        ("<b><div>One</div><div>Two</div></b>", "<p><strong>One</strong></p><p><strong>Two</strong></p>"),
        ("<hr><p>One</p><hr><hr><p>Two</p><hr>", "<p>One</p><hr><p>Two</p>"),
        ("<li>Alone</li><p>Two</p>", "<p>Alone</p><p>Two</p>"),
        ("<div><button>Copy</button><p>One</p></div><h3><button>Two</button></h3>", "<p>One</p><h3>Two</h3>"),
        ("<h2><div>One</div><div>Two</div></h2>", "<h2>One<br>Two</h2>"),
        ("<p>1 &lt; 2 &amp; <a href='/?a=1&amp;b=\"'>3</a></p>",
         '<p>1 &lt; 2 &amp; <a href="https://news.example.org/?a=1&amp;b=&quot;">3</a></p>'),
    ],
)  # fmt: skip
def test_words_and_tags(body: str, expected: str) -> None:
    assert write(body).html == expected


def test_a_story_card_brings_no_picture() -> None:
    body = (
        "<p>One</p><div class='box'><a href='/x'><img src='/i/card.jpg'><h4>Ducks</h4></a></div><p>Two</p>"
        "<p><img src='/i/own.jpg'></p><p>Three</p><div><img src='/i/after.jpg'></div><p>Foot</p><img src='/i/foot.jpg'>"
    )
    html = write(body, "Ducks", "Foot").html
    assert "card.jpg" not in html
    assert "own.jpg" in html
    assert "after.jpg" in html
    assert "foot.jpg" not in html


def test_a_picture_below_a_single_paragraph_is_its() -> None:
    assert "own.jpg" in write(f"<div><p>{OPENING}</p><img src='/i/own.jpg'></div>").html


def test_a_lead_image_above_the_text_is_taken() -> None:
    body = (
        "<article><header><h1>Title</h1><img src='/i/lead-600x400.jpg'></header>"
        "<div><p>One</p><p>Two</p></div></article>"
    )
    assert "lead-600x400" in write(body, "Title", lead=LEAD).html
    assert "lead-600x400" not in write(body, "Title").html


def test_tables_keep_their_columns() -> None:
    body = "<table><tr><th>Year</th><th>Cost</th></tr><tr><td>Advert</td><td>100</td></tr></table>"
    assert write(body, "Advert").html.endswith("<tr><td></td><td>100</td></tr></table>")


HOSTILE = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div>", "</div>", "<table>", "<tr>", "<td>", "<th>", "<ul>", "<li>", "<dl>", "<dt>", "<a href='/x'>", "</a>",
         "<b>", "</b>", "<pre>", "</pre>", "<code>", "<figure>", "<figcaption>", "</figure>", "<img src='/i.jpg'>", "<br>", "<hr>", "<h2>",
         "<q>", "<noscript>", "<math><mi>", "<svg>", "<iframe src='https://www.youtube.com/embed/abcdefgh'>", "<details>", "<summary>",
         "<video><source src='/v'>", "<picture>", "<blockquote class=pullquote>", "<span>", "word ", "Wort", "<tbody>", "<caption>", "<ruby>"]
    ),
    max_size=60,
)  # fmt: skip


@given(HOSTILE, st.integers(1, 4))
def test_any_tree_and_choice_give_well_formed_html(pieces: list[str], every: int) -> None:
    tree = parse_page(f"<html><body><p>x</p>{''.join(pieces)}</body></html>")
    before = lxml_html.tostring(tree)
    written = to_html(tree, blocks_of(tree)[::every], URL)
    assert lxml_html.tostring(tree) == before
    parsed = lxml_html.fragment_fromstring(written.html, create_parent="div")
    assert parsed is not None
    assert written.html.count("<p>") == written.html.count("</p>")
    assert clean_html(clean_html(written.html, URL), URL) == clean_html(written.html, URL)
