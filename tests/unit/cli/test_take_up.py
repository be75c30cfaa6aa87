"""What commands say of a daemon that was told of a change."""

from __future__ import annotations

from pathlib import Path

from aggregator.cli.take_up import taken_up
from aggregator.control.messages import Refused, Reloaded
from aggregator.errors import ConfigFault


def test_the_end_of_a_reload_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    ours = str(path)
    assert taken_up(Reloaded(ours), path) == ["the daemon has read its files again"]
    assert taken_up(Reloaded(ours, {"added": 2, "paused": 1}, ("fetch",)), None) == [
        "the daemon has read its files again: feeds 2 added, 1 paused",
        "restart it to apply fetch",
    ]
    faulty = Reloaded(ours, faults=(ConfigFault("a.toml:3", "unknown key `x`"),))
    assert taken_up(faulty, path) == [
        "the daemon keeps its former configuration:",
        "a.toml:3: unknown key `x`",
    ]
    assert taken_up(Reloaded("/etc/b.toml"), path) == [
        f"the daemon on this database reads /etc/b.toml, and not {path}"
    ]
    assert taken_up(Refused("no"), path) == ["the daemon refused: no"]
