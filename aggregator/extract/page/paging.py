"""An article on several pages: where its next page is, where all of it stands on one, joining them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from urllib.parse import parse_qsl, urldefrag, urlsplit

from lxml.html import HtmlElement

from aggregator.extract.page.narrow import link_of
from aggregator.extract.page.tree import absolute
from aggregator.model import Article, SiteRule

_NEXT = re.compile(
    r"^[\s»›→>]*(?:next(?: page)?|nächste(?: seite)?|weiter|(?:page )?suivante?|(?:página )?siguiente|(?:pagina )?successiva|"
    r"(?:página )?(?:seguinte|próxima)|volgende(?: pagina)?|następna(?: strona)?|nästa(?: sida)?|следующая(?: страница)?|次のページ(?:へ)?|次へ|"
    r"下一页|下一頁|다음(?: 페이지)?|التالي(?:ة)?|sonraki(?: sayfa)?)[\s»›→>]*$",
    re.IGNORECASE,
)
_ALL_ON_ONE_PAGE = re.compile(
    r"^\W*(?:(?:view|show|read|see) (?:all|(?:as |on )?(?:a )?(?:single|one) page|(?:the )?full (?:article|story|page))|single page|view all pages|"
    r"(?:print|printer.friendly)(?: version| view)?|(?:artikel )?auf einer seite(?: lesen)?|druckversion|version imprimable|lire sur une seule page|"
    r"(?:ver )?en una sola página|versión para imprimir|versione stampabile|全文を表示|1ページで(?:見る|表示)|全文阅读|单页阅读|在本页阅读全文)\W*$",
    re.IGNORECASE,
)
_PAGER = re.compile(
    r"(?:^|[\s_-])(?:pagination|paginat\w*|pager|page-?links?|page-?nav\w*|multi-?page|article-?pages?|post-?pages?|pages?|nav-?links?-?pages?)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Pagers of lists (comments, archives, galleries of others) are not the article's.
_OTHER_PAGER = re.compile(r"comment|archive|search|blog-?roll|posts-navigation|post-navigation|related", re.IGNORECASE)  # fmt: skip
_JOINED = re.compile(r"; \d+ pages joined.*$")
_NUMBER = re.compile(r"\d{1,3}")
_MAX_LINKS = 5000
_CUT_OFF = 0.8  # what is left of the confidence in a text whose next page is missing
_PAGE_KEYS = frozenset({"page", "p", "pg", "seite", "pagina", "paged", "pageno", "page_no", "showpage", "start"})  # fmt: skip


def next_page(tree: HtmlElement, url: str, base_url: str, rule: SiteRule | None) -> str:
    """The address of the page on which the article of ``tree`` goes on, ``""`` for none.

    By rule, by ``rel=next``, by a link “next page” or to the next number in the article's pager; always of
    the same host, and of a page number one above that of ``url``, unless a rule says so.
    """
    if rule is not None and rule.next_page_link:
        return _same_host(absolute(link_of(tree, rule.next_page_link), base_url), url)
    for link in islice(tree.iter("link", "a"), _MAX_LINKS):
        named = link.tag == "link" and "next" in (link.get("rel") or "").lower().split()
        if named or (link.tag == "a" and _leads_on(link, url)):
            target = _same_host(absolute(link.get("href") or "", base_url), url)
            if target and follows(target, url):
                return target
    return ""


def whole_page(tree: HtmlElement, url: str, base_url: str, rule: SiteRule | None) -> str:
    """The address of a page that has the whole article on it, ``""`` for none.

    By rule; else by a link that says so, where the article has a next page.
    """
    if rule is not None and rule.single_page_link:
        return _same_host(absolute(link_of(tree, rule.single_page_link), base_url), url)
    for link in islice(tree.iter("a"), _MAX_LINKS):
        said = "".join(map(str, link.itertext())).strip()
        if said and len(said) < 60 and _ALL_ON_ONE_PAGE.match(said):
            target = _same_host(absolute(link.get("href") or "", base_url), url)
            if target and _is_view(target, url):
                return target
    return ""


def _leads_on(link: HtmlElement, url: str) -> bool:
    said = " ".join("".join(map(str, link.itertext())).split())
    if not said or len(said) > 40 or not (_NEXT.match(said) or said == str(_page_of(url) + 1)):
        return False
    for box in islice(link.iterancestors(), 5):
        names = f"{box.get('class') or ''} {box.get('id') or ''}"
        if _OTHER_PAGER.search(names):
            return False
        if _PAGER.search(names):
            return True
    return False


def _same_host(target: str, url: str) -> str:
    target = urldefrag(target).url
    try:
        there, here = urlsplit(target), urlsplit(url)
    except ValueError:
        return ""
    same = there.scheme in {"http", "https"} and there.hostname == here.hostname
    return target if same and target != urldefrag(url).url else ""


def follows(target: str, url: str) -> bool:
    """True when ``target`` is the page after ``url`` by their addresses: the same, but for a number."""
    there, here = _stem(target), _stem(url)
    return there[0] == here[0] and there[1] == here[1] + 1


def _is_view(target: str, url: str) -> bool:
    """Whether ``target`` is another view of the page ``url``: below it, or with more in its query."""
    there, here = urlsplit(target), urlsplit(url)
    stem = re.sub(r"(?:\.s?html?)?/?$", "", here.path)
    asked = set(here.query.split("&")) - {""}
    return bool(stem) and there.path.startswith(stem) and asked <= set(there.query.split("&"))


def _page_of(url: str) -> int:
    return _stem(url)[1]


def _stem(url: str) -> tuple[str, int]:
    """``url`` without its page number, and that number (1 where there is none)."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, max_num_fields=50)
    except ValueError:
        return url, 1
    path, page = parts.path, 1
    kept = []
    for key, value in query:
        if key.lower() in _PAGE_KEYS and _NUMBER.fullmatch(value):
            page = max(int(value), 1)
        else:
            kept.append(f"{key}={value}")
    # /story/2/, /story/page/2, /story,2.html, /story-p2.html, /story_2.html
    if page == 1:
        match = re.search(
            r"(?:/page|/seite|/p)?[/,_-](?:page|seite|p)?-?(\d{1,2})(\.s?html?)?/?$", path
        )
        if match is not None and int(match[1]) > 1:
            page, path = int(match[1]), path[: match.start()] + (match[2] or "")
    return f"{parts.netloc}{path.rstrip('/')}?{'&'.join(kept)}", page


def joined(first: Article, second: Article | None, pages: int) -> Article:
    """``first`` and its next page ``second``, which repeats nothing of it, as one article.

    ``pages`` is how many it then has; ``second`` None: one more that could not be had.
    """
    reason = _JOINED.sub("", first.reason)
    if second is None:
        return replace(
            first,
            confidence=round(first.confidence * _CUT_OFF, 2),
            reason=f"{reason}; {pages} pages joined, the next one is missing",
        )
    return replace(
        first,
        html=f"{first.html}{second.html}",
        text=f"{first.text}\n{second.text}",
        reason=f"{reason}; {pages} pages joined",
    )
