"""Keys by which operators find entries: 64 bits of an address or a guid, which every database can index.

Two texts may share a key: whoever finds a row by it compares the texts. Addresses are keyed by their
comparison form, so that any form of one leads to its entry; it follows the program's rules
(:mod:`aggregator.store.stories.key_backlog`), and ``urls.tracking_parameters`` as they were when the row was written.
"""

from __future__ import annotations

from hashlib import blake2b

from aggregator.urls.story import story_key


def text_key(text: str) -> int:
    """The key of ``text`` as it is."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def address_key(url: str) -> int:
    """The key of ``url``: equal for all forms of one address."""
    return text_key(story_key(url))
