"""What short commands import: starting costs little where little is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = {
    "aiohttp",
    "alembic",
    "apscheduler",
    "asyncio",
    "feedparser",
    "lxml",
    "numpy",
    "pydantic",
    "rich",
    "sqlalchemy",
    "structlog",
    "trafilatura",
}
# The extractor with its model, what fetches, and the web server.
DAEMON = {
    "aggregator.engine",
    "aggregator.extract",
    "aggregator.fetch",
    "aggregator.parse",
    "aggregator.web",
    "aiohttp",
    "feedparser",
    "jinja2",
    "numpy",
    "trafilatura",
}
DATABASE = {"aggregator.store", "alembic", "rich", "sqlalchemy"}
CONFIG = """
[database]
url = "sqlite:///a.db"

[[feeds]]
url = "http://127.0.0.1:1/feed"
title = "Mine"
"""
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")
} | {"PYTHONPATH": str(ROOT)}


def run(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """A run of the command in ``folder``, and the modules that it imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "aggregator", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return done, {line.rpartition("|")[2].strip() for line in lines}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    (folder / "aggregator.toml").write_text(CONFIG, encoding="utf-8")
    done, _ = run(folder, "migrate")
    assert done.returncode == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--version"], 0, "aggregator, version"),
        (["--help"], 0, "  status "),
        ([], 2, "Usage:"),
        (["feeds", "--help"], 0, "  export "),
        (["config", "--help"], 0, "  check "),
        (["dedupe", "--help"], 0, "  test "),
        (["statsu"], 2, "No such command"),
        (["feeds", "lst"], 2, "No such command"),
    ],
)
def test_help_imports_nothing_heavy(
    tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    done, imported = run(tmp_path, *arguments)
    assert done.returncode == status
    assert says in done.stdout + done.stderr
    assert "aggregator.cli.main" in imported
    assert imported & HEAVY == set()


@pytest.mark.parametrize(
    ("arguments", "says", "unneeded"),
    [
        (["status"], "pages: 0 extracted", DAEMON),
        (["status", "--hosts"], "0 hosts", DAEMON),
        (["status", "--help"], "--failing", DAEMON),
        (["feeds", "list"], "Mine", DAEMON | DATABASE),
        (["feeds", "list", "--json"], '"Mine"', DAEMON | DATABASE),
        (["feeds", "export"], "<opml", DAEMON | DATABASE),
        (["feeds", "remove", "--help"], "Unsubscribe", DAEMON | DATABASE),
        (["feeds", "edit", "--help"], "Change settings", DAEMON | DATABASE),
        (["reload", "--help"], "Have running daemons", DAEMON),
        (["feeds", "poll", "--help"], "Poll feeds now", DAEMON),
        (["config", "check"], "feeds: 1", DAEMON | DATABASE),
        (["migrate"], "already at", DAEMON),
    ],
)
def test_looking_imports_no_extractor_and_no_server(
    folder: Path, arguments: list[str], says: str, unneeded: set[str]
) -> None:
    done, imported = run(folder, *arguments)
    assert done.returncode == 0
    assert says in done.stdout
    assert "aggregator.config.load" in imported
    assert imported & unneeded == set()


def test_an_import_would_be_seen(tmp_path: Path) -> None:
    done, imported = run(tmp_path, "preview", "--help")
    assert done.returncode == 0
    assert {"aggregator.extract", "aggregator.fetch", "aiohttp", "trafilatura"} <= imported
