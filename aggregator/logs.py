"""The log: structured, one line an event, on standard error, without any secret."""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any, TextIO, cast

import structlog

from aggregator.privacy.crashes import MaskingFormatter
from aggregator.privacy.masking import masked

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
# What would forge or hide a line: control characters, and the marks that reorder or break text.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MAX_VALUE = 1000  # characters of a value that are logged
_MAX_LIST = 50  # items of a list that are logged
_MAX_TRACE = 60  # lines of a traceback, the last ones
_MAX_TRACE_LINE = 500


def configure_logs(level: str, style: str, stream: TextIO | None = None) -> None:
    """Log from ``level`` on, as ``text``, ``json``, or ``auto``: text on a terminal, else JSON."""
    out = _LossyStream(stream or sys.stderr)
    terminal = out.isatty()
    as_json = style == "json" or (style == "auto" and not terminal)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=terminal, pad_event_to=12, exception_formatter=_indented_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            _on_one_line,
            _bounded,
            *([_traceback_field] if as_json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", out)),
        cache_logger_on_first_use=False,
    )
    # Libraries warn about what they mend by themselves; their errors are worth a line.
    handler = logging.StreamHandler(out)
    handler.setFormatter(MaskingFormatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


class _LossyStream:
    """The stream of the log: what cannot be written to it is lost, and stops nothing.

    A pipe whose reader has gone is one for good: from then on the descriptor leads nowhere, so that
    what else is written there, at exit or by a library, does no harm either.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def isatty(self) -> bool:
        return self._out.isatty()

    def write(self, text: str) -> int:
        try:
            return self._out.write(text)
        except OSError as error:
            self._gone(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._out.flush()
        except OSError as error:
            self._gone(error)

    def _gone(self, error: OSError) -> None:
        if not isinstance(error, BrokenPipeError):
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._out.fileno())
        os.close(nowhere)


def _traceback_lines(exc_info: Any) -> list[str]:
    text = masked("".join(traceback.format_exception(*exc_info)))
    lines = [_cut(_UNSAFE.sub(" ", line), _MAX_TRACE_LINE) for line in text.splitlines()]
    left_out = len(lines) - _MAX_TRACE
    return lines if left_out <= 0 else [f"… {left_out} lines", *lines[left_out:]]


def _indented_traceback(out: TextIO, exc_info: Any) -> None:
    """A traceback whose lines cannot be taken for the log's own, nor steer a terminal."""
    out.writelines(f"\n    {line}" for line in _traceback_lines(exc_info))


def _traceback_field(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """``exc_info`` as the text ``exception``."""
    exc_info = event.pop("exc_info", None)
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    elif exc_info and not isinstance(exc_info, tuple):
        exc_info = sys.exc_info()
    if exc_info and exc_info[1] is not None:
        event["exception"] = "\n".join(_traceback_lines(exc_info))
    return event


def _without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Whatever a value is, no secret stands in it; ``exc_info`` is masked when it becomes text."""
    for key, value in event.items():
        if key != "exc_info":
            event[key] = _masked_value(value)
    return event


def _masked_value(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case None | bool() | int() | float() | datetime():
            return value
        case dict():
            return {_masked_value(name): _masked_value(one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked_value(one) for one in value]
    return masked(str(value))


def _on_one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Strangers' text must not forge a second line; times are ISO 8601."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _UNSAFE.sub(" ", value)
        elif isinstance(value, datetime):
            event[key] = value.isoformat(timespec="seconds")
    return event


def _bounded(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """No value makes a line of megabytes; cut when masked, so that no secret is cut in half."""
    for key, value in event.items():
        if key != "exc_info":
            event[key] = _bounded_value(value)
    return event


def _bounded_value(value: Any) -> Any:
    match value:
        case str():
            return _cut(value, _MAX_VALUE)
        case dict():
            shown = list(value.items())[:_MAX_LIST]
            return {_bounded_value(name): _bounded_value(one) for name, one in shown}
        case list():
            left_out = [f"… {len(value) - _MAX_LIST} more"] if len(value) > _MAX_LIST else []
            return [*map(_bounded_value, value[:_MAX_LIST]), *left_out]
    return value


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]}… ({len(text)} characters)"
