"""Events → the title and the text of a notification: plain, bounded, and naming nobody to be called. Pure.

What strangers say is text. Services escape it by their own format, since it is declared as plain; what
they look for in plain text too, names to be called (``@everyone``, ``<!channel>``), is taken apart here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.config.notify_templates import filled
from aggregator.model import EventKind, Item, RoadEvent
from aggregator.publish import formatting, presentation
from aggregator.publish.edition_text import edition_summary
from aggregator.sanitize.text import shown_safe

LONGEST_TITLE, LONGEST_BODY = 200, 3500  # characters; Telegram takes 4096 of both
_TITLE, _SUMMARY, _NAMES, _URL = 300, 600, 200, 1000  # of a field
_LINES, _LINE = 20, 160  # of a summary
WORD_JOINER = "\u2060"
"""A character of which nothing is seen; a name or code with it inside is none any more."""
_CALLING = re.compile(r"(@)(?=\w)|(<)(?=[!@#])")


@dataclass(frozen=True, slots=True)
class NotifyText:
    """A notification."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Template:
    """The operator's templates of title and text, and the name of the output in words."""

    title: str
    body: str
    output: str


def one_event(event: RoadEvent, template: Template) -> NotifyText:
    """The notification that tells one event."""
    if event.kind in {EventKind.ALARM, EventKind.OVER}:
        return alarm_text([event])
    if event.edition is not None:
        summary = edition_summary(event.edition.stories)
        url = (event.item.url if event.item is not None else "") or ""
        return _bounded(event.edition.title, f"{_defused(summary)}\n{url}".strip())
    fields = _fields(event.item, template.output) if event.item is not None else {}
    title, body = filled(template.title, fields), filled(template.body, fields)
    return _bounded(title, "\n".join(line.rstrip() for line in body.splitlines()).strip())


def summary_of(events: Sequence[RoadEvent], template: Template, beyond: int = 0) -> NotifyText:
    """One notification that tells all of ``events``: the first of them by name, the rest counted.

    ``beyond``: so many more, of which nothing else is known.
    """
    count = len(events) + beyond
    if all(one.kind in {EventKind.ALARM, EventKind.OVER} for one in events):
        return alarm_text(events)
    lines = [_line(one) for one in events[:_LINES]]
    text = "\n".join(lines)
    while lines and len(text) > LONGEST_BODY - 40:
        lines.pop()
        text = "\n".join(lines)
    if len(lines) < count:
        text = f"{text}\nand {count - len(lines):,} more"
    return _bounded(f"{template.output}: {count:,} new", text)


def alarm_text(events: Sequence[RoadEvent]) -> NotifyText:
    """One notification that tells all of these alarms and ends of alarms."""
    said = [_defused(one_line(one.text, _SUMMARY)) for one in events]
    if len(said) == 1:
        return _bounded(said[0], said[0])
    begun = sum(one.kind is EventKind.ALARM for one in events)
    shown = "\n".join(f"• {one}" for one in said[:_LINES])
    more = f"\nand {len(said) - _LINES} more" if len(said) > _LINES else ""
    word = "alarm" if begun == 1 else "alarms"
    return _bounded(f"{begun} {word}, {len(events) - begun} over", shown + more)


def one_line(text: str, most: int) -> str:
    """``text`` in one line of at most ``most`` characters, without what steers terminals or mail."""
    line = " ".join(shown_safe(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _fields(item: Item, output: str) -> dict[str, str]:
    said = {
        "title": (formatting.headline(item), _TITLE),
        "source": (presentation.site_of(item), _NAMES),
        "summary": (item.summary, _SUMMARY),
        "authors": (", ".join(item.authors), _NAMES),
        "tags": (", ".join(item.categories), _NAMES),
        "published": (f"{item.published:%Y-%m-%d %H:%M} UTC" if item.published else "", _NAMES),
        "output": (output, _NAMES),
    }
    url = formatting.link(item.url) or ""
    return {name: _defused(one_line(text, most)) for name, (text, most) in said.items()} | {
        "url": url if len(url) <= _URL else ""
    }


def _line(event: RoadEvent) -> str:
    if event.item is None:
        return f"• {_defused(one_line(event.text, _LINE))}"
    title = one_line(
        event.edition.title if event.edition else formatting.headline(event.item), _LINE
    )
    url = formatting.link(event.item.url) or ""
    return f"• {_defused(title)}" + (f"\n  {url}" if url and len(url) <= _LINE else "")


def _defused(text: str) -> str:
    return _CALLING.sub(lambda found: found[0] + WORD_JOINER, text)


def _bounded(title: str, body: str) -> NotifyText:
    shown = one_line(title, LONGEST_TITLE)
    text = body if len(body) <= LONGEST_BODY else body[: LONGEST_BODY - 1].rstrip() + "…"
    return NotifyText(shown, text or shown)
