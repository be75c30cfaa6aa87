"""Articles of newspapers by their number alone."""

import re

import pytest

from aggregator.urls.article_numbers import _FORMS, published
from aggregator.urls.publisher_forms import TABLE


def test_every_form_can_be_read() -> None:
    """Each pattern compiles, and its path asks for no group that it does not have."""
    assert len(_FORMS) > 200
    for moves in _FORMS.values():
        for pattern, path in moves:
            path.format(**dict.fromkeys(re.compile(pattern).groupindex, "1"))


def test_no_host_has_a_form_twice() -> None:
    lines = [line for line in TABLE.splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(set(lines))
    assert all(line.count(" ⇒ ") == 2 for line in lines)


@pytest.mark.parametrize(
    ("host", "path", "shown"),
    [
        ("glm.io", "/190123", "golem.de/news/190123"),
        ("heise.de", "/news/Ein-Titel-10123456.html", "heise.de/-10123456"),
        (
            "it.slashdot.org",
            "/story/26/03/02/1234567/a-title",
            "slashdot.org/story/26/03/02/1234567",
        ),
        (
            "freep.example",
            "/story/news/2026/03/02/a-title/81234567007",
            "freep.example/story/81234567007",
        ),
        (
            "paper.example",
            "/news/a-title/article_0a1b2c3d-4e5f-6789-abcd-ef0123456789.html",
            "paper.example/article_0a1b2c3d-4e5f-6789-abcd-ef0123456789.html",
        ),
        ("shop.example", "/de-de/collections/all/products/chair", "shop.example/products/chair"),
    ],
)
def test_titles_and_sections_are_left_out(host: str, path: str, shown: str) -> None:
    assert "".join(published(host, path)) == shown


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("stern.de", "/panorama/wetter-20260302.html"),  # a day
        ("heise.de", "/download/product/tool-123456"),  # a row of numbers of its own
        ("cbc.ca", "/player/play/1.6543210"),
        ("wsj.com", "/livecoverage/jobs-03022026"),
        ("paper.example", "/news/a-title-12345678.html"),  # unknown: there may be two of a number
        ("paper.example", "/news/12345678/a-title"),
    ],
)
def test_what_may_be_two_keeps_its_path(host: str, path: str) -> None:
    assert published(host, path) == (host, path)
