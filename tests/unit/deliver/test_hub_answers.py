"""Answers of callbacks, and what follows from them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.deliver.hub_answers import (
    Outcome,
    confirms,
    deliver_again,
    fields_of,
    outcome_of,
    verify_again,
    wait_of,
)
from aggregator.model import Cursor, HubCall, HubDocument
from aggregator.websub.protocol import signed

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (200, b"challenge", True),
        (202, b"challenge", True),
        (404, b"challenge", False),
        (302, b"challenge", False),
        (200, b"challenge\n", False),
        (200, b"challeng", False),
        (200, b"", False),
    ],
)
def test_an_echo_to_the_byte_confirms(status: int, body: bytes, meant: bool) -> None:
    assert confirms(HubCall(status, body), "challenge") is meant


def test_callbacks_out_of_reach_are_asked_three_times() -> None:
    assert verify_again(1, NOW) == NOW + timedelta(minutes=1)
    assert verify_again(2, NOW) == NOW + timedelta(minutes=10)
    assert verify_again(3, NOW) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "told"),
        (202, "told"),
        (299, "told"),
        (410, "gone"),
        (404, "failed"),
        (301, "failed"),
        (500, "failed"),
    ],
)
def test_outcomes(status: int, outcome: str) -> None:
    assert outcome_of(HubCall(status)) is Outcome(outcome)


def test_retries_heed_what_the_callback_asks_for() -> None:
    busy = HubCall(429, retry_after="7200")
    assert deliver_again(1, None, NOW, busy, 0.0) == NOW + timedelta(hours=2)
    assert deliver_again(1, None, NOW, None, 0.0) == NOW + timedelta(seconds=10)
    assert deliver_again(40, NOW - timedelta(days=6), NOW, busy, 0.0) is None


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Sun, 01 Nov 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_times_to_wait(text: str, wait: timedelta | None) -> None:
    assert wait_of(text, NOW) == wait


@given(st.text(max_size=60))
def test_any_time_to_wait_is_read_or_none(text: str) -> None:
    wait = wait_of(text, NOW)
    assert wait is None or wait >= timedelta(0)


def test_the_signature_is_over_the_body() -> None:
    document = HubDocument(b"<feed/>", "application/atom+xml", "<h>", Cursor(1, 1), 1)
    fields = fields_of(document, "sécret")
    right = hmac.new("sécret".encode(), b"<feed/>", hashlib.sha256).hexdigest()
    assert fields["X-Hub-Signature"] == f"sha256={right}"
    assert signed(fields["X-Hub-Signature"], b"<feed/>", "sécret")
    assert "X-Hub-Signature" not in fields_of(document, "")
