"""Outputs with a digest: what beside it makes no sense is refused, and everything else as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import OutputSettings, Settings

MORNING = {"name": "morning", "digest": "0 7 * * mon-fri", "aliases": ["paper"]}


@pytest.mark.parametrize(
    "beside",
    [{"archive": "10d"}, {"max_age": "1d"}, {"scope": "category"}, {"digest": "*/5 7 * * *"}],
)
def test_what_makes_no_sense_beside_a_digest_is_refused(beside: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OutputSettings.model_validate(MORNING | beside)


def test_editions_have_no_archive() -> None:
    settings = Settings.model_validate({"outputs": [MORNING, {"name": "all"}]})
    config = Config(settings, None, ())
    assert choices.archived(config) == {"morning": False, "paper": False, "all": True}
    assert choices.kept_editions(config) == {"morning": 100, "paper": 100}
    # As they are written and read again.
    again = OutputSettings.model_validate(settings.outputs[0].model_dump())
    assert again == settings.outputs[0]
    assert OutputSettings.model_validate(MORNING | {"archive": "0s"}).kept_archive == timedelta()


def test_the_time_is_that_of_the_zone() -> None:
    given = {"outputs": [MORNING], "timezone": "Europe/Berlin"}
    cron = choices.digests(Config(Settings.model_validate(given), None, ()))["morning"]
    now = datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert cron.next_run(now) == datetime(2026, 11, 30, 6, tzinfo=UTC)


def test_another_schedule_begins_no_log_anew() -> None:
    first = Config(Settings.model_validate({"outputs": [MORNING]}), None, ())
    stream = {"name": "morning", "aliases": ["paper"]}
    second = Config(Settings.model_validate({"outputs": [stream]}), None, ())
    a, b = (choices.selections(one)["morning"] for one in (first, second))
    assert a.basis == b.basis
    assert a.limit > b.limit
