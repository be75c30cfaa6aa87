"""The wheel, installed elsewhere: migrations, templates and default config travel in it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from aggregator.demo.internet import DemoInternet
from tests.support.running import patient


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel_file: Path) -> Path:
    """The ``aggregator`` command of an environment that has the wheel and no checkout."""
    folder = tmp_path_factory.mktemp("a path with spaces")
    home = folder / "env"
    venv.create(home)
    # What it depends on is lent by this environment: tests do not reach a package index.
    (site,) = (home / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"),
            "install", "--no-deps", "--no-index", "-q", str(wheel_file),
        ],
        check=True,
        capture_output=True,
        env={"PIP_CONFIG_FILE": "/dev/null", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return home / "bin" / "aggregator"


async def _call(command: Path, folder: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        str(command),
        *arguments,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONSAFEPATH": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_the_installed_command_works_from_an_empty_folder(
    installed: Path, tmp_path: Path
) -> None:
    status, out = await _call(installed, tmp_path, "init")
    assert status == 0, out
    status, out = await _call(installed, tmp_path, "config", "check")
    assert status == 0, out
    assert "built-in" not in out

    status, out = await _call(installed, tmp_path, "migrate")
    assert (status, "migrated" in out) == (0, True), out

    async with DemoInternet(story_interval=None, backlog=8) as internet:
        config = tmp_path / "demo.toml"
        text = internet.config_toml("sqlite:///d.db", 0, "data")
        config.write_text(patient(text), encoding="utf-8")
        status, out = await _call(installed, tmp_path, "--config", "demo.toml", "once", "--all")
        assert f"stories: {len(internet.stories())} new" in out, out
    assert (tmp_path / "data/public/feeds/all.atom").is_file()
