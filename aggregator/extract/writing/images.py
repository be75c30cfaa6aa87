"""Address that an ``<img>`` really shows: lazy loading, ``srcset``, ``<picture>``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml.html import HtmlElement

from aggregator.sanitize.lazy_media import (
    is_placeholder,
    lazy_addresses,
    lazy_sets,
    unusual_addresses,
)

_WIDEST = 1600  # pixels; more is waste in a feed reader
_MAX_SRCSET = 20_000


def address_of(image: HtmlElement, resolve: Callable[[str], str]) -> str | None:
    """The absolute http(s) address that ``image`` shows; None for placeholders and tracking pixels."""
    if _is_pixel(image):
        return None
    for candidate in _candidates(image):
        if not is_placeholder(candidate):
            url = resolve(candidate)
            if url.startswith(("http://", "https://")):
                return url
    return None


def _candidates(image: HtmlElement) -> list[str]:
    given: Mapping[str, str] = image.attrib
    found = [*lazy_addresses(given), *map(best_of_srcset, lazy_sets(given))]
    src = (image.get("src") or "").strip()
    found.append(src)
    if is_placeholder(src):
        found += [best_of_srcset(image.get("srcset", "")), *unusual_addresses(given)]
        for picture in image.iterancestors("picture"):
            for source in picture.iter("source"):
                sets = [*lazy_sets(source.attrib), source.get("srcset", "")]
                found += [*map(best_of_srcset, sets), *unusual_addresses(source.attrib)]
    return [candidate for candidate in found if candidate]


def best_of_srcset(srcset: str) -> str:
    """The widest image of a ``srcset`` (HTML Standard §4.8.4) up to 1600 pixels; ``""`` for none."""
    best, best_width = "", -1.0
    for url, width in _srcset(srcset[:_MAX_SRCSET]):
        better = best_width < width <= _WIDEST or width < best_width > _WIDEST
        if not best or better:
            best, best_width = url, width
    return best


def _srcset(srcset: str) -> Iterator[tuple[str, float]]:
    """Addresses with their widths; an address may hold commas, but neither start nor end so."""
    url = ""
    for token in srcset.split():
        rest = token
        if url:
            descriptor, comma, rest = token.partition(",")
            yield url, _width(descriptor)
            url = ""
            if not comma or not rest:
                continue
        if rest.endswith(","):
            yield rest.strip(","), _width("")
        else:
            url = rest.lstrip(",")
    if url:
        yield url, _width("")


def _width(descriptor: str) -> float:
    try:
        value = float(descriptor[:-1] or 1)
    except ValueError:
        value = 1.0
    return value * 500 if descriptor[-1:] != "w" else value  # densities only need an order


def _is_pixel(image: HtmlElement) -> bool:
    sizes = [(image.get(name) or "").strip().removesuffix("px") for name in ("width", "height")]
    return any(size in {"0", "1"} for size in sizes)
