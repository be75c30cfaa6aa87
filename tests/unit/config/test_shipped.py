"""The config that ships works as it is, and shows the defaults as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.config.reference import settings_reference
from aggregator.config.settings import OutputSettings, Settings
from aggregator.config.shipped import FILE_NAME, shipped_folder, write_default
from aggregator.errors import ConfigError

SHIPPED = shipped_folder() / FILE_NAME
COMMENTED_OUT = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)


def test_it_loads_without_faults_and_warnings() -> None:
    config = load(SHIPPED, {})
    assert config.warnings == ()
    assert len(config.feeds) >= 12
    assert len({feed.category for feed in config.feeds}) >= 3


def test_without_its_feeds_it_equals_the_defaults() -> None:
    shipped = load(SHIPPED, {}).settings
    assert shipped.model_copy(update={"feeds": ()}) == Settings()


def test_what_is_commented_out_is_valid_and_the_default(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    text, count = COMMENTED_OUT.subn("", SHIPPED.read_text("utf-8"))
    path.write_text(text, "utf-8")
    config = load(path, {})
    assert count > 30
    assert config.settings.model_copy(update={"feeds": ()}) == Settings()
    assert config.settings.outputs == (OutputSettings(name="all"),)


def test_every_setting_is_shown_with_its_default() -> None:
    lines = set(SHIPPED.read_text("utf-8").split("\n"))
    missing = [
        setting.name
        for setting in settings_reference()
        if not setting.name.startswith("feeds.") and setting.name != "outputs.name"
        if f"#{setting.name.rpartition('.')[2]} = {setting.default}" not in lines
    ]
    assert missing == []


def test_a_newcomer_gets_a_copy_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = write_default(tmp_path / "a" / "config")
    assert path == tmp_path / "a" / "config" / "aggregator.toml"
    assert path.read_bytes() == SHIPPED.read_bytes()
    path.write_text("mine")
    with pytest.raises(ConfigError, match=r"aggregator\.toml: exists already"):
        write_default(path.parent)
    assert path.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written: Not a directory"):
        write_default(tmp_path / "file" / "config")
