"""The operator's command after publishing: a real process, one at a time, that holds up nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from aggregator.app import after_publish
from aggregator.app.after_publish import AfterPublish
from aggregator.model import OutputFeed, Rendered
from aggregator.publish.files import FilePublisher, outputs_of
from tests.support.patience import until

_READS = "import os, sys; open(sys.argv[1], 'a').write(sys.stdin.read() + str('AGGREGATOR_X' in os.environ) + '\\n')"


class _Named:
    def __init__(self, name: str, etag: str = "") -> None:
        self.name, self.format, self.token, self.etag = name, "atom", "", etag


def publish(after: AfterPublish, name: str, etag: str) -> None:
    output, rendered = cast("OutputFeed", _Named(name)), cast("Rendered", _Named(name, etag))
    after.publish(output, [rendered])


def reading(file: Path) -> AfterPublish:
    return AfterPublish([sys.executable, "-c", _READS, str(file)])


async def test_the_command_gets_the_names_of_what_changed_and_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_X", "secret")
    file = tmp_path / "said"
    after = reading(file)
    await after.tick()
    assert after._running is None  # nothing changed yet
    publish(after, "b", "1")
    publish(after, "a", "1")
    await after.tick()
    publish(after, "c", "1")  # for the next run
    await after.tick()
    await until(lambda: after._running is None, "the first run")
    assert file.read_text("utf-8") == "a\nb\nFalse\n"
    publish(after, "a", "1")  # the same bytes again
    await after.tick()
    await until(lambda: after._running is None, "the second run")
    assert file.read_text("utf-8") == "a\nb\nFalse\nc\nFalse\n"
    await after.tick()
    assert after._running is None


async def test_outputs_whose_files_are_removed_are_told_and_told_again_when_they_are_back(
    tmp_path: Path,
) -> None:
    file = tmp_path / "said"
    after = reading(file)
    publish(after, "a", "1")
    await after.tick()
    await until(lambda: after._running is None, "the first run")
    folder = tmp_path / "feeds"
    folder.mkdir()
    for name in ("a.atom", "a.atom.gz", "b.atom", "mine.txt", ".a.atom.0123456789abcdef.tmp"):
        (folder / name).write_bytes(b"x")
    after.removed(outputs_of(FilePublisher(tmp_path).prune({("b", "atom")})))
    await after.tick()
    await until(lambda: after._running is None, "the second run")
    publish(after, "a", "1")  # the same bytes, which were away
    await after.tick()
    await until(lambda: after._running is None, "the third run")
    assert file.read_text("utf-8") == "a\nFalse\n" * 3
    after.removed(())
    await after.tick()
    assert after._running is None


_TALKS = """
import sys
for _ in range(64): sys.stdout.write("x" * (1 << 20))
print("this-is-a-secret-of-ours" + "y" * 490)
raise SystemExit(3)
"""


async def test_of_a_command_that_says_very_much_the_end_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[int] = []

    def masked(text: str) -> str:
        kept.append(len(text))
        return text.replace("this-is-a-secret-of-ours", "***")

    monkeypatch.setattr(after_publish, "masked", masked)
    after = AfterPublish([sys.executable, "-c", _TALKS])
    publish(after, "all", "1")
    with capture_logs() as said:
        await after.tick()
        await until(lambda: after._running is None, "the run")
    assert max(kept) <= after_publish._KEPT
    assert "ended with 3" in said[0]["error"]
    assert "of-ours" not in said[0]["error"]


async def test_a_command_that_fails_is_said_and_tried_again(tmp_path: Path) -> None:
    after = AfterPublish([sys.executable, "-c", "print('no such store'); raise SystemExit(3)"])
    publish(after, "all", "1")
    with capture_logs() as said:
        await after.tick()
        await until(lambda: after._running is None, "the run")
        await after.tick()
    assert after._running is None  # not at once
    assert [one["error"] for one in said] == [
        "publish.after ended with 3: no such store (run it by hand, as the daemon's user)"
    ]
    assert after._changed == {"all"}


async def test_a_command_that_hangs_or_is_not_there_is_given_up(tmp_path: Path) -> None:
    hangs = AfterPublish([sys.executable, "-c", "import time; time.sleep(999)"], longest_s=0.2)
    missing = AfterPublish([str(tmp_path / "none")])
    for after in (hangs, missing):
        publish(after, "all", "1")
        with capture_logs() as said:
            await after.tick()
            await until(lambda a=after: a._running is None, "the run")  # type: ignore[misc]
        assert len(said) == 1


async def test_a_daemon_that_stops_does_not_wait_for_it_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(after_publish, "_STOP_S", 0.0)
    after = AfterPublish([sys.executable, "-c", "import time; time.sleep(999)"])
    publish(after, "all", "1")
    await after.tick()
    running = after._running
    assert running is not None
    await after.stop()
    assert running.done()
