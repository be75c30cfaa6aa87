"""Addresses of pictures: which show the same in other sizes, and which none of a story."""

from __future__ import annotations

import re

_IMAGE_FILES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "avif", "svg"})
_FOREIGN = re.compile(
    r"//(?:[\w-]+\.)?gravatar\.com/|[/_-](?:avatars?|icons?|sprites?|emoji|linkedin|twitter|facebook|instagram|whatsapp|pinterest|tiktok)"
    r"(?:[-_]\w{1,20})?\.(?:svg|png|gif|webp)(?:$|\?)",
    re.IGNORECASE,
)
_PORTRAIT = re.compile(r"//(?:[\w-]+\.)?(?:gravatar\.com|libravatar\.org)/", re.IGNORECASE)
# The ways in which one image's sizes are told apart within its path.
_SIZE_IN_NAME = re.compile(
    r"(?:[-_.@](?:\d{2,4}x\d{2,4}|\d{2,4}[wh]|[1-4]x|scaled|thumb(?:nail)?|small|medium|large|full|crop))+(?=\.[a-z]{3,4}$)",
    re.IGNORECASE,
)
_SIZE_SEGMENT = re.compile(
    r"\d{3}|\d{2,4}x\d{2,4}|[whq]_?\d{1,4}|fit-in|smart|fill|(?:resize|crop|filters:|width=).*",
    re.IGNORECASE,
)
_TRANSFORMATION = re.compile(r"[a-z]{1,5}_[\w.:!-]+")  # w_600
_ONE_TRANSFORMATION = re.compile(r"[a-z]{1,2}_\d[\w.:]*|[fqg]_auto")


def is_foreign(url: str) -> bool:
    """True for the address of a sign or an author's portrait, by where it stands and what it is called."""
    return _FOREIGN.search(url) is not None


def is_portrait(url: str) -> bool:
    """True for an address at a service of authors' portraits."""
    return _PORTRAIT.search(url) is not None


def identity(url: str) -> str:
    """Part of the address ``url`` that all sizes of the image share, as far as it tells."""
    address, _, query = url.partition("?")
    path = address.partition("://")[2]
    # A path that names no file (``/image.php?id=3``) leaves the naming to the query.
    if path.rpartition(".")[2].lower() not in _IMAGE_FILES:
        return f"{path}?{query}"
    host, *segments = path.split("/")
    kept = [s for s in segments[:-1] if not _is_size(s)]
    return "/".join([host, *kept, _SIZE_IN_NAME.sub("", segments[-1] if segments else "")])


def _is_size(segment: str) -> bool:
    if _SIZE_SEGMENT.fullmatch(segment):
        return True
    # One alone may be a name: ``north_pier``.
    parts = segment.split(",")
    if len(parts) == 1:
        return _ONE_TRANSFORMATION.fullmatch(segment) is not None
    return all(map(_TRANSFORMATION.fullmatch, parts))
