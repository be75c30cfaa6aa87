"""Reasons why an output does not take items, for operators."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from aggregator.model import Quota, Selection, Unfit
from aggregator.store.outputs.arrivals_kept import known_arrivals
from aggregator.store.outputs.fitting import Judge, items_by
from aggregator.store.outputs.log import open_logs, rests_on
from aggregator.store.outputs.log_members import members_of
from aggregator.text.durations import exact


def unfit_items(
    connection: Connection, selection: Selection, stories: Collection[int]
) -> dict[str, Unfit]:
    """Items that the stories would make of the output, and that it does not take, by id."""
    if selection.is_plain:
        return {}
    judge, found = Judge(connection, [selection]), dict[str, Unfit]()
    items = items_by(members_of(connection, stories).values(), selection)
    judge.prepare([(selection, items)])
    for one in items:
        if (why := judge.unfit(one, selection)) is not None:
            found[one.item_id] = why
    if selection.quota is None or selection.basis is None:
        return found
    log = open_logs(connection).get(selection.basis.name)
    if log is not None and rests_on(log, selection.basis):
        for arrival in known_arrivals(connection, log.id, {one.item_id for one in items}).values():
            if arrival.is_surplus:
                why = surplus(selection.quota)
                found.setdefault(arrival.item_id, why)
    return found


def surplus(quota: Quota) -> Unfit:
    """The reason of what came when its feed had its share."""
    return Unfit("max_per_feed", f"{quota.most} of its feed had entered within {exact(quota.span)}")
