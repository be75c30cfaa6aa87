"""Who may read an output, and which feeds it holds back."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest

from aggregator.config import choices
from aggregator.config.audience import only_here
from aggregator.config.config import Config
from aggregator.config.load import load

ROOT = Path(__file__).parents[3]
TOKEN = sha256(b"token").hexdigest()
SECRET = "hunter2-0123456789"
FEEDS = f"""
[[feeds]]
url = "https://open.example/feed"
category = "News"
[[feeds]]
url = "https://user:{SECRET}@pod.example/feed"
title = "Pod"
category = "Pods"
"""


def _load(
    folder: Path, top: str = "", outputs: str = '[[outputs]]\nname = "all"', feeds: str = FEEDS
) -> Config:
    path = folder / "c.toml"
    path.write_text(f"{top}\n{outputs}\n{feeds}", "utf-8")
    return load(path, {})


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("", True),
        ('[server]\nhost = "::1"', True),
        ('[server]\nhost = "localhost"', True),
        ('[server]\nhost = "127.0.0.2"', True),
        ('base_url = "http://localhost:9/x"', True),
        ('base_url = "http://[::1]:9"', True),
        ('[server]\nhost = "0.0.0.0"', False),
        ('[server]\nhost = "::"', False),
        ('[server]\nhost = ""', False),
        ('[server]\nhost = "192.168.0.7"', False),
        ('base_url = "https://feeds.example.org"', False),
        ('base_url = "https://localhost.example.org"', False),
        ("[server]\nenabled = false", False),
    ],
)
def test_only_loopback_is_only_here(tmp_path: Path, top: str, expected: bool) -> None:
    config = _load(tmp_path, top)
    (output,) = config.settings.outputs
    assert only_here(config.settings) is expected
    assert choices.for_owner_only(config, output) is expected
    assert bool(choices.hidden(config, output)) is not expected
    assert bool(config.warnings) is not expected
    assert len(choices.untold(config)) == (0 if expected else 1)


OPEN_TOP = 'base_url = "https://feeds.example.org"'


def test_a_token_or_a_word_lets_a_private_feed_in(tmp_path: Path) -> None:
    for outputs, feeds in (
        (f'[[outputs]]\nname = "all"\ntoken = "{TOKEN}"', FEEDS),
        ('[[outputs]]\nname = "all"', FEEDS + "share = true\n"),
        ('[[outputs]]\nname = "all"', FEEDS + "private = false\n"),
    ):
        config = _load(tmp_path, OPEN_TOP, outputs, feeds)
        (output,) = config.settings.outputs
        assert choices.hidden(config, output) == frozenset()
        assert config.warnings == ()


def test_the_warning_names_outputs_feeds_and_the_line_to_add_and_no_secret(tmp_path: Path) -> None:
    outputs = '[[outputs]]\nname = "all"\n[[outputs]]\nname = "news"\ncategories = ["News"]'
    more = "".join(f'[[feeds]]\nurl = "https://u:{SECRET}{n}@h{n}.example/f"\n' for n in range(11))
    (warning,) = _load(tmp_path, OPEN_TOP, outputs, FEEDS + more).warnings
    assert "`all` holds back 12 private feeds" in warning
    assert "Pod, " in warning
    assert "and 2 more" in warning
    assert "`share = true`" in warning
    assert "`token = " in warning
    assert SECRET not in warning
    assert "news" not in warning


def test_a_rotated_secret_makes_no_other_configuration_and_a_shared_feed_does(
    tmp_path: Path,
) -> None:
    before = choices.maker(_load(tmp_path, OPEN_TOP))
    rotated = FEEDS.replace(SECRET, "another-0123456789")
    assert choices.maker(_load(tmp_path, OPEN_TOP, feeds=rotated)) == before
    assert choices.maker(_load(tmp_path, OPEN_TOP, feeds=FEEDS + "share = true\n")) != before
    assert choices.maker(_load(tmp_path)) != before


def test_what_no_file_may_hold(tmp_path: Path) -> None:
    guarded = choices.guarded(_load(tmp_path))
    ((key, values),) = guarded.items()
    assert SECRET not in key
    assert {SECRET, f"https://user:{SECRET}@pod.example/feed"} <= values


def test_public_urls_are_made_in_one_place_alone() -> None:
    made = re.compile(r"\bPublicUrl\(")
    found = {
        str(path.relative_to(ROOT / "aggregator"))
        for path in (ROOT / "aggregator").rglob("*.py")
        if made.search(path.read_text("utf-8"))
    }
    assert found == {"privacy/public.py"}
