"""Threads of forums and nodes of publishing software, by the forms of their addresses, at any host.

The software numbers its threads in one row a host and redirects whatever title stands beside the number. A
post within a thread, and a page of it but the first, keep their addresses.
"""

from __future__ import annotations

import re

# No page of a tag ("/t/python/2", "/topic/5-reasons"), and no year.
_NUMBER = r"(?!(?:19|20)\d\d(?!\d))\d{3,}"
# Discourse, Flarum, NodeBB and Invision, XenForo, vBulletin 4: the title may be missing, or another.
_THREADS = tuple(
    (re.compile(pattern.replace("{N}", _NUMBER)), path)
    for pattern, path in (
        (r"(?P<base>(?:/[\w-]+)?)/t/(?![\d.]+/)[^/]+/(?P<id>{N})(?:/1)?", "{base}/t/{id}"),
        (r"(?P<base>(?:/[\w-]+)?)/t/(?![\d.]+/)[^/]+/(?P<id>{N}/\d+)", "{base}/t/{id}"),
        (r"(?P<base>(?:/[\w-]+)?)/d/(?P<id>{N}\d)-[^/]+(?:/1)?", "{base}/d/{id}"),
        (
            r"(?P<base>(?:/[\w-]+)?)/topic/(?P<id>{N}\d)(?:-[^/]*|/[a-z\d]+-[\w-]+)",
            "{base}/topic/{id}",
        ),
        (
            r"(?P<base>(?:/[\w-]+){0,2})/threads/[^/]*\.(?P<id>{N}\d)(?:/(?:unread|latest))?",
            "{base}/threads/{id}",
        ),
    )
)
_VBULLETIN = re.compile(r"(\d+)(?:-[^&]*)?")
_PHPBB_PLACE = re.compile(r"f=\d+|start=0|st=0|sk=\w|sd=\w|hilit=[^&]*")
_DRUPAL = re.compile(r"q=(node/\d+)")


def thread(path: str, query: str) -> tuple[str, str] | None:
    """Path and query for all addresses of the thread or node at ``path?query``; None for no such form."""
    if not query or "/t/" in path or "/d/" in path or "/topic/" in path or "/threads/" in path:
        for pattern, as_path in _THREADS:
            if found := pattern.fullmatch(path):
                return as_path.format(**found.groupdict()), query
    if not query:
        return None
    if path in {"", "/index.php"} and (node := _DRUPAL.fullmatch(query)):
        return f"/{node[1]}", ""
    if path.endswith("/showthread.php") and (number := _VBULLETIN.fullmatch(query)):
        return path, f"t={number[1]}"
    if path.endswith("/viewtopic.php"):
        return path, _of_phpbb(query)
    return None


def _of_phpbb(query: str) -> str:
    """A topic's number is enough: without its forum, and the order of its posts."""
    parts = query.split("&")
    if not any(part.startswith("t=") for part in parts):
        return query
    return "&".join(part for part in parts if _PHPBB_PLACE.fullmatch(part) is None)
