"""The table of :mod:`aggregator.urls.platforms`: what each large site calls one and the same thing.

A form is here when the site itself redirects between its addresses, or gives out several with one
id that is unique at the site. Names of accounts are written in any case there; ids are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write an address: the path, and host and path for all of its ways.

    ``as_path`` is filled with the groups of ``path``; ``name`` and ``repo`` in lower case. Of the
    query stays what ``keep`` names, of the rest nothing: it is about the player, or who shared it.
    """

    path: re.Pattern[str]
    host: str
    as_path: str
    keep: frozenset[str]


def _of(
    hosts: str, path: str, host: str, as_path: str, keep: str = ""
) -> Iterator[tuple[str, Form]]:
    form = Form(re.compile(path), host, as_path, frozenset(keep.split()))
    return ((each, form) for each in hosts.split())


_X = "twitter.com x.com fxtwitter.com vxtwitter.com fixupx.com fixvx.com xcancel.com nitter.net nitter.poast.org"
_AMAZON = "com co.uk de fr it es nl se pl ie com.be ca in com.au com.br com.mx com.tr co.jp sg ae sa eg cn"
_ASIN = (
    r"/(?:-/[a-z]{2}(?:_[A-Z]{2})?/)?(?:[^/]+/)?(?:dp|dp/product|gp/product|gp/aw/d|exec/obidos/ASIN|o/ASIN)"
    r"/(?P<id>[A-Z0-9]{10})(?:/ref=.*)?"
)
_STACK = "stackoverflow.com serverfault.com superuser.com askubuntu.com mathoverflow.net stackapps.com *.stackexchange.com"
_PINTEREST = "com de fr it es pt at ch se ca nz co.uk com.au com.mx jp"
_EBAY = "com de co.uk fr it es nl at ch ca ie pl com.au"
_REDDIT_OWNER = r"/(?:(?:r|u|user)/[\w-]+/)?"

_ALL = (
    # Videos: the id is all that the player needs.
    *_of("vimeo.com player.vimeo.com", r"/(?:video/|channels/[^/]+/|groups/[^/]+/videos/)?(?P<id>\d{5,})(?:/[0-9a-f]{8,})?",
         "vimeo.com", "/{id}"),
    *_of("dai.ly", r"/(?P<id>[a-z0-9]{5,10})", "dailymotion.com", "/video/{id}"),
    *_of("dailymotion.com", r"/(?:embed/)?video/(?P<id>[a-z0-9]{5,10})(?:_[^/]*)?", "dailymotion.com", "/video/{id}"),
    *_of("nico.ms sp.nicovideo.jp nicovideo.jp", r"/(?:watch/)?(?P<id>(?:sm|so|nm)\d+)", "nicovideo.jp", "/watch/{id}"),
    *_of("b23.tv bilibili.com", r"/(?:video/)?(?P<id>BV[A-Za-z0-9]{10})", "bilibili.com", "/video/{id}"),
    *_of("twitch.tv", r"/[^/]+/clip/(?P<id>[\w-]+)", "clips.twitch.tv", "/{id}"),
    *_of("twitch.tv", r"/videos/(?P<id>\d+)", "twitch.tv", "/videos/{id}"),
    *_of("clips.twitch.tv", r"/(?P<id>[\w-]+)", "clips.twitch.tv", "/{id}"),
    *_of("tiktok.com", r"/(?:@[\w.-]+/(?:video|photo)|embed(?:/v\d)?|v)/(?P<id>\d{10,})(?:\.html)?",
         "tiktok.com", "/video/{id}"),
    *_of("vxtiktok.com tnktok.com", r"/@[\w.-]+/(?:video|photo)/(?P<id>\d{10,})", "tiktok.com", "/video/{id}"),
    *_of("rutube.ru", r"/(?:video|play/embed)/(?P<id>[0-9a-f]{32})", "rutube.ru", "/video/{id}"),
    *_of("ted.com embed.ted.com", r"/talks/(?P<id>[\w-]+)", "ted.com", "/talks/{id}", "language"),
    # Posts. X and its mirrors number all posts in one row; the account before the number is decoration.
    *_of(_X, r"/(?:i/web|i|[A-Za-z0-9_]{1,20})/status(?:es)?/(?P<id>\d+)(?:/(?:photo|video)/\d)?",
         "x.com", "/i/status/{id}"),
    *_of("redd.it", r"/(?P<id>[a-z0-9]{5,8})", "reddit.com", "/comments/{id}"),
    *_of("reddit.com", _REDDIT_OWNER + r"(?:comments|gallery|tb)/(?P<id>[a-z0-9]{5,8})(?:/[^/]*)?",
         "reddit.com", "/comments/{id}"),
    *_of("reddit.com", _REDDIT_OWNER + r"comments/(?P<id>[a-z0-9]{5,8})/[^/]+/(?P<comment>[a-z0-9]{5,8})",
         "reddit.com", "/comments/{id}/_/{comment}"),
    *_of("instagram.com instagr.am ddinstagram.com kkinstagram.com", r"/(?:\w+(?:\.\w+)*/)?(?:p|reels?|tv)/(?P<id>[\w-]{6,})",
         "instagram.com", "/p/{id}"),
    *_of("threads.net threads.com", r"/(?:@[\w.]+/post|t)/(?P<id>[\w-]{6,})(?:/(?:embed|media))?", "threads.com", "/t/{id}"),
    *_of("t.me telegram.me telegram.dog", r"/(?:s/)?(?P<name>[A-Za-z]\w{3,31})/(?P<id>\d+)",
         "t.me", "/{name}/{id}", "comment thread"),  # "/s/" is the reading view; a comment is its own post
    *_of("t.me telegram.me telegram.dog", r"/s/(?P<name>[A-Za-z]\w{3,31})", "t.me", "/{name}", "before after q"),
    *_of("linkedin.com", r"/(?:posts/[^/]+-|feed/update/urn(?::|%3A)li(?::|%3A))(?P<kind>activity|ugcPost|share)"
         r"(?:-|:|%3A)(?P<id>\d{15,})(?:-[\w-]+)?", "linkedin.com", "/feed/update/{kind}/{id}"),
    *_of("tumblr.com", r"/(?:blog/view/)?(?P<name>[\w-]+)/(?P<id>\d{8,})(?:/[^/]*)?", "tumblr.com", "/{name}/{id}"),
    # A story's name at Facebook; the whole of it is in the query.
    *_of("facebook.com mbasic.facebook.com web.facebook.com", r"/(?:permalink|story)\.php", "facebook.com", "/permalink.php",
         "story_fbid id comment_id reply_comment_id"),
    *(pair for country in _PINTEREST.split() for pair in _of(
        f"pinterest.{country}", r"/pin/(?:[^/]+--)?(?P<id>\d{6,})", "pinterest.com", "/pin/{id}")),
    *_of("*.pinterest.com", r"/pin/(?:[^/]+--)?(?P<id>\d{6,})", "pinterest.com", "/pin/{id}"),
    *_of("flickr.com", r"/photos/(?P<owner>[^/]+)/(?P<id>\d{6,})(?:/in/.+)?", "flickr.com", "/photos/{owner}/{id}"),
    *_of("facebook.com mbasic.facebook.com web.facebook.com fb.com",
         r"/groups/(?P<name>[\w.-]+)/(?:posts|permalink)/(?P<id>\d+)", "facebook.com", "/groups/{name}/posts/{id}",
         "comment_id reply_comment_id"),
    *_of("facebook.com mbasic.facebook.com web.facebook.com fb.com",
         r"/(?P<name>[\w.-]+)/posts/(?:[^/]+/)?(?P<id>\d+|pfbid\w+)", "facebook.com", "/{name}/posts/{id}",
         "comment_id reply_comment_id"),
    *_of("bsky.app bskx.app fxbsky.app vxbsky.app", r"/profile/(?P<name>[\w.:-]+)/post/(?P<id>\w+)",
         "bsky.app", "/profile/{name}/post/{id}"),
    *_of("weibo.cn", r"/(?:status|detail)/(?P<id>\w+)", "weibo.cn", "/detail/{id}"),
    *_of("zhihu.com", r"/(?:question/\d+/)?answer/(?P<id>\d+)", "zhihu.com", "/answer/{id}"),
    *_of("mp.weixin.qq.com", r"/s", "mp.weixin.qq.com", "/s", "__biz mid idx sn"),
    *_of("note.com note.mu", r"/(?:\w+/)?n/(?P<id>n[0-9a-f]{12})", "note.com", "/n/{id}"),
    *_of("qiita.com", r"/(?:[\w-]+/)?items/(?P<id>[0-9a-f]{20})", "qiita.com", "/items/{id}"),
    *_of("ameblo.jp s.ameblo.jp gamp.ameblo.jp", r"/(?P<name>[\w-]+)/entry-(?P<id>\d+)\.html", "ameblo.jp", "/{name}/entry-{id}.html"),
    *_of("pixiv.net", r"/(?:en/)?artworks/(?P<id>\d+)", "pixiv.net", "/artworks/{id}"),
    *_of("*.tistory.com", r"/(?:m/)?(?P<id>\d+)", "", "/{id}"),
    *_of("imgur.com", r"/(?:a|gallery)/(?:[\w-]+-)?(?P<id>[A-Za-z0-9]{5,8})", "imgur.com", "/gallery/{id}"),
    # Questions and answers are numbered in one row at each site.
    *_of(_STACK, r"/(?:questions/(?P<id>\d+)(?:/[^/]*)?|q/(?P<short>\d+)(?:/\d+)?)", "", "/q/{id}{short}"),
    *_of(_STACK, r"/(?:questions/\d+/[^/]+/(?P<id>\d+)|a/(?P<short>\d+)(?:/\d+)?)", "", "/a/{id}{short}"),
    # Letters and essays. Patreon's titles stand before the number. Medium's guids are "/p/HASH", its links bear the account or the publication.
    *_of("patreon.com", r"/posts/(?:[^/]*-)?(?P<id>\d{5,})", "patreon.com", "/posts/{id}"),
    *_of("medium.com", r"/(?:[^/]+/)(?:[^/]*-)?(?P<id>[0-9a-f]{10,12})", "medium.com", "/p/{id}"),
    *_of("*.medium.com", r"/(?:[^/]*-)?(?P<id>[0-9a-f]{12})", "medium.com", "/p/{id}"),
    *_of("open.substack.com", r"/pub/(?P<name>[\w-]+)/p/(?P<id>[^/]+)", "{name}.substack.com", "/p/{id}"),
    *_of("*.substack.com", r"/p/(?P<id>[^/]+)", "", "/p/{id}"),
    *_of("substack.com", r"/(?:(?:@[\w.-]+|profile/[^/]+)/)?note/(?P<id>c-\d+)", "substack.com", "/note/{id}"),
    *_of("substack.com", r"/(?:@[\w.-]+|home/post|inbox/post)/(?P<id>p-\d+)", "substack.com", "/{id}"),
    # Google News shows one article in feeds, in its reader and in its application.
    *_of("news.google.com", r"/(?:__i/)?(?:rss/(?:rd/)?)?(?:articles|read)/(?P<id>[\w-]{20,})=*",
         "news.google.com", "/articles/{id}"),
    *_of("feedproxy.google.com feeds.feedburner.com feeds2.feedburner.com",
         r"/~r/(?P<feed>.+)/~3/(?P<id>[\w-]+)(?:/.*)?", "feedproxy.google.com", "/~r/{feed}/~3/{id}"),
    # Products: the ASIN; another country's shop sells it under terms of its own.
    *(pair for country in _AMAZON.split() for pair in _of(
        f"amazon.{country} smile.amazon.{country}", _ASIN, f"amazon.{country}", "/dp/{id}")),
    *_of("amzn.com", r"/(?P<id>[A-Z0-9]{10})", "amazon.com", "/dp/{id}"),
    *(pair for country in _EBAY.split() for pair in _of(
        f"ebay.{country}", r"/itm/(?:[^/]+/)?(?P<id>\d{9,})", f"ebay.{country}", "/itm/{id}")),
    *_of("etsy.com", r"/(?:[a-z]{2}(?:-[a-z]{2})?/)?listing/(?P<id>\d{6,})(?:/[^/]*)?", "etsy.com", "/listing/{id}"),
    *_of("aliexpress.com *.aliexpress.com", r"/item/(?:[^/]+/)?(?P<id>\d{8,})\.html", "aliexpress.com", "/item/{id}"),
    *_of("walmart.com", r"/ip/(?:[^/]+/)?(?P<id>\d{5,})", "walmart.com", "/ip/{id}"),
    *_of("store.steampowered.com", r"/(?:agecheck/)?app/(?P<id>\d+)(?:/[^/]*)?", "store.steampowered.com", "/app/{id}"),
    *_of("store.steampowered.com", r"/news/(?:app/\d+/)?view/(?P<id>\d{10,})", "store.steampowered.com", "/news/view/{id}"),
    *_of("steamcommunity.com", r"/(?:games|ogg|gid|groups)/[^/]+/announcements/detail/(?P<id>\d{10,})",
         "store.steampowered.com", "/news/view/{id}"),
    *_of("steamcommunity.com", r"/(?:sharedfiles|workshop)/filedetails", "steamcommunity.com", "/sharedfiles/filedetails", "id"),
    *_of("gog.com", r"/(?:[a-z]{2}(?:-[A-Z]{2,4})?/)?game/(?P<id>\w+)", "gog.com", "/game/{id}"),
    *_of("kickstarter.com", r"/projects/(?P<name>[\w-]+)/(?P<id>[\w-]+)(?:/description)?", "kickstarter.com", "/projects/{name}/{id}"),
    *_of("eventbrite.com eventbrite.co.uk eventbrite.de eventbrite.fr eventbrite.es eventbrite.it eventbrite.ca eventbrite.com.au",
         r"/e/(?:[^/]*-)?(?P<id>\d{9,})", "eventbrite.com", "/e/{id}"),
    *_of("meetup.com", r"/(?:[a-z]{2}-[A-Z]{2}/)?(?P<name>[\w-]+)/events/(?P<id>\w+)", "meetup.com", "/{name}/events/{id}"),
    # Applications and what they hold: the language of the page that shows it is the reader's.
    *_of("apps.apple.com itunes.apple.com", r"/(?:[a-z]{2}/)?app/(?:[^/]+/)?(?P<id>id\d+)", "apps.apple.com", "/app/{id}"),
    *_of("music.apple.com itunes.apple.com", r"/[a-z]{2}/album/(?:[^/]+/)?(?:id)?(?P<id>\d+)", "music.apple.com", "/album/{id}", "i"),
    *_of("play.google.com", r"/store/apps/details", "play.google.com", "/store/apps/details", "id"),
    *_of("chrome.google.com", r"/webstore/detail/(?:[^/]+/)?(?P<id>[a-p]{32})", "chromewebstore.google.com", "/detail/{id}"),
    *_of("chromewebstore.google.com", r"/detail/(?:[^/]+/)?(?P<id>[a-p]{32})", "", "/detail/{id}"),
    *_of("addons.mozilla.org", r"/(?:[a-z]{2,3}(?:-[A-Z]{2})?/)?(?P<app>firefox|android|thunderbird)/addon/(?P<id>[^/]+)",
         "addons.mozilla.org", "/{app}/addon/{id}"),
    *_of("f-droid.org", r"/(?:[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?/)?packages/(?P<id>[\w.]+)", "f-droid.org", "/packages/{id}"),
    *_of("npmjs.com", r"/package/(?P<id>(?:@[\w.-]+/)?[\w.-]+)", "npmjs.com", "/package/{id}"),
    *_of("npm.im", r"/(?P<id>(?:@[\w.-]+/)?[\w.-]+)", "npmjs.com", "/package/{id}"),
    *_of("docs.google.com", r"/(?P<kind>document|spreadsheets|presentation)(?:/u/\d)?/d/(?P<id>[\w-]{15,})(?:/(?:edit|view|preview|mobilebasic))?",
         "docs.google.com", "/{kind}/d/{id}", "tab gid"),
    *_of("drive.google.com", r"/file(?:/u/\d)?/d/(?P<id>[\w-]{15,})(?:/(?:edit|view|preview))?", "drive.google.com", "/file/d/{id}"),
    *_of("figma.com", r"/(?:file|design)/(?P<id>\w{22})(?:/[^/]*)?", "figma.com", "/design/{id}", "node-id"),
    *_of("notion.so *.notion.site", r"/(?:[^/]+/)?(?:[^/]*-)?(?P<id>[0-9a-f]{32})", "", "/{id}", "p v"),
    *_of("bugs.launchpad.net", r"/(?:[^/]+/)*\+bug/(?P<id>\d+)", "bugs.launchpad.net", "/bugs/{id}"),
    *_of("launchpad.net bugs.launchpad.net", r"/bugs/(?P<id>\d+)", "bugs.launchpad.net", "/bugs/{id}"),
    *_of("overcast.fm", r"/(?P<id>\+[\w-]+)(?:/[\d:]+)?", "overcast.fm", "/{id}"),
    *_of("nvd.nist.gov", r"/vuln/detail/(?P<name>(?:CVE|cve)-\d{4}-\d+)", "nvd.nist.gov", "/vuln/detail/{name}"),
    # Catalogues
    *_of("imdb.com", r"/(?:[a-z]{2}(?:-[a-z]{2})?/)?title/(?P<id>tt\d+)", "imdb.com", "/title/{id}"),
    *_of("goodreads.com", r"/(?:[a-z]{2}/)?book/show/(?P<id>\d+)(?:[.-][^/]*)?", "goodreads.com", "/book/show/{id}"),
    *_of("themoviedb.org", r"/(?P<kind>movie|tv)/(?P<id>\d+)(?:-[^/]*)?", "themoviedb.org", "/{kind}/{id}"),
    *_of("openlibrary.org", r"/(?P<kind>books|works|authors)/(?P<id>OL\d+[MWA])(?:/[^/]*)?", "openlibrary.org", "/{kind}/{id}"),
    *_of("deezer.com", r"/(?:[a-z]{2}/)?(?P<kind>track|album|episode|show|playlist)/(?P<id>\d+)", "deezer.com", "/{kind}/{id}"),
    *_of("podcasts.apple.com itunes.apple.com", r"/(?:[a-z]{2}/)?podcast/(?:[^/]+/)?(?P<id>id\d+)",
         "podcasts.apple.com", "/podcast/{id}", "i"),
    *_of("open.spotify.com", r"/(?:intl-[a-z]{2}/|embed/|embed-podcast/)?(?P<kind>episode|show|track|album|playlist)"
         r"/(?P<id>\w{22})", "open.spotify.com", "/{kind}/{id}"),
    # Papers without their DOI in the address: text, abstract and PDF by the publisher's own number.
    *_of("thelancet.com cell.com", r"/(?:[\w-]+/)+article/(?P<id>PII[^/]+)(?:/(?:fulltext|abstract|pdf|pdfExtended))?",
         "", "/article/{id}"),
    *_of("academic.oup.com", r"/(?P<journal>[\w-]+)/(?:advance-)?article(?:-abstract)?/(?:[^/]+/)+(?P<id>\d{5,})",
         "academic.oup.com", "/{journal}/{id}"),
    *_of("pubmed.ncbi.nlm.nih.gov", r"/(?P<id>\d+)", "pubmed.ncbi.nlm.nih.gov", "/{id}"),
    *_of("ncbi.nlm.nih.gov", r"/pubmed/(?P<id>\d+)", "pubmed.ncbi.nlm.nih.gov", "/{id}"),
    *_of("ncbi.nlm.nih.gov", r"/pmc/articles/(?P<id>PMC\d+)(?:/pdf(?:/[^/]*)?)?", "pmc.ncbi.nlm.nih.gov", "/articles/{id}"),
    *_of("pmc.ncbi.nlm.nih.gov", r"/articles/(?P<id>PMC\d+)(?:/pdf(?:/[^/]*)?)?", "", "/articles/{id}"),
    *_of("cell.com", r"/(?:[\w-]+/)+(?:fulltext|abstract|pdf)/(?P<id>S[\dX()-]+)", "cell.com", "/article/{id}"),
    *_of("abcnews.go.com", r"/(?:[\w-]+/)*(?P<kind>story|wireStory)", "abcnews.go.com", "/{kind}", "id"),
    *_of("ec.europa.eu", r"/commission/presscorner/detail/(?P<lang>[a-z]{2})/(?P<name>\w+)", "ec.europa.eu", "/commission/presscorner/{lang}/{name}"),
    *_of("europepmc.org", r"/articles?/(?:PMC/)?(?P<id>PMC\d+)", "pmc.ncbi.nlm.nih.gov", "/articles/{id}"),
    *_of("europepmc.org", r"/(?:article|abstract)/(?:MED|med)/(?P<id>\d+)", "pubmed.ncbi.nlm.nih.gov", "/{id}"),
    *_of("sciencedirect.com", r"/science/article/(?:abs/|am/)?pii/(?P<id>S[0-9X]{16})(?:/pdf(?:ft)?)?", "sciencedirect.com", "/pii/{id}"),
    *_of("linkinghub.elsevier.com", r"/retrieve/pii/(?P<id>S[0-9X]{16})", "sciencedirect.com", "/pii/{id}"),
    *_of("jstor.org", r"/stable/(?:10\.2307/|pdf/)?(?P<id>\d+)(?:\.pdf)?", "jstor.org", "/stable/{id}"),
    *_of("semanticscholar.org", r"/paper/(?:[^/]+/)?(?P<id>[0-9a-f]{40})", "semanticscholar.org", "/paper/{id}"),
    *_of("researchgate.net", r"/publication/(?P<id>\d+)(?:_[^/]*)?", "researchgate.net", "/publication/{id}"),
    *_of("ieeexplore.ieee.org", r"/(?:abstract/)?document/(?P<id>\d+)", "ieeexplore.ieee.org", "/document/{id}"),
    *_of("mdpi.com", r"/(?P<id>[\dX]{4}-[\dX]{4}/\d+/\d+/\d+)(?:/(?:htm|html|pdf))?", "mdpi.com", "/{id}"),
    *_of("hal.science *.hal.science hal.archives-ouvertes.fr", r"/(?P<id>[a-z]+-\d{8})(?:v\d+)?(?:/document)?", "hal.science", "/{id}"),
    *_of("openreview.net", r"/(?:forum|pdf)", "openreview.net", "/forum", "id noteid"),
    *_of("aclanthology.org", r"/(?P<id>[A-Z]?\d[\w-]*(?:\.[\w-]+)*?)(?:\.pdf)?", "aclanthology.org", "/{id}"),
    *_of("eprint.iacr.org", r"/(?P<id>\d{4}/\d+)(?:\.pdf)?", "eprint.iacr.org", "/{id}"),
    *_of("zenodo.org", r"/records?/(?P<id>\d+)", "zenodo.org", "/records/{id}"),
    # The same article under the outlet's other name or design.
    *_of("cnn.com", r"/cnn(?P<path>/\d{4}/.+)", "cnn.com", "{path}"),
    *_of("news.yahoo.com", r"/(?P<id>[^/]+-\d{6,}\.html)", "yahoo.com", "/news/{id}"),
)  # fmt: skip


def _by_host() -> dict[str, tuple[Form, ...]]:
    found: dict[str, list[Form]] = {}
    for host, form in _ALL:
        found.setdefault(host, []).append(form)
    return {host: tuple(forms) for host, forms in found.items()}


FORMS = _by_host()
"""Host (``*.`` for all one label below it) → the forms of its addresses."""
