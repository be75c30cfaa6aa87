"""The WebSub protocol's decisions, by the Recommendation's sections."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.settings import Settings
from aggregator.model import ParsedFeed, Subscription, SubscriptionState
from aggregator.privacy.public import Disclosure
from aggregator.websub import protocol
from aggregator.websub.protocol import Intent, Verdict

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN_DAYS = timedelta(days=10)
PENDING = Subscription(
    id=1,
    feed_id=2,
    hub="https://hub.example/",
    topic="https://site.example/feed",
    base="https://me.example",
    token="t0ken",
    secret="s3cret",
    state=SubscriptionState.PENDING,
    requested_at=NOW,
    failures=1,
)
ACTIVE = replace(PENDING, state=SubscriptionState.ACTIVE, lease_until=NOW + TEN_DAYS, failures=0)
ENDING = replace(ACTIVE, state=SubscriptionState.ENDING)
DENIED = replace(PENDING, state=SubscriptionState.DENIED)


# ── discovery (§4) ───────────────────────────────────────────────────────────────────────────


def found(link: str = "", hub: str | None = None, topic: str | None = None) -> tuple[object, ...]:
    parsed = ParsedFeed("F", hub_url=hub, self_url=topic)
    seen = protocol.discovered(
        parsed, {"link": link} if link else {}, "https://site.example/x/feed"
    )
    return seen.hub_url, seen.self_url


def test_the_header_is_believed_before_the_document() -> None:
    link = '<https://hub.example/>; rel="hub", <https://site.example/feed>; rel="self"'
    assert found(link, "https://other.example/", "https://other.example/feed") == (
        "https://hub.example/",
        "https://site.example/feed",
    )


def test_each_may_be_in_either_place() -> None:
    assert found("</hub>; rel=hub", None, "https://site.example/feed") == (
        "https://site.example/hub",
        "https://site.example/feed",
    )
    assert found("", "https://h.example/", "https://s.example/") == (
        "https://h.example/",
        "https://s.example/",
    )
    assert found() == (None, None)


@pytest.mark.parametrize(
    ("hub", "topic", "told"),
    [
        ("https://hub.example/", "https://site.example/feed", True),
        ("https://hub.example/", "https://site.example/feed?token=abc", False),
        ("https://hub.example/", "https://site.example/of/hunter2-s3cret/feed", False),
        ("https://site.example/hub", "https://site.example/feed?token=abc", True),
    ],
)
def test_a_hub_of_somebody_else_is_told_no_secret(hub: str, topic: str, told: bool) -> None:
    parsed = ParsedFeed("F", hub_url=hub, self_url=topic)
    private = Disclosure(private=True, secrets=frozenset({"hunter2-s3cret"}))
    assert protocol.discreet(parsed, private).hub_url == (hub if told else None)
    assert protocol.discreet(parsed, Disclosure()) == parsed


@pytest.mark.parametrize(
    "target",
    [
        "ftp://hub.example/",
        "https://user:pw@hub.example/",
        "javascript:x",
        "https://h/" + "a" * 1000,
    ],
)
def test_what_cannot_be_asked_is_no_hub(target: str) -> None:
    assert found(f"<{target}>; rel=hub") == (None, None)
    assert found("", target, target) == (None, None)
    assert found(f"<{target}>; rel=hub, <https://b.example/>; rel=hub")[0] == "https://b.example/"


@pytest.mark.parametrize(
    ("base_url", "enabled", "expected"),
    [
        ("http://127.0.0.1:8080", "auto", False),
        ("http://[::1]:8080", "auto", False),
        ("http://192.168.1.5", "auto", False),
        ("http://localhost", "auto", False),
        ("http://nas.local", "auto", False),
        ("http://feeds.lan.", "auto", False),
        ("http://aggregator:8080", "auto", False),
        ("https://feeds.example.org", "auto", True),
        ("http://93.184.216.34", "auto", True),
        ("https://feeds.example.org", False, False),
        ("http://127.0.0.1:8080", True, True),
        ("http://127.0.0.1:8080", "true", True),
    ],
)
def test_push_is_on_where_hubs_can_reach_us(base_url: str, enabled: object, expected: bool) -> None:
    settings = Settings.model_validate({"base_url": base_url, "websub": {"enabled": enabled}})
    assert protocol.callback_base(settings) == (settings.base_url if expected else None)


def test_push_needs_the_server() -> None:
    settings = Settings.model_validate({"websub": {"enabled": True}, "server": {"enabled": False}})
    assert protocol.callback_base(settings) is None


# ── requests (§5.1) ──────────────────────────────────────────────────────────────────────────


def test_the_request_to_subscribe() -> None:
    assert protocol.request_form(PENDING, TEN_DAYS) == {
        "hub.callback": "https://me.example/websub/t0ken",
        "hub.mode": "subscribe",
        "hub.topic": "https://site.example/feed",
        "hub.lease_seconds": "864000",
        "hub.secret": "s3cret",
    }
    # A renewal is the same request (§5.1: it overrides the earlier one).
    assert protocol.request_form(ACTIVE, TEN_DAYS) == protocol.request_form(PENDING, TEN_DAYS)


def test_the_request_to_unsubscribe() -> None:
    assert protocol.request_form(ENDING, TEN_DAYS) == {
        "hub.callback": "https://me.example/websub/t0ken",
        "hub.mode": "unsubscribe",
        "hub.topic": "https://site.example/feed",
    }


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_hub_that_is_down_is_asked_again_ever_more_seldom(failures: int, chance: float) -> None:
    wait = protocol.retry_at(NOW, failures, chance) - NOW
    assert timedelta(minutes=10) <= wait <= timedelta(days=7)
    assert protocol.retry_at(NOW, failures + 1, chance) - NOW >= wait


# ── verification of intent (§5.3) ────────────────────────────────────────────────────────────


def intent(mode: str, topic: str = PENDING.topic) -> Intent:
    return Intent(mode, topic, "challenge", "864000")


@pytest.mark.parametrize(
    ("subscription", "mode", "expected"),
    [
        (PENDING, "subscribe", Verdict.CONFIRM),
        (ACTIVE, "subscribe", Verdict.CONFIRM),
        (ENDING, "subscribe", Verdict.REFUSE),
        (DENIED, "subscribe", Verdict.REFUSE),
        (PENDING, "unsubscribe", Verdict.REFUSE),
        (ACTIVE, "unsubscribe", Verdict.REFUSE),
        (ENDING, "unsubscribe", Verdict.RELEASE),
        (DENIED, "unsubscribe", Verdict.REFUSE),
        (PENDING, "denied", Verdict.DENIED),
        (ACTIVE, "denied", Verdict.DENIED),
        (ENDING, "denied", Verdict.REFUSE),
        (PENDING, "publish", Verdict.REFUSE),
        (PENDING, "Subscribe", Verdict.REFUSE),
    ],
)
def test_only_what_was_asked_for_is_confirmed(
    subscription: Subscription, mode: str, expected: Verdict
) -> None:
    assert protocol.judge(intent(mode), subscription, NOW + HOUR) is expected


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe", "denied"])
@pytest.mark.parametrize("subscription", [PENDING, ACTIVE, ENDING, DENIED])
def test_another_topic_is_refused(subscription: Subscription, mode: str) -> None:
    other = intent(mode, PENDING.topic + "2")
    assert protocol.judge(other, subscription, NOW) is Verdict.REFUSE


def test_what_nobody_asked_for_lately_is_refused() -> None:
    late = NOW + timedelta(days=2)
    assert protocol.judge(intent("subscribe"), ACTIVE, late) is Verdict.REFUSE
    never = replace(PENDING, requested_at=None)
    assert protocol.judge(intent("subscribe"), never, NOW) is Verdict.REFUSE


def test_reading_a_hubs_request() -> None:
    query = {
        "hub.mode": "subscribe",
        "hub.topic": "T",
        "hub.challenge": "C",
        "hub.lease_seconds": "9",
    }
    assert protocol.read_intent(query) == Intent("subscribe", "T", "C", "9")
    denied = {"hub.mode": "denied", "hub.topic": "T", "hub.reason": "no"}
    assert protocol.read_intent(denied) == Intent("denied", "T", reason="no")
    for missing in ("hub.topic", "hub.challenge"):
        assert protocol.read_intent({k: v for k, v in query.items() if k != missing}) is None
    for challenge in ("x" * 5000, "a\nb", "a\x00b"):
        assert protocol.read_intent(query | {"hub.challenge": challenge}) is None


_NAMES = st.sampled_from(
    ["hub.mode", "hub.topic", "hub.challenge", "hub.lease_seconds", "hub.reason"]
)
_VALUES = st.sampled_from(["subscribe", "unsubscribe", "denied", PENDING.topic]) | st.text(
    max_size=9
)


@given(
    st.dictionaries(_NAMES, _VALUES),
    st.sampled_from([PENDING, ACTIVE, ENDING, DENIED]),
    st.timedeltas(-timedelta(days=3), timedelta(days=3)),
)
def test_whatever_a_hub_asks_only_the_right_question_is_confirmed(
    query: dict[str, str], subscription: Subscription, passed: timedelta
) -> None:
    intent = protocol.read_intent(query)
    if intent is None:
        return
    verdict = protocol.judge(intent, subscription, NOW + passed)
    if verdict in {Verdict.CONFIRM, Verdict.RELEASE}:
        assert query["hub.topic"] == subscription.topic
        assert query["hub.challenge"] == intent.challenge != ""
        assert passed <= timedelta(days=1)
        asked = "unsubscribe" if subscription is ENDING else "subscribe"
        assert query["hub.mode"] == asked
        lease = protocol.granted(intent.lease, TEN_DAYS)
        assert timedelta() < lease <= timedelta(days=100)
        assert protocol.renew_at(NOW, lease) > NOW


@given(st.text(max_size=80), st.none() | st.text(max_size=40), st.none() | st.text(max_size=40))
def test_whatever_is_found_can_be_asked(link: str, hub: str | None, topic: str | None) -> None:
    for field in (link, f"<{link}>; rel=hub"):
        for url in found(field, hub, topic):
            assert url is None or str(url).startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("60", timedelta(seconds=60)),
        ("864000", TEN_DAYS),
        ("999999999999", timedelta(days=100)),
        ("9999999999999999999", TEN_DAYS),
        ("", TEN_DAYS),
        ("0", TEN_DAYS),
        ("-5", TEN_DAYS),
        ("1e3", TEN_DAYS),
        ("٣", TEN_DAYS),
    ],
)
def test_the_hub_says_how_long(said: str, expected: timedelta) -> None:
    assert protocol.granted(said, TEN_DAYS) == expected


def test_a_lease_is_renewed_before_it_ends_but_not_at_once() -> None:
    assert protocol.renew_at(NOW, TEN_DAYS) == NOW + timedelta(days=8)
    assert protocol.renew_at(NOW, timedelta(seconds=1)) == NOW + timedelta(minutes=1)


# ── signatures (§7.1) ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_right_signature(method: str) -> None:
    digest = hmac.new(b"s3cret", b"<rss/>", getattr(hashlib, method)).hexdigest()
    assert protocol.signed(f"{method}={digest}", b"<rss/>", "s3cret")
    assert protocol.signed(f"{method.upper()}={digest.upper()}", b"<rss/>", "s3cret")
    assert not protocol.signed(f"{method}={digest}", b"<rss />", "s3cret")
    assert not protocol.signed(f"{method}={digest}", b"<rss/>", "other")
    assert not protocol.signed(f"{method}={digest[:-1]}", b"<rss/>", "s3cret")
    assert not protocol.signed(digest, b"<rss/>", "s3cret")


def test_a_known_signature() -> None:
    # RFC 4231 §4.3, test case 2
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert protocol.signed(f"sha256={digest}", b"what do ya want for nothing?", "Jefe")


@pytest.mark.parametrize("method", ["md5", "sha224", "shake_128", "", "new", "__class__"])
def test_other_methods_are_no_signature(method: str) -> None:
    names = {"md5", "sha224"}
    digest = hmac.new(b"k", b"b", method).hexdigest() if method in names else "00" * 32
    assert not protocol.signed(f"{method}={digest}", b"b", "k")


@given(
    st.text(max_size=80)
    | st.tuples(st.sampled_from(["sha1=", "sha256="]), st.text(max_size=70)).map("".join),
    st.binary(max_size=50),
)
def test_no_other_signature_is_right(header: str, body: bytes) -> None:
    assert not protocol.signed(header, body, "a secret that nobody guesses")
