"""Requests to our hub: what is read, what is refused, and that nothing of them is echoed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.settings import Settings
from aggregator.deliver.hub_requests import (
    callback_fault,
    lease_of,
    question,
    read_request,
    site_of,
)
from aggregator.deliver.hub_topics import topic_of
from aggregator.model import HubMode, HubRequest, HubTopic
from aggregator.publish.private import self_links
from aggregator.publish.uris import uri

TOKEN = "a-token-of-many-signs-1234"
BASE = "https://me.example/r"
TOPIC = f"{BASE}/feeds/all.atom"
GOOD = {
    "hub.mode": "subscribe",
    "hub.topic": TOPIC,
    "hub.callback": "https://reader.example/cb?id=1&b=%2F",
    "hub.secret": "ß" * 99,
    "hub.lease_seconds": "86400",
}


def topics(url: str) -> HubTopic | None:
    return HubTopic(url, "all", "atom") if url == TOPIC else None


def read(**other: str) -> HubRequest | str:
    form = GOOD | {f"hub.{name}": value for name, value in other.items()}
    return read_request(urlencode(form).encode(), topics)


def test_what_is_asked_for_is_understood() -> None:
    one = read()
    assert isinstance(one, HubRequest)
    assert (one.mode, one.topic.output, one.site) == (HubMode.SUBSCRIBE, "all", "reader.example")
    assert (one.lease, one.secret) == (timedelta(days=1), "ß" * 99)
    assert one.callback == GOOD["hub.callback"]
    old = urlencode([*GOOD.items(), ("hub.verify", "sync"), ("hub.verify", "async")]).encode()
    assert isinstance(read_request(old, topics), HubRequest)


@pytest.mark.parametrize(
    "other",
    [
        {"mode": "publish"},
        {"mode": "denied"},
        {"mode": ""},
        {"topic": "https://elsewhere.example/feeds/all.atom"},
        {"callback": ""},
        {"callback": "ftp://reader.example/"},
        {"callback": "https:///cb"},
        {"callback": "https://user:password@reader.example/"},
        {"callback": "https://reader.example/#part"},
        {"callback": "https://reader.example/a b"},
        {"callback": "https://reader.example/\r\nHost: victim.example"},
        {"callback": "https://reader.example/é"},
        {"callback": "https://reader.example:25/"},
        {"callback": "https://reader.example:6667/"},
        {"callback": "https://reader.example:99999/"},
        {"callback": "https://[reader.example/"},
        {"callback": "https://reader.example/?hub.challenge=x"},
        {"callback": "https://reader.example/?HUB%2Emode=x"},
        {"callback": "https://reader.example/" + "a" * 1000},
        {"secret": "s" * 200},
        {"secret": "ß" * 100},
        {"secret": "a\x00b"},
        {"lease_seconds": "ten"},
        {"lease_seconds": "-5"},
        {"lease_seconds": "١"},
    ],
)
def test_what_is_no_request_of_ours_is_refused_without_an_echo(other: dict[str, str]) -> None:
    said = read(**other)
    assert isinstance(said, str)
    assert len(said) < 200
    assert "reader.example" not in said
    assert "password" not in said


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"hub.mode=%ff",
        b"&".join(b"a=b" for _ in range(40)),
        urlencode([*GOOD.items(), ("hub.callback", "https://other.example/")]).encode(),
    ],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    assert isinstance(read_request(body, topics), str)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert isinstance(read_request(body, topics), str)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(max_size=60)))
def test_any_form_is_read_or_refused(form: dict[str, str]) -> None:
    asked = read_request(urlencode(GOOD | form, errors="replace").encode(), topics)
    if isinstance(asked, HubRequest):
        assert timedelta(hours=1) <= asked.lease <= timedelta(days=30)
        assert not any(sign in asked.callback for sign in "\r\n \x00")


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", timedelta(days=10)),
        ("0", timedelta(hours=1)),
        ("1", timedelta(hours=1)),
        ("86400", timedelta(days=1)),
        ("9" * 5000, timedelta(days=30)),
        ("0" * 5000 + "7200", timedelta(hours=2)),
    ],
)
def test_leases_are_clamped(asked: str, granted: timedelta) -> None:
    assert lease_of(asked) == granted


@pytest.mark.parametrize(
    ("callback", "site"),
    [
        ("https://a.b.reader.co.uk/x", "reader.co.uk"),
        ("https://me.github.io/", "me.github.io"),
        ("http://203.0.113.5:8080/", "203.0.113.5"),
        ("http://[2001:db8:1:2:3::4]/", "2001:db8:1:2::/64"),
        ("http://nas.local/", "nas.local"),
    ],
)
def test_callbacks_of_one_site_count_together(callback: str, site: str) -> None:
    assert site_of(callback) == site


def test_the_question_keeps_the_parameters_of_the_callback() -> None:
    one = read()
    assert isinstance(one, HubRequest)
    url = question(one, "c" * 43)
    assert url.startswith(GOOD["hub.callback"] + "&hub.")
    assert parse_qs(urlsplit(url).query) == {
        "id": ["1"],
        "b": ["/"],
        "hub.mode": ["subscribe"],
        "hub.topic": [TOPIC],
        "hub.challenge": ["c" * 43],
        "hub.lease_seconds": ["86400"],
    }
    assert callback_fault("https://reader.example") is None


SETTINGS = Settings.model_validate(
    {
        "base_url": BASE,
        "outputs": [
            {"name": "all", "aliases": ["former"]},
            {"name": "mine", "token": TOKEN},
            {"name": "few", "formats": ["rss"]},
        ],
    }
)


@pytest.mark.parametrize(
    ("url", "output"),
    [
        (TOPIC, "all"),
        ("HTTPS://ME.example:443/r/feeds/all.json", "all"),
        (f"{BASE}/feeds/former.rss", "all"),
        (f"{BASE}/feeds/few.rss", "few"),
        (f"{BASE}/feeds/few.atom", None),
        (f"{BASE}/feeds/all.opml", None),
        (f"{BASE}/feeds/mine.atom", None),
        (f"{BASE}/feeds/{TOKEN}/mine.atom", None),
        (f"{BASE}/feeds/all.atom?", None),
        (f"{BASE}/feeds/all.atom#x", None),
        (f"{BASE}/feeds/../feeds/all.atom", None),
        ("http://me.example/r/feeds/all.atom", None),
        ("https://me.example:8443/r/feeds/all.atom", None),
        ("https://me.example/feeds/all.atom", None),
        ("https://me.example.evil.example/r/feeds/all.atom", None),
        ("https://u@me.example/r/feeds/all.atom", None),
        ("https://[me/", None),
        ("", None),
    ],
)
def test_topics_are_our_feeds_without_a_token(url: str, output: str | None) -> None:
    found = topic_of(SETTINGS, url)
    assert (found.output if found else None) == output
    assert found is None or found.url == url


@pytest.mark.parametrize("base", ["https://bücher.example/lesé", "https://me.example/a|b/%7Eu"])
def test_a_feed_is_a_topic_by_the_address_that_it_gives_itself(base: str) -> None:
    settings = SETTINGS.model_copy(update={"base_url": base})
    own = uri(self_links(base, "all", ["atom"], private=False)["atom"])
    found = topic_of(settings, own)
    assert found == HubTopic(own, "all", "atom")
