"""Answers that begin a cooldown: after them a whole host is left alone for a while.

A 429 says so (RFC 6585 §4), and a 503 with Retry-After. A 403 may mean one document only, so that
the first counts against its feed alone; the next one in a row of the host's feeds is taken as a
throttle. So is, at once, a challenge for browsers: trying again would only make it worse.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from aggregator.errors import HttpStatus, Throttled
from aggregator.model import RequestKind
from aggregator.schedule.http_hints import is_challenge, throttled_for

FIRST, LONGEST = 300.0, 3600.0
"""Seconds of a cooldown when the answer says no time: at first, and after many refusals in a row."""

_MOST_HOSTS = 10_000  # remembered


class Refusals:
    """Remembers how often in a row each host refused its feeds."""

    def __init__(self) -> None:
        self._in_a_row: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        """Number of hosts remembered."""
        return len(self._in_a_row)

    def answered(self, host: str, kind: RequestKind) -> None:
        """``host`` answered a request of ``kind``."""
        if kind is RequestKind.FEED and self._in_a_row:
            self._in_a_row.pop(host, None)

    def cooldown_after(
        self, host: str, kind: RequestKind, error: HttpStatus, now: datetime
    ) -> float | None:
        """Seconds of the cooldown of ``host`` after ``error``; None: it gets none.

        ``now`` (aware) is when the answer came. A page that is forbidden says nothing of the host's
        other documents.
        """
        wait = throttled_for(error.headers, now)
        asked = 0.0 if wait is None else wait.total_seconds()
        if isinstance(error, Throttled):
            return FIRST if wait is None else asked
        challenge = is_challenge(error.headers)
        if not challenge and (error.status != 403 or kind is not RequestKind.FEED):
            self.answered(host, kind)
            return None
        count = self._one_more(host)
        if count == 1 and not challenge and wait is None:
            return None
        return max(asked, min(FIRST * 2.0 ** min(max(count - 2, 0), 10), LONGEST))

    def _one_more(self, host: str) -> int:
        count = self._in_a_row[host] = self._in_a_row.get(host, 0) + 1
        self._in_a_row.move_to_end(host)
        if len(self._in_a_row) > _MOST_HOSTS:
            self._in_a_row.popitem(last=False)
        return count
