"""An outline of a subscription list → the settings of a feed, whichever reader exported it.

Readers write more than OPML says: intervals, selectors of the full text, programs and searches in
place of addresses. What has an equal here is taken; of what has none a note is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aggregator.config.site_rules import as_xpath
from aggregator.config.values import feed_address

# A host with a dot (its last label is a name, or all is an IPv4 address), or with a port.
_BARE = re.compile(
    r"(?:(?:[\w-]+\.)+[\w-]{2,}|(?:\d{1,3}\.){3}\d{1,3}|\[[\da-f:.]+\]|[\w-]+(?=:\d{1,5}/))"
    r"(?::\d{1,5})?(?:[/?#].*)?",
    re.IGNORECASE,
)
_SUBSCRIBING = re.compile(
    r"(?:feed|feeds|rss|pcast|podcast|itpc|itms|itmss):(?://)?", re.IGNORECASE
)
_FILTERED = re.compile(r"filter:[^:]*:(.+)", re.DOTALL)
# Beginnings of what readers write in place of an address, and what it is.
_NO_ADDRESS = {
    "query:": "a saved search of the reader",
    "exec:": "a program whose output is read",
    "|": "a program whose output is read",
    "file:": "a file on the reader's machine",
    "/": "a file on the reader's machine",
    "newsletter:": "mail that the reader receives",
    "mailto:": "mail that the reader receives",
}
_SCRAPED = {"html+xpath", "xml+xpath", "json+dotpath", "json+dotnotation"}
_TYPES = {
    "vfolder": "a saved search of the reader",
    "newsbin": "a folder for saved entries",
    "podcast-episode": "",  # below a feed, of which it tells nothing
}
_USUAL_MINUTES = 100  # Thunderbird's interval where nobody chose one
_LONGEST = 5 * 365 * 24 * 60  # minutes


class NoFeedError(ValueError):
    """The outline stands for something that is no feed here; the text says what it is."""


@dataclass(slots=True)
class Told:
    """Settings of a feed as its outline tells them, and what else it tells."""

    settings: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def reader_address(text: str) -> str:
    """The http(s) address that a reader's ``text`` means. Raises :class:`NoFeedError`.

    ``feed://…`` and an address without a scheme are http ones, as for the readers that write them;
    ``feed:https://…`` says itself what it is.
    """
    url = text.strip().strip('"').strip()
    if filtered := _FILTERED.fullmatch(url):
        url = filtered[1].strip().strip('"')
    if url.startswith("//"):
        url = f"http:{url}"
    for beginning, what in _NO_ADDRESS.items():
        if url.lower().startswith(beginning):
            raise NoFeedError(what)
    match = _SUBSCRIBING.match(url)
    if match is not None:
        rest = url[match.end() :].lstrip("/")
        url = rest if re.match("https?:", rest, re.IGNORECASE) else f"http://{rest}"
        url = re.sub(r"\A(https?):/*", r"\1://", url, flags=re.IGNORECASE)
    elif _BARE.fullmatch(url):
        url = f"http://{url}"
    url = url.replace("&amp;", "&").replace(" ", "%20")
    try:
        feed_address(url)
    except ValueError as error:
        raise NoFeedError(f"expected {error}") from None
    return url


def told(found: Mapping[str, str], categories: tuple[str, ...]) -> Told | None:
    """The feed that an outline with the attributes ``found`` (lower-case names) is; None: none at all.

    Raises :class:`NoFeedError` for one that its reader takes as a feed, or as one of many.
    """
    kind = found.get("type", "").lower()
    if kind in _TYPES:
        if not _TYPES[kind]:
            return None
        raise NoFeedError(_TYPES[kind])
    given = found.get("xmlurl", "")
    if not given and kind in {"rss", "atom"}:
        given = found.get("url", "") or found.get("feedurl", "")
        if not given:
            raise NoFeedError("a feed without `xmlUrl`")
    if not given:
        _other_lists(found, kind)
        return None
    if kind in _SCRAPED or kind.startswith("html+"):
        raise NoFeedError(f"a page that the reader turns into a feed ({found['type']})")
    if found.get("subscribed") == "0":
        raise NoFeedError("not subscribed to in the reader")
    settings: dict[str, Any] = {
        "url": reader_address(given),
        "title": _title(found, given),
        "categories": categories,
        "tags": _tags(found.get("category", "")),
    }
    result = Told(settings)
    _take_filters(found, given, result)
    _take_interval(found, result)
    _take_page_settings(found, result)
    _note_requests(found, result)
    return result


def _other_lists(found: Mapping[str, str], kind: str) -> None:
    if found.get("text") == "tt-rss-filters":
        raise NoFeedError("filters of the reader are left out")
    address = found.get("opmlurl", "") or (found.get("url", "") if kind == "include" else "")
    if address:
        raise NoFeedError(
            "another list, at an address: name it as `url` in `[[opml]]` of the config file"
        )


def _title(found: Mapping[str, str], url: str) -> str:
    title = " ".join((found.get("title") or found.get("text", "")).split())
    return "" if title == url else title


def _tags(text: str) -> tuple[str, ...]:
    tags = (" ".join(tag.split()).strip("/") for tag in text.split(","))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _take_filters(found: Mapping[str, str], given: str, result: Told) -> None:
    if found.get("filtercmd") or _FILTERED.fullmatch(given.strip().strip('"')):
        result.notes.append("its filter is a program, which is not run; the feed is read as it is")
    if found.get("filtersactionread"):
        result.notes.append("its filter of entries that are marked as read is left out")


def _take_interval(found: Mapping[str, str], result: Told) -> None:
    minutes = 0
    for read in _INTERVALS:
        minutes = minutes or read(found)
    if minutes < 0:
        result.notes.append("its reader does not update it; here it is polled")
    elif 0 < minutes <= _LONGEST:
        result.settings["every"] = f"{minutes}m"


def _of_ttrss(found: Mapping[str, str]) -> int:
    return _whole(found.get("ttrssupdateinterval", ""))


def _of_liferea(found: Mapping[str, str]) -> int:
    if "updateinterval" not in found:
        return 0
    minutes = _whole(found["updateinterval"])
    return {-1: 0, 0: -1}.get(minutes, minutes)  # the usual one; never


def _of_akregator(found: Mapping[str, str]) -> int:
    if found.get("usecustomfetchinterval") != "true":
        return 0
    return _whole(found.get("fetchinterval", "")) or -1


def _of_freshrss(found: Mapping[str, str]) -> int:
    seconds = _whole(found.get("ttl", ""))
    return -1 if seconds < 0 else seconds // 60


def _of_thunderbird(found: Mapping[str, str]) -> int:
    if "quickmode" not in found:
        return 0
    try:
        updates = json.loads(found.get("options", "")).get("updates")
        minutes, enabled = updates.get("updateMinutes"), updates.get("enabled")
    except (ValueError, AttributeError, RecursionError):
        return 0
    if enabled is False:
        return -1
    usual = isinstance(minutes, bool) or not isinstance(minutes, int) or minutes == _USUAL_MINUTES
    return 0 if usual else max(minutes, 0)


_INTERVALS: tuple[Callable[[Mapping[str, str]], int], ...] = (
    _of_ttrss, _of_liferea, _of_akregator, _of_freshrss, _of_thunderbird
)  # fmt: skip


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else 0


def _take_page_settings(found: Mapping[str, str], result: Told) -> None:
    """Full text: FreshRSS's selectors, Miniflux's rules, Liferea's and Akregator's switches."""
    options: dict[str, Any] = {}
    content = found.get("cssfullcontent") or found.get("scraperrules", "")
    if _is_selector(content, "its selector of the full text", result):
        options["content"] = content
    strip = found.get("cssfullcontentfilter") or found.get("csscontentfilter", "")
    if _is_selector(strip, "its selector of what is left out", result):
        options["strip"] = (strip,)
    agent = found.get("curlopt_useragent") or found.get("useragent", "")
    if agent and agent.isascii() and agent.isprintable():
        options["user_agent"] = agent
    if options:
        result.settings["options"] = options
    wanted = ("crawler", "loaditemlink", "html5extract", "loadlinkedwebsite")
    if content or any(found.get(name) == "true" for name in wanted):
        result.settings["extract"] = "always"


def _is_selector(selector: str, what: str, result: Told) -> bool:
    if not selector:
        return False
    try:
        as_xpath(selector)
    except ValueError as error:
        result.notes.append(f"{what} is left out: expected {error}")
        return False
    return True


def _note_requests(found: Mapping[str, str], result: Told) -> None:
    result.notes += (f"its {what} {_LEFT_OUT}" for what in _requests(found))


_LEFT_OUT = "may be secret and is left out; see `[feeds.options]`"


def _requests(found: Mapping[str, str]) -> Iterator[str]:
    for name, what in (
        ("curlopt_cookie", "cookie"),
        ("curlopt_httpheader", "header"),
        ("curlopt_proxy", "proxy"),
        ("curlopt_postfields", "form"),
    ):
        if found.get(name):
            yield what
