"""The part of a host's name that somebody registered, by the Public Suffix List."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_LOCAL_USE = ("home.arpa",)  # RFC 8375; the list has it as a suffix like others


@lru_cache(maxsize=8192)
def registrable_domain(host: str) -> str | None:
    """The part of ``host`` that somebody registered; None for a private host or a bare suffix."""
    if any(host == suffix or host.endswith(f".{suffix}") for suffix in _LOCAL_USE):
        return None
    found = _suffixes().privatesuffix(host)
    return found if isinstance(found, str) else None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # Unknown top-level names are no suffixes: that leaves out addresses, single labels, ".local".
    return PublicSuffixList(accept_unknown=False)
