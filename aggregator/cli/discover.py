"""``aggregator discover``: which feeds an address leads to. ``feeds add`` asks the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

import click

from aggregator.cli.asking import Asking, FoundFeed, asking
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.config.config import Config
from aggregator.errors import AggregatorError, FeedOffer, FetchError, HostOnCooldown, NotAFeed
from aggregator.parse.discovery import well_known_urls
from aggregator.parse.known_sites import known_feed_urls
from aggregator.urls import host_of

_MAX_ASKED = 5  # of the feeds that one page offers


class Way(StrEnum):
    """Way in which a feed was found."""

    ITSELF = "the address is a feed"
    OFFERED = "the page offers it"
    KNOWN = "sites of this kind have it there"
    GUESSED = "many sites have it there"


@dataclass(frozen=True, slots=True)
class Discovered:
    """A feed that answered as one."""

    url: str  # after redirects
    title: str
    format: str
    entries: int
    way: Way


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def discover(invocation: Invocation, url: str, *, as_json: bool) -> None:
    """Find the feeds of URL: a feed, a page that links to one, or a site that has one.

    Every feed that is listed has answered as one. Exit status 1 if there is none.
    """
    found = run_async(find_feeds(invocation.config(), url))
    if as_json:
        echo_json([asdict(one) | {"url": one.url} for one in found])
        return
    for one in found:
        say(described(one))


def described(found: Discovered) -> str:
    """One line for people."""
    return (
        f"{found.url}  {found.title!r}, {found.format}, "
        f"{found.entries} {'entry' if found.entries == 1 else 'entries'} ({found.way.value})"
    )


async def find_feeds(config: Config, url: str) -> list[Discovered]:
    """The feeds that ``url`` leads to, likeliest first, each asked once, at most five.

    What the page offers and what its site is known to have go before places where feeds often are,
    which are tried one after the other until one is a feed. Raises ``FetchError`` when the address
    does not answer, ``NotAFeed`` when there is no feed.
    """
    async with asking(config) as one:
        try:
            return [_discovered(await one.feed(url), Way.ITSELF)]
        except NotAFeed as page:
            offers, known = page.offers, frozenset(known_feed_urls(url))
            failure: AggregatorError = page
        except FetchError as error:
            offers, known = tuple(map(FeedOffer, known_feed_urls(url))), frozenset()
            if isinstance(error, HostOnCooldown) or not offers:
                raise
            known, failure = frozenset(offer.url for offer in offers), error
        tried = {url}
        found = await _those(one, url, offers, known, tried)
        if not found and isinstance(failure, NotAFeed):
            found = await _guessed(one, url, tried)
    if found:
        return found
    if isinstance(failure, NotAFeed):
        raise NotAFeed(
            f"no feed found at {url}: {failure.message}",
            hint=f"{len(tried) - 1} other addresses of the site were tried; give the feed's own address",
        )
    raise failure


async def _those(
    one: Asking,
    url: str,
    offers: tuple[FeedOffer, ...],
    known: frozenset[str],
    tried: set[str],
) -> list[Discovered]:
    found: dict[str, Discovered] = {}
    for offer in offers[:_MAX_ASKED]:
        try:
            # Another host inside our networks is not a page's to name.
            own = host_of(offer.url) == host_of(url)
            feed = await _ask(one, offer.url, tried, inside=own)
        except HostOnCooldown:
            if found:
                break
            raise
        if feed is not None:
            way = Way.KNOWN if offer.url in known else Way.OFFERED
            found.setdefault(feed.url, _discovered(feed, way))
    return list(found.values())


async def _guessed(one: Asking, url: str, tried: set[str]) -> list[Discovered]:
    for place in well_known_urls(url):
        feed = await _ask(one, place, tried, inside=True)
        if feed is not None:
            return [_discovered(feed, Way.GUESSED)]
    return []


async def _ask(one: Asking, url: str, tried: set[str], *, inside: bool) -> FoundFeed | None:
    """The feed at ``url``, None when it is none or was asked already."""
    if url in tried:
        return None
    tried.add(url)
    try:
        return await one.feed(url, inside=inside)
    except HostOnCooldown:  # no more guesses meanwhile
        raise
    except AggregatorError:
        return None


def _discovered(found: FoundFeed, way: Way) -> Discovered:
    parsed = found.parsed
    return Discovered(found.url, parsed.title, parsed.format, len(parsed.entries), way)
