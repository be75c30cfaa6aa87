"""extract_article, whole: kinds of pages on which extractors lose text or show what is none."""

from __future__ import annotations

import json

import pytest

from aggregator.extract.article import extract_article
from aggregator.model import Article, ArticleHints

TITLE = "A new bridge for Norrby"
TEXT = (
    "The harbour of Norrby is to have a new bridge next spring, the council said on Monday after years of debate.",
    "Its two towers will be built of larch from the forests behind the town, and the deck will carry trams as well as bicycles.",
    "Work begins in March, when the ice is gone, and will take eighteen months if the weather lets the divers work through the winter.",
    "“We have waited for this for forty years,” said the mayor, who crosses the water by ferry every morning.",
    "The ferry, which has run since 1921, will stop on the day that the bridge opens; its crew of nine keep their posts as wardens.",
    "Residents of the south side had asked for a tunnel, which would have cost four times as much and taken twice as long to dig.",
    "The towers were drawn by two students of the school of building, who won the competition of 2019 against thirty offices.",
    "Larch was chosen because it does not rot in brackish water, and because the sawmill at Sund still cuts beams of eleven metres.",
    "Trams will cross every six minutes in the morning, and the last one goes at half past midnight on Fridays and Saturdays.",
)  # fmt: skip
URL = "https://courier.example/news/bridge"


def _paragraphs(texts: tuple[str, ...] = TEXT) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _article(inner: str) -> str:
    return f"<main><article><h1>{TITLE}</h1>{inner}</article></main>"


def _read(body: str, head: str = "") -> Article:
    page = (
        f"<html lang=en><head><title>{TITLE}</title>{head}</head><body><header><nav><ul><li><a href=/news>News</a>"
        f"<li><a href=/sport>Sport</a></ul></nav></header>{body}"
        "<footer><p>© Norrby Courier. All rights reserved. <a href=/terms>Terms</a></p></footer></body></html>"
    )
    content_type = "text/html; charset=utf-8"
    return extract_article(page.encode(), url=URL, content_type=content_type, hints=ArticleHints())


# ── said again ───────────────────────────────────────────────────────────────────────────────


def test_portions_under_each_day_and_refrains_stay() -> None:
    portion = "Boil the oats in salted water for twelve minutes, stir well, and serve them with butter and syrup."
    days = "".join(
        f"<h3>{day}</h3><p>{portion}</p><p>Walk for {n}0 minutes in the woods, and drink a litre of water.</p>"
        for n, day in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), start=1)
    )
    assert _read(_article(_paragraphs(TEXT[:3]) + days)).text.count(portion) == 5
    refrain = (
        "And so we sang of the ferry that carried our fathers over the black water to the lights."
    )
    verses = "".join(f"<p>{text}</p><p>{refrain}</p>" for text in TEXT[:4])
    assert _read(_article(verses)).text.count(refrain) == 4


@pytest.mark.parametrize(
    "body",
    [
        f"<div itemprop=articleBody>{_paragraphs()}</div><article><h1>{TITLE}</h1>{_paragraphs()}</article>",
        _article(f"<div itemprop=articleBody>{' '.join(TEXT)}</div>{_paragraphs()}"),
        f"<h1>{TITLE}</h1><div class=desktop>{_paragraphs()}</div><div class=mobile>{_paragraphs()}</div>",
    ],
    ids=["microdata and article", "in one piece", "for two widths"],
)
def test_a_body_that_the_page_has_twice_is_read_once(body: str) -> None:
    text = _read(body).text
    assert [text.count(paragraph) for paragraph in TEXT] == [1] * len(TEXT)


# ── not seen ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "unseen",
    [
        "<span hidden>UNSEEN words</span>",
        '<span style="display:none">UNSEEN words</span>',
        '<span aria-hidden="true">UNSEEN words for nobody here</span>',
        '<span class="d-none">{"a": "UNSEEN"}</span>',
        '<span class="tooltip-content">UNSEEN Member for Norrby, follow her work</span>',
        '<span role="tooltip">UNSEEN this is a tip</span>',
        '<span class="person-card">UNSEEN mayor since 2019</span>',
        '<span class="popover-body">UNSEEN</span>',
        '<div class="hovercard">UNSEEN Rep. Progressives oppose</div>',
        '<div class="member-popover"><p>UNSEEN Progressives oppose the towers</p></div>',
    ],
)
def test_what_readers_do_not_see_is_no_text(unseen: str) -> None:
    said = f"<p>Mayor <a href=/ada>Ada Norr</a>{unseen} was there. {TEXT[1]}</p>"
    text = _read(_article(f"<p>{TEXT[0]}</p>{said}{_paragraphs(TEXT[2:])}")).text
    assert "UNSEEN" not in text
    assert all(paragraph in text for paragraph in (TEXT[0], *TEXT[2:]))
    assert "Ada Norr" in text


@pytest.mark.parametrize("box", ['<div class="embed-consent">{}</div>', '<div class="x9">{}</div>'])
@pytest.mark.parametrize(
    ("heading", "request_"),
    [
        ("Externer Inhalt nicht verfügbar", "An dieser Stelle finden Sie einen externen Inhalt von YouTube, der den Artikel ergänzt. Sie können ihn mit einem Klick anzeigen."),
        ("Empfohlener redaktioneller Inhalt", "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden. Daten können an Drittplattformen übermittelt werden."),
        ("External content", "This content is hosted by a third party. By showing the external content you accept the terms and conditions of the platform."),
        ("Contenu externe", "Ce contenu est bloqué car vous n’avez pas accepté les cookies. En cliquant sur « J’accepte », vous pourrez visualiser les contenus."),
        ("Contenido externo", "Para ver este contenido es necesario aceptar las cookies de redes sociales. Puede cambiar sus preferencias en cualquier momento."),
        ("Contenuto esterno", "Per visualizzare questo contenuto è necessario accettare i cookie di profilazione di terze parti."),
        ("Conteúdo externo", "Este conteúdo está bloqueado. Aceite os cookies de terceiros para ver o vídeo nesta página."),
        ("Externe inhoud", "Deze inhoud kan niet worden getoond omdat u geen cookies van derden hebt geaccepteerd. Pas uw instellingen aan."),
        ("Externt innehåll", "För att visa innehållet måste du godkänna kakor från YouTube. Du kan när som helst ändra ditt samtycke."),
        ("Ulkoinen sisältö", "Tämän sisällön näyttäminen vaatii evästeiden hyväksymisen. Voit muuttaa suostumustasi milloin tahansa."),
        ("Treść zewnętrzna", "Aby zobaczyć tę treść, musisz wyrazić zgodę na pliki cookie zewnętrznych dostawców."),
        ("Externí obsah", "Pro zobrazení tohoto obsahu musíte povolit soubory cookie třetích stran."),
    ],
)  # fmt: skip
def test_requests_for_consent_are_no_text(heading: str, request_: str, box: str) -> None:
    asked = box.format(f"<p><strong>{heading}</strong></p><p>{request_}</p><button>OK</button>")
    text = _read(_article(_paragraphs(TEXT[:4]) + asked + _paragraphs(TEXT[4:]))).text
    assert text.split("\n") == list(TEXT)


# ── of others ────────────────────────────────────────────────────────────────────────────────

MILL = (
    "<p>The old mill on the river burned on Sunday night, and nobody was hurt, the fire brigade of Norrby said.</p>"
    "<p>It had stood empty since 1988, when the last miller left for the city with his cats and all of his books.</p>"
    "<p>The town wants to build flats there, which the neighbours have opposed for ten years in three courts.</p>"
)


@pytest.mark.parametrize(
    "body",
    [
        _article(_paragraphs()) + f'<article><h2><a href="/news/mill">The old mill burned</a></h2>{MILL}</article>',
        f'<article><h2><a href="/news/mill">The old mill burned</a></h2>{MILL}</article>' + _article(_paragraphs()),
        _article(_paragraphs(TEXT[:6])) + "<section><h2>8 comments</h2>" + "".join(
            f"<div><b>user{n}</b><p>I think that the old mill on the river, number {n}, was good enough for me and mine.</p><a href='#r{n}'>Reply</a></div>"
            for n in range(8)
        ) + "</section>",
        _article(_paragraphs()) + "<div>" + "".join(
            f"<div><h3><a href='/news/{n}'>Story {n} of the harbour</a></h3><p>Story {n} tells of the old mill on the river, of nets and of weather.</p></div>"
            for n in range(6)
        ) + "</div>",
    ],
    ids=["the next article", "the one before", "comments", "teasers"],
)  # fmt: skip
def test_what_others_wrote_is_no_text(body: str) -> None:
    text = _read(body).text
    assert "the river" not in text
    assert all(paragraph in text for paragraph in TEXT[:6])


# ── in state alone ───────────────────────────────────────────────────────────────────────────

_HTML = _paragraphs()
_POST = {"post": {"title": TITLE, "content": _HTML}}
_FLIGHT = (
    '2:["$","div",null,{"dangerouslySetInnerHTML":{"__html":"$5"}}]\n'
    f"5:T{len(_HTML.encode()):x},{_HTML}"
)
_NODES = ",".join(f'["$","p",null,{{"children":{json.dumps(text)}}}]' for text in TEXT)


@pytest.mark.parametrize(
    "script",
    [
        f"<script>self.__next_f.push([1,{json.dumps(_FLIGHT)}])</script>",
        f'<script>self.__next_f.push([1,{json.dumps(f"""3:["$","article",null,{{"children":[{_NODES}]}}]""")}])</script>',
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": _POST}})}</script>',
        f'<script>window.__NUXT__=(function(a,b){{return {{data:[{{title:a,body:{json.dumps(_HTML)}}}],x:b}}}}("{TITLE}",false));</script>'.replace("</p>", "\\u003C/p>"),
        f'<script type="application/json" id="__NUXT_DATA__">{json.dumps([{"data": 1}, {"post": 2}, {"title": 3, "body": 4}, TITLE, _HTML])}</script>',
        f"<script>window.__STATE__ = {json.dumps(_POST)};</script>",
        f"<script>window.__INITIAL_STATE__=JSON.parse({json.dumps(json.dumps(_POST))})</script>",
        f'<script>window.__PRELOADED_STATE__={json.dumps({"blocks": [{"type": "p", "text": text} for text in TEXT]})}</script>',
    ],
    ids=["flight", "flight, nodes", "__NEXT_DATA__", "__NUXT__", "__NUXT_DATA__", "__STATE__", "a string", "a list"],
)  # fmt: skip
def test_text_that_stands_in_state_alone_is_read(script: str) -> None:
    head = '<meta name=description content="The harbour of Norrby is to have a new bridge next spring, the council said.">'
    text = _read(f"<div id=root></div>{script}", head).text
    assert all(paragraph in text for paragraph in TEXT)


# ── kept ─────────────────────────────────────────────────────────────────────────────────────


def test_links_in_what_is_set_as_written_stay() -> None:
    code = '<pre>See <a href="https://docs.example/x">the manual</a> for\n  more</pre>'
    assert (
        '<a href="https://docs.example/x"'
        in _read(_article(_paragraphs(TEXT[:4]) + code + _paragraphs(TEXT[4:]))).html
    )


@pytest.mark.parametrize("box", ["<p><em>{}</em></p>", '<div class="bio"><p>{}</p></div>'])
@pytest.mark.parametrize(
    "note",
    [
        "Nina Nord is a staff writer at the Courier.",
        "Nina Nord covers the harbour for the Courier and lives in Norrby.",
        "Nina Nord schreibt für den Kurier über den Hafen.",
    ],
)
def test_the_closing_line_on_the_author_stays(note: str, box: str) -> None:
    assert _read(_article(_paragraphs() + box.format(note))).text.endswith(note)
