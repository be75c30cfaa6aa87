"""Query parameters that say how a reader came to a page, not which page it is.

A name counts only when it is specific enough that no site is known to use it for what the page
shows: a wrong name gives subscribers another page, a missing one only costs a second fetch. Names
are in lower case and compared without regard to case. To the list that is shipped
(:mod:`aggregator.urls.trackers`) come the families and names below, which feeds bring along, and
what the operator says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from aggregator.urls import trackers

# Families: every parameter that starts so.
_PREFIXES = (
    "utm_", "utm-",  # Google Analytics and everyone since
    "mtm_", "matomo_", "piwik_", "pk_",  # Matomo
    "at_",  # AT Internet / Piano (at_medium, at_campaign, at_custom1, …); see _NOT_TRACKING
    "sc_",  # BBC and others' share campaigns; see _SC
    "hsa_",  # HubSpot ads
    "fb_action_", "fb_comment_",  # Facebook
    "__hs",  # HubSpot (__hstc, __hssc, __hsfp)
    "_branch_",  # Branch
    "guce_",  # Yahoo's consent detour
    "itm_",  # internal campaigns
    "asc_",  # Amazon affiliate campaigns
)  # fmt: skip

# Prefixes above that are too short to be trusted alone: only these members of them are meant.
_CHECKED_FAMILIES = {
    "at_": re.compile(
        r"at_(medium|campaign|custom\d|bbc_team|ptr_name|ptr_type|link_\w+|format|campaign_type)"
    ),
    "sc_": re.compile(
        r"sc_(campaign|channel|content|country|geo|medium|outcome|cid|lid|llid|eh|src)"
    ),
    "pk_": re.compile(r"pk_(campaign|kwd|keyword|source|medium|content|cid|vid)"),
}

_NAMES = frozenset(
    """
    fbclid fb_ref fb_source mibextid sfnsn igsh igshid __tn__
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid _ga _gl gs_l
    msclkid yclid ysclid ymclid _openstat twclid ttclid li_fat_id epik rdt_cid sccid
    mc_cid mc_eid mc_tc mkt_tok _hsenc _hsmi hsctatracking vero_id vero_conv oly_anon_id oly_enc_id
    elqtrackid elqtrack elqaid elqat wickedid _ke _kx _bta_c _bta_tid ml_subscriber
    ml_subscriber_hash ck_subscriber_id ef_id irclickid irgwc cjevent dicbo obclid tblci
    guccounter smtyp ns_mchannel ns_source ns_campaign
    ns_linkname ns_fee wt_mc wt.mc_id wt.tsrc wt.nav __twitter_impression ref_src ref_url
    _bhlid rss_cid feedtype feedname trkcampaign sr_share share_from_user_hidden
    cx_testid cx_testvariant cx_artpos dlvrit intcmp wt_zmc unlocked_article_code
    doing_wp_cron _wpnonce
    phpsessid jsessionid aspsessionid cftoken zenid oscsid
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)

# A value that nobody would give a page by hand.
_RANDOM = re.compile(r"[0-9a-f]{24,}|(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]{20,}", re.IGNORECASE)
# A value that is neither a word nor a number that counts: no conference's session.
_DRAWN = re.compile(r"(?=\D*\d)(?=[^a-z]*[a-z])[a-z0-9_.-]{6,}|[0-9a-z]{16,}", re.IGNORECASE)
# Names that are trackers with some values and identities with others.
_BY_VALUE = {
    "cmp": re.compile(
        r"(share|rss|email|newsletter|twt|fb|tw|soc|sns|ema|emc)(\b|_).*|.*(_|-)(rss|btn).*",
        re.IGNORECASE,
    ),
    "spref": re.compile(r"tw|fb|bl|pi|gr|gp"),  # Blogger
    "leadsource": re.compile(r"uverify.*"),
    "trk": re.compile(r".*[a-z].*", re.IGNORECASE),  # LinkedIn
    **dict.fromkeys(("spm", "scm"), re.compile(r"[\w-]+(?:\.[\w-]+)+")),  # Alibaba
    "taid": re.compile(r"[0-9a-f]{20,}"),
    "_r": re.compile(r"[0-9]"),
    **dict.fromkeys(("sid", "s", "session"), _RANDOM),
    **dict.fromkeys(("sessionid", "session_id", "sessid"), _DRAWN),
    "cfid": re.compile(r"\d{5,}|[0-9a-f-]{20,}", re.IGNORECASE),  # beside CFTOKEN
    "partner": re.compile(r"rss\w*", re.IGNORECASE),
    "emc": re.compile(r"rss|edit_\w+", re.IGNORECASE),
    "feature": re.compile(r"youtu\.be|share|shared|emb_\w+|youtube_gdata\w*", re.IGNORECASE),
}

# Session ids in the path: Java servlets, cookieless ASP.NET.
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;?]*", re.IGNORECASE)
_ASP_SESSION = re.compile(r"/\((?:[A-Z]\([A-Za-z0-9_-]{10,}\))+\)(?=/)")

# Campaigns by name or by a long number; a short one may count what the page is about.
_SHORT_NAMES = frozenset("cmpid ftag icid icmp intcid ito ncid ocid smid tpcc s_cid xtor".split())  # noqa: SIM905
_COUNTS = re.compile(r"[a-z]{0,2}\d{1,3}", re.IGNORECASE)

_SHIPPED = trackers.load()


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the operator says: names to drop and to keep; site → names, ``""`` everywhere."""

    drop: dict[str, frozenset[str]] = field(default_factory=dict)
    keep: dict[str, frozenset[str]] = field(default_factory=dict)


_wishes = _Wishes()


def wish(parameters: Iterable[str]) -> None:
    """Take the operator's ``parameters`` in place of those of before, for this whole process.

    ``name`` is dropped everywhere, ``name@site.example`` at that site and below it; with ``!``
    before it, it is kept although the lists have it.
    """
    global _wishes  # noqa: PLW0603 - one table a process, like the list that it adds to
    found: dict[bool, dict[str, set[str]]] = {True: {}, False: {}}
    for parameter in parameters:
        name, _, site = parameter.removeprefix("!").lower().partition("@")
        found[parameter.startswith("!")].setdefault(site, set()).add(name)
    drop, keep = (
        {site: frozenset(names) for site, names in found[kept].items()} for kept in (False, True)
    )
    _wishes = _Wishes(drop, keep)
    _names_at.cache_clear()


@lru_cache(maxsize=1024)
def _names_at(host: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that are dropped at ``host``, and those that are kept whatever they are."""
    labels = host.split(".")
    sites = ["", *(".".join(labels[start:]) for start in range(len(labels)))]
    listed = [_SHIPPED.sites[site] for site in sites if site in _SHIPPED.sites]
    wished = [_wishes.drop[site] for site in sites if site in _wishes.drop]
    kept = [_wishes.keep[site] for site in sites if site in _wishes.keep]
    everywhere = (_NAMES | _SHIPPED.everywhere) - _SHORT_NAMES
    return everywhere.union(*listed, *wished), frozenset().union(*kept)


def is_tracking(name: str, value: str, host: str = "") -> bool:
    """True when the query parameter ``name=value`` may be dropped from a request to ``host``."""
    # "&" that was escaped once too often, by whoever wrote the feed.
    name = name.lower().removeprefix("amp;").removeprefix("amp%3b")
    dropped, kept = _names_at(host)
    if name in kept:
        return False
    if name in dropped or name.startswith("aspsessionid"):
        return True
    if name in _SHORT_NAMES:
        return _COUNTS.fullmatch(value) is None
    if (pattern := _BY_VALUE.get(name)) is not None:
        return pattern.fullmatch(value) is not None
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            members = _CHECKED_FAMILIES.get(prefix)
            return members is None or members.fullmatch(name) is not None
    return False


def without_tracking(query: str, host: str = "") -> str:
    """``query`` (without ``?``) without tracking parameters and empty parts; order kept."""
    if not query:
        return query
    return "&".join(
        part for part in query.split("&") if part and not is_tracking(*_name_and_value(part), host)
    )


def _name_and_value(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name, value


def without_session(path: str) -> str:
    """``path`` without session ids written into it."""
    if ";" not in path and "(" not in path:
        return path
    return _ASP_SESSION.sub("", _PATH_SESSION.sub("", path))
