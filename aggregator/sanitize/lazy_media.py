"""Addresses that a picture keeps until it is looked at, whatever the attribute is called; placeholders."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Attributes that lazy loaders keep the address in, most specific first.
_USUAL = (
    "data-src", "data-lazy-src", "data-original", "data-original-src", "data-actualsrc", "data-orig-file",
    "data-hi-res-src", "data-full-src", "data-url", "data-image", "data-lazy", "data-echo", "data-img-src", "data-orig-src",
)  # fmt: skip
_USUAL_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
# Where frames keep theirs until they are looked at, or their reader agrees to them.
LAZY_FRAMES = (
    "data-src", "data-lazy-src", "data-cookieblock-src", "data-cmp-src", "data-src-cmplz", "suppressedsrc", "data-original",
    "data-lazy", "data-url",
)  # fmt: skip
# Every maker invents another name; most say what is in it.
_TELLING = re.compile(r"src|lazy|orig|image|img|picture|photo|full|large|path|file|url|echo|bg|background", re.IGNORECASE)  # fmt: skip
_OTHER_THINGS = re.compile(
    r"alt|title|caption|credit|class|id|style|href|link|share|permalink|sizes|type|width|height|thumb|placeholder|blur|low|tiny|"
    r"icon|avatar|logo|poster|error|hover|action|api|page|on\w+",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:$|[?#;/!:])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?:)?//[^\s/]\S*|\.{0,2}/[^\s/]\S*|[\w%~-][^\s:]*", re.IGNORECASE)
_IN_JSON = re.compile(r"https?:[^\"'\s,]{1,2000}?\.(?:jpe?g|png|gif|webp|avif)(?:\?[^\"'\s,]{0,500})?", re.IGNORECASE)  # fmt: skip
_PLACEHOLDER = re.compile(
    r"^(?:data:|about:|blob:|#|$)|(?:^|[/_.-])(?:blank|spacer|placeholder|transparent|pixel|1x1|lazy|loading|loader|spinner|dummy|"
    r"grey|gray|clear|empty)[\w-]*\.(?:gif|png|svg|jpe?g|webp)|(?:^|/)pagespeed_static/|(?:^|/)[01]\.gif(?:$|\?)",
    re.IGNORECASE,
)
_LEAST_PICTURE = 300  # characters of a ``data:`` address; placeholders are of one pixel
_SHAPES = re.compile(
    r"(?:<|%3C)(?:path|text|circle|polygon|polyline|line|ellipse|image)\b", re.IGNORECASE
)
_MOST = 40  # attributes looked at
_MAX_VALUE = 20_000  # characters


def is_placeholder(address: str) -> bool:
    """True for the ``address`` of what stands in a picture's place until it is loaded; for none, too."""
    return _PLACEHOLDER.search(address) is not None


def is_drawn(address: str) -> bool:
    """True for a ``data:`` picture that shows something, as placeholders do not."""
    if address[:5].lower() != "data:":
        return False
    head = address[:40].lower()
    if "svg" not in head:
        return len(address) >= _LEAST_PICTURE
    return ("base64" in head and len(address) >= _LEAST_PICTURE) or _SHAPES.search(
        address
    ) is not None


def lazy_addresses(attributes: Mapping[str, str]) -> list[str]:
    """Addresses in ``attributes`` of usual names, likeliest first; ``data:`` is left out."""
    found = [attributes.get(name, "").strip() for name in _USUAL]
    return [address for address in found if address and not is_placeholder(address)]


def lazy_sets(attributes: Mapping[str, str]) -> list[str]:
    """The ``srcset`` that is put in place later, under its usual names or any that says what it is."""
    found = [attributes.get(name, "").strip() for name in _USUAL_SETS]
    found += [
        value.strip() for name, value in attributes.items() if name.endswith("srcset") and name not in {"srcset", *_USUAL_SETS}
    ]  # fmt: skip
    return [value for value in found if value and not value.startswith("data:")]


def unusual_addresses(attributes: Mapping[str, str]) -> list[str]:
    """Addresses in attributes of other names, for a picture that has no address of its own.

    An attribute counts that is named after a source and holds an address, or that holds a picture's.
    """
    telling: list[str] = []
    others: list[str] = []
    for name, value in list(attributes.items())[:_MOST]:
        address = value.strip()[:_MAX_VALUE]
        if name in {"src", "srcset", *_USUAL, *_USUAL_SETS} or not address:
            continue
        if address[0] in "[{":
            others += [found.replace("\\/", "/") for found in _IN_JSON.findall(address)[-1:]]
        elif _ADDRESS.fullmatch(address) and not is_placeholder(address):
            is_picture = _PICTURE.search(address) is not None
            other_thing = _OTHER_THINGS.search(name.removeprefix("data-"))
            if _TELLING.search(name) and not other_thing and (is_picture or "/" in address):
                telling.append(address)
            elif is_picture and not (other_thing and "src" not in name):
                others.append(address)
    return sorted(telling, key=lambda one: not _PICTURE.search(one)) + others
