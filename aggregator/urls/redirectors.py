"""Addresses that lead elsewhere and say so themselves: alert links, link guards, AMP caches.

Only what carries its target along is looked through; what must be asked (t.co, feedproxy) is left
to the redirect that a request gets.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote

from aggregator.urls.elsewhere import elsewhere, first, parameter, with_query
from aggregator.urls.link_guards import guarded
from aggregator.urls.standard import HttpUrl

_ANY = re.compile(r"/.*")
_OF_GOOGLE = re.compile(r"(?:www\.|news\.)?google\.(?:com?\.)?[a-z]{2,3}")
_URL = re.compile(r"/(?:news/)?url")

# Host (without "www.") → the path, and the parameters that may hold the target.
_BY_PARAMETER: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    "l.facebook.com": (re.compile(r"/l\.php"), ("u",)),
    "lm.facebook.com": (re.compile(r"/l\.php"), ("u",)),
    "facebook.com": (re.compile(r"/l\.php"), ("u",)),
    "l.messenger.com": (re.compile(r"/l\.php"), ("u",)),
    "l.instagram.com": (_ANY, ("u",)),
    "l.threads.net": (_ANY, ("u",)),
    "l.threads.com": (_ANY, ("u",)),
    "t.umblr.com": (re.compile(r"/redirect"), ("z",)),
    "out.reddit.com": (_ANY, ("url",)),
    "linkedin.com": (re.compile(r"/(?:redir/redirect|safety/go)/?"), ("url",)),
    "pinterest.com": (re.compile(r"/offsite/?"), ("url",)),
    "slack-redir.net": (re.compile(r"/link"), ("url",)),
    "disq.us": (re.compile(r"/url"), ("url",)),
    "getpocket.com": (re.compile(r"/redirect"), ("url",)),
    "t.me": (re.compile(r"/iv"), ("url",)),
    "exit.sc": (_ANY, ("url",)),
    "steamcommunity.com": (re.compile(r"/linkfilter/?"), ("url", "u")),
    "youtube.com": (re.compile(r"/redirect"), ("q",)),
    "bing.com": (re.compile(r"/news/apiclick\.aspx"), ("url",)),
    "go.redirectingat.com": (_ANY, ("url",)),
    "go.skimresources.com": (_ANY, ("url",)),
    "duckduckgo.com": (re.compile(r"/l/"), ("uddg",)),
    "vk.com": (re.compile(r"/away\.php"), ("to",)),
    "away.vk.com": (re.compile(r"/away\.php"), ("to",)),
    "safelinks.protection.outlook.com": (_ANY, ("url",)),
    "medium.com": (re.compile(r"/r/?|/m/global-identity(?:-2)?"), ("url", "redirectUrl")),
    "urldefense.proofpoint.com": (re.compile(r"/v1/url"), ("u",)),
    "linkprotect.cudasvc.com": (re.compile(r"/url"), ("a",)),  # Barracuda
    **dict.fromkeys(
        ("protect.fireeye.com", "protect2.fireeye.com"), (re.compile(r"(?:/v1)?/url"), ("u",))
    ),
    "clicktime.symantec.com": (_ANY, ("u",)),
    "link.edgepilot.com": (_ANY, ("u",)),
    "googleweblight.com": (_ANY, ("lite_url", "u")),
    "l.wl.co": (re.compile(r"/l"), ("u",)),
    "hyp.is": (re.compile(r"/go"), ("url",)),
    "link.zhihu.com": (_ANY, ("target",)),
    "link.juejin.cn": (_ANY, ("target",)),
    "link.csdn.net": (_ANY, ("target",)),
    "c.pc.qq.com": (_ANY, ("pfurl", "url")),
    "link.jianshu.com": (_ANY, ("t",)),
    "gate.sc": (_ANY, ("url",)),
    "curseforge.com": (re.compile(r"/linkout"), ("remoteUrl",)),
    "click.linksynergy.com": (re.compile(r"/deeplink"), ("murl",)),
    "awin1.com": (re.compile(r"/cread\.php"), ("ued", "p")),
    "shareasale.com": (re.compile(r"/r\.cfm"), ("urllink",)),
    "redirect.viglink.com": (_ANY, ("u",)),
    "shop-links.co": (_ANY, ("url",)),
    "rover.ebay.com": (_ANY, ("mpre",)),
    **dict.fromkeys(
        ("deref-gmx.net", "deref-web.de", "deref-mail.com"),
        (re.compile(r"/.*/dereferrer/?"), ("redirectUrl",)),
    ),
}
_AMP_CACHE_HOST = re.compile(r"(?:[a-z0-9-]+\.)?(?:cdn\.ampproject\.org|bing-amp\.com)")
_AMP_CACHE_PATH = re.compile(r"/(?:[cv]|wp)/(s/)?([^/]+\.[^/]+/.*)")
_GOOGLE_AMP_PATH = re.compile(r"/amp/(s/)?([^/]+\.[^/]+/.*)")
_GOOGLE_NEWS_PATH = re.compile(
    r"/(?:__i/)?(?:rss/(?:rd/)?)?(?:articles|read)/([A-Za-z0-9_-]{20,})=*"
)
_YAHOO_TARGET = re.compile(r"/RU=([^/]+)/R[KS]=")
_BING_TARGET = re.compile(r"a1([A-Za-z0-9_-]{8,})")


def target(parts: HttpUrl) -> str | None:
    """Target of a redirector or cache, by its URL alone; None for every other page."""
    host = parts.host.removeprefix("www.")
    if _AMP_CACHE_HOST.fullmatch(host):
        return _cached(parts, _AMP_CACHE_PATH)
    if _OF_GOOGLE.fullmatch(parts.host):
        return _of_google(parts)
    if host == "r.search.yahoo.com" or (host, parts.path) == ("bing.com", "/ck/a"):
        return _of_form(host, parts)
    if host.endswith(".safelinks.protection.outlook.com"):
        host = host.partition(".")[2]
    path, names = _BY_PARAMETER.get(host, (None, ()))
    if path is not None and path.fullmatch(parts.path):
        return first(parts.query, names)
    return guarded(host, parts) or elsewhere(host, parts)


def _of_form(host: str, parts: HttpUrl) -> str | None:
    if host == "bing.com":
        found = _BING_TARGET.fullmatch(parameter(parts.query, "u") or "")
        return _decoded(found[1]) if found else None
    found = _YAHOO_TARGET.search(parts.path)
    return unquote(found[1]) if found else None


def _of_google(parts: HttpUrl) -> str | None:
    if _URL.fullmatch(parts.path):
        return first(parts.query, ("url", "q"))
    if parts.host.startswith("news."):
        found = _GOOGLE_NEWS_PATH.fullmatch(parts.path)
        return _of_google_news(found[1]) if found else None
    return _cached(parts, _GOOGLE_AMP_PATH)


def _cached(parts: HttpUrl, pattern: re.Pattern[str]) -> str | None:
    found = pattern.fullmatch(parts.path)
    if found is None:
        return None
    return with_query(f"http{'s' if found[1] else ''}://{found[2]}", parts.query)


def _of_google_news(token: str) -> str | None:
    """The address in an article's token: a protocol buffer whose field 4 it is (until 2024)."""
    data = _bytes(token)
    if not data.startswith(b"\x08\x13\x22") or len(data) < 5:
        return None
    length, start = data[3], 4
    if length & 0x80:  # a varint of two bytes
        length, start = (length & 0x7F) | data[4] << 7, 5
    found = data[start : start + length]
    if len(found) < length or not found.startswith((b"http://", b"https://")):
        return None
    return found.decode("utf-8", "replace")


def _decoded(token: str) -> str | None:
    return _bytes(token).decode("utf-8", "replace") or None


def _bytes(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return b""
