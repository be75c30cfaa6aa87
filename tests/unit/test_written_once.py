"""The contract: a fact or a small function stands in one module, and the others import it."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import aggregator

PACKAGE = Path(aggregator.__file__).parent
_MOST_SHARED_NAMES = 8
_LEAST_ITEMS = 3  # of a set, list or mapping: fewer may be equal by chance


def facts(tree: ast.Module) -> Iterator[str]:
    """The functions and the longer constants of a module, without their names and docstrings."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                yield " ".join([ast.dump(node.args), *map(ast.dump, body)])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            items = sum(isinstance(each, ast.Constant) for each in ast.walk(node.value))
            if items >= _LEAST_ITEMS:
                yield ast.dump(node.value)


def test_nothing_is_written_in_two_modules() -> None:
    found = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for fact in facts(ast.parse(path.read_text("utf-8"))):
            found[fact].add(path.relative_to(PACKAGE).as_posix())
    assert {fact: where for fact, where in found.items() if len(where) > 1} == {}


def test_few_modules_share_a_name() -> None:
    """Whoever opens a file by its name finds the one that was meant; ``store`` is one of each folder."""
    names = Counter(path.stem for path in PACKAGE.rglob("*.py") if not path.stem.startswith("__"))
    assert len([name for name, count in names.items() if count > 1]) <= _MOST_SHARED_NAMES


def test_the_check_sees_what_is_written_again() -> None:
    rules = 'frozenset({"guid", "url", "text"})'
    one = ast.parse(f"def _luck() -> float:\n    return random()\n_RULES = {rules}\n")
    two = ast.parse(f'def luck() -> float:\n    "Luck."\n    return random()\nRULES = {rules}\n')
    assert list(facts(one)) == list(facts(two))
    assert len(list(facts(one))) == 2
