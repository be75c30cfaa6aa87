"""Stories → the text of an edition: a list of contents that leads to them, grouped by category. Pure.

Each story is written once, when the edition is made; the edition is put together of these pieces
whenever it is shown, so that one of them can be taken out without a change of the others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from html import escape
from itertools import groupby

from aggregator.model import Edition, EditionStory, Item, NewsStory, Source
from aggregator.publish import formatting, presentation
from aggregator.sanitize.policy import ID_PREFIX

FULL_BYTES = 1 << 20  # of texts: beyond them stories have their leads …
LEAD_BYTES = 3 << 19  # … and beyond these their lines in the contents
MOST = 2000  # stories: the rest is counted
_TITLE, _SUMMARY = 300, 300  # characters
_OWNER = 6  # bytes of an id that tell editions apart
_OTHERS = "Other"  # stories of feeds without a category
_STORY, _LOWEST = 3, 6  # levels of headings
# Signs of markup are escaped in sanitized texts and values: nothing else looks like a tag.
_HEADING = re.compile(r"<(/?)h([1-6])(?=[\s>])")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def edition_title(title: str, day: str) -> str:
    """Title of the edition of a local date: ``Morning, Tuesday 1 December 2026``."""
    when = date.fromisoformat(day)
    said = f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]} {when.year}"
    return f"{title}, {said}"


def arranged(
    stories: Sequence[NewsStory], categories: Mapping[str, Sequence[str]], order: Sequence[str]
) -> list[tuple[str, NewsStory]]:
    """``stories`` by category, each with its own; within one they keep their order.

    ``categories`` are those of feeds; ``order`` is that of the groups, the only ones that an output
    with categories has. A category that a rule gave goes before those of the feed.
    """
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(order))}

    def category(story: NewsStory) -> str:
        named = (*story.categories, *categories.get(story.feed_key, ()))
        return next((one for one in named if one in ranks), next(iter(named), ""))

    placed = [(category(one), one) for one in stories]
    last = len(ranks)
    return sorted(
        placed, key=lambda one: (not one[0], ranks.get(one[0], last), one[0].casefold(), one[0])
    )


def story_pieces(edition_id: str, placed: Iterable[tuple[str, Item]]) -> tuple[EditionStory, ...]:
    """Lines and sections of the edition with this id; each story is an item as the output shows it."""
    owner = blake2b(edition_id.encode(), digest_size=_OWNER).hexdigest()
    given = list(placed)
    made, size = list[EditionStory](), 0
    for number, (category, item) in enumerate(given[:MOST], start=1):
        anchor = f"{ID_PREFIX}{owner}-{number}"
        in_full = size + len(item.content_html.encode()) <= FULL_BYTES
        section = _section(item, anchor, in_full=in_full) if size < LEAD_BYTES else ""
        size += len(section.encode())
        made.append(
            EditionStory(item.id, category, _title(item), _line(item, anchor, section), section)
        )
    return (*made, *_rest(given[MOST][0], len(given) - MOST)) if len(given) > MOST else tuple(made)


def _rest(category: str, count: int) -> tuple[EditionStory, ...]:
    """The line for so many stories that are counted only."""
    return (EditionStory("", category, "", f"and {count} more", ""),) if count else ()


def without_others(
    stories: Sequence[EditionStory], left: Collection[str]
) -> tuple[EditionStory, ...]:
    """``stories`` of an edition of which the items ``left`` stay; those without a line are counted anew."""
    own = [one for one in stories if one.item_id in left]
    rest = next((one for one in stories if not one.item_id), None)
    if rest is None:
        return tuple(own)
    return (*own, *_rest(rest.category, len(left) - len(own)))


def edition_html(stories: Sequence[EditionStory]) -> str:
    """The text of an edition that holds ``stories``, which are in their order."""
    grouped = [(name, list(own)) for name, own in groupby(stories, lambda one: one.category)]
    several = len(grouped) > 1
    contents, sections = [], []
    for name, own in grouped:
        heading = escape(formatting.text(name) or _OTHERS)
        lines = "\n".join(f"<li>{one.line}</li>" for one in own)
        contents.append(
            (f"<p><strong>{heading}</strong></p>\n" if several else "") + f"<ul>\n{lines}\n</ul>"
        )
        texts = [one.section for one in own if one.section]
        if texts:
            sections += [f"<h2>{heading}</h2>"] * several + texts
    return "\n".join([*contents, *(["<hr>"] if sections else []), *sections])


def edition_summary(stories: Sequence[EditionStory]) -> str:
    """Its stories' number and first titles, in one line."""
    named = [one for one in stories if one.item_id]
    count = "1 story" if len(named) == 1 else f"{len(named)} stories"
    return _cut(f"{count}: {' · '.join(one.title for one in named[:20])}", _SUMMARY)


def edition_item(edition: Edition, source: Source, url: str | None) -> Item:
    """The edition as an item from ``source``, with a page of its own at ``url``."""
    return Item(
        id=edition.id,
        title=edition.title,
        url=url,
        content_html=edition_html(edition.stories),
        summary=edition_summary(edition.stories),
        published=edition.made_at,
        updated=max(edition.made_at, edition.changed_at),
        source=source,
    )


def _line(item: Item, anchor: str, section: str) -> str:
    url = formatting.link(item.url)
    there = f"#{anchor}" if section else url
    title = escape(_title(item))
    linked = f'<a href="{escape(there)}">{title}</a>' if there else title
    site = escape(formatting.text(presentation.site_of(item)))
    return f"{linked} · {site}" if site else linked


def _section(item: Item, anchor: str, *, in_full: bool) -> str:
    """Title, site, authors, and the text or the lead; empty where there is no text to show."""
    html = item.content_html if in_full else ""
    if not html.strip():
        lead = formatting.text(item.summary)
        html = f"<p>{escape(lead)}</p>" if lead else ""
    if not html:
        return ""
    url, title = formatting.link(item.url), escape(_title(item))
    linked = f'<a href="{escape(url)}">{title}</a>' if url else title
    return f'<h3 id="{anchor}">{linked}</h3>\n{_byline(item)}{_below_title(html)}'


def _below_title(html: str) -> str:
    """Sanitized ``html`` whose headings are below the title of its story."""
    levels = [int(level) for _, level in _HEADING.findall(html)]
    shift = max(_STORY + 1 - min(levels, default=_LOWEST), 0)
    return _HEADING.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + shift, _LOWEST)}", html)


def _byline(item: Item) -> str:
    said = [presentation.site_of(item), *formatting.texts(item.authors)]
    words = " · ".join(escape(one) for one in dict.fromkeys(said) if one)
    return f"<p><em>{words}</em></p>\n" if words else ""


def _title(item: Item) -> str:
    return _cut(formatting.headline(item), _TITLE)


def _cut(words: str, most: int) -> str:
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
