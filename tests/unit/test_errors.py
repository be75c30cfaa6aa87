"""Errors in words."""

from __future__ import annotations

from aggregator.errors import HttpStatus, ParseError, error_line

URL = "https://a.example/feed"


def test_an_error_is_one_line_that_names_its_kind() -> None:
    assert error_line(ParseError("two\nlines", hint="x")) == "ParseError: two lines (x)"
    assert error_line(HttpStatus(URL, 500)) == f"{URL}: HTTP status 500"
    assert error_line(ValueError("")) == "ValueError: "
