"""Items that stories make of outputs, as far as these take them: by filter, and by number of sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection

from aggregator.model import Selection, Unfit
from aggregator.select.placing import Member, Placed, placed
from aggregator.store.outputs.told_fields import ToldReader

log = structlog.get_logger("aggregator.store")
_said: set[tuple[str, str]] = set()  # outputs and digests of filters that could not be evaluated


@dataclass(frozen=True, slots=True)
class Judged:
    """Items that an output takes, and those that it does not."""

    items: list[Placed]
    unfit: list[Placed]


class Judge:
    """Judges items for several outputs; entries are read once for all of them.

    ``selections`` are those of one configuration.
    """

    def __init__(self, connection: Connection, selections: Iterable[Selection]) -> None:
        filters = [one.filter for one in selections if one.filter is not None]
        self._reader = ToldReader(connection, {name for one in filters for name in one.names})

    def prepare(self, asked: Iterable[tuple[Selection, Sequence[Placed]]]) -> None:
        """Read what filters ask for of all these items at once."""
        self._reader.read(
            {one.entry_id for selection, items in asked if selection.filter for one in items}
        )

    def judged(
        self, items: Sequence[Placed], selection: Selection, stands: Collection[str] = ()
    ) -> Judged:
        """``items``, parted. Those that ``stands`` names are not asked for their sources."""
        if selection.filter is None and selection.min_sources == 1:
            return Judged(list(items), [])
        self.prepare([(selection, items)])
        note = partial(_not_evaluated, selection)
        found = Judged([], [])
        for one in items:
            enough = one.sources >= selection.min_sources or one.item_id in stands
            fits = enough and (
                selection.filter is None
                or selection.filter.accepts(self._reader.told(one, selection), note)
            )
            (found.items if fits else found.unfit).append(one)
        return found

    def unfit(self, item: Placed, selection: Selection) -> Unfit | None:
        """The rule by which the output does not take ``item``; None: it does."""
        if item.sources < selection.min_sources:
            tell = "feed tells" if item.sources == 1 else "feeds tell"
            return Unfit("min_sources", f"{item.sources} {tell} it of {selection.min_sources}")
        if selection.filter is None:
            return None
        self.prepare([(selection, [item])])
        note = partial(_not_evaluated, selection)
        return selection.filter.unfit(self._reader.told(item, selection), note)


def _not_evaluated(selection: Selection, fault: str) -> None:
    """Say that a filter could not be evaluated: once, not for each item that it let through for that."""
    name = selection.basis.name if selection.basis is not None else ""
    filter_ = name, selection.filter.digest if selection.filter is not None else ""
    if filter_ not in _said:
        _said.add(filter_)
        log.warning("not evaluated", output=name, rule="filter", reason=fault)


def items_by(members: Iterable[Sequence[Member]], selection: Selection) -> list[Placed]:
    """All items that ``selection`` makes of stories, each given by its ``members``."""
    return [one for own in members for one in placed(own, selection)]
