"""In which time zone a feed's cron is meant, and what its present reading changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from aggregator.cli.main import cli
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.cron_changes import cron_changes
from aggregator.config.load import load

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FEEDS = """
[[feeds]]
url = "https://same.example/"
cron = "0 7 * * mon-fri"
timezone = "UTC"
[[feeds]]
url = "https://me:secret@days.example/"
cron = "0 7 13 * 5"
timezone = "UTC"
[[feeds]]
url = "https://zone.example/"
cron = "0 7 * * *"
[[feeds]]
url = "https://never.example/"
cron = "30 7 30 2 mon"
timezone = "Asia/Tokyo"
[[feeds]]
url = "https://every.example/"
every = "1h"
[[feeds]]
url = "https://none.example/"
"""


def config_of(folder: Path, text: str) -> Config:
    file = folder / "c.toml"
    file.write_text(text, "utf-8")
    return load(file, {})


def test_a_feeds_zone_goes_before_that_of_all(tmp_path: Path) -> None:
    config = config_of(tmp_path, f'timezone = "America/New_York"\n{FEEDS}')
    due = {}
    for feed in config.feeds:
        if (schedule := choices.schedule(config, feed.url)) is not None:
            due[feed.url.rpartition("/")[0].rpartition("/")[2]] = schedule.next_after(None, NOW)
    assert due["same.example"] == datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert due["zone.example"] == datetime(2026, 11, 3, 12, tzinfo=UTC)
    assert due["never.example"] == datetime(2027, 1, 31, 22, 30, tzinfo=UTC)


def test_without_a_word_times_are_utc(tmp_path: Path) -> None:
    config = config_of(tmp_path, '[[feeds]]\nurl = "https://a/"\ncron = "0 7 * * *"\n')
    assert config.settings.timezone == "UTC"
    schedule = choices.schedule(config, "https://a/")
    assert schedule is not None
    assert schedule.next_after(None, NOW) == datetime(2026, 11, 3, 7, tzinfo=UTC)


def test_every_feed_whose_next_run_changes_is_named(tmp_path: Path) -> None:
    config = config_of(tmp_path, f'timezone = "America/New_York"\n{FEEDS}')
    assert list(cron_changes(config, NOW)) == [
        (
            "cron `0 7 13 * 5` of https://***@days.example/: next run Fri 2026-11-06 07:00 UTC, "
            "in the release before Fri 2026-11-13 07:00 UTC"
        ),
        (
            "cron `0 7 * * *` of https://zone.example/: next run Tue 2026-11-03 07:00 EST, "
            "in the release before Tue 2026-11-03 02:00 EST"
        ),
        (
            "cron `30 7 30 2 mon` of https://never.example/: next run Mon 2027-02-01 07:30 JST, "
            "in the release before never"
        ),
    ]


def test_the_check_of_the_configuration_names_them(tmp_path: Path) -> None:
    config_of(tmp_path, f'timezone = "America/New_York"\n{FEEDS}')
    done = CliRunner().invoke(cli, ["--config", str(tmp_path / "c.toml"), "config", "check"])
    assert done.exit_code == 0
    named = [line for line in done.stdout.splitlines() if line.startswith("cron ")]
    assert [line.partition(" of ")[2].partition(": ")[0] for line in named][
        -1
    ] == "https://never.example/"
    assert "https://same.example/" not in done.stdout
    assert "secret" not in done.stdout
