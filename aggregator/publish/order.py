"""Dates of an entry: the one it sorts under, and those it shows. Pure; decided at first sight.

Publishers' dates are claims: they lie in the future (a wrong clock, an event's date), in the past
(a draft's date on an article made public today) or are missing. What we know ourselves is when we
first saw the entry and when we last looked and it was not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

LATE = timedelta(days=7)
FEW = 3  # entries of one poll that may be news under an old date; more are an archive
_ONE_MOMENT = timedelta(minutes=10)
_STEP = timedelta(milliseconds=1)

Claim = tuple[datetime | None, datetime | None]
"""The dates that an entry claims: published and updated."""


def sort_dates(
    claims: Sequence[Claim], first_seen: datetime, previous_success: datetime | None
) -> list[datetime]:
    """The dates that new entries of one poll sort under, for ever; none is after ``first_seen``.

    ``claims`` are in the document's order, newest first as feeds list them; ``previous_success`` is
    when the feed was last polled successfully, None at its first success.

    - Normally the published date; the updated one where there is no other.
    - A date in the future counts as ``first_seen``: else the entry would stick to the top.
    - Without any date, ``first_seen``. At a feed's first success that would put its whole archive
      above all that others published today: there, undated entries stand :data:`LATE` below
      ``first_seen``, in the document's order. Dates that are all of the moment at which the
      document was made date nothing.
    - An entry that the last successful poll did not list became public after that poll, whatever
      its date says (a draft's date, a video that was private). Sorted under an older date it would
      come in below what subscribers have already read, or below the output's limit, and never be
      seen. So a date before ``previous_success`` becomes ``previous_success``, when it is at most
      :data:`LATE` older, or one of at most :data:`FEW` in this poll that are older still.
    - More than that keep their dates: a publisher that lists its archive again (or moves to new
      ids) must not flood the top of every output.
    """
    dates = [published or updated for published, updated in claims]
    if previous_success is None:
        if _all_of_now(dates, first_seen):
            dates = [None] * len(dates)
        return [
            first_seen - LATE - place * _STEP if date is None else min(date, first_seen)
            for place, date in enumerate(dates)
        ]
    oldest = previous_success - LATE
    few = sum(date is not None and date < oldest for date in dates) <= FEW
    return [_sort_date(date, first_seen, previous_success, few=few) for date in dates]


def _all_of_now(dates: Sequence[datetime | None], first_seen: datetime) -> bool:
    """True for the dates of more than a few entries that were all drawn when the document was."""
    return len(dates) > FEW and all(
        date is not None and abs(first_seen - date) <= _ONE_MOMENT for date in dates
    )


def _sort_date(
    date: datetime | None, first_seen: datetime, previous_success: datetime, *, few: bool
) -> datetime:
    if date is None:
        return first_seen
    if date < previous_success and (few or previous_success - date <= LATE):
        date = previous_success
    return min(date, first_seen)


def shown_dates(
    published: datetime | None,
    updated: datetime | None,
    first_seen: datetime,
    changed_at: datetime | None = None,
) -> tuple[datetime | None, datetime]:
    """The published and updated dates that an entry shows: ``published <= updated``.

    Where nobody says when it was published, it shows no such date: when we first saw it is only
    the earliest moment for ``updated``. ``changed_at`` is when a change of the entry was last seen;
    None: never since ``first_seen``. Neither date is later than the moment at which we saw what it
    dates. Where the feed states no updated date, a changed entry was updated when we saw the change;
    where it states one, that is the publisher's word on whether the change matters (RFC 4287
    §4.2.15).
    """
    seen = max(changed_at or first_seen, first_seen)
    claim = published or updated
    public = None if claim is None else min(claim, first_seen)
    least = public or first_seen
    claimed = updated or (seen if changed_at else least)
    return public, max(least, min(claimed, seen))
