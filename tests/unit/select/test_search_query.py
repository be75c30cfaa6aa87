"""Queries of people who search."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.select.search_query import LONGEST, BadQuery, SearchQuery, Term, parse_query


def one(*row: str, **more: bool) -> tuple[Term, ...]:
    return (Term(row, **more),)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("rust sqlite", SearchQuery((one("rust"), one("sqlite")))),
        ("rust OR go lang", SearchQuery(((Term(("rust",)), Term(("go",))), one("lang")))),
        ('"New York" -title:city', SearchQuery((one("new", "york"),), one("city", in_title=True))),
        ("data* don't", SearchQuery((one("data", is_open=True), one("don", "t")))),
        ("東京 株", SearchQuery((one("東京"), one("株", is_open=True)))),
        ('"unclosed foo', SearchQuery((one("unclosed", "foo"),))),
        ("OR a OR", SearchQuery((one("a"),))),
        ("a - ? b", SearchQuery((one("a"), one("b")))),
    ],
)
def test_queries(said: str, meant: SearchQuery) -> None:
    assert parse_query(said) == meant


@pytest.mark.parametrize("said", ["", "-a", "?!", "a " * LONGEST, " ".join("abcdefghijklmnopq")])
def test_nothing_to_look_for_or_too_much(said: str) -> None:
    with pytest.raises(BadQuery):
        parse_query(said)


@given(st.text(max_size=80) | st.text('ab東" -:*()OR', max_size=40))
def test_whatever_is_asked_is_read_or_refused(said: str) -> None:
    with suppress(BadQuery):
        query = parse_query(said)
        assert all(term.row for some in query.all_of for term in some)
