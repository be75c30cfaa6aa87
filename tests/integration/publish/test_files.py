"""The output files: atomic, unchanged when equal, the old ones kept when the disk says no."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.errors import PublishError
from aggregator.model import OutputFeed, Rendered
from aggregator.publish import files
from aggregator.publish.files import FilePublisher

NOW = datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 19, 0, 0, tzinfo=UTC)
OUTPUT = OutputFeed("all", "All", "", "https://me.example", (), NOW)
ATOM = Rendered("all", "atom", "application/atom+xml", b"<feed/>", b"", '"a"', NOW)
JSON = Rendered("all", "json", "application/feed+json", b"{}", b"", '"j"', NOW)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_hold_the_bytes_and_the_time(tmp_path: Path) -> None:
    FilePublisher(tmp_path / "deep" / "public").publish(OUTPUT, [ATOM, JSON])
    folder = tmp_path / "deep" / "public" / "feeds"
    assert names(folder) == ["all.atom", "all.json"]
    assert (folder / "all.atom").read_bytes() == ATOM.body
    assert (folder / "all.atom").stat().st_mtime == NOW.timestamp()


def test_others_may_read_them_as_the_umask_says(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        FilePublisher(tmp_path).publish(OUTPUT, [ATOM])
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "feeds" / "all.atom").stat().st_mode) == 0o644


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    publisher = FilePublisher(tmp_path)
    publisher.publish(OUTPUT, [ATOM, JSON])
    before = (tmp_path / "feeds" / "all.atom").stat()
    publisher.publish(OUTPUT, [ATOM, replace(JSON, body=b"[]", modified=LATER)])
    after = (tmp_path / "feeds" / "all.atom").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (tmp_path / "feeds" / "all.json").read_bytes() == b"[]"
    assert (tmp_path / "feeds" / "all.json").stat().st_mtime == LATER.timestamp()


def test_a_copied_file_gets_its_time_back(tmp_path: Path) -> None:
    publisher = FilePublisher(tmp_path)
    publisher.publish(OUTPUT, [ATOM])
    os.utime(tmp_path / "feeds" / "all.atom", (1, 1))
    publisher.publish(OUTPUT, [ATOM])
    assert (tmp_path / "feeds" / "all.atom").stat().st_mtime == NOW.timestamp()


def test_a_reader_keeps_the_whole_old_file_while_it_is_replaced(tmp_path: Path) -> None:
    publisher = FilePublisher(tmp_path)
    publisher.publish(OUTPUT, [ATOM])
    with (tmp_path / "feeds" / "all.atom").open("rb") as reader:
        publisher.publish(OUTPUT, [replace(ATOM, body=b"changed")])
        assert reader.read() == b"<feed/>"
    assert (tmp_path / "feeds" / "all.atom").read_bytes() == b"changed"


def test_what_is_no_longer_configured_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    publisher = FilePublisher(tmp_path)
    old = replace(ATOM, name="old")
    publisher.publish(OUTPUT, [ATOM, JSON, old])
    folder = tmp_path / "feeds"
    (folder / ".all.atom.0123456789abcdef.tmp").write_bytes(b"half")
    for other in ("README.txt", ".htaccess", "UPPER.atom", "all.atom.bak"):
        (folder / other).write_bytes(b"the operator's")
    removed = publisher.prune({("all", "atom")})
    assert sorted(path.name for path in removed) == [
        ".all.atom.0123456789abcdef.tmp",
        "all.json",
        "old.atom",
    ]
    assert names(folder) == [".htaccess", "README.txt", "UPPER.atom", "all.atom", "all.atom.bak"]


def test_of_a_folder_that_others_use_only_what_was_left_half_written_goes(tmp_path: Path) -> None:
    for name in (".mine.atom.0123456789abcdef.tmp", ".notes.txt.0123456789abcdef.tmp", "old.atom"):
        (tmp_path / name).write_bytes(b"half")
    removed = FilePublisher.prune_leftovers(tmp_path)
    assert [path.name for path in removed] == [".mine.atom.0123456789abcdef.tmp"]
    assert names(tmp_path) == [".notes.txt.0123456789abcdef.tmp", "old.atom"]
    assert FilePublisher.prune_leftovers(tmp_path / "missing") == []


def test_there_is_nothing_to_prune_before_anything_was_written(tmp_path: Path) -> None:
    assert FilePublisher(tmp_path / "missing").prune(set()) == []
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".", "A", "x\n", "a" * 65])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(PublishError):
        FilePublisher(tmp_path / "public").publish(OUTPUT, [replace(ATOM, name=name)])
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_that_is_a_file_is_an_error_and_the_rest_is_written(tmp_path: Path) -> None:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "all.atom").mkdir()
    with pytest.raises(PublishError, match=r"cannot write .*all\.atom") as caught:
        FilePublisher(tmp_path).publish(OUTPUT, [ATOM, JSON])
    assert caught.value.hint
    assert names(tmp_path / "feeds") == ["all.atom", "all.json"]  # nothing half written is left
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(PublishError):
        FilePublisher(tmp_path / "plain").publish(OUTPUT, [ATOM])


# A disk without room, as the kernel tells it: no file of the process may grow beyond a limit.
_FULL_DISK = """
    import resource, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from aggregator.errors import PublishError
    from aggregator.model import OutputFeed, Rendered
    from aggregator.publish.files import FilePublisher

    now = datetime(2026, 11, 23, tzinfo=UTC)
    output = OutputFeed("all", "All", "", "https://me.example", (), now)
    big = Rendered("all", "atom", "t", b"x" * 100_000, b"", '"b"', now)
    small = Rendered("all", "json", "t", b"{}", b"", '"s"', now)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        FilePublisher(Path(sys.argv[1])).publish(output, [big, small])
    except PublishError as error:
        print(error)
"""


def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(tmp_path: Path) -> None:
    FilePublisher(tmp_path).publish(OUTPUT, [ATOM])
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_FULL_DISK), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "cannot write" in run.stdout
    assert "all.atom: File too large" in run.stdout
    assert (tmp_path / "feeds" / "all.atom").read_bytes() == ATOM.body
    assert names(tmp_path / "feeds") == ["all.atom", "all.json"]


def test_a_folder_in_which_nobody_may_write_is_an_error() -> None:
    with pytest.raises(PublishError, match="cannot write /proc/aggregator"):
        FilePublisher(Path("/proc/aggregator")).publish(OUTPUT, [ATOM])  # not even root may


PRIVATE = replace(OUTPUT, tokens=("t" * 32,))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_output_with_tokens_is_written_to_its_own_folder_alone(tmp_path: Path) -> None:
    publisher, own = FilePublisher(tmp_path / "public"), tmp_path / "deep" / "own"
    served = replace(ATOM, body=b"with token", token="t" * 32)
    publisher.publish(PRIVATE, [served, ATOM])
    assert not (tmp_path / "public").exists()
    publisher.publish(replace(PRIVATE, folder=str(own)), [served, ATOM])
    assert names(own) == ["all.atom"]
    assert (own / "all.atom").read_bytes() == ATOM.body
    assert (_mode(own), _mode(own / "all.atom")) == (0o700, 0o600)
    assert not (tmp_path / "public").exists()


def test_an_output_that_becomes_private_loses_its_public_files(tmp_path: Path) -> None:
    publisher, other = FilePublisher(tmp_path), replace(ATOM, name="other")
    publisher.publish(OUTPUT, [ATOM, JSON, other])
    publisher.publish(PRIVATE, [])
    assert names(tmp_path / "feeds") == ["other.atom"]


def test_files_are_narrowed_and_widened_again_as_the_configuration_says(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        publisher, path = FilePublisher(tmp_path), tmp_path / "feeds" / "all.atom"
        publisher.publish(OUTPUT, [ATOM])
        publisher.publish(replace(OUTPUT, owner_only=True), [ATOM])
        assert _mode(path) == 0o600
        publisher.publish(OUTPUT, [ATOM])
        assert _mode(path) == 0o644
    finally:
        os.umask(old)


def test_a_narrow_umask_rewrites_nothing(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        publisher, path = FilePublisher(tmp_path), tmp_path / "feeds" / "all.atom"
        publisher.publish(OUTPUT, [ATOM])
        before = path.stat().st_ino
        publisher.publish(OUTPUT, [ATOM])
        assert (path.stat().st_ino, _mode(path)) == (before, 0o600)
    finally:
        os.umask(old)


def test_without_a_directory_only_private_folders_are_written(tmp_path: Path) -> None:
    publisher = FilePublisher(None)
    publisher.publish(OUTPUT, [ATOM])
    publisher.publish(replace(PRIVATE, folder=str(tmp_path / "own")), [ATOM])
    assert publisher.prune(set()) == []
    assert names(tmp_path) == ["own"]


def test_a_read_only_file_system_is_called_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(files, "replace_file", refuse)
    with pytest.raises(PublishError, match="its file system is read-only"):
        FilePublisher(tmp_path).publish(OUTPUT, [ATOM])
