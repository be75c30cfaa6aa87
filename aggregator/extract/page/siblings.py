"""Boilerplate of a site: the blocks that its pages have in common, part of none of its articles.

Each page is remembered by digests of its blocks; :func:`known_elsewhere` counts them again on the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import iter_unpack

_SIZE = 8  # bytes of a digest: among millions of blocks none is like another by chance
_MOST = 400  # blocks of a page that are remembered: 3.2 kB
_LEAST = 12  # letters from which a text says more than its place on the page


def digests(squeezed: Iterable[str]) -> set[bytes]:
    """A digest of each text without white space that is long enough to be known again."""
    return {
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
        for text in squeezed
        if len(text) >= _LEAST
    }


def packed(found: Iterable[bytes]) -> bytes:
    """Digests of one page in a row, to be stored.

    Of a huge page the smallest: a text that two pages share has, as a rule, its place in both or in none.
    """
    return b"".join(sorted(found)[:_MOST])


def known_elsewhere(squeezed: Sequence[str], siblings: bytes) -> dict[str, int]:
    """For those of a page's texts that other pages have, too: how many of them.

    ``siblings`` are the other pages' :func:`packed` digests, one after another; what is no whole digest at
    its end is passed over.
    """
    if len(siblings) < _SIZE:
        return {}
    whole = memoryview(siblings)[: len(siblings) // _SIZE * _SIZE]
    counts = Counter(digest for (digest,) in iter_unpack(f"{_SIZE}s", whole))
    found: dict[str, int] = {}
    for text in squeezed:
        for digest in digests((text,)):
            if digest in counts:
                found[text] = counts[digest]
    return found
