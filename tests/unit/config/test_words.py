"""Settings that are one of a few words: read from files and the environment, named in faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.errors import ConfigError
from aggregator.model import CooldownScope, DedupeMode, ExtractMode

TEXT = """
[extract]
mode = "always"
[[feeds]]
url = "https://a.example/feed"
extract = "never"
[[outputs]]
name = "all"
dedupe = "exact"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "c.toml"
    path.write_text(text, "utf-8")
    return path


def test_words_are_members_and_written_as_they_were(tmp_path: Path) -> None:
    config = load(written(tmp_path, TEXT), {"AGGREGATOR_FETCH__COOLING_SCOPE": "domain"})
    settings, feed = config.settings, config.feed("https://a.example/feed")
    assert feed is not None
    found = (
        settings.extract.mode,
        feed.extract,
        settings.outputs[0].dedupe,
        settings.fetch.cooling_scope,
    )
    assert found == (
        ExtractMode.ALWAYS,
        ExtractMode.NEVER,
        DedupeMode.EXACT,
        CooldownScope.DOMAIN,
    )
    assert [type(one) for one in found] == [ExtractMode, ExtractMode, DedupeMode, CooldownScope]
    assert json.dumps(found) == '["always", "never", "exact", "domain"]'


@pytest.mark.parametrize("value", ['"sometimes"', "true", "[1]", '""', '"NEVER"'])
def test_another_word_is_a_fault_with_the_words_that_are_known(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, TEXT.replace('"never"', value))
    with pytest.raises(
        ConfigError, match=r'`extract` = .*: expected "auto" or "always" or "never"'
    ):
        load(path, {})
