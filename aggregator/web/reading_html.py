"""Pages of stories as HTML: many of an output, or one. Pure: values → HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model import Item, OutputFormat, Relation, StandingItems
from aggregator.publish import feed_addresses, formatting, particulars, presentation
from aggregator.publish.formats import FORMATS
from aggregator.urls import host_of
from aggregator.web.cursor import cursor_of, item_path
from aggregator.web.daemon_view import OutputInfo, Site
from aggregator.web.page import environment
from aggregator.web.story_text import first_picture, may_be_loaded, over_https, page_text

_SHORT = 700  # characters of a text that stands open on a page of many
_TAG = re.compile(r"<[^<>]*>")
_CHANGED_AFTER = timedelta(minutes=5)  # that readers are told of


@dataclass(frozen=True, slots=True)
class Frame:
    """The page around its stories: whose they are, and where it leads."""

    site: str
    output: str  # its name
    title: str
    description: str
    root: str  # goes before links to our own pages
    index: bool
    feeds: tuple[tuple[OutputFormat, str], ...]
    search: str  # empty: there is none
    up: str  # from a story's page to that of many

    @classmethod
    def of(
        cls, site: Site, output: OutputInfo, token: str, *, is_story: bool, search: bool
    ) -> Frame:
        """The frame of a page of ``output`` for who knows ``token``."""
        root = "../" * (1 + bool(token) + is_story)
        return cls(
            site=site.title,
            output=output.name,
            title=output.title or output.name,
            description=output.description,
            root=root,
            index=site.index and not token,
            feeds=tuple(
                (FORMATS[kind], root + feed_addresses.path(output.name, kind, token))
                for kind in output.formats
            ),
            search=_search(root, output, token) if search else "",
            up=f"../{output.name}" if is_story else "",
        )


@dataclass(frozen=True, slots=True)
class File:
    """A file that belongs to a story."""

    url: str
    loaded: str  # the address at which our page may load it
    kind: str  # "audio", "video", or empty
    name: str


@dataclass(frozen=True, slots=True)
class Story:
    """A story as pages show it."""

    path: str  # the last part of its page's address
    title: str
    url: str | None
    site: str
    site_url: str | None
    authors: tuple[str, ...]
    published: datetime
    updated: datetime | None  # None: not since
    language: str | None
    picture: str | None
    has_pictures: bool  # within its text
    has_table: bool  # which may be wider than the page: it is moved by keys as well
    summary: str
    text: str  # HTML, sanitized
    is_short: bool
    others: tuple[tuple[str, str | None], ...]
    files: tuple[File, ...]
    discussion: str | None


def render_stories(frame: Frame, found: StandingItems, *, is_first: bool) -> str:
    """A page of many stories, the latest first; ``is_first``: none comes before it."""
    return _render(
        "stories.html",
        frame,
        stories=[story_of(item, heading=2) for item in found.items],
        is_first=is_first,
        older=cursor_of(found.below, frame.output) if found.below else "",
    )


def render_story(frame: Frame, item: Item) -> str:
    """A story's own page."""
    return _render("story.html", frame, story=story_of(item, heading=1))


def story_of(item: Item, *, heading: int) -> Story:
    """``item`` as a page shows it, its title a heading of that level."""
    html = item.content_html if formatting.text(item.content_html) else ""
    picture = formatting.link(item.image) or first_picture(html)
    url, site_url = formatting.link(item.url), _site_url(item)
    published = item.published or item.updated
    return Story(
        path=item_path(item.id),
        title=formatting.headline(item),
        url=url,
        site=presentation.site_of(item),
        site_url=site_url,
        authors=tuple(formatting.texts(item.authors)),
        published=published,
        updated=item.updated if item.updated - published > _CHANGED_AFTER else None,
        language=formatting.language(item.language),
        picture=over_https(picture)
        if picture and host_of(picture) and may_be_loaded(picture)
        else None,
        has_pictures="<img" in html,
        has_table="<table" in html,
        summary=formatting.text(item.summary),
        text=page_text(html, heading),
        is_short=len(_TAG.sub("", html)) <= _SHORT,
        others=tuple(formatting.other_sources(item)),
        files=tuple(_files(item)),
        discussion=next((link for _, link in particulars.links(item, Relation.REPLIES)), None),
    )


def _render(template: str, frame: Frame, **values: object) -> str:
    return environment().get_template(template).render(frame=frame, **values)


def _search(root: str, output: OutputInfo, token: str) -> str:
    return f"{root}search/{token}" if token else f"{root}search?in={output.name}"


def _site_url(item: Item) -> str | None:
    origin = item.details.origin
    return formatting.link(origin.site_url if origin else item.source.site_url)


def _files(item: Item) -> Sequence[File]:
    """The story's files but pictures, which its text shows."""
    found = []
    for enclosure, url in formatting.attachments(item):
        kind = (formatting.media_type(enclosure.media_type) or "").partition("/")[0]
        if kind != "image":
            plays = kind if kind in {"audio", "video"} and host_of(url) else ""
            name = url.partition("?")[0].rstrip("/").rpartition("/")[2] or host_of(url) or url
            found.append(File(url, over_https(url), plays, name))
    return found
