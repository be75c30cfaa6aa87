"""CPU of short commands, beside that of ``python -c "import click"``, which none can go below."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 9
BARE = ("-c", "import click")
COMMANDS = ("--version", "--help", "feeds --help", "config check", "feeds list", "status")
_ROOT = Path(__file__).resolve().parents[1]
_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")
} | {"PYTHONPATH": str(_ROOT)}


def cpu(arguments: tuple[str, ...], folder: Path) -> float:
    """Seconds of CPU, user and system, of one run of this Python in ``folder``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=_ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print medians over rounds in which each command runs once, and their ratios."""
    runs = {command: ("-m", "aggregator", *command.split()) for command in COMMANDS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "aggregator.toml").write_text(
            '[database]\nurl = "sqlite:///a.db"\n\n[[feeds]]\nurl = "http://127.0.0.1/feed"\n',
            "utf-8",
        )
        cpu(("-m", "aggregator", "migrate"), folder)
        rounds = [
            {what: cpu(arguments, folder) for what, arguments in {"": BARE, **runs}.items()}
            for _ in range(ROUNDS + 1)
        ][1:]  # the first one may still compile
    medians = {what: statistics.median(one[what] for one in rounds) for what in rounds[0]}
    print(f"CPU of starting, median of {ROUNDS} runs")
    bare = medians.pop("")
    print(f"  {'import click':13} {bare * 1000:5.0f} ms")
    for what, seconds in medians.items():
        print(f"  {what:13} {seconds * 1000:5.0f} ms, {seconds / bare:.1f} times that")
