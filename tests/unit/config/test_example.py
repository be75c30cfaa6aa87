"""The example of a configuration works as it is, and shows the defaults as they are."""

from __future__ import annotations

import re
from pathlib import Path

from aggregator.config.load import load
from aggregator.config.reference import settings_reference
from aggregator.config.settings import OutputSettings, Settings

_ROADS = ("webhooks.", "notifications.", "mails.")
EXAMPLE = Path(__file__).parents[3] / "config/aggregator.example.toml"
COMMENTED_OUT = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)


def test_it_loads_without_faults_and_warnings() -> None:
    config = load(EXAMPLE, {})
    assert config.warnings == ()
    assert len(config.feeds) >= 12
    assert len({feed.category for feed in config.feeds}) >= 3


def test_without_its_feeds_it_equals_the_defaults() -> None:
    example = load(EXAMPLE, {}).settings
    assert example.model_copy(update={"feeds": ()}) == Settings()


def test_what_is_commented_out_is_valid_and_the_default(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.toml"
    text, count = COMMENTED_OUT.subn("", EXAMPLE.read_text("utf-8"))
    path.write_text(text, "utf-8")
    config = load(path, {})
    assert count > 30
    assert config.settings.model_copy(update={"feeds": ()}) == Settings()
    assert config.settings.outputs == (OutputSettings(name="all"),)


def test_every_setting_is_shown_with_its_default() -> None:
    lines = set(EXAMPLE.read_text("utf-8").split("\n"))
    missing = [
        setting.name
        for setting in settings_reference()
        if not setting.name.startswith(("feeds.", "opml.", "rules.", *_ROADS))
        and setting.name != "outputs.name"
        if f"#{setting.name.rpartition('.')[2]} = {setting.default}" not in lines
    ]
    assert missing == []
