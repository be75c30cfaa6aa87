"""Pages that send their readers on, and those that say something themselves."""

from __future__ import annotations

import pytest

from aggregator.extract.page.refresh import leads_to
from aggregator.extract.page.tree import parse_page

URL = "https://weir.example/go/1"


def target(head: str, body: str = "<p>One moment.</p>") -> str:
    tree = parse_page(f"<html><head>{head}</head><body>{body}</body></html>")
    return leads_to(tree, URL, URL)


@pytest.mark.parametrize(
    "head",
    [
        "<meta http-equiv='refresh' content='0; url=/real'>",
        "<meta http-equiv='Refresh' content='0;URL=https://weir.example/real#top'>",
        "<meta http-equiv=refresh content='3, url=\"/real\"'>",
        "<meta http-equiv=refresh content='0.5; /real'>",
        "<noscript><meta http-equiv=refresh content='0;URL=/real'></noscript>",
        "<script>window.location.replace('\\/real');</script>",
        '<script>location.href = "https://weir.example/real"</script>',
    ],
)
def test_pages_that_send_on(head: str) -> None:
    assert target(head) == "https://weir.example/real"


@pytest.mark.parametrize(
    "head",
    [
        "<meta http-equiv=refresh content='300'>",
        "<meta http-equiv=refresh content='300; url=/real'>",
        "<meta http-equiv=refresh content='0; url=/go/1#x'>",
        "<meta http-equiv=refresh content='0; url=javascript:alert(1)'>",
        "<meta http-equiv=refresh content=''>",
        "<script>if (top != self) { top.location = 'https://weir.example/real' }</script>",
        "<script>location.href = '/real'</script><script>more()</script>",
    ],
)
def test_pages_that_stay(head: str) -> None:
    assert target(head) == ""


def test_a_page_with_a_text_sends_nobody_on() -> None:
    head = "<noscript><meta http-equiv=refresh content='0; url=/without-scripts'></noscript>"
    assert target(head, "<p>" + "The lock was drained in spring. " * 30 + "</p>") == ""
