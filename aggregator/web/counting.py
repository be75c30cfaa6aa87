"""Requests for outputs, counted in memory until they are written down: what was asked, by what kind of program.

No address is looked at. What is kept is bounded whatever strangers send: so many different User-Agents
between two writes, those beyond them counted without a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aggregator.model import ReaderCount
from aggregator.web.reader_names import reader_name

ARCHIVE = "archive"  # the kind of archive pages, whatever their format
_MOST = 2000  # different ones at once
_LONGEST = 256  # characters of a User-Agent that are looked at

_Counted = dict[tuple[str, str, int, str], int]


class ReaderCounts:
    """Counts, until :meth:`take` has them written down. For one thread: that of the event loop."""

    def __init__(self) -> None:
        self._counted: _Counted = {}

    def count(self, output: str, kind: str, status: int, user_agent: str) -> None:
        """Count one request that was answered with ``status``: well under 2 µs.

        ``output`` and ``kind`` are the configuration's words, never a stranger's; ``user_agent`` is the header
        as it came, empty for none.
        """
        counted = self._counted
        key = (output, kind, status, user_agent[:_LONGEST])
        if key in counted:
            counted[key] += 1
        elif len(counted) < _MOST:
            counted[key] = 1
        else:
            key = (output, kind, status, "")
            counted[key] = counted.get(key, 0) + 1

    def take(self) -> Sequence[ReaderCount]:
        """The counts since the last call, those alike as one."""
        counted, self._counted = self._counted, {}
        alike: Counter[tuple[str, str, int, str, str, int | None]] = Counter()
        for (output, kind, status, user_agent), requests in counted.items():
            name = reader_name(user_agent)
            alike[output, kind, status, name.agent, name.feed, name.subscribers] += requests
        return [ReaderCount(*one, requests=requests) for one, requests in alike.items()]
