"""Signatures of webhooks, after Standard Webhooks (https://www.standardwebhooks.com). Pure."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256


def signed_headers(
    keys: Sequence[bytes], message_id: str, now: datetime, body: bytes
) -> dict[str, str]:
    """The three header fields of a message that is sent ``now``: one signature for each key."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    made = (base64.b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in made),
    }
