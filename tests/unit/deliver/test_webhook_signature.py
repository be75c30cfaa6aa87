import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from aggregator.config.webhook_keys import webhook_key
from aggregator.deliver.webhook_signature import signed_headers

OLD = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def sent(body: bytes, *secrets: str) -> dict[str, str]:
    keys = [webhook_key(one) for one in secrets]
    return signed_headers(keys, "msg_1", datetime.now(UTC), body)


@given(st.text())
def test_an_independent_implementation_verifies_what_we_sign(text: str) -> None:
    body = json.dumps({"x": text}).encode()
    Webhook(OLD).verify(body, sent(body, OLD))


def test_while_a_secret_is_changed_either_one_verifies() -> None:
    headers = sent(b"{}", NEW, OLD)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (OLD, NEW):
        Webhook(secret).verify(b"{}", headers)


def test_another_body_or_secret_or_id_does_not_verify() -> None:
    headers = sent(b"{}", OLD)
    for body, secret, said in (
        (b"[]", OLD, headers),
        (b"{}", NEW, headers),
        (b"{}", OLD, headers | {"webhook-id": "msg_2"}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, said)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_!!!",
        "whsec_" + "A" * 44,
    ],
)
def test_a_weak_secret_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_") as refused:
        webhook_key(secret)
    assert not secret.removeprefix("whsec_") or secret not in str(refused.value)
