"""Another view of a page that was read badly: its AMP page, its print version.

Both are made for machines and paper: the article without scripts, and with little around it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from urllib.parse import unquote, urldefrag, urlsplit

from lxml.html import HtmlElement

from aggregator.extract.judging.better import why_worse
from aggregator.extract.judging.evidence import is_headed, weigh
from aggregator.extract.judging.need import FILE_SOURCE
from aggregator.extract.page.tree import absolute
from aggregator.model import Article, ArticleHints
from aggregator.urls import same_site, story_key

AMP, PRINT = "amp", "print"

POOR = 0.5  # the confidence below which another view is worth a request

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_NAMES = {AMP: "AMP page", PRINT: "print version"}
_MAX_LINKS = 5000
_LONGEST_LINK = 60  # characters of a link's text
_SAYS_PRINT = re.compile(
    r"^\W*(?:(?:print|printer.friendly)(?: (?:this )?(?:article|page|story|version|view))?|(?:artikel |seite )?(?:aus)?drucken|druck(?:version|ansicht)|"
    r"imprimer(?: (?:l.article|cette page))?|version imprimable|imprimir|versión (?:para imprimir|imprimible)|versão para (?:impressão|imprimir)|"
    r"stampa(?: (?:articolo|l.articolo|questo articolo))?|versione (?:stampabile|per la stampa)|(?:artikel )?(?:afdrukken|printen)|printversie|drukuj|wersja do druku|"
    r"skriv ut|utskriftsvänlig version|vytisknout|tisk|версия для печати|распечатать|печать|yazdır|yazıcı dostu|印刷(?:用ページ|する|版)?|打印(?:本页|版)?|列印|인쇄(?:하기)?|طباعة|نسخة للطباعة)\W*$",
    re.IGNORECASE,
)  # fmt: skip
_PRINTS = re.compile(r"print|druck|imprim|impress|stampa|drukuj|utskrift|tisk|pechat|yazdir|/prn\b", re.IGNORECASE)  # fmt: skip
# What an article's address is known by: its number (longer than a year), its slug.
_TELLING = (re.compile(r"\d{5,}"), re.compile(r"\w+(?:-\w+)+|\w{12,}"))


def other_view(tree: HtmlElement, url: str, base_url: str) -> tuple[str, str] | None:
    """The kind (:data:`AMP` or :data:`PRINT`) and the URL of another view of the page ``tree``.

    The first that the page names on its own site: ``<link rel=amphtml>``, ``<link rel=alternate
    media=print>``, a link that says so to an address that tells the same article. None for none.
    """
    prints = ""
    for link in islice(tree.iter("link", "a"), _MAX_LINKS):
        if link.tag == "link" and "amphtml" in _words(link, "rel"):
            target = _elsewhere(link, url, base_url)
            if target:
                return AMP, target
        if not prints:
            prints = _print_version(link, url, base_url)
    return (PRINT, prints) if prints else None


def may_be_view(target: str, url: str) -> bool:
    """True when ``target`` is another page of the site of ``url``, and not the site's front page."""
    if not same_site(target, url) or target == urldefrag(url).url:
        return False
    parts = urlsplit(target)
    return bool(parts.path.strip("/") or parts.query)


def tells_the_same(view: Article, hints: ArticleHints, url: str) -> bool:
    """True when ``view``, to which an alternate's address redirected, is the article of ``url``.

    It names that page as its canonical one, or bears the feed's title; where the feed gave none, it
    has the feed's summary. (The list that an article was moved from holds both title and summary.)
    """
    if view.canonical_url and story_key(view.canonical_url) == story_key(url):
        return True
    if hints.title:
        return is_headed(hints.title, (view.title,))
    return weigh(hints, view.text, ()).confirmed


def of_view(first: Article | None, view: Article, kind: str, why: str) -> Article | None:
    """``view``, what the page's view of this ``kind`` gave, when it is better than ``first``; else None.

    ``first`` is what the page itself gave, None for nothing; ``why`` then says why.
    """
    if view.source.startswith(FILE_SOURCE):
        return None
    if first is None or not first.text:
        if view.confidence < POOR:
            return None
    else:
        worse = why_worse(len(first.text), first.confidence, len(view.text), view.confidence)
        if worse or view.confidence <= first.confidence:
            return None
    if not view.text:
        return view  # it proved that the feed has all of it, and says so
    why = why if first is None else first.reason
    reason = f"from the {_NAMES[kind]}; {view.reason}; the page itself: {why}"
    return replace(view, source=f"page:{kind}", reason=reason)


def _print_version(link: HtmlElement, url: str, base_url: str) -> str:
    if _is_alternate(link) and _words(link, "media") == ["print"]:
        return _elsewhere(link, url, base_url)
    if link.tag != "a" or not _says_print(link):
        return ""
    target = _elsewhere(link, url, base_url)
    return target if target and _tells_the_same(target, url) else ""


def _is_alternate(link: HtmlElement) -> bool:
    """Whether ``link`` leads to another page, not to a style sheet or a file."""
    rel, kind = _words(link, "rel"), " ".join(_words(link, "type"))
    if "alternate" not in rel or "stylesheet" in rel:
        return False
    return not kind or kind.split(";")[0].strip() in _HTML


def _words(link: HtmlElement, name: str) -> list[str]:
    return (link.get(name) or "").lower().split()


def _elsewhere(link: HtmlElement, url: str, base_url: str) -> str:
    """Where ``link`` leads, ``""`` unless that is another page of the site of ``url``."""
    target = urldefrag(absolute(link.get("href") or "", base_url)).url
    return target if may_be_view(target, url) else ""


def _says_print(link: HtmlElement) -> bool:
    said = " ".join("".join(map(str, islice(link.itertext(), 20))).split())
    said = said or link.get("title") or link.get("aria-label") or ""
    return len(said) <= _LONGEST_LINK and _SAYS_PRINT.match(said) is not None


def _tells_the_same(target: str, url: str) -> bool:
    """Whether ``target`` is by its address a print version of ``url``: it says so, and names the same."""
    there, here = urlsplit(target), urlsplit(url)
    asked = unquote(f"{there.path}?{there.query}")
    if not _PRINTS.search(asked):
        return False
    stem = re.sub(r"(?:\.s?html?|\.php|\.aspx?)?/?$", "", here.path)
    ours = unquote(f"{here.path}?{here.query}")
    named = (name for names in _TELLING for name in names.findall(ours)[-1:])
    return (len(stem) > 1 and asked.startswith(unquote(stem))) or any(n in asked for n in named)
