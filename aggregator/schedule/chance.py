"""A random share, which keeps feeds and processes from doing the same thing at the same moment."""

from __future__ import annotations

import random


def chance() -> float:
    """A number from 0 up to, and without, 1."""
    return random.random()  # noqa: S311 - it spreads load, it hides nothing
