"""The contract: of feedparser only what it offers is imported, so that a release of it breaks nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import aggregator

PACKAGE = Path(aggregator.__file__).parent
# What ``import feedparser`` offers, and the one class that has no other door.
ALLOWED = frozenset({"feedparser.FeedParserDict", "feedparser.api.StrictFeedParser"})


def imported(tree: ast.AST) -> Iterator[str]:
    """The names of feedparser that ``tree`` imports or reaches for, with their modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "feedparser":
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] == "feedparser")
        elif isinstance(node, ast.Call) and any(
            isinstance(each, ast.Constant) and str(each.value).split(".")[0] == "feedparser"
            for each in node.args
        ):
            yield ast.unparse(node)  # importlib.import_module("feedparser.html")


def test_only_public_names_of_feedparser_are_imported() -> None:
    found = {
        str(path.relative_to(PACKAGE)): sorted(set(imported(ast.parse(text))) - ALLOWED)
        for path in PACKAGE.rglob("*.py")
        if "feedparser" in (text := path.read_text("utf-8"))
    }
    assert found
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "from feedparser.html import _cp1252",
        "from feedparser.datetimes.hungarian import _parse_date_hungarian",
        "from feedparser.urls import make_safe_absolute_uri",
        "import feedparser.mixin",
        "import feedparser as f",
        "importlib.import_module('feedparser.html')",
    ],
)
def test_the_check_sees_what_is_private(text: str) -> None:
    assert set(imported(ast.parse(text))) - ALLOWED
