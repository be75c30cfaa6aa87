"""Update hints of a publisher: ttl, the syndication module, hours and days to skip."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from aggregator.model import UpdateHints
from aggregator.text.dates import WEEKDAYS

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


def update_hints(
    *,
    ttl: str | None = None,
    period: str | None = None,
    frequency: str | None = None,
    skip_hours: Iterable[str] = (),
    skip_days: Iterable[str] = (),
) -> UpdateHints:
    """The hints in a feed's own words as values; whatever is not as specified is left out.

    ``ttl`` is in minutes (RSS 2.0); ``period`` divided by ``frequency`` is the interval of the
    RDF Site Summary syndication module; hours are GMT, 24 means 0. The longer interval wins.
    """
    intervals = [i for i in (_ttl(ttl), _syndication(period, frequency)) if i is not None]
    hours = frozenset(h % 24 for text in skip_hours if (h := _number(text)) is not None and h <= 24)
    days = frozenset(
        WEEKDAYS.index(text.strip().lower()[:3])
        for text in skip_days
        if text.strip().lower()[:3] in WEEKDAYS
    )
    return UpdateHints(max(intervals, default=None), hours, days)


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _ttl(text: str | None) -> timedelta | None:
    minutes = _number(text)
    return timedelta(minutes=minutes) if minutes else None


def _syndication(period: str | None, frequency: str | None) -> timedelta | None:
    if period is None and frequency is None:
        return None
    whole = _PERIODS.get((period or "daily").strip().lower())
    times = _number(frequency) if frequency is not None else 1
    return whole / times if whole is not None and times else None
