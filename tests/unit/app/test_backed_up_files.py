"""Files of a configuration: which are kept, which are named, and where they are put back."""

from __future__ import annotations

from pathlib import Path

from aggregator.app.backed_up_files import files_of, put_back, put_lists_back
from aggregator.config.list_copies import copy_of, held_copy_of, state_of
from aggregator.config.load import load
from aggregator.store.moving.backup_file import KeptFile

CONFIG = """
feeds_files = ["lists/a.opml", "../b.opml"]
[database]
url = { file = "secrets/url" }
[[feeds]]
url = "https://host.example/feed?token=${env:TOKEN}"
"""
_OPML = "<opml version='2.0'><body/></opml>"


def test_what_lies_beside_the_configuration_is_kept_and_all_else_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    for name in ("lists/a.opml", "../b.opml", "secrets/url", "aggregator.toml"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_OPML)
    (folder / "aggregator.toml").write_text(CONFIG)
    (folder / "secrets" / "url").write_text("sqlite:///a.db")
    env = {"TOKEN": "0123456789", "AGGREGATOR_TITLE": "Mine"}
    files = files_of(load(folder / "aggregator.toml", env), env)
    assert [(one.name, one.the_config) for one in files.kept] == [
        ("aggregator.toml", True),
        ("lists/a.opml", False),
    ]
    left = " / ".join(files.left_out)
    for name in ("b.opml: outside of", "secrets/url: a secret", "TOKEN", "AGGREGATOR_TITLE"):
        assert name in left
    assert "0123456789" not in left


def test_without_a_file_there_is_nothing_to_keep() -> None:
    assert files_of(load(None, {}), {}).kept == ()


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    config = tmp_path / "other.toml"
    files = (
        KeptFile("aggregator.toml", b"new", the_config=True),
        KeptFile("lists/a.opml", b"list"),
        KeptFile("../outside", b"bad"),
        KeptFile("/outside", b"bad"),
    )
    config.write_text("old")
    did = {path.name: done for path, done in put_back(files, config, replace=False, stamp="T")}
    assert config.read_text() == "old"
    assert "stays" in did["other.toml"]
    assert did["a.opml"] == "written"
    assert "left out" in did["outside"]
    assert not (tmp_path.parent / "outside").exists()

    did = {path.name: done for path, done in put_back(files, config, replace=True, stamp="T")}
    assert config.read_text() == "new"
    assert (tmp_path / "other.toml.before-T").read_text() == "old"
    assert did["a.opml"] == "is the same"
    assert config.stat().st_mode & 0o777 == 0o600


def test_copies_of_reading_lists_are_kept_and_put_beside_the_data(tmp_path: Path) -> None:
    url = "https://list.example/planet.opml"
    there, here = tmp_path / "there" / "opml", tmp_path / "here" / "opml"
    copy = copy_of(there, url)
    copy.parent.mkdir(parents=True)
    copy.write_text(_OPML)
    path = tmp_path / "aggregator.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/there/a.db"\n[[opml]]\nurl = "{url}"\n'
    )
    kept = files_of(load(path, {}), {}).kept
    assert [one.list_copy for one in kept] == [False, True]

    assert [done for _, done in put_back(kept, path, replace=True, stamp="T")] == ["is the same"]
    assert [done for _, done in put_lists_back(kept, here, replace=False, stamp="T")] == ["written"]
    mine = copy_of(here, url)
    assert mine.read_text() == _OPML
    mine.write_text("mine")
    state_of(mine).write_text("{}")
    held_copy_of(mine).write_text("held")
    assert "stays" in next(put_lists_back(kept, here, replace=False, stamp="T"))[1]
    assert state_of(mine).exists()
    next(put_lists_back(kept, here, replace=True, stamp="T"))
    assert mine.read_text() == _OPML
    assert not state_of(mine).exists()
    assert not held_copy_of(mine).exists()
