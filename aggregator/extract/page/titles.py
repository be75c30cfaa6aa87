"""Titles without the name of the site that pages put before or behind them; titles of one thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.text.words import words

_MARK = re.compile(r"\s+[|\-–—·•:»«›‹/~]{1,2}\s+|\s*[|｜]\s*|(?<=\w):\s+|\s+@\s+")
_DOMAIN = re.compile(r"(?<=\w)(?:\.(?:com?|net|org|[a-z]{2}))+\s*$", re.IGNORECASE)
_LEAST = 2  # words that must be left
_SHORT = 3  # letters of a word that any title may have
_ALIKE = 0.3  # share of a title's words from which it is another wording of one


def without_site(title: str, site: str, host: str) -> str:
    """``title`` without a part, at either end, that says no more than the ``site``'s name or its ``host``."""
    marks = list(_MARK.finditer(title))
    own = _own(site, host)
    for mark in reversed(marks):
        if _is_site(title[mark.end() :], own) and _is_enough(title[: mark.start()]):
            return without_site(title[: mark.start()].rstrip(), site, host)
    for mark in marks:
        if _is_site(title[: mark.start()], own) and _is_enough(title[mark.end() :]):
            return title[mark.end() :].lstrip()
    return title


def site_names_last(titles: list[str], site: str, host: str) -> list[str]:
    """``titles`` with those last that say no more than the site's name."""
    own = _own(site, host)
    return sorted(titles, key=lambda title: _is_site(title, own))


def site_in(titles: Sequence[str]) -> list[str]:
    """The name of the site as one of ``titles`` has it: another of them, a mark, and the name."""
    for title in titles:
        marks = list(_MARK.finditer(title))
        if marks and title[: marks[-1].start()].rstrip() in titles:
            return [title[marks[-1].end() :]]
    return []


def is_like(one: str, other: str) -> bool:
    """True when two titles may be wordings of the same: of the shorter one's longer words the other has a third."""
    said, told = _telling(one), _telling(other)
    return bool(said) and len(said & told) >= max(1, _ALIKE * min(len(said), len(told)))


def _telling(title: str) -> set[str]:
    said = words(title)
    return {word for word in said if len(word) > _SHORT or not word.isascii()} or set(said)


def _own(site: str, host: str) -> list[str]:
    return [said for name in (site, *_names_of(host)) if (said := "".join(words(name)))]


def _names_of(host: str) -> list[str]:
    labels = host.lower().removeprefix("www.").split(".")
    return [host.removeprefix("www."), *(labels[-2:-1] or labels)]


def _is_site(part: str, own: list[str]) -> bool:
    if _is_named(part, own):
        return True
    # “The Daily – News from the coast”, “daily.com”
    mark = _MARK.search(part)
    return (mark is not None and _is_named(part[: mark.start()], own)) or _is_named(
        _DOMAIN.sub("", part), own
    )


def _is_named(part: str, own: list[str]) -> bool:
    said = "".join(words(part))
    return said in own or (said.startswith("the") and said[3:] in own) or f"the{said}" in own


def _is_enough(rest: str) -> bool:
    said = words(rest)
    return len(said) >= _LEAST or (len(said) == 1 and len(said[0]) > 3 and not said[0].isascii())
