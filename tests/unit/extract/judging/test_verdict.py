"""Walls are told from articles, in many languages; articles about walls are none."""

import pytest

from aggregator.errors import NoArticle
from aggregator.extract.article import extract_article, read_page
from aggregator.extract.judging.verdict import ends_in_wall, wall
from aggregator.model import ArticleHints
from tests.support.walls import (
    ARTICLES_ABOUT_WALLS,
    LOGIN,
    ORDINARY_NEWS,
    WALL_NOTES,
    WALL_PAGES,
    WallPage,
)

WALLS = [
    ("Just a moment...", "Checking your browser before accessing example.org.", "robot check"),
    ("Attention Required! | Cloudflare", "Sorry, you have been blocked", "robot check"),
    ("", "Please verify you are a human to go on.", "robot check"),
    ("", "Подтвердите, что вы не робот, и продолжайте.", "robot check"),
    ("", "继续之前，请完成安全验证。", "robot check"),
    ("The Daily", "You need to enable JavaScript to run this app.", "script notice"),
    ("", "Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.", "script notice"),
    ("", "Veuillez activer JavaScript pour continuer.", "script notice"),
    ("", "Por favor, active JavaScript en su navegador.", "script notice"),
    ("", "JavaScriptを有効にしてください。", "script notice"),
    ("", "请启用JavaScript后继续浏览。", "script notice"),
    ("Before you continue to Example", "Sign in", "consent wall"),
    ("", "We value your privacy. We and our 812 partners store and/or access information on a device.", "consent wall"),
    ("", "Wir und unsere 200 Partner speichern Daten. Alle Cookies akzeptieren oder ablehnen.", "consent wall"),
    ("", "Nous et nos partenaires utilisons vos données. Continuer sans accepter", "consent wall"),
    ("", "Noi e i nostri 600 partner archiviamo informazioni. Accetta tutti i cookie", "consent wall"),
    ("", "Wij en onze partners gebruiken gegevens. Alle cookies accepteren", "consent wall"),
    ("", "Używamy plików. Zaakceptuj wszystkie cookies", "consent wall"),
    ("Sign in - The Daily", "E-mail Password Forgot?", "login or paywall"),
    ("", "Subscribe to continue reading. Already a subscriber? Log in", "login or paywall"),
    ("", "Der Artikel ist nur für Abonnenten.", "login or paywall"),
    ("", "Cet article est réservé aux abonnés.", "login or paywall"),
    ("", "Suscríbete para seguir leyendo", "login or paywall"),
    ("", "この記事は会員限定です。", "login or paywall"),
    ("404 Not Found", "nginx", "error page"),
    ("", "Sorry, we couldn't find that page.", "error page"),
    ("", "Die Seite wurde leider nicht gefunden.", "error page"),
    ("", "Cette page est introuvable.", "error page"),
    ("", "Página no encontrada", "error page"),
    ("", "Страница не найдена", "error page"),
    ("", "お探しのページは見つかりませんでした。", "error page"),
    ("", "抱歉，您访问的页面不存在。", "error page"),
]  # fmt: skip

ARTICLES = [
    ("Bridge opens after ten years", "The bridge across the river opened on Monday."),
    ("Rain", "It rained."),
    ("404 days at sea", "A sailor came home." * 100),
    ("", ""),
    # Long texts may speak of anything.
    ("How to enable JavaScript", "To see the page, enable JavaScript in the settings of your browser. " * 40),
    ("What cookies are", "Sites ask you to accept all cookies, for reasons that are worth a look. " * 60),
    ("Cookies in the oven", "Bake them for ten minutes. " * 40 + "Cookie settings"),
    ("Why pages are missing", "The page was not found, said the browser, and so a long story began. " * 40),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text", "kind"), WALLS)
def test_wall(title: str, text: str, kind: str) -> None:
    assert wall(title, text) == kind


@pytest.mark.parametrize(("title", "text"), ARTICLES)
def test_no_wall(title: str, text: str) -> None:
    assert wall(title, text) is None


def page(title: str, *paragraphs: str) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<html><head><title>{title}</title></head><body><main>{body}</main></body></html>".encode()
    )


def extracted(content: bytes, hints: ArticleHints) -> str:
    return extract_article(
        content, url="https://example.org/a", content_type="text/html", hints=hints
    ).text


def test_a_wall_is_no_article() -> None:
    content = page(
        "The Daily",
        "We value your privacy. We and our 812 partners store and/or access information on a device, "
        "such as unique identifiers, to show advertising and to measure its success over time.",
        "You may accept all cookies or manage your choices at any moment on a page of its own.",
    )
    hints = ArticleHints("Bridge opens after ten years", "The long awaited bridge opened on Monday")
    with pytest.raises(NoArticle, match="consent wall"):
        extracted(content, hints)


def test_a_page_that_needs_scripts_is_named_so() -> None:
    content = page("App", "You need to enable JavaScript to run this app.")
    with pytest.raises(NoArticle, match="script notice"):
        extracted(content, ArticleHints())


def test_a_short_article_about_a_wall_is_an_article() -> None:
    texts = (
        "The ministry asks all sites to let readers reject all cookies with a single click, it said.",
        "A cookie consent banner that hides the button may cost a fine of two million, it was added.",
    )
    hints = ArticleHints("Ministry acts against cookie banners", texts[0])
    assert extracted(page("Ministry acts against cookie banners", *texts), hints).startswith(
        texts[0]
    )


@pytest.mark.parametrize(
    "walled", WALL_PAGES, ids=lambda one: f"{one.language}-{one.lines[0][:20]}"
)
def test_walls_of_many_countries_are_known_and_refused(walled: WallPage) -> None:
    assert wall(walled.title, "\n".join(walled.lines)) == walled.kind
    for hints in (ArticleHints(), ArticleHints("Bridge opens after ten years")):
        with pytest.raises(NoArticle):
            extracted(walled.html, hints)


@pytest.mark.parametrize(("kind", "text"), WALL_NOTES)
def test_a_few_lines_are_known_by_pairs_of_words(kind: str, text: str) -> None:
    assert wall("The Harbour Post", text) == kind


@pytest.mark.parametrize(("title", "summary", "paragraphs"), ARTICLES_ABOUT_WALLS)
def test_short_articles_about_walls_are_articles(
    title: str, summary: str, paragraphs: tuple[str, ...]
) -> None:
    content = page(f"{title} - The Harbour Post", *paragraphs)
    for hints in (ArticleHints(title, summary), ArticleHints(title)):
        assert paragraphs[-1] in extracted(content, hints)


TEASER = "The long awaited bridge across the river was opened by the mayor in the rain on Monday."


@pytest.mark.parametrize("summary", ["", TEASER])
@pytest.mark.parametrize(
    "ask", [one.lines for one in WALL_PAGES if one.kind == LOGIN and one.language in {"en", "de"}]
)  # fmt: skip
def test_a_teaser_before_a_paywall_is_no_article(ask: tuple[str, ...], summary: str) -> None:
    title = "Long awaited bridge is open to all"
    content = page(f"{title} - The Harbour Post", TEASER, *ask)
    with pytest.raises(NoArticle):
        extracted(content, ArticleHints(title, summary))


def test_a_text_that_tells_of_a_paywall_does_not_end_in_one() -> None:
    told = "From May you need to subscribe to continue reading, said the editor; many readers do not like it, and half of them want to leave."
    assert not ends_in_wall(told)
    assert not ends_in_wall("Subscribe to continue reading.\nOne line.\nAnother line.")
    assert ends_in_wall(f"{told}\nSubscribe to continue reading.\nToday")


def test_a_few_lines_without_a_word_of_the_title_are_another_page() -> None:
    lines = ("Here are the menus of the canteen for this week.", "Soup on Monday, fish on Friday.")
    with pytest.raises(NoArticle, match="neither the title"):
        extracted(page("Harbour", *lines), ArticleHints("Bridge opens after ten years"))
    assert extracted(page("Harbour", *lines), ArticleHints("Menus of the canteen"))


@pytest.mark.parametrize(("language", "title", "text"), ORDINARY_NEWS)
def test_short_news_with_the_words_of_walls_are_articles(
    language: str, title: str, text: str
) -> None:
    content = (
        f"<html lang='{language}'><head><meta charset='utf-8'><title>{title} - Post</title></head><body>"
        f"<nav><a href='/'>Home</a></nav><main><article><h1>{title}</h1><p>{text}</p></article></main></body></html>"
    )
    assert extracted(content.encode(), ArticleHints(title)) == text


def test_news_of_maintenance_are_articles_whatever_the_summary_says() -> None:
    title = "Strecke gesperrt am Wochenende"
    text = (
        "Zwischen Hafenstadt und Neudorf fahren bis Sonntag wegen Wartungsarbeiten keine Züge. Es fahren "
        "Busse, die an allen Bahnhöfen halten und zwanzig Minuten länger brauchen. Fahrkarten gelten weiter, "
        "wie das Unternehmen mitteilte. Fahrräder können die Busse nicht mitnehmen, und wer auf einen "
        "Rollstuhl angewiesen ist, soll sich einen Tag zuvor beim Kundendienst melden."
    )
    summary = "Reisende müssen am Wochenende umsteigen, weil Techniker Weichen und Signale prüfen."
    assert extracted(page(title, text), ArticleHints(title, summary)) == text


def test_a_line_below_the_articles_title_may_be_a_wall() -> None:
    title = "Bridge opens after ten years"
    content = page(title, "This article is no longer available.")
    with pytest.raises(NoArticle, match="error page"):
        extracted(content, ArticleHints(title))
    assert wall(title, "This article is no longer available.", headed=True) == "error page"
    told = "The museum said that this article is no longer available, and offers another print."
    assert wall(title, told, headed=True) is None
    assert wall("", told) == "error page"


@pytest.mark.parametrize(
    ("summary", "whole"),
    [(TEASER, True), (f"{TEASER} Read more", False), (f"{TEASER[:50]}…", False), ("", False)],
)
def test_a_feed_that_gave_all_that_stands_above_a_wall_keeps_its_text(
    summary: str, *, whole: bool
) -> None:
    title = "Long awaited bridge is open to all"
    content = page(f"{title} - The Harbour Post", TEASER, "Already a subscriber? Log in")
    hints = ArticleHints(title, summary)
    if not whole:
        with pytest.raises(NoArticle, match="paywall"):
            read_page(content, url="https://example.org/a", content_type="text/html", hints=hints)
        return
    article = read_page(
        content, url="https://example.org/a", content_type="text/html", hints=hints
    ).article
    assert (article.source, article.text) == ("feed", "")
    assert article.confidence < 0.5


def test_a_wall_below_a_teaser_is_seen_though_it_is_no_part_of_the_text() -> None:
    title = "Long awaited bridge is open to all"
    form = "<form><p>Already a subscriber? Log in</p><input type='email'></form>"
    content = page(f"{title} - The Harbour Post", TEASER, form)
    with pytest.raises(NoArticle, match="paywall"):
        extracted(content, ArticleHints(title, f"{TEASER[:50]}…"))


def test_a_title_in_another_language_does_not_contradict_a_text() -> None:
    text = (
        "No sábado passeámos pelas ruas da cidade velha, do castelo até ao rio, e à noite ouvimos fado numa pequena "
        "casa onde todos cantavam. No domingo apanhámos o barco para a outra margem e comemos peixe junto ao cais."
    )
    hints = ArticleHints("Weekend photos from Lisbon")
    assert extracted(page("Fim de semana", text), hints) == text
