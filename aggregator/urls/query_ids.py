"""Old and embedded addresses with the number of an article in their query: the one that people see.

Each is ``host/path ⇒ parameters ⇒ host and path for all``; the parameters that it names tell all.
"""

from __future__ import annotations

import re
from dataclasses import replace

from aggregator.urls.standard import HttpUrl

_TABLE = """
blog.naver.com/PostView.naver ⇒ blogId logNo ⇒ blog.naver.com/{0}/{1}
blog.naver.com/PostView.nhn ⇒ blogId logNo ⇒ blog.naver.com/{0}/{1}
news.naver.com/main/read.naver ⇒ oid aid ⇒ n.news.naver.com/article/{0}/{1}
news.naver.com/main/read.nhn ⇒ oid aid ⇒ n.news.naver.com/article/{0}/{1}
geo.dailymotion.com/player.html ⇒ video ⇒ dailymotion.com/video/{0}
cve.mitre.org/cgi-bin/cvename.cgi ⇒ name ⇒ cve.org/CVERecord/{0}
cve.org/CVERecord ⇒ id ⇒ cve.org/CVERecord/{0}
drive.google.com/open ⇒ id ⇒ drive.google.com/file/d/{0}
ieeexplore.ieee.org/stamp/stamp.jsp ⇒ arnumber ⇒ ieeexplore.ieee.org/document/{0}
bugs.debian.org/cgi-bin/bugreport.cgi ⇒ bug ⇒ bugs.debian.org/{0}
npr.org/templates/story/story.php ⇒ storyId ⇒ npr.org/{0}
golem.de/print.php ⇒ a ⇒ golem.de/news/{0}
"""
_SINGLE = re.compile(r"[\w.-]+")


def _by_place() -> dict[str, tuple[tuple[str, ...], str]]:
    lines = (line.split(" ⇒ ") for line in _TABLE.splitlines() if line)
    return {place: (tuple(names.split()), shown) for place, names, shown in lines}


_FORMS = _by_place()


def by_query(host: str, parts: HttpUrl) -> HttpUrl | None:
    """The address with the numbers in its path; None where ``parts`` (at ``host``) has no such form."""
    form = _FORMS.get(f"{host}{parts.path}")
    if form is None:
        return None
    names, shown = form
    told = dict(part.split("=", 1) for part in parts.query.split("&") if "=" in part)
    values = [told.get(name, "") for name in names]
    if not all(_SINGLE.fullmatch(value) for value in values):
        return None
    there, _, path = shown.format(*values).partition("/")
    return replace(parts, host=there, path=f"/{path}", query="", fragment="")
