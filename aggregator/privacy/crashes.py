"""Last words of the program: tracebacks and libraries' lines, without secrets."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from typing import Any

from aggregator.privacy.masking import masked

_MAX_LINE = 10_000  # characters of what a library logs, its traceback among them


class MaskingFormatter(logging.Formatter):
    """Log lines of libraries, the event loop's faults among them, without secrets, bounded."""

    def format(self, record: logging.LogRecord) -> str:
        """Format as the base class does, masked, then cut in the middle."""
        text = masked(super().format(record))
        half = _MAX_LINE // 2
        return text if len(text) <= _MAX_LINE else f"{text[:half]} … {text[-half:]}"


def mask_crashes() -> None:
    """Show an exception that nobody caught, in any thread, without secrets."""

    def told(kind: type[BaseException], error: BaseException | None, trace: Any) -> None:
        sys.stderr.write(masked("".join(traceback.format_exception(kind, error, trace))))

    def told_of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit:
            told(args.exc_type, args.exc_value, args.exc_traceback)

    def told_of_lost(args: sys.UnraisableHookArgs) -> None:
        sys.stderr.write(
            f"{args.err_msg or 'Exception ignored in'}: {type(args.object).__name__}\n"
        )
        told(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = told
    threading.excepthook = told_of_thread
    sys.unraisablehook = told_of_lost
    if logging.lastResort is not None:  # what libraries log before the log is configured
        logging.lastResort.setFormatter(MaskingFormatter())
