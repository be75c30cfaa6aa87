"""The longest URLs that are kept, by what keeps them."""

from __future__ import annotations

LONGEST_CONFIGURED = 4096
"""Characters of an address that the operator writes."""
# PostgreSQL indexes no value above 2.7 kB.
LONGEST_INDEXED = 2000
"""Characters of an address that stands in an index; it is canonical, so ASCII."""
LONGEST_INDEXED_PAIR = 1000
"""Bytes of each of two addresses that stand in one index together."""
