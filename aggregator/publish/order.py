"""Dates of an entry: the one it sorts under, and those it shows. Pure; decided at first sight.

Publishers' dates are claims: they lie in the future (a wrong clock, an event's date), in the past
(a draft's date on an article made public today) or are missing. What we know ourselves is when we
first saw the entry and when we last looked and it was not there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

LATE = timedelta(days=7)


def sort_at(
    published: datetime | None,
    updated: datetime | None,
    first_seen: datetime,
    previous_success: datetime | None,
) -> datetime:
    """The date that an entry sorts under, for ever. Never later than ``first_seen``.

    - Normally the published date; the updated one where there is no other; without any,
      ``first_seen``.
    - A date in the future counts as ``first_seen``: else the entry would stick to the top.
    - An entry that the last successful poll did not list became public after that poll, whatever
      its date says. Sorted under an older date it would come in below what subscribers have
      already read, or below the output's limit, and never be seen. So a date that is up to
      :data:`LATE` older than ``previous_success`` (when the feed was last polled successfully,
      None at the first poll) becomes ``previous_success``.
    - Entries older than that keep their date: a publisher that lists its archive again (or moves
      to new ids) must not flood the top of every output.
    - At a feed's first poll nothing is known about when entries became public: dates are kept.
    """
    claimed = published or updated
    if claimed is None:
        return first_seen
    if previous_success is not None and timedelta() < previous_success - claimed <= LATE:
        claimed = previous_success
    return min(claimed, first_seen)


def shown_dates(
    published: datetime | None,
    updated: datetime | None,
    first_seen: datetime,
    changed_at: datetime | None = None,
) -> tuple[datetime, datetime]:
    """The published and updated dates that an entry shows: ``published <= updated``.

    ``changed_at`` is when a change of the entry was last seen; None: never since ``first_seen``.
    Neither date is later than the moment at which we saw what it dates. Where the feed states no
    updated date, a changed entry was updated when we saw the change; where it states one, that
    is the publisher's word on whether the change matters (RFC 4287 §4.2.15).
    """
    seen = max(changed_at or first_seen, first_seen)
    public = min(published or updated or first_seen, first_seen)
    claimed = updated or (seen if changed_at else public)
    return public, max(public, min(claimed, seen))
