"""The unit for systemd that ships with us, with the paths of an installation."""

from __future__ import annotations

import re
from pathlib import Path

_HOMES = ("/home", "/root", "/run/user")
_PLAIN = re.compile(r"[\w./+:@=,-]+", re.ASCII)


def shipped_unit() -> str:
    """The unit as it ships: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_deploy"
    folder = installed if installed.is_dir() else package.parent / "deploy"
    return (folder / "aggregator.service").read_text(encoding="utf-8")


def unit_for(unit: str, program: tuple[str, ...], config: str | None) -> str:
    """``unit`` with the command that starts us, and the path of the configuration, if there is one.

    ValueError for a path that no unit can hold.
    """
    unit = _set(unit, "ExecStart", " ".join(_quoted(word, "$") for word in (*program, "run")))
    if config is not None:
        unit = _set(unit, "Environment", _quoted(f"AGGREGATOR_CONFIG={config}"))
    if any(map(is_at_home, (*program, config or ""))):
        unit = _set(unit, "ProtectHome", "read-only")
    return unit


def is_at_home(path: str) -> bool:
    """True for a ``path`` below somebody's home, which services do not see unless they are let."""
    return any(Path(path).is_relative_to(home) for home in _HOMES)


def _set(unit: str, name: str, value: str) -> str:
    return re.sub(rf"^{name}=.*$", lambda _: f"{name}={value}", unit, flags=re.MULTILINE)


def _quoted(word: str, doubled: str = "") -> str:
    """``word`` as systemd reads it back: systemd.syntax(7), and ``doubled`` signs twice beside ``%``."""
    if not word.isprintable():
        raise ValueError(f"{word!r} has characters that no unit can hold")
    for sign in f"%{doubled}":
        word = word.replace(sign, sign * 2)
    if _PLAIN.fullmatch(word.replace("%%", "")):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
