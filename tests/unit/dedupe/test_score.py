"""Scores of labelled sets, and files that hold none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from aggregator.dedupe.score import (
    Document,
    LabelledSet,
    LabelledSetFault,
    Score,
    load,
    macro,
    score,
)
from tests.support.dedupe_texts import prose

TEXT = prose("report", 150)
DOCUMENTS = (
    Document("a", TEXT, "one.example", "", "Report"),
    Document("b", f"{prose('lead', 12)}\n{TEXT}", "two.example", "", "A report"),
    Document("c", prose("else", 150), "two.example", "", "Else"),
    Document("d", TEXT, "three.example", "", "Report"),
)


def test_pairs_are_counted_against_the_labels() -> None:
    labels = frozenset({("a", "b"), ("a", "c")})
    found = score(LabelledSet("mine", DOCUMENTS, labels, frozenset({("a", "d")})))
    assert (found.documents, found.labelled, found.found, found.true) == (4, 2, 2, 1)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert (found.wrong, found.missed) == ((("b", "d"),), (("a", "c"),))
    assert 0 < found.signature_bytes <= 64


def test_nothing_found_and_nothing_labelled_is_no_fault() -> None:
    empty = score(LabelledSet("empty", (), frozenset()))
    assert (empty.precision, empty.recall, empty.f1) == (1, 1, 1)
    assert macro([empty, Score("none", 1, 1, 0, 0, 0, 0)]) == 0.5
    assert macro([]) == 0


def written(folder: Path, lines: str, pairs: str, *, packed: bool = False) -> Path:
    (folder / "mine.pairs.json").write_text(pairs)
    path = folder / ("mine.jsonl.gz" if packed else "mine.jsonl")
    path.write_bytes(gzip.compress(lines.encode()) if packed else lines.encode())
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_set_is_read_from_two_files(tmp_path: Path, packed: bool) -> None:
    lines = '{"id": "a", "text": "x", "feed": "f"}\n{"id": 2, "text": "y\u2028z", "title": null}\n'
    pairs = json.dumps({"duplicate": [["b", "a"]]})
    found = load(written(tmp_path, lines, pairs, packed=packed))
    assert found.name == "mine"
    assert found.documents == (Document("a", "x", "f"), Document("2", "y\u2028z"))
    assert set(found.duplicates) == {("a", "b")}
    assert not found.ignored


@pytest.mark.parametrize(
    ("lines", "pairs", "place"),
    [
        ("{}", "{}", "mine.jsonl, line 1"),
        ('{"id": 1, "text": "x"}\n[]', "{}", "mine.jsonl, line 2"),
        ("", "[]", "mine.pairs.json"),
        ("", '{"duplicate": [[1, 2, 3]]}', "mine.pairs.json"),
        ("", "no json", "mine.pairs.json"),
    ],
)
def test_faults_name_the_place(tmp_path: Path, lines: str, pairs: str, place: str) -> None:
    with pytest.raises(LabelledSetFault, match=place):
        load(written(tmp_path, lines, pairs))


def test_a_file_that_is_not_there_or_not_packed(tmp_path: Path) -> None:
    with pytest.raises(LabelledSetFault, match="cannot be read"):
        load(tmp_path / "none.jsonl")
    path = written(tmp_path, "", "{}", packed=True)
    path.write_bytes(b"not packed")
    with pytest.raises(LabelledSetFault, match="cannot be read"):
        load(path)
