"""Items as each format writes them, kept from one rendering to the next.

The key is the item itself, all that is shown of it: where anything of it differs, it is written anew.
A few of a thousand items change between two renderings, and writing the others again took most of the time.
"""

from __future__ import annotations

from collections.abc import Callable

from aggregator.model import Item
from aggregator.publish.remembered import Remembered

_OF_AN_ITEM = 2000  # bytes, about, beside its text

Fragments = Remembered[tuple[str, Item]]
"""By format and item."""


def written(
    kind: str, item: Item, write: Callable[[Item], bytes], fragments: Fragments | None
) -> bytes:
    """The bytes that ``write`` makes of ``item`` in the format ``kind``, or made of it before."""
    if fragments is None:
        return write(item)
    key_bytes = len(item.content_html) + _OF_AN_ITEM
    return fragments.get((kind, item), lambda: write(item), key_bytes)
