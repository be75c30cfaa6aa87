"""Large sites that give one video, post or paper several addresses: each brought to one, by its id."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from aggregator.urls.forums import thread
from aggregator.urls.papers import paper
from aggregator.urls.platform_forms import FORMS
from aggregator.urls.query_ids import by_query
from aggregator.urls.standard import HttpUrl

_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE = frozenset(
    """
    youtube.com youtube-nocookie.com music.youtube.com gaming.youtube.com youtube.googleapis.com
    yewtu.be inv.nadeko.net invidious.nerdvpn.de piped.video
    """.split()  # noqa: SIM905 - one host a line would hide the list
)
_VIDEO = re.compile(r"/(?:embed|shorts|live|v|e|watch)/([^/]+)")
_ATTRIBUTED = re.compile(r"(?:^|&)u=[^&]*?%3Fv%3D([\w-]{11})(?:%26|&|$)", re.IGNORECASE)

_ANY = re.compile(r"/.+")
# The same site under another name: host → the name for all, and the paths that both have.
_NAMES = {
    "bbc.co.uk": ("bbc.com", re.compile(r"/(?:news|sport)/.+")),
    **dict.fromkeys(
        ("edition.cnn.com", "us.cnn.com", "lite.cnn.com"), ("cnn.com", re.compile(r"/\d{4}/.+"))
    ),
    "twitter.com": ("x.com", _ANY),
    "threads.net": ("threads.com", _ANY),
    **dict.fromkeys(("telegram.me", "telegram.dog"), ("t.me", _ANY)),
    **dict.fromkeys(("mbasic.facebook.com", "web.facebook.com", "fb.com"), ("facebook.com", _ANY)),
    "hf.co": ("huggingface.co", _ANY),
}
# Paths that lead on to others: host (``*.`` as in the table of forms) → path, host and path for it. Queries and
# fragments stay: they name comments, sections.
_MOVED = {
    "lobste.rs": (re.compile(r"/s(?P<id>/[a-z0-9]{6})/\w+"), "lobste.rs", "/s{id}"),
    "tools.ietf.org": (re.compile(r"/html/(?P<id>rfc\d+)"), "rfc-editor.org", "/rfc/{id}"),
    "python.org": (re.compile(r"/dev/peps/(?P<id>pep-\d{4})"), "peps.python.org", "/{id}"),
    "hub.docker.com": (re.compile(r"/r/library/(?P<id>[\w.-]+)"), "hub.docker.com", "/_/{id}"),
    "docs.microsoft.com": (
        re.compile(r"(?:/en-us)?(?P<path>/.+)", re.IGNORECASE),
        "learn.microsoft.com",
        "{path}",
    ),
    # English is what is shown without a language.
    **{
        host: (re.compile(r"/en-us(?P<path>/.+)", re.IGNORECASE), host, "{path}")
        for host in ("learn.microsoft.com", "developer.mozilla.org", "support.apple.com")
    },
    "rfc-editor.org": (
        re.compile(r"/(?:rfc|info)/(?P<id>rfc\d+)(?:\.html|\.txt|\.pdf)?"),
        "rfc-editor.org",
        "/rfc/{id}",
    ),
    "datatracker.ietf.org": (
        re.compile(r"/doc/(?:html/)?(?P<id>rfc\d+)"),
        "rfc-editor.org",
        "/rfc/{id}",
    ),
}
# A film at Facebook: by its number in the query, or in the path behind who shows it.
_FACEBOOK_FILM = re.compile(r"/(?:[\w.-]+/videos/(?:[^/]+/)?|reel/)(?P<id>\d{9,})")
_FACEBOOK_PLAYER = frozenset({"/watch", "/watch/live", "/video.php"})
_OF_GITLAB = re.compile(r"(/[\w.-]+(?:/[\w.-]+)+?)/((?:issues|merge_requests)/\d+)")
_PACKAGE = re.compile(r"/project/([\w.-]+)(/.*)?")
_PACKAGE_MARKS = re.compile(r"[-_.]+")
_SHORT_SSRN = re.compile(r"/abstract=(\d+)")
_ON_WALL = re.compile(r"(?:^|&)w=(wall-?\d+_\d+)(?:&|$)")
# Reddit's faces: designs (old, new, np) and languages.
_OF_REDDIT = re.compile(r"(?:old|new|np|i|sh|amp|[a-z]{2})\.reddit\.com")
_OF_LINKEDIN = re.compile(r"[a-z]{2}\.linkedin\.com")
_TUMBLR_POST = re.compile(r"/post/(\d{8,})(?:/[^/]*)?(?:/amp)?")
_OF_BLOGGER = re.compile(r"((?:[a-z0-9-]+\.)+blogspot)\.(?:com?\.)?[a-z]{2,3}")
_OF_WIKIMEDIA = re.compile(r"(?:[a-z-]+\.)*(?:wiki[a-z]+|mediawiki)\.org")
_WIKI_TITLE = re.compile(r"title=([^&]+)")
_WIKI_VARIANT = re.compile(
    r"/(?:zh(?:-[a-z]+)?|sr-e[cl]|entity)/(.+)"
)  # another script; Wikidata's names
_WIKI_SKIN = frozenset({"useskin", "useformat", "oldformat", "mobileaction", "wprov"})

# Names of accounts and repositories are one in any case; paths of files, tags and branches are not.
_REPOSITORY = re.compile(r"/([\w.-]+)(?:/([\w.-]+?)(?:\.git)?(/.*)?)?")
_ISSUE = re.compile(r"/issues(/\d+)")  # one row of numbers: a pull request's issue leads to it
_FORGE_TEXT = re.compile(r"^(/(?:commit|pull)/\w+)\.(?:patch|diff)$|(?<=^/wiki)/Home$")
_README = re.compile(r"readme(?:-ov-file)?")
_FIRST_POST = re.compile(r"issue-\d+")
_GIST = re.compile(r"/(?:[\w-]+/)?([0-9a-f]{20,32})")
_FORGES = frozenset({"github.com", "codeberg.org"})

# By the path alone, at any host. ActivityPub's name of a post and the page that people see.
_FEDIVERSE = re.compile(
    r"/(?:web/|deck/)?(?:@(?P<name>\w+)(?:/statuses)?|users/(?P<user>\w+)/statuses)"
    r"/(?P<id>\d+|[0-9A-HJKMNP-TV-Z]{26})(?:/(?:embed|activity))?"
)
_PEERTUBE = re.compile(
    r"/(?:videos/(?:watch|embed)|w)/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
# Medium's publications on domains of their own: a title of words and the post's hash. A hash of
# digits alone would be a time of day; a UUID ends like that, too, often in its machine's number.
_MEDIUM_POST = re.compile(
    r"/(?![^/]*[0-9a-f]{4}-[0-9a-f]{12}$)[^/]*-[^/]*-(?P<id>(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12})"
)
# Substack's letters on such domains; the pair of ids stands in what is sent by mail.
_LETTER = re.compile(r"/p/[\w-]+")
_SENT = re.compile(
    r"(?:^|&)(?:publication_id=\d|(?:triedRedirect|showWelcome(?:OnShare)?|isFreemail)=)"
)
_OF_LETTER = frozenset({"publication_id", "post_id", "isfreemail", "r", "s", "token"})


def one_form(parts: HttpUrl, host: str) -> HttpUrl:
    """``parts``, or the one address of the video, post or paper behind it; ``host`` without ``www.``, ``m.`` and the like."""
    path = parts.path.rstrip("/")
    found = by_query(host, parts) or _by_form(_family(host), path, parts) or _by_path(path, parts)
    if found is not None:
        return found
    if (own := _OWN.get(host)) is not None:
        parts = own(parts)
        return _renamed(_family(host), parts)
    if (topic := thread(path, parts.query)) is not None:
        return replace(parts, path=topic[0], query=topic[1])
    if (of_paper := paper(host, path, parts.query)) is not None:
        return replace(parts, host=of_paper[0], path=of_paper[1], query="", fragment="")
    return _moved(host, parts) or _renamed(host, parts)


def _family(host: str) -> str:
    """``host``, or the one that stands for all of its family."""
    if host.endswith(".reddit.com") and _OF_REDDIT.fullmatch(host):
        return "reddit.com"
    if host.endswith(".linkedin.com") and _OF_LINKEDIN.fullmatch(host):
        return "linkedin.com"
    return host


def _by_form(host: str, path: str, parts: HttpUrl) -> HttpUrl | None:
    forms = FORMS.get(host) or FORMS.get(f"*.{host.partition('.')[2]}")
    for form in forms or ():
        if found := form.path.fullmatch(path):
            named = {name: value or "" for name, value in found.groupdict().items()}
            if "name" in named:
                named["name"] = named["name"].lower()
            query = _query(parts.query, form.keep.__contains__)
            as_host = form.host.format(**named) or host
            return replace(
                parts, host=as_host, path=form.as_path.format(**named), query=query, fragment=""
            )
    return None


def _by_path(path: str, parts: HttpUrl) -> HttpUrl | None:
    if path.startswith(("/@", "/users/", "/web/", "/deck/")):
        found = _FEDIVERSE.fullmatch(path)
        if found:
            name = (found["name"] or found["user"]).lower()
            return replace(parts, path=f"/@{name}/{found['id']}")
        return None
    if path.startswith(("/videos/", "/w/")) and (found := _PEERTUBE.fullmatch(path)):
        return replace(
            parts,
            path=f"/videos/watch/{found['id']}",
            query=_query(parts.query, {"threadid"}.__contains__),
        )
    if found := _MEDIUM_POST.fullmatch(path):
        return replace(parts, host="medium.com", path=f"/p/{found['id']}", query="", fragment="")
    if parts.query and _LETTER.fullmatch(path) and _SENT.search(parts.query):
        return replace(parts, query=_query(parts.query, lambda name: name not in _OF_LETTER))
    return None


def _moved(host: str, parts: HttpUrl) -> HttpUrl | None:
    path = parts.path.rstrip("/")
    if (moved := _MOVED.get(host)) and (found := moved[0].fullmatch(path)):
        return replace(parts, host=moved[1], path=moved[2].format(**found.groupdict()))
    if host.startswith("gitlab.") and (found := _OF_GITLAB.fullmatch(path)):
        return replace(parts, path=f"{found[1].removesuffix('/-')}/-/{found[2]}")
    return None


def _renamed(host: str, parts: HttpUrl) -> HttpUrl:
    name, shared = _NAMES.get(host, ("", None))
    if shared is not None and shared.fullmatch(parts.path):
        return replace(parts, host=name)
    if host.endswith(".reddit.com"):
        return replace(parts, host=_family(host))
    if host.endswith(".org") and _OF_WIKIMEDIA.fullmatch(host):
        return _of_wikimedia(parts)
    if host.endswith(".tumblr.com") and (post := _TUMBLR_POST.fullmatch(parts.path.rstrip("/"))):
        blog = host.partition(".")[0]
        return replace(parts, host="tumblr.com", path=f"/{blog}/{post[1]}", query="", fragment="")
    if ".blogspot." in host and (found := _OF_BLOGGER.fullmatch(host)):
        return replace(parts, host=f"{found[1]}.com")  # the reader's country, by redirect
    return parts


def _query(query: str, kept: Callable[[str], bool]) -> str:
    if not query:
        return query
    return "&".join(part for part in query.split("&") if kept(part.partition("=")[0].lower()))


def _of_wikimedia(parts: HttpUrl) -> HttpUrl:
    """MediaWiki: the long address of a page that is shown as it is, without the choice of a skin."""
    query = _query(parts.query, lambda name: name not in _WIKI_SKIN)
    path = parts.path
    if path == "/w/index.php" and (found := _WIKI_TITLE.fullmatch(query)):
        path, query = f"/wiki/{found[1]}", ""
    if variant := _WIKI_VARIANT.fullmatch(path):
        path = f"/wiki/{variant[1]}"
    if path.startswith("/wiki/"):
        path = path.replace("%20", "_")
    return replace(parts, path=path, query=query)


def _of_facebook(parts: HttpUrl) -> HttpUrl:
    path = parts.path.rstrip("/")
    if path in _FACEBOOK_PLAYER:
        query = _query(parts.query, lambda name: name == "v")
        return replace(parts, path="/watch", query=query, fragment="") if query else parts
    found = _FACEBOOK_FILM.fullmatch(path)
    if found is None or "comment_id=" in parts.query:
        return parts
    return replace(parts, path="/watch", query=f"v={found['id']}", fragment="")


def _of_forge(parts: HttpUrl) -> HttpUrl:
    found = _REPOSITORY.fullmatch(parts.path.rstrip("/"))
    if found is None:
        return parts
    path = f"/{found[1]}" + (f"/{found[2]}" if found[2] else "")
    rest = found[3] or ""
    if numbered := _ISSUE.fullmatch(rest):
        rest = f"/pull{numbered[1]}"
    rest = _FORGE_TEXT.sub(r"\1", rest)
    query = "" if parts.query == "tab=readme-ov-file" else parts.query
    # The page's own text: a repository's, or the first post of an issue.
    whole = _FIRST_POST if rest else _README
    fragment = "" if found[2] and whole.fullmatch(parts.fragment) else parts.fragment
    return replace(parts, path=path.lower() + rest, query=query, fragment=fragment)


def _of_pypi(parts: HttpUrl) -> HttpUrl:
    """Names of packages are one in any case, with any marks between words (PEP 503)."""
    found = _PACKAGE.fullmatch(parts.path)
    if found is None:
        return parts
    name = _PACKAGE_MARKS.sub("-", found[1]).lower()
    return replace(parts, path=f"/project/{name}{found[2] or ''}")


def _of_ssrn(parts: HttpUrl) -> HttpUrl:
    found = _SHORT_SSRN.fullmatch(parts.path.rstrip("/"))
    if found is None:
        return parts
    return replace(
        parts, host="papers.ssrn.com", path="/sol3/papers.cfm", query=f"abstract_id={found[1]}"
    )


def _of_vk(parts: HttpUrl) -> HttpUrl:
    """A post that is shown over another page."""
    found = _ON_WALL.search(parts.query)
    if found is None or "reply=" in parts.query:  # a comment
        return parts
    return replace(parts, path=f"/{found[1]}", query="")


def _of_gist(parts: HttpUrl) -> HttpUrl:
    found = _GIST.fullmatch(parts.path.rstrip("/"))
    return replace(parts, path=f"/{found[1]}") if found else parts


def _of_youtube(parts: HttpUrl) -> HttpUrl:
    video = _video(parts)
    if _YOUTUBE_ID.fullmatch(video):
        return replace(parts, host="youtube.com", path="/watch", query=f"v={video}", fragment="")
    if parts.path == "/playlist":
        return replace(parts, query=_query(parts.query, lambda name: name == "list"))
    return parts


def _video(parts: HttpUrl) -> str:
    """The id of the video at this address of YouTube; what is none, else."""
    path = parts.path.rstrip("/")
    if path in {"/watch", "/watch_popup"}:
        query = (part.partition("=") for part in parts.query.split("&"))
        return next((value for name, _, value in query if name == "v"), "")
    if path == "/attribution_link":
        found = _ATTRIBUTED.search(parts.query)
    else:
        found = _VIDEO.fullmatch(path)
    return found[1] if found else ""


def _of_short_youtube(parts: HttpUrl) -> HttpUrl:
    video = parts.path[1:].rstrip("/")
    if not _YOUTUBE_ID.fullmatch(video):
        return parts
    return replace(parts, host="youtube.com", path="/watch", query=f"v={video}", fragment="")


_OWN: dict[str, Callable[[HttpUrl], HttpUrl]] = {
    **dict.fromkeys(_YOUTUBE, _of_youtube),
    **dict.fromkeys(("youtu.be", "y2u.be"), _of_short_youtube),
    **dict.fromkeys(_FORGES, _of_forge),
    **dict.fromkeys(
        ("facebook.com", "mbasic.facebook.com", "web.facebook.com", "fb.com"), _of_facebook
    ),
    "gist.github.com": _of_gist,
    "pypi.org": _of_pypi,
    "ssrn.com": _of_ssrn,
    "vk.com": _of_vk,
}
