"""What is published, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from aggregator.model import OutputFeed, Rendered
from aggregator.publish.snapshot import Snapshot

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def output(name: str) -> OutputFeed:
    return OutputFeed(name, name, "", "https://me.example", (), NOW)


def rendered(name: str, kind: str, body: bytes = b"x") -> Rendered:
    return Rendered(name, kind, "text/plain", body, b"", '"e"', NOW)


def test_a_new_rendering_replaces_the_outputs_old_one_and_no_other() -> None:
    snapshot = Snapshot()
    snapshot.publish(output("a"), [rendered("a", "atom"), rendered("a", "rss")])
    snapshot.publish(output("b"), [rendered("b", "atom")])
    before = snapshot.table
    snapshot.publish(output("a"), [rendered("a", "atom", b"new")])
    assert snapshot.get("a", "atom") == rendered("a", "atom", b"new")
    assert snapshot.get("a", "rss") is None
    assert snapshot.get("b", "atom") == rendered("b", "atom")
    assert before["a", "rss", ""] == rendered("a", "rss")  # readers of the old table keep it whole


def test_prune_keeps_what_is_named() -> None:
    snapshot = Snapshot()
    snapshot.publish(output("a"), [rendered("a", "atom"), rendered("a", "rss")])
    snapshot.prune({("a", "rss", ""), ("gone", "atom", "")})
    assert set(snapshot.table) == {("a", "rss", "")}


def test_an_output_with_tokens_is_served_to_each_of_them_and_to_nobody_else() -> None:
    snapshot = Snapshot()
    private = replace(output("a"), tokens=("t1", "t2"))
    forms = [replace(rendered("a", "atom"), token=token) for token in ("t1", "t2", "")]
    snapshot.publish(private, forms)
    assert snapshot.get("a", "atom", "t1") == forms[0]
    assert snapshot.get("a", "atom", "t2") == forms[1]
    assert snapshot.get("a", "atom") is None
    snapshot.prune({("a", "atom", "t2")})
    assert snapshot.get("a", "atom", "t1") is None
    snapshot.publish(output("a"), [rendered("a", "atom")])
    assert set(snapshot.table) == {("a", "atom", "")}
