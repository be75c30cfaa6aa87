"""The shipped list of tracking parameters, and how it is brought up to date.

``trackers.json`` is made of the rules of tidy-url (MIT, see ``trackers.LICENSE``;
https://github.com/DrKain/tidy-url), a list that browser extensions use. They may lose a parameter now and then; we may not, since a wrong one
gives subscribers another page. So only what is left by :func:`careful` is taken. To update it::

    npm pack tidy-url && tar xzf tidy-url-*.tgz
    node -p 'JSON.stringify(require("./package/data/rules.js"))' |
        python -m aggregator.urls.trackers VERSION > aggregator/urls/trackers.json
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_SITE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
_SHORTEST = 3  # characters: shorter names mean something else in every other place
# Words that name pages, products, searches, languages somewhere: a site's rule may not drop them.
_TELLING = frozenset(
    """
    action algo app aff amp article bt campaign cat category channel chash checksum cid code color
    context destredirecturl domain edmid eid filter form from funnel g2i_source gpu hash header footer
    idzone iid item itemid keyword keywords lang list loc location mbid media menu mid module number origin
    page pagename path pgid pgtype pid platform pos post prod_id productid productids pub pubdata qid
    query ref refer referral region rel scenario search section sfmc_id share sid siteid slug sort
    source src sub subject surface tab tabtype tag tags target tax taskitemid terminal_id thid timezone
    token topic trackingid type uid url user userid user_id user_id_1 var variant variation version vid
    view widgetid wp_page
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)


@dataclass(frozen=True, slots=True)
class TrackerList:
    """Names in lower case that are dropped: at every site, and at a site and all below it."""

    version: str
    everywhere: frozenset[str]
    sites: Mapping[str, frozenset[str]]


def load() -> TrackerList:
    """The list that came with this release."""
    text = (files("aggregator.urls") / "trackers.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    sites = {site: frozenset(names) for site, names in found["sites"].items()}
    return TrackerList(found["version"], frozenset(found["everywhere"]), sites)


def careful(rules: Iterable[Mapping[str, Any]], version: str) -> dict[str, Any]:
    """The part of tidy-url's ``rules`` that is safe enough, in the form of ``trackers.json``."""
    everywhere: list[str] = []
    sites: dict[str, list[str]] = {}
    for rule in rules:
        names = sorted({name.strip().lower() for name in rule.get("rules") or ()} - _TELLING)
        names = [name for name in names if len(name) >= _SHORTEST and not name.startswith("$")]
        if rule["name"] == "Global":
            everywhere = names
        elif names and _SITE.fullmatch(rule["name"]):
            sites[rule["name"]] = sorted({*names, *sites.get(rule["name"], ())})
    known = set(everywhere)
    return {
        "source": "tidy-url, https://github.com/DrKain/tidy-url",
        "licence": "MIT, Copyright (c) 2021 DrKain",
        "version": version,
        "everywhere": everywhere,
        "sites": {
            site: rest
            for site in sorted(sites)
            if (rest := [n for n in sites[site] if n not in known])
        },
    }


if __name__ == "__main__":
    json.dump(careful(json.load(sys.stdin), sys.argv[1]), sys.stdout, indent=1)
    sys.stdout.write("\n")
