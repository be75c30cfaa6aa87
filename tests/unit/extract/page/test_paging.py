"""next_page, whole_page: which pages belong to an article on several."""

import pytest

from aggregator.extract.page.paging import follows, joined, next_page, whole_page
from aggregator.extract.page.tree import parse_page
from aggregator.model import Article, SiteRule

URL = "https://news.example.org/2026/bridge"


def found(body: str, url: str = URL, head: str = "", rule: SiteRule | None = None) -> str:
    tree = parse_page(f"<html><head>{head}</head><body><p>x</p>{body}</body></html>")
    return next_page(tree, url, url, rule)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (f"{URL}?page=2", URL),
        (f"{URL}?a=1&page=3", f"{URL}?a=1&page=2"),
        (f"{URL}/2/", f"{URL}/"),
        (f"{URL}/page/2", URL),
        (f"{URL}/3", f"{URL}/2"),
        (f"{URL}-2.html", f"{URL}.html"),
        (f"{URL},seite-2.html", f"{URL}.html"),
    ],
)
def test_addresses_that_follow(target: str, url: str) -> None:
    assert follows(target, url)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (f"{URL}?page=3", URL),
        (URL, f"{URL}?page=2"),
        ("https://news.example.org/2026/ducks?page=2", URL),
        ("https://news.example.org/2026/ducks", URL),
        (f"{URL}?id=2", f"{URL}?id=1"),
        ("http://[", URL),
    ],
)
def test_addresses_that_do_not(target: str, url: str) -> None:
    assert not follows(target, url)


def test_rel_next() -> None:
    assert found("", head='<link rel="next" href="?page=2">') == f"{URL}?page=2"
    assert found("", head='<link rel="next" href="/2026/ducks">') == ""
    assert (
        found("", head='<link rel="next" href="https://elsewhere.example/2026/bridge?page=2">')
        == ""
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<div class="pagination"><a href="?page=1">1</a><a href="?page=2">2</a></div>', f"{URL}?page=2"),
        ('<div class="page-links">Pages: <a href="/2026/bridge/2/">2</a></div>', f"{URL}/2/"),
        ('<ul class="pager"><li><a href="/2026/bridge?page=2">Nächste Seite »</a></li></ul>', f"{URL}?page=2"),
        ('<div class="comments-pagination"><a href="?page=2">2</a></div>', ""),
        ('<div class="pagination"><a href="/2026/ducks">Next</a></div>', ""),
        ('<p><a href="?page=2">2</a></p>', ""),
        ('<div class="pagination"><a href="?page=3">3</a></div>', ""),
    ],
)  # fmt: skip
def test_pagers(body: str, expected: str) -> None:
    assert found(body) == expected


def test_a_rule_decides_alone() -> None:
    rule = SiteRule(next_page_link=("//a[@id='on']/@href",))
    assert (
        found('<a id="on" href="/other/part-two#x">On</a>', rule=rule)
        == "https://news.example.org/other/part-two"
    )
    assert found('<a id="on" href="https://elsewhere.example/2">On</a>', rule=rule) == ""
    assert found('<a id="on" href="#top">On</a>', rule=rule) == ""
    assert found('<div class="pagination"><a href="?page=2">2</a></div>', rule=rule) == ""


def test_whole_pages() -> None:
    def whole(body: str, rule: SiteRule | None = None) -> str:
        return whole_page(parse_page(f"<html><body><p>x</p>{body}</body></html>"), URL, URL, rule)

    assert whole('<a href="/2026/bridge?view=all">View all pages</a>') == f"{URL}?view=all"
    assert whole('<a href="/2026/bridge/print">Druckversion</a>') == f"{URL}/print"
    assert whole('<a href="/2026/ducks?print=1">Print</a>') == ""
    assert whole('<a href="/archive">Show all stories</a>') == ""
    assert (
        whole('<a href="/all/7">All</a>', SiteRule(single_page_link=("//a",)))
        == "https://news.example.org/all/7"
    )


def test_joining() -> None:
    one = Article("<p>One</p>", "One", title="T", confidence=0.9)
    two = Article("<p>Two</p>", "Two", title="T, page 2", confidence=0.7)
    both = joined(one, two, 2)
    assert (both.html, both.text) == ("<p>One</p><p>Two</p>", "One\nTwo")
    assert (both.title, both.confidence) == ("T", 0.9)
    three = joined(both, None, 2)
    assert three.reason == "; 2 pages joined, the next one is missing"
    assert three.confidence == 0.72
