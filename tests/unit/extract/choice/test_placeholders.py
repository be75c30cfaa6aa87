"""placeholders: lines that ask for consent to show something, in many languages; articles about them stay."""

import pytest

from aggregator.extract.choice.placeholders import placeholders
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page

PROSE = (
    "The bridge opened on Monday after seven years of work, and the ferry made its last journey on "
    "the same evening, watched by half of the town, a brass band and the mayor, who did not speak. "
)


def asked(body: str, *, times: int = 4) -> list[str]:
    text = "".join(f"<p>{number} {PROSE * 3}</p>" for number in range(times))
    blocks = blocks_of(parse_page(f"<html><body>{text}{body}</body></html>"))
    return [blocks[i].text for i in placeholders(blocks, [True] * len(blocks))]


@pytest.mark.parametrize(
    "line",
    [
        "Externer Inhalt nicht verfügbar",
        "Empfohlener redaktioneller Inhalt",
        "An dieser Stelle finden Sie einen externen Inhalt von YouTube, der den Artikel ergänzt.",
        "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden.",
        "This content is hosted by a third party.",
        "We need your consent to load this video.",
        "Accept marketing cookies to view this content.",
        "Ce contenu est bloqué car vous n'avez pas accepté les cookies.",
        "Acepte las cookies para ver este vídeo.",
        "Contenuto esterno: accetta i cookie per visualizzarlo.",
        "Externe inhoud: geef toestemming om deze te tonen.",
        "Treść zewnętrzna jest zablokowana. Udziel zgody.",
        "Внешний контент: согласие нужно, чтобы показать видео.",
        "外部コンテンツを表示するには同意が必要です。",
        "To watch this clip, enable cookies in your browser's preferences for video.",
        "The post could not be loaded: Facebook may use cookies that you have not consented to.",
        "Wir brauchen Ihre Zustimmung, um den YouTube-Dienst zu laden!",
        "Cet article intègre un contenu de X. Nous demandons votre autorisation avant de le charger.",
        "Este contenido no está disponible por sus preferencias de cookies.",
        "Per visualizzare questo contenuto devi accettare i cookie di marketing.",
        "Para ver este vídeo é necessário aceitar os cookies.",
        "Je kunt deze inhoud niet zien omdat je geen cookies accepteert.",
        "För att visa innehållet behöver du godkänna kakor.",
        "Du må godta informasjonskapsler for å se dette innholdet.",
        "Sisältö vaatii evästeiden hyväksymisen.",
        "Aby zobaczyć tę treść, zaakceptuj pliki cookie.",
        "Pro zobrazení obsahu je nutné povolit cookies.",
        "A tartalom megtekintéséhez fogadja el a sütiket.",
        "Чтобы посмотреть этот контент, разрешите использование файлов cookie.",
        "Contenido externo no disponible",
        "Conteúdo externo indisponível",
        "Contenuto esterno non disponibile",
        "Externe inhoud niet beschikbaar",
        "Vis eksternt indhold",
        "Treść zewnętrzna niedostępna",
        "Внешний контент недоступен",
        "Recommended external content",
        "Inhalt entsperren",
        "Zum Laden der Karte bitte Cookies akzeptieren",
        "Deze inhoud kan niet worden getoond omdat je cookies hebt geweigerd",
        "Innehållet kan inte visas eftersom du inte har godkänt cookies",
        "Bu içeriği görüntülemek için çerezleri kabul etmeniz gerekiyor.",
    ],
)
def test_lines_that_ask_for_consent(line: str) -> None:
    assert asked(f"<p>{line}</p>") == [line]


def test_buttons_go_beside_what_asks_and_stay_elsewhere() -> None:
    asking = "<p>We need your consent to load this video.</p>"
    assert asked(f"{asking}<p>Accept and continue</p>")[1:] == ["Accept and continue"]
    assert asked("<p>Accept and continue</p>") == []


def test_small_boxes_that_are_called_so() -> None:
    assert asked("<div class='embed-consent'><p>YouTube</p><p>Watch it there</p></div>") == [
        "YouTube",
        "Watch it there",
    ]


def test_all_of_a_small_box_that_asks() -> None:
    lines = ["Allow Chirper content?", "We ask for your permission before the content is loaded.", "Settings"]  # fmt: skip
    assert (
        asked(f"<div><h4>{lines[0]}</h4><p>{lines[1]}</p><a href='#'>{lines[2]}</a></div>") == lines
    )


def test_an_article_that_speaks_of_cookies_is_no_request() -> None:
    line = "The regulator says that sites must not block a video until cookies are accepted."
    assert asked(f"<p>{line}</p><p>A cookie, {PROSE}</p>") == []


@pytest.mark.parametrize(
    "line",
    [
        "Behavioral tracking: utilize cookies and session data to learn which content users view.",
        "“We show no content without the permission of those whom you see,” she said.",
        "Users give their consent with one click, the court found, and few of them read what they consent to.",
        "Der Inhalt der Kiste war nass geworden.",
        "The video of the opening was seen a million times.",
    ],
)
def test_sentences_that_do_not(line: str) -> None:
    assert asked(f"<p>{line}</p>") == []


def test_much_of_a_text_is_the_text() -> None:
    assert asked("<p>This content is hosted by a third party.</p>", times=0) == []
