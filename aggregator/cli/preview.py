"""``aggregator preview``: what a feed or an article would give, nothing stored."""

from __future__ import annotations

import re
import textwrap
from dataclasses import asdict
from itertools import zip_longest

import click

from aggregator.cli.asking import ask, ask_article
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.errors import ExtractError, FetchError, NotAFeed
from aggregator.extract.judging.need import wants_page
from aggregator.model import Article, ArticleHints, Entry, ExtractMode, ParsedFeed
from aggregator.sanitize import to_text
from aggregator.text.words import reading_minutes

_ENTRIES = 10  # shown to people; JSON has all
_TEXT = 600  # characters of the article shown
_COLUMN = 58  # characters of each text, side by side
_LINES = 12
_PICTURED = re.compile(r"<(?:img|video|audio|iframe)\b", re.IGNORECASE)


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def preview(invocation: Invocation, url: str, *, as_json: bool) -> None:
    """Show the entries and first article of the feed at URL, or the article of a page."""
    run_async(_preview(invocation.config(), url, as_json=as_json))


async def _preview(config: Config, url: str, *, as_json: bool) -> None:
    try:
        found = await ask(config, url)
    except NotAFeed as page:
        await _preview_page(config, url, page, as_json=as_json)
        return
    entry = next((one for one in found.parsed.entries if one.url), None)
    article = await _article_or_reason(config, url, entry) if entry else None
    if as_json:
        shown = _as_json(article) if isinstance(article, Article) else {"error": article}
        echo_json({"url": found.url, "feed": _plain(found.parsed), "first_article": shown})
        return
    _show_feed(found.parsed, config.settings.extract.mode)
    if entry is not None and article is not None:
        say(f"\nfull text of the first entry, {entry.url or ''}:")
        _show_article(article, to_text(entry.html))


async def _preview_page(config: Config, url: str, page: NotAFeed, *, as_json: bool) -> None:
    try:
        article: Article | str = await ask_article(config, url, ArticleHints())
    except ExtractError as error:
        if not page.offers:
            raise
        article = str(error)  # a site's front page is no article, but it leads on
    if as_json:
        offers = [asdict(offer) for offer in page.offers]
        shown = _as_json(article) if isinstance(article, Article) else {"error": article}
        echo_json({"url": url, "article": shown, "feeds": offers})
        return
    say(f"{url} is a page")
    for offer in page.offers:
        say(f"  links to the feed {offer.url} {offer.title!r}")
    _show_article(article)


async def _article_or_reason(config: Config, url: str, entry: Entry) -> Article | str:
    hints = ArticleHints(
        entry.title,
        to_text(entry.html),
        entry.language,
        feed_key=choices.key_at(config, url),
        has_media=_PICTURED.search(entry.html) is not None,
    )
    try:
        return await ask_article(config, entry.url or "", hints)
    except (FetchError, ExtractError) as error:
        return str(error)


def _plain(parsed: ParsedFeed) -> dict[str, object]:
    found = asdict(parsed)
    hints = parsed.hints
    found["hints"] = {
        "min_interval": hints.min_interval,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }
    return found


def _show_feed(parsed: ParsedFeed, mode: ExtractMode) -> None:
    say(f"{parsed.title!r} ({parsed.format}), {len(parsed.entries)} entries")
    for note in parsed.notes:
        say(f"  repaired: {note}")
    for entry in parsed.entries[:_ENTRIES]:
        date = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date".ljust(16)
        text = "page" if wants_page(entry, mode) else "feed"
        say(f"  {date}  text from {text}  {entry.title}")
    if len(parsed.entries) > _ENTRIES:
        say(f"  … and {len(parsed.entries) - _ENTRIES} more")


def _as_json(article: Article) -> dict[str, object]:
    return {**asdict(article), "reading_minutes": reading_minutes(article.text)}


def _show_article(article: Article | str, own: str = "") -> None:
    """``own`` is the feed's text, shown beside the article's."""
    if isinstance(article, str):
        say(f"  no article: {article}")
        return
    say(f"  {article.title!r} by {', '.join(article.authors) or 'unknown'}")
    facts = [f"{len(article.text)} characters", f"{reading_minutes(article.text)} min to read"]
    facts += [article.site_name] if article.site_name else []
    facts += [f"tags: {', '.join(article.tags)}"] if article.tags else []
    say(f"  {'; '.join(facts)}")
    say(f"  text from {article.source}, confidence {article.confidence:.2f}: {article.reason}")
    if not own:
        say(article.text[:_TEXT] + ("…" if len(article.text) > _TEXT else ""))
        return
    say(f"  {f'the feed ({len(own)} characters)':{_COLUMN}}   the page")
    for left, right in zip_longest(_column(own), _column(article.text), fillvalue=""):
        say(f"  {left:{_COLUMN}} │ {right}".rstrip())


def _column(text: str) -> list[str]:
    lines = [line for part in text[:2000].split("\n") for line in textwrap.wrap(part, _COLUMN)]
    return [*lines[:_LINES], "…"] if len(lines) > _LINES else lines
