"""HTML pages that look like those of real sites: the article among everything that it is not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.demo.prose import phrases
from aggregator.demo.sites import Site
from aggregator.demo.stories import Posting

_WIDTH, _HEIGHT = 96, 54


def article_page(posting: Posting, others: Sequence[Posting]) -> str:
    """The page of one article; ``others`` are what the site links to beside it."""
    site = posting.site
    return (
        _environment()
        .get_template(f"{site.template}.html.j2")
        .render(
            site=site,
            posting=posting,
            story=posting.story,
            prose=posting.story.prose,
            others=others,
            say=phrases(site.language),
        )
    )


def home_page(site: Site, postings: Sequence[Posting]) -> str:
    """The front page: it links to the feed and to the latest articles."""
    return (
        _environment()
        .get_template("home.html.j2")
        .render(
            site=site,
            postings=postings,
            say=phrases(site.language),
        )
    )


def content_html(posting: Posting) -> str:
    """The article's body alone, as a feed with full text carries it."""
    return (
        _environment()
        .get_template("content.html.j2")
        .render(posting=posting, prose=posting.story.prose)
    )


def failure_page(site: Site, status: int) -> str:
    """Page of a site that has none to show; also sent by the broken site instead of its feed."""
    return (
        _environment()
        .get_template("failure.html.j2")
        .render(site=site, status=status, say=phrases(site.language))
    )


def picture(number: int) -> bytes:
    """A small PNG (RFC 2083), a gradient of a colour that goes with ``number``."""
    red, green, blue = (number * 37 % 200, number * 59 % 200, number * 83 % 200)
    rows = b"".join(b"\0" + bytes((red + y, green + y, blue + y)) * _WIDTH for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aggregator.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["parted"] = _parted
    return environment


def _parted(text: str, phrase: str) -> tuple[str, str, str]:
    """``text`` before the first ``phrase``, the phrase, the rest; all before when there is none."""
    return text.partition(phrase) if phrase else (text, "", "")
