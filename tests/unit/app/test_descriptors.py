"""Who gets the file descriptors."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from aggregator.app.descriptors import connections_for_readers
from aggregator.config.settings import Settings

SETTINGS = Settings.model_validate({"extract": {"workers": 2}})


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(65536, 512), (1024, 512), (512, 512 - 96 - 128 - 16), (256, 16), (64, 16)],
)
def test_polling_has_its_own_first(descriptors: int, connections: int) -> None:
    assert connections_for_readers(SETTINGS, descriptors) == connections


def test_no_more_than_is_wished() -> None:
    settings = Settings.model_validate({"server": {"max_connections": 100}})
    assert connections_for_readers(settings, 65536) == 100


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 4096)
    script = (
        "import resource\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard}))\n"
        "from aggregator.app import descriptors\n"
        "descriptors.raise_limit()\n"
        "descriptors.raise_limit()\n"
        "print(descriptors.allowed())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert int(done.stdout) == hard
