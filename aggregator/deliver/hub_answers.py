"""Answers of callbacks and what follows from them; what is sent to them (W3C WebSub §5.3, §7). Pure."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

from aggregator.deliver.retries import next_attempt
from aggregator.model import HubCall, HubDocument

SLOW_S, SLOWEST_S = 5.0, 25.0
"""Seconds beyond which a callback waits with others that are slow; and those that it is given there."""
_GONE = 410
_AGAIN = (timedelta(minutes=1), timedelta(minutes=10))  # after a verification without an answer


class Outcome(Enum):
    """Outcome of a delivery."""

    TOLD = "told"
    GONE = "gone"  # nobody listens there any more
    FAILED = "failed"


def confirms(answer: HubCall, challenge: str) -> bool:
    """True when the callback meant it: any 2xx, and the challenge, to the byte."""
    echoed = hmac.compare_digest(answer.body, challenge.encode())
    return 200 <= answer.status < 300 and echoed


def verify_again(attempts: int, now: datetime) -> datetime | None:
    """The time to ask a callback again that could not be reached, ``attempts`` (≥ 1) times by now."""
    return now + _AGAIN[attempts - 1] if attempts <= len(_AGAIN) else None


def outcome_of(answer: HubCall) -> Outcome:
    """Outcome of a delivery that was answered; a redirect is a failure."""
    if 200 <= answer.status < 300:
        return Outcome.TOLD
    return Outcome.GONE if answer.status == _GONE else Outcome.FAILED


def deliver_again(
    failures: int,
    failing_since: datetime | None,
    now: datetime,
    answer: HubCall | None,
    jitter: float,
) -> datetime | None:
    """The time of the next attempt after the ``failures``-th failure in a row; None: it is given up."""
    wait = wait_of(answer.retry_after, now) if answer is not None else None
    return next_attempt(failures, failing_since or now, now, wait, jitter)


def wait_of(retry_after: str, now: datetime) -> timedelta | None:
    """Time that a Retry-After asks for: seconds, or a date (RFC 9110 §10.2.3); None for neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text[:9]))
    try:
        when = parsedate_to_datetime(text)
        return max(when.replace(tzinfo=when.tzinfo or UTC) - now, timedelta(0))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def fields_of(document: HubDocument, secret: str) -> dict[str, str]:
    """Header fields of a delivery: type, links to hub and topic, signature if there is a secret (§7.1)."""
    fields = {"Content-Type": document.content_type, "Link": document.link}
    if secret:
        digest = hmac.new(secret.encode(), document.body, hashlib.sha256).hexdigest()
        fields["X-Hub-Signature"] = f"sha256={digest}"
    return fields
