"""``aggregator preview``: what a feed or an article would give, nothing stored."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import zip_longest

import click

from aggregator.cli.asking import Asking, FoundPage, asking
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.sieves import dropped_unread
from aggregator.errors import ExtractError, FetchError
from aggregator.extract.judging.need import wants_page
from aggregator.model import Article, ArticleHints, Entry, ExtractMode, ParsedFeed
from aggregator.privacy.masking import masked
from aggregator.sanitize import to_text
from aggregator.text.controls import for_terminal
from aggregator.text.words import reading_minutes

_ENTRIES = 10  # shown to people; JSON has all
_TEXT = 600  # characters of the article that are its beginning
_COLUMN = 58  # characters of each text, side by side
_LINES = 12
_PICTURED = re.compile(r"<(?:img|video|audio|iframe)\b", re.IGNORECASE)


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--short", is_flag=True, help="Show the beginning of the article's text only.")
@pass_invocation
def preview(invocation: Invocation, url: str, *, as_json: bool, short: bool) -> None:
    """Show the entries and first article of the feed at URL, or the article of a page."""
    run_async(_preview(invocation.config(), url, as_json=as_json, short=short))


async def _preview(config: Config, url: str, *, as_json: bool, short: bool) -> None:
    async with asking(config) as one:
        found = await one.anything(url)
        if isinstance(found, FoundPage):
            _preview_page(url, found, as_json=as_json, short=short)
            return
        key = choices.key_at(config, url) or url
        dropped = dropped_unread(config, key, found.parsed, datetime.now(UTC))
        entry = next((entry for entry in found.parsed.entries if entry.url), None)
        article = (
            await _article_or_reason(config, one, url, entry, inside=found.inside)
            if entry
            else None
        )
    if as_json:
        shown = _as_json(article) if isinstance(article, Article) else {"error": article}
        feed = _plain(found.parsed, dropped)
        echo_json({"url": found.url, "feed": feed, "first_article": shown})
        return
    lines = _feed_lines(found.parsed, config.settings.extract.mode, dropped)
    if entry is not None and article is not None:
        lines.append(f"\nfull text of the first entry, {entry.url or ''}:")
        lines += _article_lines(article, to_text(entry.html), short=short)
    _show(lines)


def _preview_page(url: str, page: FoundPage, *, as_json: bool, short: bool) -> None:
    article = page.article
    if isinstance(article, ExtractError) and not page.offers:
        raise article
    # A site's front page is no article, but it leads on.
    told = str(article) if isinstance(article, ExtractError) else article
    if as_json:
        offers = [asdict(offer) for offer in page.offers]
        shown = _as_json(told) if isinstance(told, Article) else {"error": told}
        echo_json({"url": url, "article": shown, "feeds": offers})
        return
    lines = [f"{url} is a page"]
    lines += [f"  links to the feed {offer.url} {offer.title!r}" for offer in page.offers]
    _show([*lines, *_article_lines(told, short=short)])


async def _article_or_reason(
    config: Config, one: Asking, url: str, entry: Entry, *, inside: bool
) -> Article | str:
    hints = ArticleHints(
        entry.title,
        to_text(entry.html),
        entry.language,
        feed_key=choices.key_at(config, url),
        has_media=_PICTURED.search(entry.html) is not None,
    )
    try:
        return await one.article(entry.url or "", hints, inside=inside)
    except (FetchError, ExtractError) as error:
        return str(error)


def _show(lines: Sequence[str]) -> None:
    """Print ``lines``; on a terminal, more than it shows at once are paged."""
    text = "\n".join(lines)
    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(for_terminal(masked(text)) + "\n")
    else:
        say(text)


def _plain(parsed: ParsedFeed, dropped: Sequence[str]) -> dict[str, object]:
    found = asdict(parsed)
    for entry, by in zip(found["entries"], dropped, strict=True):
        entry["dropped_by"] = by or None
    hints = parsed.hints
    found["hints"] = {
        "min_interval": hints.min_interval,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }
    return found


def _feed_lines(parsed: ParsedFeed, mode: ExtractMode, dropped: Sequence[str]) -> list[str]:
    lines = [f"{parsed.title!r} ({parsed.format}), {len(parsed.entries)} entries"]
    lines += [f"  repaired: {note}" for note in parsed.notes]
    for entry, by in zip(parsed.entries[:_ENTRIES], dropped, strict=False):
        date = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date".ljust(16)
        text = "page" if wants_page(entry, mode) else "feed"
        told = f"dropped by {by}" if by else f"text from {text}"
        lines.append(f"  {date}  {told}  {entry.title}")
    if len(parsed.entries) > _ENTRIES:
        lines.append(f"  … and {len(parsed.entries) - _ENTRIES} more")
    return lines


def _as_json(article: Article) -> dict[str, object]:
    return {**asdict(article), "reading_minutes": reading_minutes(article.text)}


def _article_lines(article: Article | str, own: str = "", *, short: bool) -> list[str]:
    """The article for people; ``own`` is the feed's text, whose beginning is shown beside the article's."""
    if isinstance(article, str):
        return [f"  no article: {article}"]
    lines = [f"  {article.title!r} by {', '.join(article.authors) or 'unknown'}"]
    facts = [f"{len(article.text)} characters", f"{reading_minutes(article.text)} min to read"]
    facts += [f"published {article.published:%Y-%m-%d %H:%M}"] if article.published else []
    facts += [article.site_name] if article.site_name else []
    facts += [f"tags: {', '.join(article.tags)}"] if article.tags else []
    lines.append(f"  {'; '.join(facts)}")
    lines.append(
        f"  text from {article.source}, confidence {article.confidence:.2f}: {article.reason}"
    )
    if own:
        lines.append(f"  {f'the feed ({len(own)} characters)':{_COLUMN}}   the page")
        for left, right in zip_longest(_column(own), _column(article.text), fillvalue=""):
            lines.append(f"  {left:{_COLUMN}} │ {right}".rstrip())
    if short:
        begun = article.text[:_TEXT] + ("…" if len(article.text) > _TEXT else "")
        return lines if own else [*lines, begun]
    return [*lines, "", *(article.text or own).split("\n")]


def _column(text: str) -> list[str]:
    lines = [line for part in text[:2000].split("\n") for line in textwrap.wrap(part, _COLUMN)]
    return [*lines[:_LINES], "…"] if len(lines) > _LINES else lines
