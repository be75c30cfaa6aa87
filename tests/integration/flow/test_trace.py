"""The way of one claimed feed stays short: a real poll, traced from the engine to its commit."""

from __future__ import annotations

from pathlib import Path

from bench.farm import farm
from bench.trace import floor, journey

MOST_FILES, MOST_CLIMBS, MOST_RETURNS = 8, 8, 12


def test_a_claimed_feed_enters_few_files_from_the_engine_to_its_commit(tmp_path: Path) -> None:
    with farm(1) as port:
        way = journey(port, tmp_path)
    said = "\n".join(way.in_words())
    files = [stay.file for stay in way.stays]
    assert (files[0], files[-1]) == ("engine/in_process.py", "store/feeds/store.py"), said
    assert {"flow/poll.py", "flow/outcome.py", "flow/changes.py"} <= set(files), said
    assert way.files <= MOST_FILES, said
    assert way.climbs <= MOST_CLIMBS, said
    assert way.returns <= MOST_RETURNS, said


def test_floors_follow_the_import_order() -> None:
    way_down = [
        "cli/main.py",
        "app/daemon.py",
        "engine/lane.py",
        "flow/pipeline.py",
        "flow/poll.py",
    ]
    way_down += [
        "flow/outcome.py",
        "flow/changes.py",
        "store/store.py",
        "ports/edges.py",
        "model/joins.py",
    ]
    floors = [floor(file) for file in way_down]
    assert floors == sorted(set(floors))
