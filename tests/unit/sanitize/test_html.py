"""The HTML policy: what stays, what goes, that nothing runs, that cleaning twice changes nothing."""

from __future__ import annotations

import re
from html import unescape
from ipaddress import ip_network

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sanitize import allow_pictures_in, clean_html, html, to_text
from aggregator.sanitize.policy import EMBEDS
from aggregator.sanitize.private_hosts import is_private
from aggregator.sanitize.repair_costs import is_bounded
from aggregator.urls.networks import Allowed
from tests.support.attacks import MARKUP
from tests.support.auditor import audit

BASE = "https://example.org/blog/post.html"
CROWD = " ".join(f"a{i}" for i in range(1_000))  # each attribute of a tag is compared with each


@pytest.mark.parametrize("payload", MARKUP)
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
        ("<img src=/i.png alt='' width=20px height=50%>", '<img src="https://example.org/i.png" alt="" width="20" height="50%" referrerpolicy="no-referrer" loading="lazy">'),
        ("<img src='data:image/gif;base64,x' data-src=/real.jpg alt=r>", '<img src="https://example.org/real.jpg" alt="r" referrerpolicy="no-referrer" loading="lazy">'),
        ("<img src=/p.gif width=1 height=1>", ""),
        ("<img src=https://pixel.wp.com/g.gif?x>", ""),
        ("<img src=data:image/png;base64,AAAA>", ""),
        ("<b id=x class=y style='color:red'>t</b>", '<b id="entry-x">t</b>'),
        ("<center><font color=red>t</font></center>", "t"),
        ("a\x00\x08b\ufffe", "ab"),
        ("<ol start=3 reversed><li value=4>x</ol>", '<ol start="3" reversed=""><li value="4">x</li></ol>'),
        ("<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>", "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>"),
        ("<img src=/i.png width=0600px height=4097>", '<img src="https://example.org/i.png" width="600" referrerpolicy="no-referrer" loading="lazy">'),
        ("<img src=/i.png width=101% height=auto>", '<img src="https://example.org/i.png" referrerpolicy="no-referrer" loading="lazy">'),
        ("<img src=/i.png style='color: red; width: 1px; height:1px'>", ""),
        # Where attributes go nh3 moves the last ones, which are another two in each process.
        ("<img src=/i.png onclick=a width=bad alt='' style=x height=5>", '<img src="https://example.org/i.png" alt="" height="5" referrerpolicy="no-referrer" loading="lazy">'),
        ("<img src=/i.png style='max-width:1px;width:100px'>", '<img src="https://example.org/i.png" referrerpolicy="no-referrer" loading="lazy">'),
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


_WRITTEN = ["<a ", "<img ", "<q/", "<video\n", 'x="y"', "href", "HREF ", "src\f", "src", "srcset", "cite", "poster", "=", " = ", "='", '="',
    "http://a.example/b", "https://c.example/d 2x, e 3x", "https:/f", "&#104;ttp://g.example", "http://&#47;h", "/i", "#j", "'", '"', ">", " ", "k"]  # fmt: skip


@given(st.lists(st.sampled_from(_WRITTEN), max_size=14).map("".join))
def test_where_all_addresses_are_absolute_the_base_is_none(markup: str) -> None:
    """Nothing is cleaned in another way because one cleaner does for all bases then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "_may_be_relative", lambda _: True)
        slow = clean_html(markup, BASE)
    assert clean_html(markup, BASE) == slow


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
        f"<p {CROWD}>x",
        f"<p/{CROWD.replace(' ', '/')}>x",
        f"<p a='>' {CROWD}>x",
        f"<p>x</p {CROWD}>",
        f"<p {CROWD}",
        f'<a =" {CROWD} ">x</a>',
        f'<a x="" =" {CROWD} ">x',
        f'<a/=" {CROWD} ">x',
        f'<a b=c"=" {CROWD} ">x',
        f'<a x=\xa0" {CROWD} ">x',
        f'<!-- <a x=" --><b {CROWD} ">x',
        f'<a x=""{CROWD}',
        "<a b=\"<a c='" * 500,
        "<p>" + "x <y and " * 500,
        "<p>" + "\xa0x" * 60_000,
    ],
)
def test_html_that_is_costly_to_repair_becomes_its_words(bomb: str) -> None:
    assert not is_bounded(bomb)
    assert "<" not in clean_html(bomb, BASE)


def test_html_with_too_many_attributes_is_cut_and_keeps_its_words() -> None:
    page = "".join(
        f'<p>w{number} <img src="/{number}.png" alt="x" width="9"></p>' for number in range(9_000)
    )
    found = clean_html(page, BASE)
    assert found.count("<img") == 6_666
    assert found.startswith("<p>w0 <img ")
    assert found.endswith(" w8999</p>")
    again = clean_html(found, BASE)
    assert 0 < again.count("<img") < 6_666
    assert clean_html(again, BASE) == again


def test_a_srcset_of_nothing_but_commas_costs_as_any_other() -> None:
    # Minutes where each comma is looked through from each comma.
    page = f"<img src=x.png srcset='{',' * 8192}'>" * 2_500
    assert "srcset" not in clean_html(page, BASE)


@pytest.mark.parametrize("markup", ["a{}", "<p>a{}</p>", "<div>" * 300 + "a{}"])
@pytest.mark.parametrize("mark", ["\u0315", "&#789;"])
def test_marks_without_end_are_cut_in_bodies_too(markup: str, mark: str) -> None:
    given = markup.format(mark * 40_000)
    assert clean_html(given, BASE).count("\u0315") == 30
    assert to_text(given).count("\u0315") == 30


@pytest.mark.parametrize(
    "tag",
    [
        f"<img src='https://e.org/{'a/' * 4_000}' alt=x>",
        f"<img alt='{'word ' * 4_000}' src=https://e.org/x.png>",
        f"<img alt={'a/' * 4_000} src=https://e.org/x.png>",
        f"<img '' =\" {CROWD} \" src=https://e.org/x.png>",  # the value of an attribute called ''
        f'<img b"=" {CROWD} " src=https://e.org/x.png>',
    ],
)
def test_long_values_are_no_crowd(tag: str) -> None:
    assert is_bounded(tag)
    assert "<img" in clean_html(tag, BASE)


@given(st.text("<ab =\"'/>!-\xa0\t", max_size=20), st.sampled_from(["", ">", '"', '">', "'>"]))
def test_no_tag_that_a_parser_finds_crowded_is_missed(before: str, after: str) -> None:
    names = {f"a{i}": None for i in range(310)}
    text = f"<a {before} {' '.join(names)} {after}>x"
    allowed = {tag: set(names) for tag in ("a", "b", "ab")}
    parsed = nh3.clean(text, tags={"a", "b", "ab"}, attributes=allowed, link_rel=None)
    if any(len(re.findall(r' a\d+=""', tag)) > 300 for tag in parsed.split("<")):
        assert not is_bounded(text)


WORD = "<!--[if gte mso 9]><xml>" + '<w:LsdException Name="x" /><o:p>' * 400 + "</xml><![endif]-->"


@pytest.mark.parametrize(
    "unseen",
    [
        WORD,
        WORD * 30,
        "<!--" + "&amp;" * 60_000 + "-->",
        f"<!-- <p {CROWD}> --!>",
        "<style><!-- /* Style Definitions */ -->" + "</style>" + WORD,
        '<svg viewBox="0 0 9 9">' + '<path d="M0 0"/><line x1="1"/>' * 400 + "</svg>",
    ],
)
def test_what_is_never_shown_counts_as_nothing(unseen: str) -> None:
    given = f"<p>one <b>two</b></p>{unseen}<p>three</p>"
    assert clean_html(given, BASE) == "<p>one <b>two</b></p><p>three</p>"
    assert to_text(given) == "one two\nthree"


@pytest.mark.parametrize(
    "unseen",
    [WORD, "<!-- no end", "<style>p{color:red}</style>", "<SCRIPT>var a = 1</SCRIPT >", "<style>no end"],
)  # fmt: skip
def test_words_that_are_left_of_a_bomb_are_those_that_would_be_shown(unseen: str) -> None:
    given = "<div>" * 300 + "one two" + unseen
    assert clean_html(given, BASE) == "one two"
    assert to_text(given) == "one two"


@pytest.mark.parametrize(
    "bomb",
    [
        "<a title='<!--'>" + "<b>" * 300 + "-->",
        "<!-->" + "<b>" * 300,
        "<!--->" + "<b>" * 300,
        "<!-- --!>" + "<b>" * 300,
        "<line/>" * 300,
        "<svg/>" + "<line/>" * 300,
        "<svg></svg>" + "<line/>" * 300,
        "<svg><p>" + "<line/>" * 300,
        "<svg><foreignObject>" + "<line/>" * 300,
        "<svg>" + "<line x=y/>" * 300,
        "<svg>" + "<line x='/>' >" * 300,
        "<style>" * 5_000,
    ],
)
def test_what_only_looks_like_a_comment_or_a_drawing_counts(bomb: str) -> None:
    assert not is_bounded(bomb)
    audit(clean_html(bomb, BASE))


@pytest.mark.parametrize(
    "markup",
    ["{}", "<p>a{}b</p>", "<p title='{0}'>a</p><img alt='{0}' src=/i>", "<div>" * 300 + "a{}"],
)
@pytest.mark.parametrize(
    "sign",
    [
        "\x80",
        "\x9b",
        "\x7f",
        "\u202e",
        "\u202d",
        "\u202b",
        "\u2066",
        "\u2069",
        "&#x202e;",
        "&#x2067;",
    ],
)
def test_what_steers_a_screen_leaves_bodies_and_texts(markup: str, sign: str) -> None:
    for made in (clean_html(markup.format(sign), BASE), to_text(markup.format(sign))):
        assert not re.search("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]", unescape(made))


def test_closed_isolates_stay() -> None:
    quoted = "<p>a \u2067<b>שלום</b>\u2069 b</p>"
    assert clean_html(quoted, BASE) == quoted


PRIVATE = [
    "http://127.0.0.1/x", "http://127.1/x", "http://2130706433/x", "http://0x7f.1/x", "http://0177.0.0.1/x", "http://[::1]/x",
    "http://[::ffff:10.0.0.1]/x", "http://[fe80::1]/x", "http://[64:ff9b::7f00:1]/x", "http://[2002:7f00:1::]/x", "http://10.0.0.1:81/x",
    "http://192.168.1.1/x", "http://169.254.169.254/x", "http://224.0.0.1/x", "http://0/x", "http://localhost/x", "http://LOCALHOST./x",
    "http://a.localhost/x", "http://nas/x", "http://nas.local/x", "http://router.lan/x", "http://a.internal/x", "http://%6cocalhost/x",
    "http://u:p@127.0.0.1/x", "http://127.0.0.1\\@e.org/x", "http:\\\\127.0.0.1/x", "http://１２７.0.0.1/x", "http://127。0。0。1/x", "http://[bad/x",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_nothing_is_loaded_from_the_readers_own_network(url: str) -> None:
    text = f"<p>a</p><img src='{url}'><video src='{url}' poster='{url}'></video><picture><source srcset='{url} 2x'><img srcset='{url} 1x'></picture>"
    for base in (BASE, None, "http://127.0.0.1/"):
        cleaned = clean_html(text, base)
        assert not re.search("(?:src|srcset|poster)=", cleaned), cleaned
    assert "src=" not in clean_html("<img src=/x>", "http://127.0.0.1/")


def test_pictures_in_networks_that_the_operator_allows_stay() -> None:
    stay = ["http://127.0.0.1/x", "http://localhost:80/x", "http://a.localhost/x", "http://[::ffff:127.0.0.1]/x", "http://10.0.0.1:81/x"]  # fmt: skip
    allow_pictures_in([Allowed(ip_network("127.0.0.0/8")), Allowed(ip_network("10.0.0.1"), 81)])
    try:
        assert [url for url in stay if is_private(url)] == []
        go = ["http://10.0.0.1/x", "http://10.0.0.1:8100/x", "http://192.168.1.1/x", "http://[64:ff9b::7f00:1]/x", "http://nas.local/x"]  # fmt: skip
        assert [url for url in go if not is_private(url)] == []
    finally:
        allow_pictures_in(())
    assert all(map(is_private, stay))


@pytest.mark.parametrize(
    "url",
    ["https://e.org/x", "http://8.8.8.8/x", "http://[2001:4860:4860::8888]/x", "https://é.example/x", "https://127.0.0.1.example/x", "https://locale.org:81/x"],
)  # fmt: skip
def test_pictures_of_public_hosts_stay(url: str) -> None:
    assert f'src="{url}"' in clean_html(f"<img src='{url}'>", None)


@pytest.mark.parametrize(
    "pixel",
    [
        "<img src=https://e.org/p.gif width=2 height=2>",
        "<img src=https://e.org/p.gif width=02px>",
        "<img src=https://e.org/p.gif style='height: 2px'>",
        "<img src=https://vg03.met.vgwort.de/na/abc alt=''>",
        "<img src=http://da.feedsportal.com/r/1/rc.img>",
        "<img srcset='https://pixel.wp.com/b.gif 1x'>",
    ],
)
def test_pixels_go(pixel: str) -> None:
    assert clean_html(pixel, BASE) == ""


@pytest.mark.parametrize("policy", ["", "referrerpolicy=unsafe-url", "referrerpolicy=''"])
@pytest.mark.parametrize("frame", ["{}", "<table><tr><td>{}", "<picture>{}</picture>", "<x\x0b{}"])
def test_no_picture_tells_who_reads_it(policy: str, frame: str) -> None:
    cleaned = clean_html(frame.format(f"<img {policy} src=https://e.org/i.png>"), BASE)
    assert cleaned.count("<img") == cleaned.count('referrerpolicy="no-referrer"')
    assert clean_html(cleaned, BASE) == cleaned


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
    st.sampled_from(MARKUP),
    st.text(max_size=8),
)


@given(st.lists(_PIECES, max_size=25).map("".join))
def test_whatever_comes_the_result_is_by_the_policy_and_stable(markup: str) -> None:
    cleaned = clean_html(markup, BASE)
    audit(cleaned)
    assert clean_html(cleaned, BASE) == cleaned
    assert "\x00" not in to_text(markup)
