"""Names and addresses of the merged feeds: ``feeds/NAME.FORMAT``, in the web and in the folder."""

from __future__ import annotations

FOLDER = "feeds"
PAGES = "read"
STYLE = "feed.css"  # for browsers that are shown a feed
NAME = "[a-z0-9][a-z0-9_-]{0,63}"  # pattern of an output's name, which is never a path


def file_name(name: str, format: str) -> str:  # noqa: A002 - the field's word for it
    """``all.atom``: the output ``name`` in ``format``."""
    return f"{name}.{format}"


def split(file: str) -> tuple[str, str]:
    """Name and format of a :func:`file_name`; the name is empty where ``file`` is none."""
    name, _, format = file.rpartition(".")  # noqa: A001 - the field's word for it
    return name, format


def page_path(name: str, token: str = "") -> str:
    """``read/all``: the output's page for people; ``read/TOKEN/all`` where a ``token`` is given."""
    return "/".join(filter(None, (PAGES, token, name)))


def path(name: str, format: str, token: str = "") -> str:  # noqa: A002 - the field's word for it
    """``feeds/all.atom``: where it stands, seen from the base address or the public directory.

    ``feeds/TOKEN/all.atom`` where a ``token`` is given.
    """
    return "/".join(filter(None, (FOLDER, token, file_name(name, format))))
