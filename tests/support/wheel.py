"""The wheel, built once for a run."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def built_wheel(run: Path) -> Path:
    """The wheel of this checkout, as `make build` makes it; built by the first call of ``run``."""
    folder = run / "wheel"
    with (run / "wheel.lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        if not list(folder.glob("*.whl")):
            command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel
