"""Changed files are read when they are still, and missing ones are waited for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aggregator.app.config_watch import ConfigWatch, Looks
from aggregator.config.config import Config
from aggregator.config.config_files import ConfigFiles, Stamp
from aggregator.config.load import load_with
from aggregator.errors import ConfigError

A, B = Path("a"), Path("b")


def stamp(number: int) -> Stamp:
    return (number, 0, 0, 0)


def due(*steps: tuple[float, dict[Path, Stamp | None]]) -> list[float]:
    """The times of those looks after which the files are read."""
    read = {A: stamp(0), B: stamp(0)}
    looks, found = Looks(), []
    for now, stamps in steps:
        looks, is_due = looks.look(now, read, read | stamps)
        if is_due:
            found.append(now)
    return found


def test_a_change_is_read_once_it_is_still() -> None:
    assert due((0, {}), (1, {}), (99, {})) == []
    assert due((0, {}), (1, {A: stamp(1)}), (2, {A: stamp(1)})) == [2]
    assert due((0, {A: stamp(1)}), (1, {A: stamp(2)}), (2, {A: stamp(3)}), (3, {A: stamp(3)})) == [
        3
    ]
    assert due((0, {A: stamp(1)}), (1, {}), (2, {A: stamp(1)})) == []


def test_a_missing_file_is_waited_for() -> None:
    assert due((0, {B: None}), (1, {B: None}), (9, {B: None}), (10, {B: None})) == [10]
    assert due((0, {B: None}), (1, {B: None}), (2, {}), (3, {})) == []
    assert due((0, {B: None}), (1, {B: None}), (2, {B: stamp(1)}), (3, {B: stamp(1)})) == [3]


def test_files_that_never_rest_are_read_all_the_same() -> None:
    steps: list[tuple[float, dict[Path, Stamp | None]]] = [
        (float(now), {A: stamp(now + 1)}) for now in range(32)
    ]
    assert due(*steps)[0] == 30


class Watched:
    """A configuration in a folder, watched; a clock that each look moves by a second."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.toml"
        self.files = ConfigFiles(lambda read: load_with(self.path, {}, read))
        self.read: list[int | str] = []
        self.now = 0.0
        self.watch = ConfigWatch(self.files, self.reload, lambda: self.now)

    async def reload(self) -> None:
        try:
            self.read.append(len(self.config().feeds))
        except ConfigError:
            self.read.append("faulty")

    def config(self) -> Config:
        return self.files.load()

    def write(self, *urls: str, more: str = "") -> None:
        text = "".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls)
        self.path.write_text(more + text)

    def look(self, times: int = 2) -> list[int | str]:
        """What was read by some more looks."""
        before = len(self.read)
        for _ in range(times):
            self.now += 1
            asyncio.run(self.watch.look())
        return self.read[before:]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    one = Watched(tmp_path)
    one.write("https://a/")
    one.config()
    return one


def test_a_file_that_was_written_replaced_or_relinked_is_read(
    watched: Watched, tmp_path: Path
) -> None:
    assert watched.look(3) == []
    watched.write("https://a/", "https://b/")
    assert watched.look(4) == [2]
    other = tmp_path / "other"
    other.write_text("")
    other.replace(watched.path)  # as editors do
    assert watched.look(4) == [0]
    other.write_text('[[feeds]]\nurl = "https://c/"\n')
    watched.path.unlink()
    watched.path.symlink_to(other)
    assert watched.look(4) == [1]
    other.write_text("")
    assert watched.look(4) == [0]


def test_the_same_bytes_are_not_read_again(watched: Watched) -> None:
    text = watched.path.read_text()
    watched.path.unlink()
    watched.path.write_text(text)
    assert watched.look(5) == []
    watched.path.unlink()
    assert watched.look(5) == []  # gone for a moment, as on a network's file system
    watched.path.write_text(text)
    assert watched.look(5) == []


def test_a_faulty_file_is_read_once_until_it_changes(watched: Watched) -> None:
    watched.path.write_text("[[feeds]\n")
    assert watched.look(9) == ["faulty"]
    watched.write("https://a/", "https://b/")
    assert watched.look(4) == [2]


def test_files_that_the_configuration_names_are_watched_too(
    watched: Watched, tmp_path: Path
) -> None:
    opml, secret = tmp_path / "feeds.opml", tmp_path / "secret"
    secret.write_text("abcdefgh")
    watched.write("https://a/?token=${file:secret}", more='feeds_files = ["feeds.opml"]\n')
    assert watched.look(4) == ["faulty"]  # the list is not there yet
    opml.write_text('<opml version="2.0"><body><outline xmlUrl="https://b/"/></body></opml>')
    assert watched.look(4) == [2]
    secret.write_text("ijklmnop")
    assert watched.look(4) == [2]
    assert watched.config().feeds[0].url.endswith("ijklmnop")
    opml.unlink()
    assert watched.look(4) == []
    assert watched.look(9) == ["faulty"]
