"""Words and regular expressions over titles and texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.select import word_rules
from aggregator.select.word_rules import LONGEST_TEXT, SearchedText, folded, word_rule


def place(rule: str, title: str = "", text: str = "") -> str:
    return word_rule(rule).place_in(SearchedText(title, text))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("postgres", "POSTGRES!"),
        ("new  york", "in New\nYork"),
        ("東京", "大東京都"),
        ("c++", "C++11 is out"),
        ("straße", "STRASSE"),
        ("cafe\u0301", "Café"),
        ("ｔｏｋｙｏ", "Tokyo"),
        ("case", "snake_case"),
        ("новости", "НОВОСТИ дня"),
        ("/(?i)é+/", "ÉÉ"),
        (r"/(\d{1,3}\.){3}\d{1,3}/", "at 127.0.0.1"),
        (r"/^[a-z{(]{2,500}x$|\Q{9}{9}(\E|\({9}/", "abcx"),
        (r"/\bsqlite\b/", "the sqlite file"),
        ("/", "either / or"),
    ],
)
def test_words_are_found_whole_whatever_their_case(rule: str, said: str) -> None:
    assert place(rule, said) == "title"
    assert place(rule, "", said) == "text"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("postgres", "PostgreSQL"),
        ("crypto", "cryptography"),
        ("cat", "the concat"),
        ("/postgres/", "Postgres"),
        ("new york", "new, york"),
        ("क", "कि"),  # a vowel sign is part of the word
        ("5", "15"),
    ],
)
def test_parts_of_words_are_not_found(rule: str, said: str) -> None:
    assert place(rule, said) == ""


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("", "a word"),
        (" \n", "a word"),
        ("//", "a regular expression between the slashes"),
        ("/(a/", "missing )"),
        (r"/(?<=x)a/", "RE2"),
        ("/((a{100}){100}){100}/", "repetitions within each other"),
        (r"/((\w{1,9}){1,9}){1,9}zq/", "repetitions within each other"),
        (r"/([^)]{20}|(?:ab){2,30}){5}/", "repetitions within each other"),
        ("/post.*/i", r"within it: `/\(\?i)post\.\*/`"),
        ("/post", "two slashes: `/post/`"),
        ("/dev/null", "two slashes: `/dev/null/`"),
        ("x" * 501, "at most 500"),
        ("/\ud800/", "whole characters"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(rule: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected.replace(")", r"\)")):
        word_rule(rule)


def test_without_the_engine_words_do_and_regular_expressions_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(word_rules, "_engine", lambda: None)
    assert place("engineless", "Engineless") == "title"
    with pytest.raises(ValueError, match=r"google-re2.*aggregator\[expressions\]"):
        word_rule("/engineless/")


def test_no_more_than_the_beginning_of_a_text_is_looked_at() -> None:
    assert place("end", "", "x " * (LONGEST_TEXT // 2) + "end") == ""


@given(st.text(), st.text(min_size=1))
def test_any_text_can_be_searched(text: str, word: str) -> None:
    assert place("/a+b?/", text, text) in {"", "title", "text"}
    if folded(word).strip() and not word.startswith("/"):
        assert place(word, word) == "title"


def test_a_word_is_found_behind_many_that_only_begin_like_it() -> None:
    many = "adsads adsense " * 6000
    assert place("ads", "", f"{many}ads") == "text"
    assert place("ads", "", many) == ""
