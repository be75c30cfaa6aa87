"""Failures of a feed, with the names by which people know the feed."""

from __future__ import annotations


def named_failure(title: str, address: str, error: str) -> str:
    """``Example (https://example.org/feed): HTTP status 500``, in one line.

    The address stands there once: also where ``error`` begins with it, and where it is the title.
    """
    title = " ".join(title.split())
    name = f"{title} ({address})" if title and title != address else address
    return f"{name}: {without_address(error, address)}"


def without_address(error: str, address: str) -> str:
    """``error`` without the ``address`` at its beginning."""
    return error.removeprefix(f"{address}: ")
