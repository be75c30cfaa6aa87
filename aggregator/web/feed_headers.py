"""Headers of feeds, whoever writes them: the framework's handlers or the hot path. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from aggregator.model import Coding
from aggregator.web.conditional import Choice

# Whoever opens a feed in a browser sees it by our style sheet.
_STYLED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
}


def headers_of(
    etag: str, modified: datetime | None, choice: Choice, policy: Mapping[str, str]
) -> dict[str, str]:
    """Headers that a 200 and a 304 have in common (RFC 9110 §15.4.5)."""
    headers = {
        "ETag": choice.etag or etag,
        "Vary": "Accept-Encoding, Sec-Fetch-Dest",
        **_STYLED,
        **policy,
    }
    if modified is not None:
        headers["Last-Modified"] = format_datetime(
            modified.astimezone(UTC).replace(microsecond=0), usegmt=True
        )
    return headers


def content_headers(content_type: str, coding: Coding) -> dict[str, str]:
    """Headers that say what the bytes are."""
    headers = {"Content-Type": content_type}
    if coding is not Coding.IDENTITY:
        headers["Content-Encoding"] = coding.value
    return headers
