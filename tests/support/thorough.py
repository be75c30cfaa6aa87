"""Thoroughness of a run: a CI tries all, whoever waits for a run tries a part of it."""

from __future__ import annotations

import os

IS_THOROUGH = int(os.environ.get("TESTS_EXAMPLES") or 25) >= 100  # examples of a property
EVERY = 1 if IS_THOROUGH else 3  # of many alike, each third
