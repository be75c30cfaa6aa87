"""The wheel holds everything that an installation without a checkout needs, and the same bytes wherever it is built."""

from __future__ import annotations

import email.parser
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> Iterator[zipfile.ZipFile]:
    assert wheel_file.name == f"aggregator-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel_file) as file:
        yield file


def _in_checkout(folder: str, pattern: str) -> set[str]:
    found = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(pattern)}
    assert found, f"{folder} has no {pattern}"
    return {name for name in found if "__pycache__" not in name}


def test_every_module_and_data_file_of_the_package_is_in_it(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    files = {name for name in _in_checkout("aggregator", "*") if (ROOT / name).is_file()}
    assert files - names == set()
    for part in ("py.typed", "web/templates/", "web/static/", "demo/templates/", "demo/words/"):
        assert any(name.startswith(f"aggregator/{part}") for name in names), part


@pytest.mark.parametrize(
    ("folder", "pattern", "inside"),
    [
        ("alembic", "*.py", "aggregator/_alembic"),
        ("alembic", "*.mako", "aggregator/_alembic"),
        ("deploy", "*.service", "aggregator/_deploy"),
    ],
)
def test_migrations_and_the_unit_travel_in_it(
    wheel: zipfile.ZipFile, folder: str, pattern: str, inside: str
) -> None:
    for name in _in_checkout(folder, pattern):
        packed = f"{inside}/{Path(name).relative_to(folder)}"
        assert wheel.read(packed) == (ROOT / name).read_bytes()


def test_nothing_else_is_in_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"aggregator", f"aggregator-{__version__}.dist-info"}
    assert [name for name in wheel.namelist() if name.endswith(".pyc")] == []


def test_its_metadata_are_the_projects(wheel: zipfile.ZipFile) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    info = f"aggregator-{__version__}.dist-info"
    metadata = email.parser.BytesParser().parsebytes(wheel.read(f"{info}/METADATA"))
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == project["requires-python"]
    extras = project["optional-dependencies"]
    assert set(metadata.get_all("Provides-Extra", [])) == set(extras)
    needed = [*project["dependencies"], *(one for extra in extras.values() for one in extra)]
    assert len(metadata.get_all("Requires-Dist", [])) == len(needed)
    assert metadata.get_payload(decode=True) == (ROOT / "README.md").read_bytes()
    entry_points = wheel.read(f"{info}/entry_points.txt").decode()
    assert f"aggregator = {project['scripts']['aggregator']}" in entry_points
    assert wheel.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()


def _build(place: Path, into: Path, *options: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", *options, "-d", str(into)]
    subprocess.run(command, cwd=place, check=True, capture_output=True)


def test_the_same_bytes_come_of_the_source_archive_at_another_time(
    wheel_file: Path, tmp_path: Path
) -> None:
    _build(ROOT, tmp_path / "first", "-t", "sdist")
    (first,) = (tmp_path / "first").iterdir()
    with tarfile.open(first) as archive:
        archive.extractall(tmp_path, filter="data")
    place = tmp_path / f"aggregator-{__version__}"
    for path in place.rglob("*"):  # as another checkout has them
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(path.stat().st_mode | 0o070)
    _build(place, tmp_path / "second")
    assert (tmp_path / "second" / wheel_file.name).read_bytes() == wheel_file.read_bytes()
    assert (tmp_path / "second" / first.name).read_bytes() == first.read_bytes()
