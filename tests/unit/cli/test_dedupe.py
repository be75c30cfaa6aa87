"""``dedupe test`` on a small set: its figures, its JSON, what it says of broken files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.dedupe.score import LabelledSetFault


def text(word: str) -> str:
    return " ".join(f"{word}{i} and{i % 7} the" for i in range(120))


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Two copies in two feeds, one text that is alone, and one labelled pair that is none."""
    texts = {"a": text("one"), "b": text("one"), "c": text("two"), "d": text("three")}
    lines = (
        json.dumps({"id": name, "feed": f"f{name}", "title": name, "text": said})
        for name, said in texts.items()
    )
    (tmp_path / "mine.jsonl").write_text("\n".join(lines))
    pairs = {"duplicate": [["b", "a"], ["c", "d"]], "ignore": []}
    (tmp_path / "mine.pairs.json").write_text(json.dumps(pairs))
    return tmp_path / "mine.jsonl"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["dedupe", "test", *arguments])


def test_it_prints_a_table_and_names_the_pairs(labelled: Path) -> None:
    said = run(str(labelled), "--pairs")
    assert said.exit_code == 0
    (row,) = [line.split() for line in said.output.splitlines() if line.startswith("mine ")]
    assert row[:8] == ["mine", "4", "2", "1", "1", "1.000", "0.500", "0.667"]
    assert "macro F1 0.667" in said.output
    assert "mine: missed: c d" in said.output
    assert "wrong" not in said.output


def test_json_has_the_same(labelled: Path) -> None:
    answer = json.loads(run(str(labelled), str(labelled), "--json").output)
    assert len(answer["sets"]) == 2
    assert answer["macro_f1"] == pytest.approx(2 / 3)
    first = answer["sets"][0]
    assert (first["precision"], first["recall"]) == (1.0, 0.5)
    assert "missed" not in first
    assert 0 < first["signature_bytes"] <= 64


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    said = run(str(tmp_path / "none.jsonl"))
    assert isinstance(said.exception, LabelledSetFault)
    assert "none.jsonl" in str(said.exception)
