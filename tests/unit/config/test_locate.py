"""Key paths lead to the lines that an operator sees in an editor."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.locate import line_of, lines_of, statements

DOCUMENT = '''\
# a comment with [brackets] and = signs
title = "x"

networks = [
  "a]",  # not the end ]
  "b",
]
text = """
[server]
port = 1
"""
[server]
port = 8080
  'host' = "h"
a.b = 1

[[feeds]]
url = "one"
tags = ["x",
        "y"]
# every = "1h"
[[feeds]]
title = "two"
url = { file = "f" }
[a."b.c"]
d = 1979-05-27
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("networks",), 4),
        (("networks", 1), 4),
        (("text",), 8),
        (("server",), 12),
        (("server", "port"), 13),
        (("server", "host"), 14),
        (("server", "a", "b"), 15),
        (("feeds", 0), 17),
        (("feeds", 0, "url"), 18),
        (("feeds", 0, "tags", 1), 19),
        (("feeds", 1), 22),
        (("feeds", 1, "url"), 24),
        (("feeds", 1, "url", "file"), 24),
        (("a", "b.c", "d"), 26),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines(path: tuple[str | int, ...], line: int, newline: str) -> None:
    assert lines_of(DOCUMENT.replace("\n", newline))[path] == line


def test_the_nearest_table_stands_for_what_is_not_written() -> None:
    lines = lines_of(DOCUMENT)
    assert line_of(lines, ("feeds", 1, "cron")) == 22
    assert line_of(lines, ("nothing", "of", "this")) == 1


def test_a_statement_covers_all_its_lines() -> None:
    spans = {s.first: s.last for s in statements(DOCUMENT)}
    assert spans[4] == 7
    assert spans[8] == 11
    assert spans[19] == 20


def test_list_of_inline_tables() -> None:
    text = 'feeds = [\n  { url = "a" },\n  { url = "b" },  # last\n]\ntitle = "x"\n'
    lines = lines_of(text)
    assert lines["feeds", 1, "url"] == 1
    assert lines["title",] == 5


def test_a_comment_may_end_like_a_list_goes_on() -> None:
    lines = lines_of("a = [\n  1,\n]  # one,\nb = 1\n")
    assert lines == {("a",): 1, ("a", 0): 1, ("b",): 4}


def test_tables_of_one_list_may_stand_apart() -> None:
    text = "[[f]]\nu = 1\n[[g]]\nu = 1\n[[f]]\nu = 2\n"
    assert lines_of(text)["f", 1, "u"] == 6


def test_a_list_of_tables_stands_where_the_first_of_them_does() -> None:
    lines = lines_of("a = 1\n[[rule]]\nwhen = 1\n[[rule]]\n")
    assert line_of(lines, ("rule",)) == 2


KEYS = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
VALUES = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    st.lists(st.text("a]}\"',#[{", max_size=6), max_size=3),
)
SECTIONS = st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=4)


@given(SECTIONS)
def test_every_key_of_any_document_is_found_on_its_line(
    content: dict[str, dict[str, object]],
) -> None:
    text = tomlkit.dumps(content)
    assert tomllib.loads(text) == content
    lines = text.split("\n")
    found = lines_of(text)
    for section, table in content.items():
        assert lines[found[section,] - 1] == f"[{section}]"
        for key in table:
            assert lines[found[section, key] - 1].startswith(f"{key} = ")


@given(st.text(max_size=60))
def test_any_text_ends(text: str) -> None:
    for statement in statements(text):
        assert 1 <= statement.first <= statement.last
