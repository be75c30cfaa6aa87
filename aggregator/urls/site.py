"""Sites: URLs that belong together, as far as names alone can tell."""

from __future__ import annotations

from aggregator.urls.standard import NotHttp, parse
from aggregator.urls.story import site_host


def same_site(first: str, second: str) -> bool:
    """True when the hosts of two http(s) URLs are the same or one lies below the other.

    ``www.``, ``m.`` and ``amp.`` do not count. Siblings (``a.example.org``, ``b.example.org``) are
    not taken for one site: on shared hosts they belong to different people. False for anything that
    is no http(s) URL.
    """
    try:
        hosts = site_host(parse(first).host), site_host(parse(second).host)
    except NotHttp:
        return False
    if hosts[0] == hosts[1]:
        return True
    shorter, longer = sorted(hosts, key=len)
    return "." in shorter and not shorter.startswith("[") and longer.endswith("." + shorter)
