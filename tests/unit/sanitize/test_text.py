"""Plain text: nothing that XML forbids, one line, one form of each character."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sanitize import plain, xml_safe

_ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(_ANY_TEXT)
def test_xml_safe_text_is_accepted_by_an_xml_parser(text: str) -> None:
    element = ET.fromstring(f"<a>{escape(xml_safe(text))}</a>")
    assert (element.text or "") == xml_safe(text).replace("\r\n", "\n").replace("\r", "\n")


@given(_ANY_TEXT)
def test_plain_text_is_one_trimmed_line_and_stable(text: str) -> None:
    line = plain(text)
    assert line == " ".join(line.split())
    assert plain(line) == line
    assert xml_safe(line) == line


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (" a\r\n\tb  c ", "a b c"),
        ("a\x00b\x1bc\ud800d\uffff", "abcd"),
        ("a\u2028b\x85c\xa0d", "a b c d"),
        ("e\u0301", "\u00e9"),
        ("ab\u202ecd", "abcd"),
        ("שלום \u200fעולם", "שלום \u200fעולם"),
        ("a \u202bb", "a b"),
        ("a \u2067b\u2069\u2069 \u202bc\u202c", "a \u2067b\u2069 \u202bc\u202c"),
        ("a \u2069b\u2067c", "a bc"),
        ("\u2067a \u202bb\u2069 c\u202c", "\u2067a b\u2069 c"),
        ("a\u202c\u2069b", "ab"),
        ("👩‍👩‍👧 ok", "👩‍👩‍👧 ok"),
    ],
)
def test_what_plain_makes_of(given: str, wanted: str) -> None:
    assert plain(given) == wanted


@pytest.mark.parametrize("mark", ["\u0315", "\u0315\u0300", "\u0344", "\u0301"])
def test_marks_without_end_are_cut(mark: str) -> None:
    # Minutes when all of them were put in order.
    line = plain(f"e{mark * 500_000} 日本語")
    assert line.endswith(" 日本語")
    assert len(line) <= len("e") + 30 + len(" 日本語")
    assert plain(line) == line


def test_xml_safe_keeps_what_xml_allows() -> None:
    allowed = "\t\n\r \x7f\x85\ud7ff\ue000\ufffd\U0001f600"
    assert xml_safe(allowed) == allowed
