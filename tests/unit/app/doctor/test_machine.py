"""Findings about the machine, each with what to do where something is amiss."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.app.doctor.findings import Grade
from aggregator.app.doctor.machine import descriptors, disk, for_owner, versions, writable
from aggregator.config.settings import Settings

GB = 1 << 30


@pytest.mark.parametrize(
    ("free", "grade"), [(9 * GB, Grade.OK), (GB // 2, Grade.WARNING), (1 << 20, Grade.FAULT)]
)
def test_a_disk_that_fills_is_said_in_time(tmp_path: Path, free: int, grade: Grade) -> None:
    found = disk(tmp_path / "not" / "made", lambda _: free)
    assert found.grade is grade
    assert bool(found.hint) == (grade is not Grade.OK)


@pytest.mark.parametrize(("limit", "grade"), [(20_000, Grade.OK), (512, Grade.WARNING)])
def test_few_descriptors_are_said(limit: int, grade: Grade) -> None:
    assert descriptors(Settings(), limit).grade is grade


def test_old_parsers_are_said() -> None:
    safe, old = {"expat": (2, 7, 1), "lxml": (6, 1, 0)}, {"expat": (2, 5, 0), "lxml": (6, 1, 0)}
    assert [found.grade for found in versions(safe)] == [Grade.OK]
    assert [found.grade for found in versions(old)] == [Grade.OK, Grade.WARNING]


def test_what_others_can_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    assert for_owner(file, secret=True) is None
    file.touch()
    for mode, grade in ((0o600, Grade.OK), (0o640, Grade.WARNING)):
        file.chmod(mode)
        found = for_owner(file, secret=True)
        assert found is not None
        assert found.grade is grade


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert writable("permissions", tmp_path / "data").grade is Grade.FAULT


def test_a_folder_below_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert writable("permissions", tmp_path / "file" / "data").grade is Grade.FAULT
    assert writable("permissions", tmp_path / "data").grade is Grade.OK
