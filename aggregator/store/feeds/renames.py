"""Rows of feeds that the configuration knows under another key now. Pure.

A key follows from a feed's ``id``, else from its address without secrets. Both may change while the
feed stays what it is: an ``id`` is given or taken back, a secret moves to the environment, an
upgrade leaves out of the key what the release before had in it, maybe with a new password at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.privacy.tokens import MASK, replaced


@dataclass(frozen=True, slots=True)
class Known:
    """A stored feed: its key, the address that it was configured at, and whether it was wanted."""

    key: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """A feed of the configuration: its key, its address, and the keys that it may have had before."""

    key: str
    url: str
    former_keys: tuple[str, ...] = ()


def renames(known: Sequence[Known], sought: Sequence[Sought]) -> dict[str, str]:
    """Stored key → present one, for each stored feed that is one of ``sought`` under another name.

    That is one with the very address, else one under a former key, else one whose address differs in
    secrets alone; the last only where no other feed, stored or wanted, could be meant. No row is
    taken twice, and none whose own key is still wanted.
    """
    wanted, stored = {one.key for one in sought}, {one.key for one in known}
    free = {one.key: one for one in known if one.key not in wanted}
    missing = [one for one in sought if one.key not in stored]
    found: dict[str, str] = {}
    if not free or not missing:
        return found

    def take(candidates: Mapping[str, str]) -> None:
        for one in list(missing):
            if (key := candidates.get(one.key)) in free:
                found[free.pop(key).key] = one.key
                missing.remove(one)

    take(_at_the_same_address(free, missing))
    take(_under_a_former_key(free, missing))
    take(_but_for_secrets(free, missing, sought))
    return found


def _at_the_same_address(free: Mapping[str, Known], missing: Sequence[Sought]) -> dict[str, str]:
    # Of several the one that was read last: those that were given up come first.
    at = {one.url: one.key for one in sorted(free.values(), key=lambda one: one.active) if one.url}
    return {one.key: at[one.url] for one in missing if one.url in at}


def _under_a_former_key(free: Mapping[str, Known], missing: Sequence[Sought]) -> dict[str, str]:
    # A key with a mask in it may be another feed's, too: see `_but_for_secrets`.
    former = ((one, key) for one in missing for key in one.former_keys if MASK not in key)
    return {one.key: key for one, key in former if key in free}


def _but_for_secrets(
    free: Mapping[str, Known], missing: Sequence[Sought], sought: Sequence[Sought]
) -> dict[str, str]:
    claims = Counter(_without_secrets(one.url) for one in sought)
    rows: dict[str, list[Known]] = {}
    for known in free.values():
        rows.setdefault(_without_secrets(known.url or known.key), []).append(known)
    found = {}
    for one in missing:
        address = _without_secrets(one.url)
        candidates = rows.get(address, [])
        candidates = [known for known in candidates if known.active] or candidates
        if MASK in address and claims[address] == len(candidates) == 1:
            found[one.key] = candidates[0].key
    return found


def _without_secrets(url: str) -> str:
    return replaced(url, lambda _: MASK)
