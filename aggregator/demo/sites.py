"""Sites of the small internet: values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FeedFormat = Literal["rss", "atom", "rdf", "json"]
_SUBTYPES = {"rss": "rss+xml", "atom": "atom+xml", "rdf": "rdf+xml", "json": "feed+json"}
Behaviour = Literal["steady", "slow", "flaky", "gone", "pages-missing"]


@dataclass(frozen=True, slots=True)
class Site:
    """One site with one feed.

    ``article_path`` takes the fields ``number``, ``slug``, ``year``
    and ``month``. ``theme`` names a part of ``words/LANGUAGE.toml``; ``template`` a file ``templates/TEMPLATE``
    (``.html.j2`` added). A site with ``copies_from`` carries some stories of that site under URLs
    of its own; ``credits_original`` adds tracking parameters to its links and a ``rel=canonical``
    that points to the original.
    """

    key: str
    title: str
    tagline: str
    language: str
    category: str
    theme: str
    feed_format: FeedFormat
    feed_path: str
    article_path: str
    template: str
    behaves: Behaviour = "steady"
    full_text: bool = False
    copies_from: str | None = None
    credits_original: bool = False

    @property
    def feed_media_type(self) -> str:
        """The Content-Type of the feed, without parameters."""
        return f"application/{_SUBTYPES[self.feed_format]}"

    @property
    def writes(self) -> bool:
        """True where stories appear."""
        return self.behaves != "gone"

    @property
    def serves_pages(self) -> bool:
        """True when its article pages can be had."""
        return self.behaves not in {"gone", "pages-missing"}


SITES: tuple[Site, ...] = (
    Site(
        key="harbour",
        title="The Harbour Post",
        tagline="News from the water's edge since 1894",
        language="en",
        category="News",
        theme="town",
        feed_format="rss",
        feed_path="/rss.xml",
        article_path="/{year}/{month}/{slug}-{number}",
        template="newspaper",
    ),
    Site(
        key="dispatch",
        title="Morning Dispatch",
        tagline="What happened while you slept",
        language="en",
        category="News",
        theme="town",
        feed_format="atom",
        feed_path="/atom.xml",
        article_path="/stories/{number}",
        template="magazine",
        copies_from="harbour",
        credits_original=True,
    ),
    Site(
        key="bytes",
        title="Byte & Bolt",
        tagline="Notes on machines that mostly work",
        language="en",
        category="Technology",
        theme="software",
        feed_format="json",
        feed_path="/feed.json",
        article_path="/posts/{slug}-{number}/",
        template="weblog",
        full_text=True,
    ),
    Site(
        key="elbufer",
        title="Elbufer Zeitung",
        tagline="Unabhängig, überparteilich, gelegentlich verspätet",
        language="de",
        category="News",
        theme="town",
        feed_format="rss",
        feed_path="/nachrichten/rss",
        article_path="/lokales/{slug}-{number}.html",
        template="newspaper",
        behaves="slow",
    ),
    Site(
        key="werkbank",
        title="Werkbank",
        tagline="Das Magazin für Leute, die Dinge reparieren",
        language="de",
        category="Technology",
        theme="craft",
        feed_format="atom",
        feed_path="/feed",
        article_path="/artikel/{number}-{slug}",
        template="weblog",
        full_text=True,
    ),
    Site(
        key="carnet",
        title="Le Carnet du Marché",
        tagline="Cuisine, saisons et producteurs",
        language="fr",
        category="Food",
        theme="food",
        feed_format="rdf",
        feed_path="/index.rdf",
        article_path="/article{number}.html",
        template="magazine",
    ),
    Site(
        key="gazette",
        title="La Gazette du Vallon",
        tagline="La vie du pays, chaque matin",
        language="fr",
        category="News",
        theme="food",
        feed_format="rss",
        feed_path="/flux.xml",
        article_path="/actualite/{year}/{slug}-{number}.html",
        template="newspaper",
        copies_from="carnet",
    ),
    Site(
        key="minato",
        title="港の手帖",
        tagline="海辺の町の暮らしと出来事",
        language="ja",
        category="News",
        theme="town",
        feed_format="rss",
        feed_path="/feed/",
        article_path="/articles/{number}/",
        template="magazine",
        full_text=True,
    ),
    Site(
        key="weathervane",
        title="The Weathervane",
        tagline="Turning with every wind",
        language="en",
        category="Science",
        theme="nature",
        feed_format="atom",
        feed_path="/index.atom",
        article_path="/{year}/{month}/{number}",
        template="weblog",
        behaves="flaky",
    ),
    Site(
        key="attic",
        title="Letters from the Attic",
        tagline="Everything is up here somewhere",
        language="en",
        category="Science",
        theme="nature",
        feed_format="rss",
        feed_path="/rss",
        article_path="/?p={number}",
        template="magazine",
        behaves="pages-missing",
    ),
    Site(
        key="closed",
        title="The Closed Shop",
        tagline="Thank you for eleven good years",
        language="en",
        category="News",
        theme="town",
        feed_format="rss",
        feed_path="/rss.xml",
        article_path="/{number}",
        template="newspaper",
        behaves="gone",
    ),
)
"""All sites, in the order of their addresses."""
