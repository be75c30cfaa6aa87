"""A feed's own HTML: what its tools put beside the text goes, whatever they are; the text stays."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.texts import body_html
from aggregator.sanitize import to_text
from aggregator.tidy.fragment import tidied

TEXT = "<p>The lock was drained in spring, and its keeper counted forty eels, two anchors and a bell.</p>"
MATH = "<math><msup><mi>q</mi><mn>7</mn></msup></math>"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def shown(html: str) -> str:
    """The text of ``html`` in a feed, without the paragraph around it."""
    html = cleaned(html).replace(TEXT, "")
    return " ".join(
        unescape(re.sub(r"<[^<>]*>", "", re.sub(r"(?=</?(?:p|div|li|h2)\b)", " ", html))).split()
    )


def cleaned(html: str) -> str:
    return body_html(f"{TEXT}{html}{TEXT}", "text/html", "https://weir.example/post")


@pytest.mark.parametrize(
    "html",
    [
        (
            f'<p>a <span class="katex-display"><span class="katex"><span class="katex-mathml">{MATH}</span>'
            '<span class="katex-html" aria-hidden="true"><span class="base">q<span>7</span></span></span></span></span> b</p>'
        ),
        (
            f'<p>a <span class="MathJax" data-mathml="x"><nobr><span class="math">q7</span></nobr><span class="MJX_Assistive_MathML">{MATH}</span></span>'
            '<script type="math/tex">q^7</script> b</p>'
        ),
        (
            '<p>a <span class="MathJax_SVG" data-mathml="&lt;math&gt;&lt;msup&gt;&lt;mi&gt;q&lt;/mi&gt;&lt;mn&gt;7&lt;/mn&gt;&lt;/msup&gt;&lt;/math&gt;">'
            '<svg><text>q7</text></svg></span><script type="math/tex">q^7</script> b</p>'
        ),
        f'<p>a <mjx-container class="MathJax" jax="SVG"><svg><g></g></svg><mjx-assistive-mml>{MATH}</mjx-assistive-mml></mjx-container> b</p>',
        (
            f'<p>a <span class="mwe-math-element"><span class="mwe-math-mathml-inline" style="display: none;">{MATH}</span>'
            '<img src="https://weir.example/q7.svg" class="mwe-math-fallback-image-inline" alt="q^7"></span> b</p>'
        ),
    ],
)
def test_formulas_stand_once(html: str) -> None:
    assert shown(html) == "a q7 b"
    assert cleaned(html).count("<math") == 1
    assert "<img" not in cleaned(html)


def test_formulas_without_mathml_stay() -> None:
    drawn = '<p>a <span class="katex"><span class="katex-html" aria-hidden="true"><span class="base">q<span>7</span></span></span></span> b</p>'
    assert shown(drawn) == "a q7 b"
    tex = '<p>a <script type="math/tex">q^7 < r</script> b</p>'
    assert shown(tex) == r"a \(q^7 < r\) b"
    preview = (
        '<p>a <span class="MathJax_Preview">q7</span><script type="math/tex">q^7</script> b</p>'
    )
    assert shown(preview) == "a q7 b"
    picture = (
        '<p>a <img src="https://s0.wp.com/latex.php?latex=q%5E7" alt="q^7" class="latex"> b</p>'
    )
    assert 'alt="q^7"' in cleaned(picture)


CODE = "let x = 1;\nx += 41;"


@pytest.mark.parametrize(
    "html",
    [
        (
            '<table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>1\n2</pre></div></td>'
            '<td class="code"><div class="highlight"><pre><span class="k">let</span> x = 1;\nx += 41;\n</pre></div></td></tr></table>'
        ),
        (
            '<div class="language-js highlighter-rouge"><div class="highlight"><pre class="highlight"><code><table class="rouge-table"><tbody><tr>'
            '<td class="rouge-gutter gl"><pre class="lineno">1\n2\n</pre></td><td class="rouge-code"><pre>let x = 1;\nx += 41;\n</pre></td></tr></tbody></table></code></pre></div></div>'
        ),
        (
            '<table class="highlight tab-size js-file-line-container"><tr><td id="L1" class="blob-num js-line-number" data-line-number="1"></td>'
            '<td class="blob-code blob-code-inner"><code>let x = 1;</code></td></tr><tr><td id="L2" class="blob-num" data-line-number="2"></td><td class="blob-code blob-code-inner">x += 41;</td></tr></table>'
        ),
        (
            '<pre><code class="hljs js"><table class="hljs-ln"><tbody><tr><td class="hljs-ln-line hljs-ln-numbers" data-line-number="1"><div class="hljs-ln-n" data-line-number="1"></div></td>'
            '<td class="hljs-ln-line hljs-ln-code">let x = 1;</td></tr><tr><td class="hljs-ln-line hljs-ln-numbers">2</td><td class="hljs-ln-line hljs-ln-code">x += 41;</td></tr></tbody></table></code></pre>'
        ),
        (
            '<div class="syntaxhighlighter js"><table><tbody><tr><td class="gutter"><div class="line number1">1</div><div class="line number2">2</div></td>'
            '<td class="code"><div class="container"><div class="line number1"><code class="js keyword">let</code> <code>x = 1;</code></div><div class="line number2"><code>x += 41;</code></div></div></td></tr></tbody></table></div>'
        ),
        (
            '<div class="crayon-syntax"><div class="crayon-main"><table class="crayon-table"><tr class="crayon-row"><td class="crayon-nums"><div class="crayon-nums-content"><div class="crayon-num">1</div><div class="crayon-num">2</div></div></td>'
            '<td class="crayon-code"><div class="crayon-pre"><div class="crayon-line">let x = 1;</div><div class="crayon-line">x += 41;</div></div></td></tr></table></div></div>'
        ),
        (
            '<figure class="highlight js"><table><tr><td class="gutter"><pre><span class="line">1</span><br><span class="line">2</span><br></pre></td>'
            '<td class="code"><pre><span class="line">let x = 1;</span><br><span class="line">x += 41;</span><br></pre></td></tr></table></figure>'
        ),
        (
            '<div class="highlight"><div class="chroma"><table class="lntable"><tr><td class="lntd"><pre class="chroma"><code><span class="lnt">1\n</span><span class="lnt">2\n</span></code></pre></td>'
            '<td class="lntd"><pre class="chroma"><code class="language-js"><span class="line">let x = 1;\n</span><span class="line">x += 41;</span></code></pre></td></tr></table></div></div>'
        ),
        '<pre class="chroma"><code><span class="ln">1</span>let x = 1;\n<span class="ln">2</span>x += 41;</code></pre>',
        '<pre class="line-numbers language-js"><code>let x = 1;\nx += 41;<span aria-hidden="true" class="line-numbers-rows"><span></span><span></span></span></code></pre>',
        '<pre><code><span class="line-number">1</span>let x = 1;\n<span class="line-number">2</span>x += 41;</code></pre>',
    ],
)
def test_code_has_no_numbers_of_lines(html: str) -> None:
    found = re.search(r"<pre>(.*?)</pre>", cleaned(html), re.DOTALL)
    assert found is not None, cleaned(html)
    assert to_code(found[1]) == CODE
    assert "<table" not in cleaned(html)


def to_code(html: str) -> str:
    return re.sub(r"<[^<>]*>", "", html).strip("\n")


def test_tables_of_figures_stay_tables() -> None:
    figures = '<table class="data"><tr><td>1</td><td><code>go</code></td></tr><tr><td>2</td><td><code>stop</code></td></tr></table>'
    assert cleaned(figures).count("<td>") == 4
    years = "<table><tr><td>2024</td><td><pre>a b</pre></td><td>3</td></tr></table>"
    assert "2024" in shown(years)


@pytest.mark.parametrize(
    "html",
    [
        '<div style="display:none;max-height:0">GONE</div>',
        "<p hidden>GONE</p>",
        '<span style="display: none !important">GONE</span>',
        '<div style="font-size:0px;line-height:1px;mso-hide:all">GONE</div>',
        '<div style="max-height:0;overflow:hidden">GONE &zwnj;&nbsp;</div>',
        '<span class="preheader">GONE</span>',
        '<h2 class="screen-reader-text">GONE</h2>',
        '<span class="sr-only">GONE</span>',
        '<span class="visually-hidden">GONE</span>',
        '<div style="visibility:hidden"><div>GONE</div><p>GONE</div>',
        "<p hidden>GONE<p>",
        "<ul><li hidden>GONE</ul>",
    ],
)
def test_what_is_hidden_is_not_shown(html: str) -> None:
    assert "GONE" not in shown(f"<p>before</p>{html}<p>after</p>")
    assert "before after" in shown(f"<p>before</p>{html}<p>after</p>")


@pytest.mark.parametrize(
    "html",
    [
        '<div class="spoiler" style="display:none">KEPT</div>',
        '<a href="#more1">Show</a><div id="more1" style="display:none">KEPT</div>',
        '<button aria-controls="a7">Show</button><div id="a7" hidden>KEPT</div>',
        '<div hidden="until-found">KEPT</div>',
        '<p style="line-height:0.9;opacity:0.5;height:0.5em">KEPT</p>',
        '<p style="max-height:0">KEPT</p>',
        '<div style="display:none-such">KEPT</div>',
        '<div style="display:none">'
        + "<p>KEPT, and the whole story stands here as scripts unfold it.</p>" * 12
        + "</div>",
        '<p>KEPT <b class="hidden-valley">valley</b></p>',
    ],
)
def test_what_readers_unfold_or_see_stays(html: str) -> None:
    assert "KEPT" in shown(html)


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://www.youtube.com/watch?v=abcDEF123_-\n</div></figure>', "www.youtube.com/embed/abcDEF123_-"),
        ("<p>https://youtu.be/abcDEF123_-?t=4</p>", "www.youtube.com/embed/abcDEF123_-"),
        ("<p>https://vimeo.com/76979871</p>", "player.vimeo.com/video/76979871"),
        ("<p>https://twitter.com/ada/status/12345678</p>", "twitter.com/ada/status/12345678"),
        ("<div>https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC?si=1</div>", "open.spotify.com/embed/track/4uLU6hMCjMI75M1A2tKUQC"),
        ('<lite-youtube videoid="abcDEF123_-" playlabel="Play"></lite-youtube>', "youtube.com/embed/abcDEF123_-"),
        ('<lite-vimeo videoid="76979871"></lite-vimeo>', "player.vimeo.com/video/76979871"),
        ('<amp-youtube data-videoid="abcDEF123_-"></amp-youtube>', "youtube.com/embed/abcDEF123_-"),
        ('<div class="rll-youtube-player" data-id="abcDEF123_-"></div>', "youtube.com/embed/abcDEF123_-"),
        ('<youtube-video video-id="abcDEF123_-"></youtube-video>', "youtube.com/embed/abcDEF123_-"),
        ('<figure class="media"><oembed url="https://vimeo.com/76979871"></oembed></figure>', "player.vimeo.com/video/76979871"),
        ('<div data-oembed-url="https://weir.example/film/9"></div>', "weir.example/film/9"),
        ('<amp-twitter data-tweetid="1234567890"></amp-twitter>', "twitter.com/i/status/1234567890"),
        ('<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/Cx1/"></blockquote>', "www.instagram.com/p/Cx1/"),
        ('<script src="https://gist.github.com/ada/0a1b2c3d.js"></script>', "gist.github.com/ada/0a1b2c3d"),
        ('<script src="https://asciinema.org/a/14.js" id="asciicast-14" async></script>', "asciinema.org/a/14"),
        ('<iframe data-src="https://chart.example/abc/1/" src="about:blank" title="Levels"></iframe>', "chart.example/abc/1/"),
        ('<object data="/plan.pdf" type="application/pdf"></object>', "weir.example/plan.pdf"),
        ('<object data="https://www.youtube.com/embed/abcDEF123_-"></object>', "youtube.com/embed/abcDEF123_-"),
        ('<embed src="https://www.youtube.com/v/abcDEF123_-" type="application/x-shockwave-flash">', "youtube.com/embed/abcDEF123_-"),
        ('<video data-src="/lock.mp4" controls></video>', "weir.example/lock.mp4"),
        ('<p class="codepen" data-slug-hash="abc"><span>See the Pen <a href="https://codepen.io/ada/pen/abc">Lock</a></span></p>', "codepen.io/ada/pen/abc"),
    ],
)  # fmt: skip
def test_what_is_embedded_is_a_player_or_a_link(html: str, address: str) -> None:
    assert re.search(rf'(?:href|src)="https://(?:www\.)?{re.escape(address)}', cleaned(html)), (
        cleaned(html)
    )


def test_addresses_alone_are_links_where_they_stand() -> None:
    listed = cleaned("<ul><li>https://weir.example/a?b=1</li><li>b</li></ul>")
    assert listed.count("<li>") == 2
    assert 'href="https://weir.example/a?b=1"' in listed
    assert shown("<p>https://weir.example/a?b=1</p>") == "https://weir.example/a?b=1"


def test_addresses_in_sentences_stay_as_they_are() -> None:
    assert shown("<p>See https://weir.example/a and b.</p>") == "See https://weir.example/a and b."
    assert "<a " not in cleaned("<pre>https://weir.example/a</pre>")
    assert "<script" not in cleaned(
        '<script src="https://gist.github.com/ada/0a1b2c3d.js"></script>'
    )


@pytest.mark.parametrize(
    "html",
    [
        (
            '<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3><ul><li><a href="https://weir.example/post?share=facebook">Facebook</a></li>'
            '<li><a href="https://www.facebook.com/sharer/sharer.php?u=x">Facebook</a></li></ul></div>'
        ),
        '<p>Share: <a href="https://twitter.com/intent/tweet?url=x">Twitter</a> <a href="https://www.facebook.com/sharer.php?u=x">Facebook</a></p>',
        '<div class="feedflare"><a href="http://feeds.feedburner.com/~ff/a?d=1"><img src="http://feeds.feedburner.com/~ff/a?i=1"></a></div>',
        '<ul class="share-buttons"><li><a href="mailto:?subject=x">Mail</a></li></ul>',
    ],
)
def test_bars_of_buttons_go(html: str) -> None:
    html = re.sub(r'<li><a href="https://weir.example/post\?share.*?</li>', "", html)
    assert shown(html) == ""


def test_texts_on_sharing_stay() -> None:
    told = '<div class="social-history"><p>How the <a href="https://weir.example/share">share</a> of the weir was sold, and to whom.</p></div>'
    assert "was sold" in shown(told)
    one = '<p>Tell <a href="https://twitter.com/intent/tweet?text=x">your friends</a> of the eels, of which forty were counted in the lock last spring.</p>'
    assert "forty were counted" in shown(one)


def test_forms_beside_the_text_go() -> None:
    form = '<form action="/sub"><label>Email address</label><input type="email"><button>Subscribe</button></form>'
    assert shown(form) == ""
    page = body_html(
        f'<form id="aspnetForm">{TEXT}<input type="hidden" name="v"></form>', "text/html", None
    )
    assert to_text(page) == to_text(TEXT)


def test_boxes_of_tasks_tell_done_from_undone() -> None:
    tasks = '<ul><li><input type="checkbox" checked disabled> drain</li><li><label><input type="checkbox"> count</label></li></ul>'
    assert shown(tasks) == "☑ drain ☐ count"
    note = '<p>Eels<input type="checkbox" id="n1" class="margin-toggle"><span> are fish.</span></p>'
    assert shown(note) == "Eels are fish."


def test_drawings_leave_their_words() -> None:
    chart = (
        '<svg viewBox="0 0 100 50" role="img"><title>Levels of the weir</title><desc>Rising.</desc><rect width="9"/>'
        '<text x="5">2020</text><text>2021</text></svg>'
    )
    assert shown(chart) == "Levels of the weir. Rising. 2020 · 2021"
    for sign in (
        '<svg class="icon" width="16" height="16"><title>Link</title></svg>',
        '<svg viewBox="0 0 24 24"><title>Link</title><path d="M0"/></svg>',
        '<a href="/x"><svg viewBox="0 0 512 512"><title>Link</title></svg></a>',
        '<svg aria-hidden="true" viewBox="0 0 512 512"><title>Link</title></svg>',
    ):
        assert shown(sign) == ""


def test_pictures_in_the_text_itself_leave_their_words() -> None:
    drawn = f'<img src="data:image/png;base64,{"iVBORw0KGgo" * 60}" alt="The lock from above">'
    assert shown(drawn) == "The lock from above"
    assert shown(f'<img src="{PIXEL}" alt="The lock">') == ""
    lazy = f'<img src="data:image/jpeg;base64,{"iVBORw0KGgo" * 60}" alt="The lock"><noscript><img src="/lock.jpg" alt="The lock"></noscript>'
    assert shown(lazy) == ""
    assert cleaned(lazy).count("<img") == 1


@pytest.mark.parametrize(
    "attributes",
    [
        'data-cfsrc="/real.jpg"',
        f'nitro-lazy-src="/real.jpg" src="{PIXEL}"',
        'data-pagespeed-lazy-src="/real.jpg" src="/pagespeed_static/1.gif"',
        f'ix-path="/real.jpg" src="{PIXEL}"',
        'data-ezsrc="/real.jpg" src="/utilcave_com/spacer.png"',
        'data-src-fallback="/real.jpg" src="/i/blank.gif"',
        'data-image-src="/real.jpg" src="/i/loading.svg"',
        'data-what-ever="/real.jpg" src="/i/dummy.png"',
        'data-media=\'{"s":"https:\\/\\/weir.example\\/small.jpg","l":"https:\\/\\/weir.example\\/real.jpg"}\'',
        'data-any-srcset="/small.jpg 200w, /real.jpg 800w" src="/i/blank.gif"',
    ],
)
def test_pictures_are_found_whatever_the_attribute_is_called(attributes: str) -> None:
    written = cleaned(f"<img {attributes} alt='The lock'>")
    assert "https://weir.example/real.jpg" in written
    assert not re.search(r' src="[^"]*(?:spacer|dummy|loading|pagespeed)', written)


def test_other_attributes_are_no_pictures() -> None:
    written = cleaned('<img src="/real.jpg" data-link="/page.jpg" data-avatar="/me.png" alt="">')
    assert "/real.jpg" in written
    assert "page.jpg" not in written
    assert "<img" not in cleaned('<img data-page-url="/page/7" alt="">')


@pytest.mark.parametrize(
    "note",
    [
        '<div class="meta"><span class="filename">anchor.jpeg</span><span class="informations">1920×1080 245 KB</span></div>',
        "<span>DSC_0042.JPG (4032 x 3024)</span>",
        "<div>lock.png</div>",
    ],
)
def test_notes_of_lightboxes_go(note: str) -> None:
    box = f'<div class="lightbox-wrapper"><a href="/u/anchor.jpeg"><img src="/u/a.jpeg" alt="The anchor">{note}</a></div>'
    assert shown(box) == ""
    assert "<img" in cleaned(box)


def test_captions_are_no_notes() -> None:
    box = '<figure><a href="/u/a.jpeg"><img src="/u/a.jpeg" alt=""><span>The anchor of 1920, 80 kg</span></a></figure>'
    assert "The anchor of 1920" in shown(box)


def test_pictures_of_backgrounds_are_shown() -> None:
    written = cleaned(
        '<div class="photo" style="background-image:url(\'/wheel.jpg\')" role="img" aria-label="The wheel"></div>'
    )
    assert 'src="https://weir.example/wheel.jpg" alt="The wheel"' in written
    assert "<img" not in cleaned('<div style="background:url(/paper.png)"></div>')


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div",
                "hidden>",
                "<div",
                "class='katex'>",
                "</div>",
                "<span",
                'class="MathJax">',
                "<svg>",
                "</svg>",
                "<pre>",
                "</pre>",
                "<table>",
                "<tr>",
                "<td",
                "class=code>",
                "<!--",
                "-->",
                "<script",
                "type='math/tex'>",
                "</script>",
                "<li>",
                "<ul>",
                "</ul>",
                "<p",
                "hidden>",
                "<form>",
                "<input",
                "type=checkbox>",
                "</form>",
                "<object",
                "data='x'>",
                "<",
                ">",
                '"',
                "'",
                "&",
                "x",
                "https://e.example/a",
                "<math>",
                "<title>",
                "<iframe>",
                "<a",
                "href='https://twitter.com/intent/'>",
                "</a>",
                "1.jpg",
                "<img",
                "src=a>",
                "<lite-youtube",
                "videoid=abcdefgh>",
                "\x00",
                "é",
            ]
        ),
        max_size=60,
    ).map(" ".join)
)
def test_any_text_is_read(html: str) -> None:
    tidied(html)
    once = body_html(html, "text/html", "https://weir.example/")
    assert not re.search(r"<(?:script|svg|form|input|object)|<[^>]* (?:hidden|style|class)", once)


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b>",
                "</b>",
                "<i>",
                "word",
                "<br>",
                "<ul>",
                "<li>",
                "</ul>",
                "&amp;",
                "<a href='/x'>",
                "</a>",
            ]
        ),
        max_size=40,
    ).map(" ".join)
)
def test_ordinary_html_stays_as_it_is(html: str) -> None:
    assert tidied(html) == html
