"""Requests as the operator's own feeds make them: servers on loopback may answer them."""

from __future__ import annotations

from typing import Any

from aggregator.model import Request, RequestKind


def asked(url: str, kind: RequestKind = RequestKind.FEED, **more: Any) -> Request:
    """A request of ``url`` that may lead into the networks that the settings open."""
    return Request(url, kind, inside=True, **more)
