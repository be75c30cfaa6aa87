"""What is allowed and yet probably not meant is said, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.load import load


def warnings(folder: Path, text: str, env: dict[str, str] | None = None) -> tuple[str, ...]:
    path = folder / "aggregator.toml"
    path.write_text(text + '[[feeds]]\nurl = "https://a.example/"\n')
    return load(path, env or {}).warnings


def test_a_duration_without_a_unit_is_said_to_be_seconds(tmp_path: Path) -> None:
    (said,) = warnings(tmp_path, "[fetch]\ntimeout = 30\n")
    assert said.endswith('aggregator.toml:2: `fetch.timeout` = 30 is 30 seconds; write it as "30s"')


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[schedule]\nmin_interval = "5s"\n', "aggregator.toml:2: `schedule.min_interval` = 5s"),
        (
            '[[feeds]]\nurl = "https://b.example/"\nevery = "59s"\n',
            "aggregator.toml:3: `feeds.every` = 59s",
        ),
    ],
)
def test_polls_within_a_minute_are_said(tmp_path: Path, text: str, named: str) -> None:
    (said,) = warnings(tmp_path, text)
    assert named in said


def test_both_are_said_of_one_value_and_a_variable_is_named(tmp_path: Path) -> None:
    assert len(warnings(tmp_path, "[schedule]\nmin_interval = 10\n")) == 2
    (said,) = warnings(tmp_path, "", {"AGGREGATOR_SCHEDULE__MIN_INTERVAL": "10s"})
    assert said.startswith("AGGREGATOR_SCHEDULE__MIN_INTERVAL: ")


def test_what_is_meant_is_not_doubted(tmp_path: Path) -> None:
    text = '[fetch]\nhost_gap = 0\ntimeout = "5s"\n[schedule]\nmin_interval = "1m"\ntick = "1s"\n'
    assert warnings(tmp_path, text) == ()
