"""extract_article on small but realistic pages: what is kept, what is dropped, what is refused."""

import json
import pickle
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ExtractError, NoArticle
from aggregator.extract.article import extract_article
from aggregator.model import Article, ArticleHints

URL = "https://news.example.org/2026/11/bridge.html"
TITLE = "Bridge opens after ten years"
FIRST = (
    "The long awaited bridge across the river opened on Monday, ten years after the first stone was "
    "laid, and thousands of people walked over it in the rain that had fallen since the morning."
)
SECOND = (
    "The city paid 210 million, twice what had been planned, as the auditors noted in their report; "
    "the mayor said that the next one would be cheaper, and some of those present even laughed."
)
LAST = "Traffic starts on Thursday, and the old ferry will make its last journey on the evening before."

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | The Daily</title>
<link rel="canonical" href="/2026/11/bridge.html"><meta property="og:title" content="{title}">
<meta property="og:image" content="/i/lead.jpg"><meta name="author" content="Jane Doe">
<meta property="article:published_time" content="2026-11-23T08:30:00+01:00"></head><body>
<header><a href="/">The Daily</a><nav><ul><li><a href="/world">World</a></li><li><a href="/sport">Sport</a></li>
<li><a href="/weather">Weather</a></li></ul></nav></header>
<div id="cookie-banner" class="cookie-banner">We use cookies to show you advertising. <button>Accept all</button></div>
<main><article><h1>{title}</h1><p class="byline">By Jane Doe</p>{body}
<div class="share"><a href="https://social.example/share">Share this</a></div></article>
<section class="comments" id="comments"><h3>Comments</h3><div class="comment"><p>First! What a fine bridge, dude.</p></div></section>
<aside class="related"><h3>Read next</h3><ul><li><a href="/2026/11/ducks.html">Ducks move into the old ferry house</a></li>
<li><a href="/2026/11/rain.html">Rain goes on for another week</a></li></ul></aside></main>
<div class="newsletter"><form><p>Sign up for our newsletter</p><input name="mail"></form></div>
<footer>Copyright 2026 The Daily. All rights reserved. <a href="/imprint">Imprint</a></footer></body></html>"""


def page(body: str, *, title: str = TITLE, lang: str = "en") -> bytes:
    return PAGE.format(body=body, title=title, lang=lang).encode()


def article(
    content: bytes | str,
    hints: ArticleHints | None = None,
    *,
    url: str = URL,
    content_type: str = "text/html",
) -> Article:
    data = content.encode() if isinstance(content, str) else content
    return extract_article(data, url=url, content_type=content_type, hints=hints or ArticleHints())


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


WHOLE = paragraphs(FIRST, SECOND, LAST)


def test_the_article_and_nothing_else() -> None:
    found = article(page(WHOLE))
    assert found.text == f"{FIRST}\n{SECOND}\n{LAST}"
    assert found.html == f"<p>{FIRST}</p><p>{SECOND}</p><p>{LAST}</p>"


def test_what_the_page_says_about_itself() -> None:
    found = article(page(WHOLE))
    assert found.title == TITLE
    assert found.authors == ("Jane Doe",)
    assert found.published == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert found.language == "en"
    assert found.image == "https://news.example.org/i/lead.jpg"
    assert found.canonical_url == URL
    assert found.source == "page:model"


def test_without_the_model_trafilatura_chooses() -> None:
    found = extract_article(
        page(WHOLE), url=URL, content_type="text/html", hints=ArticleHints(), use_model=False
    )
    assert (found.text, found.source) == (f"{FIRST}\n{SECOND}\n{LAST}", "page:trafilatura")


def test_a_teaser_gives_way_to_the_text_in_the_pages_json_ld() -> None:
    more = [f"{number} people {LAST} {SECOND}" for number in range(4)]
    body = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join([FIRST, *more])})
    script = f'<script type="application/ld+json">{body}</script>'
    found = article(page(script + paragraphs(FIRST)))
    assert (found.text, found.source) == ("\n".join([FIRST, *more]), "page:json-ld")
    assert found.html == paragraphs(FIRST, *more)


def test_it_can_cross_processes() -> None:
    found = article(page(WHOLE))
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<p>See <a href="more.html">more</a> here.</p>', 'href="https://news.example.org/2026/11/more.html"'),
        ('<p>See <a href="/x?a=1&amp;b=2">more</a> here.</p>', 'href="https://news.example.org/x?a=1&amp;b=2"'),
        ("<p>An <em>old</em> and <b>bold</b> H<sub>2</sub>O.</p>", "<em>old</em> and <strong>bold</strong> H<sub>2</sub>O"),
        ("<h2>What it cost</h2><p>Much of it was for steel, they said.</p>", "<h2>What it cost</h2>"),
        ("<ol><li>Steel<ul><li>from here</li></ul></li><li>Wages</li></ol>",
         "<ol><li>Steel<ul><li>from here</li></ul></li><li>Wages</li></ol>"),
        ("<dl><dt>Pier</dt><dd>What carries it</dd></dl>", "<dl><dt>Pier</dt><dd>What carries it</dd></dl>"),
        ("<p>Run <code>make all</code> first.</p>", "Run <code>make all</code> first."),
        ("<pre>def f(x):\n    return x\n\nprint(f(2))</pre>", "<pre>def f(x):\n    return x\n\nprint(f(2))</pre>"),
        ('<pre><code class="language-python"><span class="k">if</span> x:<br>    y()</code></pre>', "if x:\n    y()</code></pre>"),
        ("<table><tr><th>Year</th><th>Cost</th></tr><tr><td>2016</td><td>100</td></tr></table>",
         "<tr><th>Year</th><th>Cost</th></tr><tr><td>2016</td><td>100</td></tr>"),
        ("<blockquote><p>We are proud, and a bit wet.</p></blockquote>", "<blockquote><p>We are proud, and a bit wet.</p></blockquote>"),
        ("<p>The mayor said <q>never again</q> twice.</p>", "said “never again” twice"),
        ("<p>One line<br>and another.</p>", "One line<br>and another."),
    ],
)  # fmt: skip
def test_markup_that_is_kept(body: str, expected: str) -> None:
    assert expected in article(page(paragraphs(FIRST, SECOND) + body + paragraphs(LAST))).html


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('<img src="/i/b.jpg" alt="A pier">', '<img src="https://news.example.org/i/b.jpg" alt="A pier"'),
        ('<img src="data:image/gif;base64,R0" data-src="/i/b.jpg">', 'src="https://news.example.org/i/b.jpg"'),
        ('<img src="/blank.gif" data-srcset="/i/s.jpg 400w, /i/b.jpg 1200w">', 'src="https://news.example.org/i/b.jpg"'),
        ('<picture><source srcset="/i/s.webp 400w, /i/b.webp 1200w"><img alt=""></picture>', 'src="https://news.example.org/i/b.webp"'),
        ('<img src="/image.php?id=3">', 'src="https://news.example.org/image.php?id=3"'),
        ('<a href="/i/large.jpg"><img src="/i/b.jpg"></a>', 'src="https://news.example.org/i/b.jpg"'),
        ('<img class="lazy" src="data:,"><noscript><img src="/i/b.jpg"></noscript>', 'src="https://news.example.org/i/b.jpg"'),
        ('<figure><img src="/i/b.jpg"><figcaption>A pier. <b>Photo</b>: A &amp; B</figcaption></figure>',
         "<figcaption>A pier. <strong>Photo</strong>: A &amp; B</figcaption></figure>"),
        ('<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>', 'src="https://www.youtube.com/embed/abcdefghijk"'),
        ('<video src="/v/b.mp4" poster="/i/b.jpg"></video>', 'src="https://news.example.org/v/b.mp4"'),
    ],
)  # fmt: skip
def test_media_return_to_their_place(image: str, expected: str) -> None:
    html = article(page(paragraphs(FIRST) + f"<div>{image}</div>" + paragraphs(SECOND, LAST))).html
    assert expected in html
    assert html.index(FIRST) < html.index(expected) < html.index(SECOND)


def test_an_image_is_shown_once_and_a_caption_is_not_text() -> None:
    body = (
        '<figure><img src="/i/lead.jpg?w=400"><figcaption>The bridge at dawn</figcaption></figure>'
        + paragraphs(FIRST) + '<p><img src="/i/lead.jpg?w=1200"></p>' + paragraphs(SECOND, LAST)
    )  # fmt: skip
    found = article(page(body))
    assert found.html.count("<img") == 1
    assert found.html.count("The bridge at dawn") == 1
    assert "dawn" not in found.text


def test_tracking_pixels_and_foreign_frames_go() -> None:
    body = (
        paragraphs(FIRST, SECOND, LAST)
        + '<p><img src="https://t.example/p.gif" width="1" height="1"></p>'
    )
    found = article(page(body + '<iframe src="https://ads.example/x"></iframe>'))
    assert "<img" not in found.html
    assert "ads.example" not in found.html


def test_scripts_never_survive() -> None:
    body = (
        paragraphs(FIRST, SECOND)
        + '<p onclick="x()">Go <a href="javascript:alert(1)">there</a> now, said the mayor.</p>'
    )
    html = article(page(body + "<script>alert(2)</script>" + paragraphs(LAST))).html
    assert "there" in html
    assert "javascript:" not in html
    assert "onclick" not in html
    assert "alert" not in html


def test_words_of_links_in_a_row_do_not_merge() -> None:
    body = paragraphs(
        FIRST,
        "Those whom the report of the ministry names were, in the order in which they came to the river: "
        "<a href=1>Kim Jong Un</a><a href=2>Russia</a><a href=3>Vladimir Putin</a>.",
        SECOND,
    )
    assert "Kim Jong Un Russia Vladimir Putin." in article(page(body)).text


def test_the_base_element_counts() -> None:
    linked = LAST.replace("Thursday", '<a href="x">Thursday</a>')
    content = page(paragraphs(FIRST, SECOND, linked)).replace(
        b"<head>", b'<head><base href="/elsewhere/">'
    )
    assert 'href="https://news.example.org/elsewhere/x"' in article(content).html


@pytest.mark.parametrize(
    ("lang", "title", "texts"),
    [
        ("ja", "橋が十年ぶりに開通", ["長く待たれていた川をわたる橋が月曜日に開通し、雨の中を数千人が歩いて渡った。" * 3, "市は予定の二倍にあたる二億一千万を支払ったと監査報告は述べている。" * 3]),
        ("zh", "大桥十年后通车", ["期待已久的跨江大桥于周一正式通车，数千人冒雨步行过桥，场面十分热闹。" * 3, "审计报告指出，该市支付了两亿一千万元，是原计划的两倍。" * 3]),
        ("ar", "افتتاح الجسر بعد عشر سنوات", ["افتتح يوم الاثنين الجسر الذي طال انتظاره فوق النهر بعد عشر سنوات من وضع الحجر الأول. " * 3, "دفعت المدينة مئتين وعشرة ملايين أي ضعف ما كان مخططا له بحسب تقرير المدققين. " * 3]),
        ("ru", "Мост открыт через десять лет", ["Долгожданный мост через реку открылся в понедельник, через десять лет после закладки. " * 3, "Город заплатил двести десять миллионов, вдвое больше, чем планировалось. " * 3]),
    ],
)  # fmt: skip
def test_other_scripts(lang: str, title: str, texts: list[str]) -> None:
    found = article(
        page(paragraphs(*texts), title=title, lang=lang), ArticleHints(title, texts[0][:60])
    )
    assert found.text == "\n".join(text.strip() for text in texts)
    assert found.language == lang
    assert found.title == title
    assert found.confidence > 0.8


@pytest.mark.parametrize(
    ("encoding", "content_type", "text"),
    [
        ("windows-1252", "text/html; charset=iso-8859-1", "Zürich zahlte „viel“ für die Brücke – mehr als geplant"),
        ("windows-1251", "text/html; charset=windows-1251", "Долгожданный мост через реку открылся в понедельник утром"),
        ("shift_jis", 'text/html; charset="Shift_JIS"', "長く待たれていた川をわたる橋が月曜日に開通した"),
        ("gb18030", "text/html; charset=gb2312", "期待已久的跨江大桥于周一正式通车"),
        ("utf-16", "text/html", "The bridge, naïvely, opened"),
        ("utf-8-sig", "text/html; charset=latin-1", "The bridge, naïvely, opened"),
        ("utf-8", "text/html; charset=iso-8859-1", "Zürich zahlte viel für die Brücke"),
    ],
)  # fmt: skip
def test_encodings(encoding: str, content_type: str, text: str) -> None:
    html = (
        page(paragraphs(text + ". " + FIRST, SECOND)).decode().replace('<meta charset="utf-8">', "")
    )
    assert text in article(html.encode(encoding), content_type=content_type).text


def test_the_meta_element_names_the_encoding() -> None:
    html = (
        page(paragraphs("Мост открылся. " + FIRST, SECOND)).decode().replace('"utf-8"', '"koi8-r"')
    )
    assert "Мост открылся." in article(html.encode("koi8-r")).text


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"%PDF-1.7 ...", ""),
        (b'{"a": "<p>"}', "application/json"),
        (b"just words, no markup at all", "text/plain"),
        (b"<rss version='2.0'><channel><item><description><p>x</p></description></item></channel></rss>", "text/xml"),
        (b"", "text/html"),
        (b"\x00\x00\x00", "text/html"),
        (b"<html><body></body></html>", "text/html"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused(content: bytes, content_type: str) -> None:
    with pytest.raises(NoArticle):
        article(content, content_type=content_type)


@pytest.mark.parametrize(
    "content_type",
    ["", "application/octet-stream", "Text/HTML; charset=utf-8", "application/xhtml+xml"],
)
def test_html_under_another_name_is_read(content_type: str) -> None:
    assert article(page(WHOLE), content_type=content_type).text.startswith(FIRST)


def test_the_reason_agrees_with_the_feed() -> None:
    sure = article(page(WHOLE), ArticleHints(TITLE, FIRST))
    unsure = article(
        page(WHOLE),
        ArticleHints(
            TITLE, "Nothing of what the feed says here occurs anywhere on that page, unfortunately"
        ),
    )
    unknown = article(page(WHOLE))
    assert sure.confidence > unknown.confidence > 0
    assert sure.confidence > unsure.confidence > 0
    assert "100% of the feed's summary" in sure.reason
    assert "nothing to compare" in unknown.reason


def test_another_story_is_refused() -> None:
    hints = ArticleHints(
        "Parliament votes on pensions tonight",
        "After months of debate deputies decide about retirement ages tonight",
    )
    with pytest.raises(NoArticle, match="neither the title nor the summary"):
        article(page(WHOLE), hints)


def test_less_than_the_feed_gave_is_refused() -> None:
    with pytest.raises(NoArticle, match="fewer than the feed's own"):
        article(page(paragraphs(FIRST)), ArticleHints(TITLE, f"{FIRST} {SECOND} {LAST}"))


def test_a_little_less_than_a_long_feed_text_is_not() -> None:
    feed = f"{FIRST} {SECOND} {LAST}" + " Share this with friends and family"
    assert article(page(WHOLE), ArticleHints(TITLE, feed)).text.startswith(FIRST)


@pytest.mark.parametrize("depth", [300, 20_000])
def test_deep_nesting_is_bounded(depth: int) -> None:
    content = b"<html><body>" + b"<div>" * depth + FIRST.encode() + b"</div>" * depth
    with suppress(NoArticle):
        assert article(content).text == FIRST


def test_the_closing_line_on_the_author_stays() -> None:
    note = "Jane Doe is a reporter of The Daily and has written about bridges for ten years."
    assert article(page(paragraphs(FIRST, SECOND, LAST, note))).text.endswith(note)


def test_posts_in_a_text_count_where_the_feed_has_them() -> None:
    post = f"<blockquote class='twitter-tweet'><p>{SECOND}</p>— The engineers</blockquote>"
    feed = f"{FIRST} {SECOND} — The engineers {LAST}"
    found = article(page(f"<p>{FIRST}</p>{post}<p>{LAST}</p>"), ArticleHints(TITLE, feed))
    assert found.text == f"{FIRST}\n{LAST}"
    assert SECOND in found.html


@pytest.mark.parametrize(
    "below",
    [
        "<div id=comments><p>You must be logged in to post a comment.</p></div>",
        "<footer>Already have an account? Sign in</footer>",
        "<div id=respond><h3>Leave a reply</h3><p>You must be logged in to post a comment.</p></div>",
    ],
)
def test_an_account_asked_for_beside_a_brief_is_no_wall(below: str) -> None:
    top = f"<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1><p>{FIRST}</p>"
    assert article(f"{top}</article>{below}", ArticleHints(TITLE)).text == FIRST
    if "footer" not in below:
        assert article(f"{top}{below}</article>", ArticleHints(TITLE)).text == FIRST


def test_far_too_much_text_is_refused() -> None:
    with pytest.raises(NoArticle, match="more text than any article"):
        article(page(paragraphs(*(f"{number} {FIRST}" for number in range(14_000)))))


def test_marks_without_end_are_cut_from_the_text_as_from_the_html() -> None:
    found = article(page(paragraphs(FIRST, SECOND, LAST + "\u0316\u0301" * 100_000)))
    assert len(found.text) < len(f"{FIRST} {SECOND} {LAST}") + 40
    assert found.text.count("\u0301") == found.html.count("\u0301") == 15


CHART = (
    '<svg viewBox="0 0 400 200" role="img"><title>Levels of the weir</title><desc>They rise.</desc><rect width="9"/>'
    '<text x="5">1920</text><text>1950</text></svg>'
)


@pytest.mark.parametrize(
    "drawn",
    [CHART, f"<figure>{CHART}<figcaption>Figure 1</figcaption></figure>", f"<div>{CHART}</div>", f"<p>See {CHART} here.</p>"],
)  # fmt: skip
def test_drawings_leave_their_words(drawn: str) -> None:
    found = article(page(f"{paragraphs(FIRST, SECOND)}{drawn}{paragraphs(LAST)}"))
    assert "Levels of the weir. They rise. 1920 · 1950" in found.html


@pytest.mark.parametrize(
    "drawn",
    [
        "<nav>{}</nav>",
        "<a href='/x'>{}</a>",
        "<button>{}</button>",
        "<span class=MathJax>{}</span>",
    ],
)
def test_drawings_that_are_no_text_leave_none(drawn: str) -> None:
    found = article(page(f"{paragraphs(FIRST, SECOND)}{drawn.format(CHART)}{paragraphs(LAST)}"))
    assert "Levels" not in found.html


HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from(
            [b"<p>", b"</p>", b"<div>", b"<table>", b"<tr>", b"<td>", b"<img src=x>", b"<a href='http://[::1'>", b"<pre>", b"<q>",
             b"<figure>", b"<figcaption>", b"<noscript>", b"<picture>", b"<source srcset=','>", b"<base href='//['>", b"<ul>", b"<li>",
             b"<dl>", b"<dt>", b"<code>", b"<br>", b"<iframe src='http://['>", b"<video>", b"<h1>", b"</div>", b"<meta charset=hex>",
             b"<script type='application/ld+json'>[[{}]]</script>", b"<link rel=canonical href='http://[x'>", b"\xff\xfe", b"&#0;&#xD800;",
             "⟦0⟧⟦9⟧".encode(), FIRST.encode(), SECOND.encode(), b"<!--", b"<![CDATA[", b"<svg><math>", b"<html lang='['>"]
        ),
        max_size=40,
    ).map(b"".join),
)  # fmt: skip


@given(
    HOSTILE,
    st.sampled_from(["text/html", "", "text/html; charset=utf-7", "text/html; charset=\x00"]),
)
def test_any_bytes_give_an_article_or_a_typed_error(content: bytes, content_type: str) -> None:
    try:
        found = article(content, ArticleHints("t", "s"), content_type=content_type)
    except ExtractError as error:
        assert error.message.isprintable()  # noqa: PT017 - either outcome is right
    else:
        assert found.text
        assert 0 <= found.confidence <= 1


def test_a_button_without_an_end_hides_no_article() -> None:
    content = page(WHOLE).replace(b"<main>", b"<button>Menu<main>", 1)
    assert article(content).text == f"{FIRST}\n{SECOND}\n{LAST}"
