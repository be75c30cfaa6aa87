"""What is sent, and how what is received is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator import __version__
from aggregator.fetch.headers import conditional, received, user_agent
from aggregator.model import Validators

URL = "http://example.org/feed"


def test_validators_are_sent_byte_for_byte() -> None:
    validators = Validators(URL, 'W/"a, b"', "Tue, 01 Jul 2025 10:00:00 +0200")
    assert conditional(validators, URL, delta=False) == {
        "If-None-Match": 'W/"a, b"',
        "If-Modified-Since": "Tue, 01 Jul 2025 10:00:00 +0200",
    }


def test_validators_are_not_sent_to_another_url() -> None:
    assert conditional(Validators(URL, '"a"', "x"), URL + "/", delta=True) == {}
    assert conditional(None, URL, delta=True) == {}


def test_no_date_is_invented() -> None:
    assert conditional(Validators(URL, '"a"'), URL, delta=False) == {"If-None-Match": '"a"'}


def test_deltas_are_asked_for_only_with_an_etag() -> None:
    assert conditional(Validators(URL, '"a"'), URL, delta=True)["A-IM"] == "feed"
    assert "A-IM" not in conditional(Validators(URL, None, "x"), URL, delta=True)


def test_names_are_lower_case_and_repeated_fields_joined() -> None:
    items = [("ETag", '"a"'), ("Link", "<a>"), ("link", "<b>"), ("X", "é")]
    assert received(items) == {"etag": '"a"', "link": "<a>, <b>", "x": "é"}


def test_control_characters_and_broken_bytes_are_mended() -> None:
    assert received([("x-a", "a\r\nb\x00"), ("x-b", "\udce9")]) == {"x-a": "a  b ", "x-b": "\ufffd"}


def test_validators_that_cannot_be_sent_back_are_left_out() -> None:
    items = [("etag", '"\udce9"'), ("last-modified", "a\nb")]
    assert received(items) == {}
    assert received([("etag", "x" * 5000)]) == {}


def test_a_non_ascii_validator_is_kept() -> None:
    assert received([("etag", '"é\u00a0"')]) == {"etag": '"é\u00a0"'}


@given(st.lists(st.tuples(st.sampled_from(["ETag", "X-A"]), st.text() | st.just("\udc80"))))
def test_whatever_is_received_can_be_stored_and_sent(items: list[tuple[str, str]]) -> None:
    headers = received(items)
    for value in headers.values():
        value.encode()
        assert not set(value) & set("\r\n\x00")
    if "etag" in headers:
        conditional(Validators(URL, headers["etag"]), URL, delta=False)


def test_the_user_agent_is_honest() -> None:
    expected = f"aggregator/{__version__} (+https://feeds.example)"
    assert user_agent("", "https://feeds.example") == expected
    assert user_agent("mine/1.0", "https://feeds.example") == "mine/1.0"


def test_the_user_agent_is_one_ascii_line() -> None:
    assert user_agent("a\r\nX-Evil: é", "") == "a  X-Evil: ?"
