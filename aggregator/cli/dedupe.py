"""``aggregator dedupe test``: how well deduplication does on documents with labels."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from aggregator.cli.cells import cell
from aggregator.cli.exits import say
from aggregator.cli.invocation import echo_json
from aggregator.dedupe.score import Pair, Score, load, macro, score

_COLUMNS = (
    "set",
    "documents",
    "pairs",
    "found",
    "true",
    "precision",
    "recall",
    "F1",
    "ms",
    "bytes",
)


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--pairs", is_flag=True, help="List the pairs that are wrong or missed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test(files: tuple[Path, ...], *, pairs: bool, as_json: bool) -> None:
    """Score deduplication on labelled sets: NAME.jsonl[.gz] with NAME.pairs.json beside it.

    Uses neither the configuration nor a database.
    """
    scores = [score(load(file)) for file in files]
    if as_json:
        sets = [_plain(one, pairs=pairs) for one in scores]
        echo_json({"sets": sets, "macro_f1": macro(scores)})
        return
    Console(width=None if Console().is_terminal else 160).print(_table(scores))
    click.echo(f"\nmacro F1 {macro(scores):.3f}")
    if pairs:
        for one in scores:
            _name(one.name, "wrong", one.wrong)
            _name(one.name, "missed", one.missed)


def _plain(one: Score, *, pairs: bool) -> dict[str, object]:
    named = {"wrong": one.wrong, "missed": one.missed} if pairs else {}
    return {
        "name": one.name,
        "documents": one.documents,
        "labelled": one.labelled,
        "found": one.found,
        "true": one.true,
        "precision": one.precision,
        "recall": one.recall,
        "f1": one.f1,
        "ms_per_document": one.ms_per_document,
        "signature_bytes": one.signature_bytes,
        **named,
    }


def _table(scores: list[Score]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "set" else "right")
    for one in scores:
        counts = (one.documents, one.labelled, one.found, one.true)
        rates = (f"{rate:.3f}" for rate in (one.precision, one.recall, one.f1))
        cost = (f"{one.ms_per_document:.2f}", f"{one.signature_bytes:.1f}")
        table.add_row(cell(one.name), *map(str, counts), *rates, *cost)
    return table


def _name(name: str, what: str, pairs: tuple[Pair, ...]) -> None:
    for first, second in pairs:
        say(f"{name}: {what}: {first} {second}")
