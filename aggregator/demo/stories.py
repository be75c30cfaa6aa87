"""Stories, the sites that published them, and what a test may expect of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import cycle

from aggregator.demo.prose import Block, Prose, phrase, seeded, write
from aggregator.demo.sites import Site

FEED_LENGTH = 30
"""Entries that a feed lists, newest first."""

_MEMORY = 512  # articles kept as text; older ones are written again when asked for


@dataclass(frozen=True, slots=True)
class Story:
    """One story as the newsroom knows it: enough to write its text again."""

    number: int  # from 1, in the order of publication
    site: Site  # the original's
    copied_by: tuple[Site, ...]
    seed: str
    title: str
    published: datetime
    updated: datetime
    revision: int = 0  # corrections so far

    @property
    def prose(self) -> Prose:
        """The text in its present revision."""
        return _revised(self.site.language, self.site.theme, self.seed, self.revision)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site that carries it, the original first."""
        return (self.site, *self.copied_by)


@dataclass(frozen=True, slots=True)
class Posting:
    """A story on one site. ``link`` is what the feed says, ``page_url`` the same untracked."""

    site: Site
    story: Story
    base_url: str  # the site's, no trailing slash
    path: str
    canonical_url: str

    @property
    def page_url(self) -> str:
        """Address of the page."""
        return self.base_url + self.path

    @property
    def link(self) -> str:
        """The link in the feed, with tracking parameters where the site adds them."""
        if not self.site.credits_original:
            return self.page_url
        return f"{self.page_url}?utm_source={self.site.key}&utm_medium=feed&utm_campaign=daily"

    @property
    def image_url(self) -> str:
        """The lead picture."""
        return f"{self.base_url}/media/{self.story.number}.png"

    @property
    def guid(self) -> str:
        """The entry's id in the feed, the same for all revisions."""
        if self.site.feed_format == "rss":
            return f"{self.site.key}-{self.story.number}"
        if self.site.feed_format == "atom":
            return f"tag:{self.site.key}.example,2024:{self.story.number}"
        return self.page_url


@dataclass(frozen=True, slots=True)
class DemoCopy:
    """Copy of a story at one site; ``url`` is the link in its feed."""

    site: str
    feed_url: str
    url: str
    guid: str


@dataclass(frozen=True, slots=True)
class DemoStory:
    """A published story as a test may expect to find it, once, in a merged feed.

    ``full_text``: the whole text can be had, from a page or from a feed; otherwise only the
    summary. ``paragraphs`` is the running text in its present revision, plain text.
    """

    title: str
    summary: str
    paragraphs: tuple[str, ...]
    language: str
    full_text: bool
    copies: tuple[DemoCopy, ...]  # the original first
    published: datetime
    updated: datetime
    revision: int

    @property
    def urls(self) -> tuple[str, ...]:
        """The links of all copies."""
        return tuple(copy.url for copy in self.copies)


class Newsroom:
    """Publishes stories on the sites in turn. The same seed gives the same stories."""

    def __init__(self, sites: Sequence[Site], seed: int) -> None:
        self._seed = seed
        self._rota = cycle([site for site in sites if site.writes])
        self._copiers: Mapping[str, tuple[Site, ...]] = {
            site.key: tuple(other for other in sites if other.copies_from == site.key)
            for site in sites
        }
        self._titles: set[str] = set()
        self._written: dict[str, int] = {}  # by each site itself
        self._rng = seeded(f"{seed} corrections")
        self.stories: list[Story] = []

    def publish(self, now: datetime) -> Story:
        """Write the next story; every second one of a site is copied by those that copy it.

        Times are whole seconds, as precise as feeds state them.
        """
        now = now.replace(microsecond=0)
        site = next(self._rota)
        number = len(self.stories) + 1
        seed, title = self._new_title(site, number)
        written = self._written[site.key] = self._written.get(site.key, 0) + 1
        copied_by = self._copiers[site.key] if written % 2 else ()
        story = Story(number, site, copied_by, seed, title, published=now, updated=now)
        self.stories.append(story)
        return story

    def correct(self, now: datetime) -> Story:
        """Correct one of the latest ten stories. ``IndexError`` when there is none."""
        index = self._rng.choice(range(len(self.stories))[-10:])
        old = self.stories[index]
        later = max(now.replace(microsecond=0), old.updated + timedelta(seconds=1))
        story = replace(old, updated=later, revision=old.revision + 1)
        self.stories[index] = story
        return story

    def listed(self, site: Site) -> tuple[Story, ...]:
        """Items that the site's feed lists, newest first."""
        found: list[Story] = []
        for story in reversed(self.stories):
            if site in story.sites:
                found.append(story)
                if len(found) == FEED_LENGTH:
                    break
        return tuple(found)

    def _new_title(self, site: Site, number: int) -> tuple[str, str]:
        """A seed whose title was not used yet, and that title."""
        attempt = 0
        while True:
            seed = f"{self._seed}/{number}/{attempt}"
            title = _revised(site.language, site.theme, seed, 0).title
            if title not in self._titles:
                self._titles.add(title)
                return seed, title
            attempt += 1


def post(story: Story, site: Site, bases: Mapping[str, str]) -> Posting:
    """``story`` as ``site`` carries it; ``bases`` gives each site's base URL by its key."""
    original = site.credits_original and story.site is not site
    home = story.site if original else site
    return Posting(
        site,
        story,
        base_url=bases[site.key],
        path=_path(story, site),
        canonical_url=bases[home.key] + _path(story, home),
    )


def describe(story: Story, bases: Mapping[str, str]) -> DemoStory:
    """Facts that a test may expect of ``story``."""
    postings = [post(story, site, bases) for site in story.sites]
    prose = story.prose
    return DemoStory(
        title=prose.title,
        summary=prose.summary,
        paragraphs=prose.paragraphs,
        language=story.site.language,
        full_text=any(site.serves_pages or site.full_text for site in story.sites),
        copies=tuple(
            DemoCopy(p.site.key, p.base_url + p.site.feed_path, p.link, p.guid) for p in postings
        ),
        published=story.published,
        updated=story.updated,
        revision=story.revision,
    )


@lru_cache(maxsize=_MEMORY)
def _revised(language: str, theme: str, seed: str, revision: int) -> Prose:
    """The article of ``seed``; each revision has another correction at its end."""
    prose = write(language, theme, seed)
    if not revision:
        return prose
    number = str(seeded(f"{seed} {revision}").randint(1000, 9999))
    note = Block("paragraph", phrase(language, "correction", number=number))
    return replace(
        prose,
        summary=f"{prose.summary} {phrase(language, 'corrected')} [{revision}]",
        blocks=(*prose.blocks, note),
    )


def _path(story: Story, site: Site) -> str:
    return site.article_path.format(
        number=story.number,
        slug=_slug(story.title),
        year=f"{story.published:%Y}",
        month=f"{story.published:%m}",
    )


def _slug(title: str) -> str:
    """ASCII words joined by hyphens; ``story`` when nothing is left of the title."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_title.lower())[:8]) or "story"
