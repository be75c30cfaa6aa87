"""story_key: pairs of URLs that name one page, and pairs that must never be merged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import canonical, is_landing_page, same_site, story_key

A = "https://example.org/2026/11/bridge-opens-after-rain"

SAME = [
    (A, "http://example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://www.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://m.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://mobile.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://amp.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://www.m.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://EXAMPLE.org:443/2026/11/bridge-opens-after-rain"),
    (A, "https://example.org./2026/11/bridge-opens-after-rain"),
    (A, "https://reader@example.org/2026/11/bridge-opens-after-rain"),
    (A, A + "/"),
    (A, A + "?"),
    (A, A + "#top"),
    (A, A + "#xtor=RSS-1"),
    (A, A + "/index.html"),
    (A, A + "/index.php"),
    (A, A + "/amp"),
    (A, A + "/amp/"),
    (A, A + "?amp"),
    (A, A + "?amp=1"),
    (A, A + "?outputType=amp"),
    (A, A + "/print/"),
    (A, A + "?print=true"),
    (A, A + "?view=print"),
    (A, "https://example.org/amp/2026/11/bridge-opens-after-rain"),
    (A + ".html", A + ".amp.html"),
    (A, A + "?utm_source=rss&utm_medium=feed&utm_campaign=x"),
    (A, A + "?fbclid=IwAR0"),
    (A, A + "?ref=rss"),
    (A, A + "?source=newsletter"),
    (A, A + "?from=twitter&src=feed"),
    (A, A + "?cmp=share_btn_tw"),
    (A, A + "?ocid=feed&at_medium=RSS"),
    (A, "https://example.org/2026/./11/x/../bridge-opens-after-rain"),
    (A, "https://example.org/2026/11/bridge%2Dopens%2dafter-rain"),
    (A, "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://www.google.com/amp/s/example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fexample.org%2F2026%2F11%2Fbridge-opens-after-rain&ct=ga"),
    (A, "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2F2026%2F11%2Fbridge-opens-after-rain%3Ffbclid%3DX&h=Y"),
    (A, "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.org%2F2026%2F11%2Fbridge-opens-after-rain"),
    ("https://example.org/a?x=1&y=2", "https://example.org/a?y=2&x=1"),
    ("https://example.org/a?id=7", "https://example.org/a?PHPSESSID=0&id=7"),
    ("https://example.org/a/default.aspx?id=7", "https://example.org/a/?id=7"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://example.org/%C3%A4", "https://example.org/ä"),
    ("https://example.co.uk/a-b", "https://www.example.co.uk/a-b"),
    ("https://en.wikipedia.org/wiki/Bridge", "https://en.m.wikipedia.org/wiki/Bridge"),
    ("https://www.youtube.com/watch?v=abcdefghijk", "https://youtu.be/abcdefghijk?t=30"),
    ("https://www.youtube.com/watch?v=abcdefghijk", "https://www.youtube.com/embed/abcdefghijk"),
    ("https://www.youtube.com/watch?v=abcdefghijk", "https://m.youtube.com/watch?feature=share&v=abcdefghijk&list=P"),
    ("https://www.youtube.com/watch?v=abcdefghijk", "https://www.youtube.com/shorts/abcdefghijk"),
    ("https://example.org:8080/a", "http://example.org:8080/a"),
    ("https://example.org/app#/s/3", "https://www.example.org/app#/s/3"),
]  # fmt: skip

DIFFERENT = [
    (A, A + "-again"),
    (A, "https://example.org/2026/12/bridge-opens-after-rain"),
    (A, "https://example.com/2026/11/bridge-opens-after-rain"),
    (A, "https://blog.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://www2.example.org/2026/11/bridge-opens-after-rain"),
    (A, "https://example.org:8080/2026/11/bridge-opens-after-rain"),
    (A, A + "/2"),
    (A, A + "?page=2"),
    (A, A + ".html"),
    (A, A.upper().replace("HTTPS", "https")),
    ("https://example.org/?p=1", "https://example.org/?p=2"),
    ("https://example.org/a?id=1", "https://example.org/a?id=2"),
    ("https://example.org/a?v=1", "https://example.org/a?v=2"),
    ("https://example.org/a?t=1", "https://example.org/a"),
    ("https://example.org/a?ref=7", "https://example.org/a"),
    ("https://example.org/a?source=doc12", "https://example.org/a?source=doc13"),
    ("https://example.org/a?sid=41", "https://example.org/a?sid=42"),
    ("https://example.org/a?x=1&x=2", "https://example.org/a?x=2&x=1"),
    ("https://example.org/a?lang=de", "https://example.org/a?lang=en"),
    ("https://example.org/a?b=%26", "https://example.org/a?b=&"),
    ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ("https://example.org/a%3Fb", "https://example.org/a?b"),
    ("https://example.org/changelog#v1.2.3", "https://example.org/changelog#v1.2.4"),
    ("https://example.org/changelog#2026-11-22", "https://example.org/changelog#2026-11-23"),
    ("https://example.org/live#comment-11", "https://example.org/live#comment-12"),
    ("https://example.org/app#/s/3", "https://example.org/app#/s/4"),
    ("https://example.org/#!a", "https://example.org/#!b"),
    ("https://example.org/guitars/amp", "https://example.org/guitars"),
    ("https://example.org/amp/fender", "https://example.org/fender"),
    ("https://example.org/shop/print", "https://example.org/shop"),
    ("https://example.org/a?print=poster", "https://example.org/a"),
    ("https://example.org/v1.2.3/notes", "https://example.org/v1.2.4/notes"),
    ("https://www.com/a", "https://com/a"),
    ("https://m.co.uk/a", "https://co.uk/a"),
    ("https://amp.dev/a", "https://dev/a"),
    ("https://a.github.io/x", "https://b.github.io/x"),
    ("https://www.youtube.com/watch?v=abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijl"),
    ("https://www.google.com/url?url=https://example.org/a", "https://www.google.com/url?url=https://example.org/b"),
    ("https://news.example.org/read?url=https://example.org/a", "https://example.org/a"),
    ("https://example.org/index.html", "https://example.org/index2.html"),
    ("https://example.org/indexes", "https://example.org/"),
    ("https://example.org/a.php?id=1", "https://example.org/b.php?id=1"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), SAME)
def test_same_page(first: str, second: str) -> None:
    assert story_key(first) == story_key(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_different_pages(first: str, second: str) -> None:
    assert story_key(first) != story_key(second)


def test_a_redirector_that_points_to_itself_ends() -> None:
    url = "https://www.google.com/url?url=" + "https://www.google.com/url?url=" * 5
    assert story_key(url).startswith("google.com/")


URLISH = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="/?#&=%2eEurl:.ghtps@m_;()S", max_size=50).map("https://google.com/".__add__),
)


@given(URLISH)
def test_it_never_raises_and_does_not_depend_on_the_spelling(url: str) -> None:
    assert story_key(url) == story_key(canonical(url))
    is_landing_page(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org", "https://www.example.org/?utm_source=rss", "https://example.org/index.html",
        "https://example.org/news/", "https://example.org/en/blog", "https://example.org/de-DE/", "urn:x",
        "https://example.org/changelog", "https://example.org/#top",
    ],
)  # fmt: skip
def test_landing_pages(url: str) -> None:
    assert is_landing_page(url)


@pytest.mark.parametrize(
    "url",
    [A, "https://example.org/?p=12", "https://example.org/hello", "https://example.org/#!/a",
     "https://example.org/news/2026", "https://example.org/changelog#v1.2"],
)  # fmt: skip
def test_pages_of_their_own(url: str) -> None:
    assert not is_landing_page(url)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://www.example.org/a", "http://example.org/b", True),
        ("https://m.example.org/a", "https://amp.example.org/b", True),
        ("https://blog.example.org/a", "https://example.org/", True),
        ("https://a.example.org/", "https://b.example.org/", False),
        ("https://example.org/", "https://notexample.org/", False),
        ("https://example.org/", "https://example.com/", False),
        ("https://example.org/", "https://org/", False),
        ("https://example.org/", "mailto:a@example.org", False),
    ],
)
def test_same_site(first: str, second: str, *, same: bool) -> None:
    assert same_site(first, second) is same
    assert same_site(second, first) is same
