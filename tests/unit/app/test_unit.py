"""The unit with the paths of an installation."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.app.unit import shipped_unit, unit_for

SHIPPED = shipped_unit()
HOME = Path("/home") / "me"


def values(unit: str, name: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{name}=")]


def test_nothing_but_the_paths_differs() -> None:
    unit = unit_for(SHIPPED, ("/srv/a/bin/aggregator",), "/srv/a.toml")
    assert values(unit, "ExecStart") == ["/srv/a/bin/aggregator run"]
    assert values(unit, "Environment") == ["AGGREGATOR_CONFIG=/srv/a.toml"]
    changed = set(unit.splitlines()) - set(SHIPPED.splitlines())
    assert len(changed) == 2
    assert unit_for(SHIPPED, ("/opt/aggregator/bin/aggregator",), None) == SHIPPED


def test_what_is_in_a_home_is_to_be_seen() -> None:
    for program, config in (
        (str(HOME / "x" / "aggregator"), None),
        ("/opt/a", str(Path("/root") / "a.toml")),
    ):
        assert values(unit_for(SHIPPED, (program,), config), "ProtectHome") == ["read-only"]
    assert values(unit_for(SHIPPED, ("/homestead/x",), None), "ProtectHome") == ["yes"]


@given(st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1))
def test_any_path_is_read_back_as_it_is(name: str) -> None:
    path = f"/{name}"
    unit = unit_for(SHIPPED, ("/bin/python", "-m", path), path)
    assert len(unit.splitlines()) == len(SHIPPED.splitlines())
    # Of what systemd.syntax(7) says of quotes, no more is used than a shell knows as well.
    (start,), (variable,) = values(unit, "ExecStart"), values(unit, "Environment")
    plain = start.replace("$$", "\0").replace("$", "").replace("\0", r"$").replace("%%", "%")
    assert shlex.split(plain) == ["/bin/python", "-m", path, "run"]
    assert shlex.split(variable.replace("%%", "%")) == [f"AGGREGATOR_CONFIG={path}"]


@pytest.mark.parametrize("name", ["a\nExecStartPre=/bin/sh", "a\x00", "a\u2028b", "\x1b"])
def test_no_path_adds_a_line(name: str) -> None:
    with pytest.raises(ValueError, match="no unit"):
        unit_for(SHIPPED, ("/bin/a",), f"/{name}")
