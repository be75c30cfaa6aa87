"""Texts that are no HTML, or escaped more often than they should be, read as what their authors wrote."""

from __future__ import annotations

import re
from html import escape

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from aggregator.parse.texts import body_html
from aggregator.sanitize import to_text
from aggregator.tidy.escapes import once_escaped
from aggregator.tidy.lines import with_lines
from aggregator.tidy.signs import with_signs


def shown(text: str) -> str:
    return " ".join(to_text(body_html(text, "text/html", None)).split())


@pytest.mark.parametrize(
    "text",
    [
        "for all $m<p$ and $p<q$ the map $f(m)<g$ has girth $k>3$. END",
        "if a<b and c>d then END",
        "std::vector<int> and List<String> END",
        "write to <ada@weir.example> or see <https://weir.example/a> END",
        "0<x<1 END",
        "x <- y, a <= b, <3 END",
        "the <placeholder> of the name END",
        "a<b END",
        "if i<n then swap END",
        "$\\|x\\|<a$ whenever END",
    ],
)
def test_signs_that_begin_no_tag_stay(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    "html",
    [
        "<p>a</p>",
        "a<b>c</b>d",
        "x<i>y</i>",
        "a<br>b<br/>c<BR />",
        "<o:p></o:p><st1:place>Lock</st1:place>",
        "<font color=red>a</font><center>b</center><nobr>c</nobr>",
        "<p align=center nowrap>a</p>",
        "<video controls autoplay src='/a.mp4'></video>",
        "<my-element a>b</my-element>",
        "<tag>known by its end</tag>",
        "<!-- a<b --><p>c</p>",
        "<script>if (a<bc) x()</script>",
        "<a href='/x'>y",
        "<td>unclosed",
        "<p>a</p",
    ],
)
def test_tags_stay_tags(html: str) -> None:
    assert with_signs(html) == html


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("It&amp;#8217;s late,&amp;nbsp;says she &amp;ndash; again", "It’s late, says she – again"),
        ("<p>That&amp;rsquo;s &amp;ldquo;fine&amp;rdquo; by me</p>", "That’s “fine” by me"),
        ("It&amp;amp;#8217;s late", "It’s late"),
        ("AT&amp;amp;T and Q&amp;amp;A", "AT&T and Q&A"),
        ("Ask &amp;amp; answer it&amp;#039;s", "Ask & answer it's"),
        ("&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;", "a b"),
        ("&amp;lt;p&amp;gt;a&amp;lt;/p&amp;gt;", "a"),
        ("&amp;amp;lt;p&amp;amp;gt;a&amp;amp;lt;/p&amp;amp;gt;", "a"),
        ("<div>&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;</div>", "a b"),
    ],
)
def test_what_is_escaped_too_often_is_mended(html: str, told: str) -> None:
    assert shown(html) == told


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>Write <code>&amp;amp;</code> for the sign</p>", "Write &amp; for the sign"),
        ("<p>Write &amp;nbsp; between words</p>", "Write &nbsp; between words"),
        (
            "<p>It is “&amp;rsquo;” in HTML, and “&amp;nbsp;” for blanks</p>",
            "It is “&rsquo;” in HTML, and “&nbsp;” for blanks",
        ),
        ("<pre>a&amp;nbsp;b</pre><p>c</p>", "a&nbsp;b c"),
        ("<p>R&amp;D and AT&amp;T</p>", "R&D and AT&T"),
        ("<p>a &amp;lt; b</p>", "a &lt; b"),
        ("<p>Use &lt;p&gt; here</p>", "Use <p> here"),
    ],
)
def test_what_is_meant_stays(html: str, told: str) -> None:
    assert shown(html) == told


def test_lines_of_plain_text_stay() -> None:
    notes = "Changes:\n\n- the valve closes\n- fewer sparks\n\nThanks."
    assert (
        body_html(notes, "text/html", None)
        == "<p>Changes:</p>\n<p>- the valve closes<br>\n- fewer sparks</p>\n<p>Thanks.</p>"
    )
    verse = "Haul away, the gate is slow,\nhaul away, the waters go\nand home"
    assert body_html(verse, "text/html", None).count("<br>") == 2
    crlf = "One.\r\n\r\nTwo.\r\nThree."
    assert body_html(crlf, "text/html", None) == "<p>One.</p>\n<p>Two.<br>\nThree.</p>"


def test_lines_that_a_program_broke_are_joined() -> None:
    wrapped = (
        "The lock was drained in spring, and its keeper counted forty eels and\n"
        "two anchors, of which one had been missed since the year of the flood\n"
        "and was sold to the museum for the price of a barrel of tar."
    )
    assert body_html(wrapped, "text/html", None) == wrapped.replace("\n", " ")
    assert body_html("\n      one line only\n   ", "text/html", None) == "one line only"


@given(st.text(alphabet="a<b>&;amp#8217lt/p \n\"'=-!?xn0", max_size=120))
def test_any_text_is_read(text: str) -> None:
    for step in (once_escaped, with_signs, with_lines):
        step(text)
    body_html(text, "text/html", None)


@given(st.text(alphabet="ab <>&\"'$=/-1", max_size=80))
@example("<a><a ")
def test_escaped_texts_are_shown_as_they_are(text: str) -> None:
    """What is escaped as it should be is never taken for anything else, unless it has ends of tags."""
    assume(not re.search("</[ab] *>", text))
    told = " ".join(text.split())
    assert shown(escape(f"x {text} x")) == f"x {told} x".replace("  ", " ")


@given(st.text(alphabet="ab <>$=1 .", max_size=60))
def test_signs_lose_no_letters(text: str) -> None:
    if not any(sign in text for sign in ("<a", "<b")):
        assert "".join(to_text(with_signs(text)).split()) == "".join(text.split())
