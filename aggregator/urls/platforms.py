"""Large sites that give one video or post several addresses: each brought to one, by its id."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from aggregator.urls.standard import HttpUrl

_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE = frozenset(
    {"youtube.com", "youtube-nocookie.com", "music.youtube.com", "gaming.youtube.com"}
)


@dataclass(frozen=True, slots=True)
class _Form:
    """Addresses of one thing: hosts without ``www.``, the path with its ``id``, the form for all."""

    hosts: frozenset[str]
    path: re.Pattern[str]
    host: str
    as_path: str


def _form(hosts: str, path: str, host: str, as_path: str) -> _Form:
    return _Form(frozenset(hosts.split()), re.compile(path), host, as_path)


# The same site under another name: host → the name for all, and the paths that both have.
_NAMES = {
    "bbc.co.uk": ("bbc.com", re.compile(r"/(?:news|sport)/.+")),
    "edition.cnn.com": ("cnn.com", re.compile(r"/\d{4}/.+")),
    "us.cnn.com": ("cnn.com", re.compile(r"/\d{4}/.+")),
    "lite.cnn.com": ("cnn.com", re.compile(r"/\d{4}/.+")),
}
# All of them ignore the query, which is about the player or the one who shared it.
_FORMS = (
    _form("vimeo.com player.vimeo.com", r"/(?:video/|channels/[^/]+/|groups/[^/]+/videos/)?(?P<id>\d{5,})",
          "vimeo.com", "/{id}"),
    _form("dai.ly", r"/(?P<id>[a-z0-9]{5,10})", "dailymotion.com", "/video/{id}"),
    _form("dailymotion.com", r"/(?:embed/)?video/(?P<id>[a-z0-9]{5,10})(?:_[^/]*)?",
          "dailymotion.com", "/video/{id}"),
    _form("nico.ms sp.nicovideo.jp nicovideo.jp", r"/(?:watch/)?(?P<id>(?:sm|so|nm)\d+)",
          "nicovideo.jp", "/watch/{id}"),
    _form("b23.tv bilibili.com", r"/(?:video/)?(?P<id>BV[A-Za-z0-9]{10})", "bilibili.com", "/video/{id}"),
    _form("twitch.tv", r"/[^/]+/clip/(?P<id>[\w-]+)", "clips.twitch.tv", "/{id}"),
    _form("clips.twitch.tv", r"/(?P<id>[\w-]+)", "clips.twitch.tv", "/{id}"),
    _form("twitter.com mobile.twitter.com x.com mobile.x.com m.twitter.com",
          r"/(?:i/web|i|[A-Za-z0-9_]{1,20})/status(?:es)?/(?P<id>\d+)(?:/(?:photo|video)/\d)?",
          "x.com", "/i/status/{id}"),
    _form("redd.it", r"/(?P<id>[a-z0-9]{5,8})", "reddit.com", "/comments/{id}"),
    _form("reddit.com old.reddit.com new.reddit.com np.reddit.com m.reddit.com i.reddit.com",
          r"/(?:r/\w+/)?comments/(?P<id>[a-z0-9]{5,8})(?:/[^/]*)?", "reddit.com", "/comments/{id}"),
    _form("instagram.com instagr.am", r"/(?:\w+(?:\.\w+)*/)?(?:p|reel|tv)/(?P<id>[\w-]{6,})",
          "instagram.com", "/p/{id}"),
    _form("medium.com", r"/(?:[^/]+/)(?:[^/]*-)?(?P<id>[0-9a-f]{10,12})", "medium.com", "/p/{id}"),
    *(_form(host, r"/(?:questions/(?P<id>\d+)(?:/[^/]*)?|q/(?P<short>\d+)(?:/\d+)?)", host, "/q/{id}")
      for host in ("stackoverflow.com", "serverfault.com", "superuser.com", "askubuntu.com")),
)  # fmt: skip


def one_form(parts: HttpUrl) -> HttpUrl:
    """``parts``, or the one address of the video or post behind it."""
    host = parts.host.removeprefix("www.").rstrip(".")
    video = _youtube_id(host, parts)
    if video is not None:
        return replace(parts, host="youtube.com", path="/watch", query=f"v={video}", fragment="")
    path = parts.path.rstrip("/")
    for form in _FORMS:
        if host in form.hosts and (found := form.path.fullmatch(path)):
            path = form.as_path.format(id=next(filter(None, found.groups())))
            return replace(parts, host=form.host, path=path, query="", fragment="")
    name, shared = _NAMES.get(host.removeprefix("m."), ("", None))
    if shared is not None and shared.fullmatch(parts.path):
        return replace(parts, host=name)
    if found := re.fullmatch(r"((?:[a-z0-9-]+\.)+blogspot)\.(?:com?\.)?[a-z]{2,3}", host):
        return replace(parts, host=f"{found[1]}.com")  # the reader's country, by redirect
    return parts


def _youtube_id(host: str, parts: HttpUrl) -> str | None:
    video = ""
    if host in {"youtu.be", "y2u.be"}:
        video = parts.path[1:].rstrip("/")
    elif host.removeprefix("m.") in _YOUTUBE:
        path = parts.path.rstrip("/")
        if path == "/watch":
            query = (part.partition("=") for part in parts.query.split("&"))
            video = next((value for name, _, value in query if name == "v"), "")
        elif found := re.fullmatch(r"/(?:embed|shorts|live|v|e|watch)/([^/]+)", path):
            video = found[1]
    return video if _YOUTUBE_ID.fullmatch(video) else None
