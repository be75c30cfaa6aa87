"""Incremental reading: items that are as they were last read are not read again.

An entry is what its item's bytes say where they stand: in these elements, at this address, in a
feed with this link, this language and these authors. A digest over all of that is kept with the
entry. An item whose digest is known is cut out of the document before it is read, which costs a
hundred times what the digest does. Whatever could make an entry mean something else without its
bytes (another item with its id, a feed that says something else of itself) is noticed, and the
whole document is read.

A digest has two parts: that of the surroundings, which are known only when the document has been
read, and that of the item with the elements that it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from aggregator.parse.scan import ItemSpan

READING = 6
"""Counted up when the same bytes come to mean something else to us: everything is read once more."""
_SURROUNDINGS = 6  # bytes: hundreds of them in a feed's life
_ITEM = 10  # bytes: millions of them in a database


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a document that is to be read.

    ``marks`` are the digests of its items, by where in ``document`` they begin, without those of
    their ``surroundings``, which are expected to be what they were. ``unchanged`` are the
    identities of the entries whose items were cut out.
    """

    document: bytes
    marks: Mapping[int, str] = field(default_factory=dict)
    surroundings: str = ""  # "": whatever they are
    unchanged: tuple[str, ...] = ()


def surroundings(*said: object) -> str:
    """The digest of what entries have from their feed."""
    return blake2b(repr((READING, said)).encode(), digest_size=_SURROUNDINGS).hexdigest()


def item_mark(around: str, item: bytes) -> str:
    """The digest of an item, given as ``item``, that stands in what ``around`` says."""
    state = blake2b(around.encode("utf-8", "replace"), digest_size=_ITEM)
    state.update(item)
    return state.hexdigest()


def likeliest(known: Iterable[str]) -> str:
    """The surroundings that most of the ``known`` digests have, ``""`` when there is none."""
    counted = Counter(digest[: 2 * _SURROUNDINGS] for digest in known)
    return max(counted, key=lambda one: (counted[one], one), default="")


def whole(document: bytes, items: Sequence[ItemSpan]) -> Part:
    """All of ``document``."""
    return Part(document, {item.start: _mark(document, item) for item in items})


def without_known(
    document: bytes, items: Sequence[ItemSpan], known: Mapping[str, str], *, keep_last: bool
) -> Part | None:
    """``document`` without the items whose entries are ``known`` (digest → identity).

    None where that is not less, or where an item stands there twice.
    """
    expected = likeliest(known)
    marks: dict[int, str] = {}
    pieces: list[bytes] = []
    unchanged: dict[str, None] = {}
    at = kept = 0  # where the last piece ended, and how long all are
    for index, item in enumerate(items):
        mark = _mark(document, item)
        identity = known.get(expected + mark)
        if identity is None or (keep_last and index == len(items) - 1):
            marks[kept + item.start - at] = mark
            continue
        if identity in unchanged:
            return None
        unchanged[identity] = None
        pieces.append(document[at : item.start])
        kept += item.start - at
        at = item.end
    if not unchanged:
        return None
    pieces.append(document[at:])
    return Part(b"".join(pieces), marks, expected, tuple(unchanged))


def _mark(document: bytes, item: ItemSpan) -> str:
    return item_mark(item.around, document[item.start : item.end])


def collides(part: Part, identities: Iterable[str]) -> bool:
    """True when one of ``identities`` is also that of an entry that was not read."""
    return not set(part.unchanged).isdisjoint(identities)
