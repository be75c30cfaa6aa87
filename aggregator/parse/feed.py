"""The bytes of any feed → the model's feed: the one door of this stage.

Pure and picklable, made to be called in a worker process.
"""

from __future__ import annotations

from collections.abc import Mapping

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import ParsedFeed
from aggregator.parse.discovery import discover
from aggregator.parse.entries import language_tag
from aggregator.parse.jsonfeed import parse_json
from aggregator.parse.prepare import DocumentKind, Prepared, prepare
from aggregator.parse.xmlfeed import parse_xml


def parse_feed(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    language: str = "",
    max_entries: int = 1000,
    known: Mapping[str, str] | None = None,
) -> ParsedFeed:
    """Understand ``body``, fetched from ``url`` and served as ``content_type``.

    ``language`` is its answer's Content-Language, which counts where the document names none.
    ``known`` are the entries that it listed when it was last read: ``source_digest`` → identity.
    Those that stand there as they did are not read, only named: ``unchanged``. At most
    ``max_entries`` entries, the newest ones, are in the result; what was mended is in its
    ``notes``. Raises :class:`~aggregator.errors.NotAFeed` (with the feeds that a page links to)
    when it is something else, :class:`~aggregator.errors.ParseError` when nothing can be read, and
    nothing else.
    """
    try:
        served_in = language_tag(language)  # of several (RFC 9110 §8.5) none is the document's
        return _parse(body, url, content_type, served_in, max_entries, known or {})
    except (ParseError, MemoryError):  # a worker's memory limit is its owner's to report
        raise
    except Exception as error:
        raise ParseError(f"the document cannot be read: {type(error).__name__}") from error


def _parse(
    body: bytes,
    url: str,
    content_type: str,
    language: str | None,
    max_entries: int,
    known: Mapping[str, str],
) -> ParsedFeed:
    prepared = prepare(body, content_type=content_type, max_entries=max_entries)
    if prepared.kind is DocumentKind.XML:
        return parse_xml(prepared, url, known, language)
    if prepared.kind is DocumentKind.JSON:
        return parse_json(
            prepared.text,
            url=url,
            language=language,
            max_entries=max_entries,
            notes=prepared.notes,
            known=known,
        )
    if prepared.kind is DocumentKind.HTML:
        raise _web_page(body, url, content_type)
    raise NotAFeed(_what(prepared))


def _web_page(body: bytes, url: str, content_type: str) -> NotAFeed:
    offers = discover(body, url, content_type)
    if offers:
        named = offers[0].url if len(offers) == 1 else f"one of {len(offers)}, {offers[0].url}"
        how = "sites of its kind have a feed" if offers[0].guessed else "it links to a feed"
        return NotAFeed("it is a web page", offers=offers, hint=f"{how}: {named}")
    return NotAFeed("it is a web page without a link to a feed")


def _what(prepared: Prepared) -> str:
    if not prepared.text.strip():
        return "the document is empty"
    return "it is neither XML nor JSON"
