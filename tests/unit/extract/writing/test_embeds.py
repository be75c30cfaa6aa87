"""Images and players as HTML, and what tells the sizes of one image apart."""

import pytest
from lxml import html

from aggregator.extract.page.tree import absolute
from aggregator.extract.writing.embeds import medium_of
from aggregator.tidy.pictures import identity

BASE = "https://news.example.org/2026/bridge"


def made(markup: str) -> str | None:
    element = html.fragment_fromstring(markup)
    medium = medium_of(element, lambda reference: absolute(reference, BASE))
    return None if medium is None else medium.html


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/i/pier-300x200.jpg", "https://a.example/i/pier.jpg?w=9"),
        ("https://a.example/i/pier-scaled.jpg", "https://a.example/i/pier@2x.jpg"),
        ("https://a.example/600/i/pier.jpg", "https://a.example/1200x800/i/pier.jpg"),
        ("https://a.example/w_600/pier.jpg", "https://a.example/f_auto/pier.jpg"),
        ("https://a.example/w_49,h_37,al_c,blur_2/pier.png", "https://a.example/w_980,h_700,al_c/pier.png"),
        ("http://a.example/i/pier.jpg", "https://a.example/i/pier.jpg"),
    ],
)  # fmt: skip
def test_sizes_of_one_image(one: str, other: str) -> None:
    assert identity(one) == identity(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/image.php?id=3", "https://a.example/image.php?id=4"),
        ("https://a.example/2025/06/pier.jpg", "https://a.example/2025/05/pier.jpg"),
        ("https://a.example/pier-1.jpg", "https://a.example/pier-2.jpg"),
        ("https://a.example/north_pier/1.jpg", "https://a.example/south_pier/1.jpg"),
    ],
)
def test_two_images(one: str, other: str) -> None:
    assert identity(one) != identity(other)


def test_hostile_addresses_cost_little() -> None:
    assert identity("https://a.example/" + "a_" * 5000 + "!/" + "-10x10" * 5000 + ".jpg")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<img src="/a.jpg" alt="x  &quot;y&quot;" width="600px" height="auto">',
         '<img src="https://news.example.org/a.jpg" alt="x &quot;y&quot;" width="600">'),
        ('<iframe src="http://www.youtube.com/embed/abcdefgh"></iframe>', '<iframe src="https://www.youtube.com/embed/abcdefgh"></iframe>'),
        ('<iframe src="https://ads.example/"></iframe>', None),
        ('<amp-youtube data-videoid="abcdefghijk"></amp-youtube>', '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>'),
        ('<amp-youtube data-videoid="a/../b"></amp-youtube>', None),
        ('<video src="javascript:x"></video>', None),
        ('<audio><source src="/a.mp3" type="audio/mpeg"></audio>',
         '<audio><source src="https://news.example.org/a.mp3" type="audio/mpeg"></audio>'),
        ('<img src="data:image/gif;base64,R0">', None),
    ],
)  # fmt: skip
def test_what_is_shown(markup: str, expected: str | None) -> None:
    assert made(markup) == expected
