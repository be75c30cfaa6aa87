"""Parsers that are too old for strangers' bytes are named at the start."""

from __future__ import annotations

from structlog.testing import capture_logs

from aggregator.app.libraries import LEAST, log_parsers, outdated, parser_versions


def test_the_versions_of_this_process_are_known() -> None:
    versions = parser_versions()
    assert LEAST.keys() <= versions.keys()
    assert all(len(version) == 3 and version > (0, 0, 0) for version in versions.values())


def test_versions_are_compared_as_numbers() -> None:
    assert outdated({"expat": (2, 6, 0), "lxml": (6, 1, 0)}) == {}
    assert outdated({"expat": (2, 10, 0), "lxml": (10, 0, 0)}) == {}
    assert outdated({"expat": (2, 5, 9), "lxml": (6, 0, 9)}) == {"expat": "2.6", "lxml": "6.1.0"}


def test_they_are_said_once_and_what_is_too_old_is_a_warning() -> None:
    with capture_logs() as lines:
        log_parsers({"expat": (2, 5, 0), "lxml": (6, 1, 3), "libxml2": (2, 14, 6)})
    assert [(one["log_level"], one["event"]) for one in lines] == [
        ("info", "parsers"),
        ("warning", "outdated parser"),
    ]
    assert (lines[0]["expat"], lines[1]["library"]) == ("2.5.0", "expat")
    assert "2.6" in lines[1]["hint"]
