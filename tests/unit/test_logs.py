"""The log: one line an event, whatever strangers put into it."""

from __future__ import annotations

import io
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from aggregator.logs import configure_logs

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(style: str, *, level: str = "info", out: io.StringIO | None = None, **facts: Any) -> str:
    out = out or io.StringIO()
    configure_logs(level, style, out)
    structlog.get_logger("aggregator").info("poll", **facts)
    return out.getvalue()


def raised(message: str, style: str) -> str:
    out = io.StringIO()
    configure_logs("info", style, out)
    error = ValueError(message)
    structlog.get_logger("aggregator").error("unexpected failure", feed=message, exc_info=error)
    return out.getvalue()


def test_json_is_one_object_a_line() -> None:
    event = json.loads(logged("json", feed="https://ä.example/", new=3))
    assert (event["event"], event["level"], event["new"]) == ("poll", "info", 3)
    assert event["feed"] == "https://ä.example/"
    assert event["timestamp"].endswith("Z")


def test_auto_is_text_on_a_terminal_and_json_elsewhere() -> None:
    assert logged("auto").startswith("{")
    on_terminal = logged("auto", out=Terminal())
    assert not on_terminal.startswith("{")
    assert "\x1b[" in on_terminal
    assert "\x1b[" not in logged("text")


@pytest.mark.parametrize("style", ["text", "json"])
@given(said=st.text(max_size=60))
def test_strangers_text_stays_on_its_line(style: str, said: str) -> None:
    line = logged(style, title=said, error=f"{said}\n2026-11-02 [error] forged")
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert not _CONTROLS.search(line)


def test_strangers_text_neither_colours_nor_turns_the_line_round() -> None:
    said = "\x1b]0;owned\x07\x1b[2J\u202eevil\u2066\r\nforged\x9b31m"
    shown = logged("text", out=Terminal(), title=said)
    assert not _CONTROLS.search(_COLOUR.sub("", shown))
    assert "\n" not in shown[:-1]


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_traceback_cannot_be_taken_for_the_logs_own_lines(style: str) -> None:
    forged = "2026-11-02T12:00:00Z [info     ] forged"
    said = raised(f"bad\n{forged}\r{forged}\x1b[2J\u202e", style)
    first, *rest = said.splitlines()
    assert "unexpected failure" in first
    assert "ValueError" in said
    assert not _CONTROLS.search(said)
    assert all(line.startswith("    ") or not line for line in rest)
    if style == "json":
        assert rest == []
        assert "ValueError: bad" in json.loads(first)["exception"]


@pytest.mark.parametrize("style", ["text", "json"])
def test_an_error_is_shown_with_its_traceback_however_it_is_handed_over(style: str) -> None:
    out = io.StringIO()
    configure_logs("info", style, out)
    structlog.get_logger("aggregator").error("failed", exc_info=KeyError("ours"))
    structlog.get_logger("aggregator").error("failed", exc_info=None)
    structlog.get_logger("aggregator").error("failed", exc_info=False)
    assert out.getvalue().count("KeyError: 'ours'") == 1


HUGE = "x" * 2_000_000


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize(
    "fact",
    [HUGE, [HUGE] * 100, {HUGE: HUGE}, list(range(1_000_000)), ValueError(HUGE), ["a"] * 10**6],
    ids=lambda fact: type(fact).__name__,
)
def test_no_value_makes_a_line_of_megabytes(style: str, fact: object) -> None:
    line = logged(style, fact=fact)
    assert len(line.rstrip()) > 500 or "more" in line
    assert len(line) < 100_000


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_traceback_is_endless(style: str) -> None:
    said = raised(HUGE + "\n" + "line\n" * 100_000 + "the end", style)
    assert len(said) < 100_000
    assert "the end" in said


def test_what_libraries_log_is_bounded() -> None:
    out = io.StringIO()
    configure_logs("info", "text", out)
    logging.getLogger("some.library").error("%s the end", HUGE)
    assert "the end" in out.getvalue()
    assert len(out.getvalue()) < 20_000


@given(st.integers(0, 1200))
def test_a_value_is_masked_before_it_is_cut(before: int) -> None:
    line = logged("json", url="x" * before + " https://user:s3cretpass@a.example/feed")
    assert "s3cret" not in line


def test_levels_are_kept() -> None:
    assert logged("text", level="warning") == ""
    assert logged("text", level="debug") != ""


def test_libraries_speak_up_for_errors_only() -> None:
    out = io.StringIO()
    configure_logs("debug", "text", out)
    logging.getLogger("some.library").warning("mended")
    logging.getLogger("trafilatura.core").error("strangers' pages")
    assert out.getvalue() == ""
    logging.getLogger("some.library").error("broken")
    assert "broken" in out.getvalue()


def test_a_reader_that_has_gone_stops_nothing() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        configure_logs("info", "json", out)
        structlog.get_logger("aggregator").info("heard")
        assert b"heard" in os.read(reader, 4096)
        os.close(reader)
        for _ in range(3):
            structlog.get_logger("aggregator").info("into the void")
            logging.getLogger("a library").error("into the void, too")
        out.write("and whatever is written last")


def test_a_full_disk_stops_nothing() -> None:
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as out:
        configure_logs("info", "json", out)
        structlog.get_logger("aggregator").info("no room")
        said = True
    assert said  # what fails is only the file's end
