"""Dates of pages that programs write for people: slashed ones, told by their weekday or their numbers.

Where both numbers may be a month, and neither a weekday nor the reader's country tells, there is no date.
"""

from __future__ import annotations

import re
from datetime import date

from aggregator.text.dates import WEEKDAYS, DateHabits, Stated, read_date

_SLASHED = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3,9})\.?,?\s+)?(?P<one>\d{1,2})/(?P<other>\d{1,2})/(?P<year>\d{4}|\d{2})"
    r"(?:(?:\s*[-,|]?\s*|\s+at\s+)(?P<time>\d{1,2}:\d{2}.{0,30}))?"
)
_WORDED = re.compile(r"^on\s+|\s*@\s*", re.IGNORECASE)
_MOST_MONTHS = 12


def read_page_date(text: str, habits: DateHabits) -> Stated | None:
    """Date that ``text`` states, None where it states none; ``habits`` are of those for whom the page is."""
    stated = read_date(text, habits)
    if stated is not None or not text:
        return stated
    if "@" in text or text[:3].lower() == "on ":
        said = _WORDED.sub(lambda found: " " if "@" in found[0] else "", text, count=2)
        return read_date(said.strip(), habits)
    slashed = _SLASHED.fullmatch(" ".join(text[:100].split()))
    if slashed is None:
        return None
    day_first = _day_first(slashed)
    told = DateHabits(habits.day_first if day_first is None else day_first, habits.first_year)
    year = slashed["year"] if len(slashed["year"]) > 2 else f"20{slashed['year']}"
    plain = f"{slashed['one']}/{slashed['other']}/{year} {slashed['time'] or ''}"
    return read_date(plain.strip(), told)


def _day_first(slashed: re.Match[str]) -> bool | None:
    one, other = int(slashed["one"]), int(slashed["other"])
    if (one > _MOST_MONTHS) is not (other > _MOST_MONTHS):
        return one > _MOST_MONTHS
    weekday = (slashed["weekday"] or "").lower()[:3]
    if weekday not in WEEKDAYS:
        return None
    fits = [
        first
        for first, day, month in ((True, one, other), (False, other, one))
        if _weekday(int(slashed["year"]), month, day) == weekday
    ]
    return fits[0] if len(fits) == 1 else None


def _weekday(year: int, month: int, day: int) -> str:
    try:
        return WEEKDAYS[date(year, month, day).weekday()]
    except ValueError:
        return ""
