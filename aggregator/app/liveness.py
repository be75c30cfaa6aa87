"""Is a process alive? It ticks, as its last tick tells."""

from __future__ import annotations

from datetime import datetime, timedelta

_AFTER = timedelta(seconds=60)
_BEFORE = timedelta(seconds=-5)  # a tick in the future: the clock was set back since


def ticks(last: datetime, now: datetime) -> bool:
    """True where the ``last`` tick was lately."""
    return _BEFORE < now - last < _AFTER
