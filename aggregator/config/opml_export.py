"""Subscriptions as OPML 2.0 (https://opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from aggregator.config.opml_repair import legal
from aggregator.config.opml_settings import PREFIX, as_attributes
from aggregator.config.settings import FeedSettings
from aggregator.config.values import format_duration
from aggregator.publish.xmltree import AGGREGATOR

_IN_ATTRIBUTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


@dataclass(slots=True)
class _Folders:
    """The folder outlines written so far, by category."""

    body: etree._Element
    made: dict[str, etree._Element] = field(default_factory=dict)

    def of(self, category: str) -> etree._Element:
        """The outline for ``category``, made with those around it where there is none yet."""
        if not category:
            return self.body
        if category not in self.made:
            parent, _, name = category.rpartition("/")
            self.made[category] = etree.SubElement(self.of(parent), "outline", text=legal(name))
        return self.made[category]


def export_opml(title: str, feeds: Iterable[FeedSettings], titles: Mapping[str, str]) -> str:
    """An OPML 2.0 document of ``feeds``, each in the folders of all its categories; ``titles`` (by
    feed key) name those without a title of their own.

    URL, title, categories and tags come back from :func:`~aggregator.config.opml.read_opml`, and so do
    `every` and `paused`, as attributes of our own namespace, which other programs pass over. Other
    settings have no place in OPML and are left out.
    """
    feeds = tuple(feeds)
    is_extended = any(map(_own_attributes, feeds))
    nsmap = {PREFIX: AGGREGATOR} if is_extended else None
    root = etree.Element("opml", version="2.0", nsmap=nsmap)
    etree.SubElement(etree.SubElement(root, "head"), "title").text = legal(title)
    folders = _Folders(etree.SubElement(root, "body"))
    for feed in feeds:
        name = legal(feed.title or titles.get(feed.key, "") or feed.url)
        for category in feed.categories or ("",):
            outline = etree.SubElement(folders.of(category), "outline", type="rss")
            outline.set("text", name)
            outline.set("title", name)
            outline.set("xmlUrl", legal(feed.url))
            if feed.tags:
                outline.set("category", legal(",".join(feed.tags)))
            for setting, value in _own_attributes(feed).items():
                outline.set(f"{{{AGGREGATOR}}}{setting}", value)
    etree.indent(root)
    body = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _own_attributes(feed: FeedSettings) -> dict[str, str]:
    every = format_duration(feed.every) if feed.every is not None else None
    given = as_attributes({"every": every, "paused": feed.paused})
    return {name: value for name, value in given.items() if value is not None}


class Outline(NamedTuple):
    """A feed as others may see it: its ``title`` may be empty."""

    url: str
    title: str
    categories: tuple[str, ...] = ()


def outlines_opml(title: str, feeds: Iterable[Outline]) -> bytes:
    """An OPML 2.0 document of ``feeds``, each in the folders of all its categories.

    Written as it goes: a tree of a hundred thousand feeds takes hundreds of megabytes.
    """
    inside: dict[str, list[Outline]] = {"": []}
    for feed in feeds:
        for category in feed.categories or ("",):
            for folder in _around(category):
                inside.setdefault(folder, [])
            inside[category].append(feed)
    folders: dict[str, list[str]] = {}
    for folder in inside:
        if folder:
            folders.setdefault(folder.rpartition("/")[0], []).append(folder)
    head = f"  <head>\n    <title>{_written(title)}</title>\n  </head>\n"
    lines = ['<?xml version="1.0" encoding="UTF-8"?>\n', f'<opml version="2.0">\n{head}  <body>\n']
    lines += _folder("", inside, folders, "    ")
    lines.append("  </body>\n</opml>\n")
    return "".join(lines).encode()


def _around(category: str) -> Iterator[str]:
    """The folders that ``category`` stands in, the outermost first, and itself."""
    steps = category.split("/")
    return ("/".join(steps[: count + 1]) for count in range(len(steps)))


def _folder(
    name: str,
    inside: Mapping[str, Sequence[Outline]],
    folders: Mapping[str, Sequence[str]],
    indent: str,
) -> Iterator[str]:
    for one in folders.get(name, ()):
        yield f'{indent}<outline text="{_written(one.rpartition("/")[2])}">\n'
        yield from _folder(one, inside, folders, f"{indent}  ")
        yield f"{indent}</outline>\n"
    for feed in inside[name]:
        said, url = _written(feed.title or feed.url), _written(feed.url)
        yield f'{indent}<outline type="rss" text="{said}" title="{said}" xmlUrl="{url}"/>\n'


def _written(text: str) -> str:
    """``text`` as it may stand between tags, and in an attribute."""
    return escape(legal(text), _IN_ATTRIBUTES)
