"""Public docstrings begin with the thing: a noun, a verb or “True for …”, no subordinate clause."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "aggregator"
_CLAUSES = frozenset(
    {"as", "because", "how", "if", "of", "since", "that", "until", "what", "whatever", "when",
     "where", "whether", "which", "while", "who", "whom", "whose", "why"}
)  # fmt: skip


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring of the module, its public classes and functions."""
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if text := ast.get_docstring(node):
                yield getattr(node, "lineno", 1), text
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue  # what stands in a function is nobody else's
        nodes += [
            one for one in ast.iter_child_nodes(node) if not _is_private(getattr(one, "name", ""))
        ]


def _is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.endswith("__")


def opens_with_a_clause(docstring: str) -> bool:
    """True for “What …”, “Whether …”, “How …” and the like."""
    return docstring.split(maxsplit=1)[0].rstrip(",:;…").lower() in _CLAUSES


def _modules() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", _modules(), ids=str)
def test_public_docstrings_begin_with_the_thing(path: Path) -> None:
    found = _docstrings(ast.parse((PACKAGE / path).read_text(encoding="utf-8")))
    clauses = [
        f"{path}:{line}: {text.splitlines()[0]}"
        for line, text in found
        if opens_with_a_clause(text)
    ]
    assert not clauses, "begin with the thing: a noun, a verb, “True for …”"


@pytest.mark.parametrize(
    ("docstring", "is_clause"),
    [
        ("Whether the caller is first.", True),
        ("What, then.", True),
        ("Of these the newest.", True),
        ("True for the first caller.", False),
        ("Outcome of a poll.", False),
    ],
)
def test_clauses_are_recognised(docstring: str, *, is_clause: bool) -> None:
    assert opens_with_a_clause(docstring) is is_clause
