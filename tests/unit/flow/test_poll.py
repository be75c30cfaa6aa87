"""The request of a poll, and what need not be parsed."""

from __future__ import annotations

from datetime import timedelta

from aggregator.flow.poll import feed_request, same_body
from aggregator.model import Feed, Request, RequestKind, Response, Validators

URL = "https://a.example/feed"
FEED = Feed(id=1, key=URL, url=URL)


def response(status: int = 200) -> Response:
    return Response(URL, status, {}, b"", 0, timedelta(0))


def test_a_poll_is_conditional_with_whatever_validators_there_are() -> None:
    own, other = Validators(URL, '"1"'), Validators("https://a.example/old", '"1"')
    assert feed_request(FEED, whole=False).validators is None
    stored = Feed(1, URL, URL, validators=own)
    assert feed_request(stored, whole=False) == Request(URL, RequestKind.FEED, own, delta=True)
    assert feed_request(stored, whole=True) == Request(URL, RequestKind.FEED)
    # They may be a redirect target's: the fetcher sends them to no other URL.
    assert feed_request(Feed(1, URL, URL, validators=other), whole=False).validators == other
    dated = Feed(1, URL, URL, validators=Validators(URL, None, "Mon"))
    assert not feed_request(dated, whole=False).delta


def test_nothing_to_parse_after_a_304_or_the_same_bytes() -> None:
    assert same_body("h", response(304), None)
    assert same_body("h", response(), "h")
    assert not same_body("h", response(), "other")
    assert not same_body(None, response(), None)


def test_only_the_host_that_the_operator_wrote_may_be_inside() -> None:
    for url, inside in (
        (URL, True),
        ("https://a.example/new", True),
        ("https://b.example/", False),
    ):
        feed = Feed(1, URL, url, configured_url=URL)
        assert feed_request(feed, whole=True, inside=True).inside == inside
        assert not feed_request(feed, whole=True).inside
