"""Findings of an examination."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """Weight of a finding."""

    OK = "ok"
    WARNING = "warning"  # works, and may fail one day or is less than it could be
    FAULT = "fault"  # the daemon does not do its work so


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined: ``found`` is a sentence, ``hint`` says what to do."""

    subject: str
    grade: Grade
    found: str
    hint: str = ""


def ok(subject: str, found: str) -> Finding:
    """Finding of something that is as it should be."""
    return Finding(subject, Grade.OK, found)


def warning(subject: str, found: str, hint: str) -> Finding:
    """Finding of something that works and could be better."""
    return Finding(subject, Grade.WARNING, found, hint)


def fault(subject: str, found: str, hint: str) -> Finding:
    """Finding of something that has to be mended."""
    return Finding(subject, Grade.FAULT, found, hint)
