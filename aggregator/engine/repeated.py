"""Errors of what is tried again at every tick: said once, then counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog

log = structlog.get_logger("aggregator")

_OTHERWISE_S = 60.0  # another error than the last one is said no sooner: two may take turns
_AGAIN_S = 3600.0  # the same is said again


class RepeatedErrors:
    """The errors of one thing that is tried again and again, and its success after them.

    ``event`` is the line's, ``said`` are its further fields; ``steady`` gives seconds.
    """

    def __init__(
        self, event: str, steady: Callable[[], float] = time.monotonic, **said: Any
    ) -> None:
        self._event = event
        self._steady = steady
        self._said = said
        self._count = 0  # since it last worked
        self._text = ""
        self._said_at = 0.0

    def failed(self, error: BaseException, *, unexpected: bool = False) -> None:
        """Note a failure, in a line where there was none like it lately; ``unexpected``: where from."""
        text, now = f"{type(error).__name__}: {error}", self._steady()
        since = now - self._said_at
        self._count += 1
        again = since >= (_AGAIN_S if text == self._text else _OTHERWISE_S)
        if self._count > 1 and not again:
            return
        self._text, self._said_at = text, now
        times = {"times": self._count} if self._count > 1 else {}
        origin = {"exc_info": error} if unexpected else {"error": str(error)}
        log.error(self._event, **self._said, **origin, **times)

    def worked(self) -> None:
        """Note a success; a line where failures went before it."""
        if self._count:
            log.info("works again", after=self._event, failures=self._count, **self._said)
        self._count, self._text = 0, ""
