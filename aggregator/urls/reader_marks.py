"""Marks that letters, networks and subscriptions leave in a query, for comparison only.

Unlike :mod:`aggregator.urls.tracking`, what is here stays in a request: a gift's token opens the article, and
some of the names are safe to leave out of a comparison, but not of what identities are made of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# Names that only one kind of sender writes: mail programs, shares, affiliates, analysts.
_NAMES = frozenset(
    """
    spmailingid spuserid spjobid spreportid et_rid et_cid cm_mmc cm_sp cm_re cm_ven cm_cat cm_pla cm_ite
    inf_contact_key nr_email_referer email_referrer email_subject hss_channel nb_klid rb_clickid nowprocket
    trk_contact trk_msg trk_module trk_sid vgo_ee sfmc_id sfmc_sub sfmc_key last_resource_guid jwt_token sh_kit
    omnisendcontactid omnisendattributionid cio_id _cio_id mkwid pcrid s_kwcid qclid sscid awc clickref
    ranmid raneaid ransiteid xg_source action_object_map action_type_map action_ref_map fb_news_token _gac syclid
    _ga_ msockid etext ybaip t_ref wt_ref wt_eid wt_rid wtrid wtmc mktcid mktcval sc_uid spm_id_from vd_source
    share_source share_medium share_plat share_session_id share_tag share_times share_app share_uid shareuid
    sharer_shareid sharer_shareinfo sharer_shareinfo_first isappinstalled wxshare_count nsukey
    iref n_cid ssm mbcid at_xt lipi licu lici rcm xmt slof
    _sp __readwiselocation echobox unapproved moderation-hash srg_sm_medium
    _pos _sid _ss _fid _psq linkid
    gaa_at gaa_n gaa_ts gaa_sig sharetype reflink referringsource _bhiiv
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)
_FAMILIES = (
    "bsft_", "iterable", "__xts__", "gca-", "gnt-", "sara_", "lmd_", "fb_xd_", "aem_", "_sm_", "vero_", "hmb_",
)  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{6,}", re.IGNORECASE)
_NUMBER = re.compile(r"\d{5,}")
_BY_VALUE = {
    "emci": _UUID,
    "emdi": _UUID,
    "ceid": _NUMBER,
    "can_id": _HEX,
    "dm_i": re.compile(r"[0-9a-z]{1,5}(?:(?:,|%2C)[0-9a-z]+){2,}", re.IGNORECASE),
    "taid": re.compile(r"[0-9a-f]{16,}"),
    "bxid": _HEX,
    "cndid": _NUMBER,
    **dict.fromkeys(("hasha", "hashb", "hashc"), re.compile(r"[0-9a-f]{32,}")),
    "attribution_id": _HEX,  # Ghost
    "attribution_type": re.compile(r"post|page|author|tag|url"),
    "from": re.compile(r"singlemessage|timeline|groupmessage"),  # WeChat
    "showcomment": re.compile(r"\d{10,}"),  # Blogger
    "do": re.compile(r"get(?:New|Last|First)Comment"),  # Invision
    "layout": re.compile(r"default"),
    "xid": re.compile(r"(?:rss|newsletter|soc|fbshare|twitter|email).*", re.IGNORECASE),
}
# What opens an article for whoever has the link; of a path that names none it may be all there is.
_PASSES = frozenset(
    """
    gift giftcopy gift_copy giftid gift_id gift_token sharetoken share_token shareid share_id accesstoken
    access_token pwapi_token unlock unlocked freebie sharing_token
    """.split()  # noqa: SIM905
)
# How the page is to stand before the reader.
_STATES = frozenset(
    "close preview redirected noredirect nocache no_cache fullscreen autoplay scrolltocomments showcomments expand".split()  # noqa: SIM905
)
_YES = frozenset({"", "1", "true", "yes"})
# A value that names what the reader came by, under a campaign's name: "soc_facebook_drnyheder", "en-rss-all".
_CAME_BY = re.compile(
    r"(?:[a-z0-9]+[-_.:|~])*?(?:rss|rdf|newsletters?|twitter|facebook|linkedin|whatsapp|telegram|instagram|bluesky|"
    r"mastodon|flipboard|socialflow|googlenews|applenews|smartnews|social|soc|twt|sharing|pushnotification|feedburner)"
    r"(?:[-_.:|~][a-z0-9]*)*",
    re.IGNORECASE,
)
_CAMPAIGN_NAMES = frozenset(
    "cid maca ref source src from via origin medium campaign cmp mod partner sref rss_id rssid xid mbid wtmc soc_src".split()  # noqa: SIM905
)
_LONGEST = 1000  # characters of a value: a mark has fewer, and strangers could make a comparison slow with more
_SIGNED = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")  # a JSON Web Token says who reads
_WHOLE = {
    **dict.fromkeys(("page", "pages", "seite", "pagina"), frozenset({"all", "full"})),
    **dict.fromkeys(("singlepage", "single_page", "onepage"), frozenset({"1", "true", "y", "yes"})),
    "view": frozenset({"all"}),
    "printpagedarticle": frozenset({"true"}),
    "reduced": frozenset({"true"}),
}
# What the pages of a site, and of those below it, say of how they were reached: sites, then names.
_OF_SITES = """
wired.com newyorker.com vanityfair.com vogue.com pitchfork.com gq.com bonappetit.com cntraveler.com self.com teenvogue.com: bxid cndid esrc mbid source sourcecode client_service_id client_service_name
wsj.com barrons.com marketwatch.com: st mod siteid page_type
businessinsider.com insider.com businessinsider.de: r ir
nytimes.com: module contentcollection pgtype action region rref nl te campaign_id instance_id segment_id user_id regi_id searchresultposition
washingtonpost.com: itid tid wpisrc wpmm hpid nid carta-url pml noredirect
yahoo.com: .tsrc tsrc
youtube.com: si pp feature app
dw.com: maca
yna.co.kr: section site
kommersant.ru rbc.ru lenta.ru gazeta.ru iz.ru vedomosti.ru ria.ru: from
macrumors.com: scrolltoposts
arstechnica.com: comments comments-page
msn.com: ocid cvid ei pc rc form
cnn.com: cid iid
go.com nbcnews.com welt.de: cid
naver.com: sid sid1 ntype lfrom cds
bilibili.com: from_source from_spmid unique_k up_id buvid is_story_h5 mid
indiatimes.com: from
ndtv.com: pfrom browserpush
elpais.com: prm event_log rel
faz.net: gepc premium
nzz.ch: kid ga trco
change.org: recruiter recruited_by_id source_location psf_variant share_bandit_exp
gofundme.com: qid attribution_id
quora.com: share srid target_type ch oid
steampowered.com: snr curator_clanid
dropbox.com: dl st
asahi.com: ref oai
theguardian.com: acquisitiondata
"""


def _by_site() -> dict[str, frozenset[str]]:
    lines = (line.split(": ") for line in _OF_SITES.split("\n") if line)
    return {site: frozenset(names.split()) for sites, names in lines for site in sites.split()}


_AT_SITE = _by_site()


def is_mark(name: str, value: str, host: str, *, of_article: bool) -> bool:
    """True when ``name=value`` only tells of the reader; ``of_article``: the path names one by itself."""
    if len(value) > _LONGEST:
        return False
    name = name.lower()
    if name in _NAMES or name.startswith(_FAMILIES) or name in _at(host):
        return True
    if (pattern := _BY_VALUE.get(name)) is not None and pattern.fullmatch(value):
        return True
    return of_article and (
        name in _PASSES
        or (name in _STATES and value.lower() in _YES)
        or (name in _CAMPAIGN_NAMES and _CAME_BY.fullmatch(value) is not None)
        or value.lower() in _WHOLE.get(name, ())
        or _SIGNED.fullmatch(value) is not None
    )


@lru_cache(maxsize=1024)
def _at(host: str) -> frozenset[str]:
    """What is known of ``host``, or of the nearest name above it."""
    while host and host not in _AT_SITE:
        host = host.partition(".")[2]
    return _AT_SITE.get(host, frozenset())


def campaigns(query: Sequence[str]) -> tuple[str, ...]:
    """Beginnings of names in ``query`` that are a campaign's: ``x_`` where ``x_campaign`` is called so and has ``x_medium`` or ``x_source`` beside it."""
    told = dict(part.lower().partition("=")[::2] for part in query)
    named = (
        name for name, value in told.items() if name.endswith("_campaign") and not value.isdigit()
    )
    found = {name.removesuffix("campaign") for name in named}
    return tuple(sorted(one for one in found if told.keys() & {f"{one}medium", f"{one}source"}))
