"""Placeholders that stand for foreign content until the reader agrees to load it, in many languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import Block
from aggregator.extract.page.foreign import class_and_id, visible

_LONGEST = 500  # characters of one of its lines, and of its box
_LITTLE = 0.2  # of what is kept: an article may be about such notices
_DEPTH = 3
_BOX = re.compile(
    r"(?:embed|external|third-?party|video|map|social|media|content|two-?click|2-?click|cookie|privacy|gdpr|dsgvo|cmp)s?[\w]*[-_]{0,2}"
    r"(?:consent|placeholder|opt-?in|blocker|blocked|overlay|wall)|borlabs|usercentrics|\buc-(?:embed|placeholder)|cmplz-|"
    r"consent-?(?:placeholder|overlay|wall|required|needed|banner|box)|iubenda|brlbs|embed-privacy",
    re.IGNORECASE,
)
# One of them is in each of the lines; looking for them first is a hundred times as fast.
_STEMS = (
    "extern", "cookie", "third", "consent", "embedded", "permission", "inhalt", "drittplattform", "dritte", "klick", "beitrag", "karte", "zustimmung",
    "einwilligung", "contenu", "contenid", "conteúdo", "innehåll", "material", "indhold", "innhold", "sisältö", "treś", "obsah", "tartalom", "контент",
    "содержим", "вміст", "içeri", "外部", "第三方", "외부", "محتوى", "video laden", "video anzeigen", "video entsperren", "blocked", "not available",
)  # fmt: skip
_TEXT = re.compile(
    # en
    r"(?:external|third[- ]party|embedded) (?:content|media|video)\b.{0,80}(?:load|display|show|accept|consent|cookies|agree|provider|blocked|available)|"
    r"(?:content|video|post|tweet|map) is (?:hosted|provided) by a third[- ]party|by (?:showing|loading|clicking|viewing) .{0,40}(?:external content|third[- ]party|you (?:accept|agree|consent))|"
    r"(?:need|require)s? your (?:consent|permission) (?:to|before)|consent (?:is )?(?:needed|required) to (?:load|display|show|view)|"
    r"(?:accept|allow|enable) (?:\w+ ){0,3}cookies to (?:view|see|watch|show|load|display|continue)|(?:content|video|post) (?:is )?(?:not available|can.?t be (?:shown|displayed)|blocked).{0,60}(?:cookies|consent|privacy|preferences)|"
    # de
    r"externe[rn]? inhalte?\b.{0,60}(?:nicht verfügbar|angezeigt|laden|anzeigen|zustimm|einwillig|finden|von \w+)|empfohlener (?:redaktioneller|externer) inhalt|"
    r"an dieser stelle (?:finden sie|findest du|befindet sich|steht|würden wir|möchten wir).{0,60}(?:inhalt|ergänz|video|karte)|(?:bin|sind) (?:damit )?einverstanden, dass (?:mir |uns )?(?:externe )?inhalte|"
    r"(?:personenbezogene )?daten an (?:drittplattformen|drittanbieter|dritte) übermittelt|mit (?:dem )?klick auf .{0,60}(?:geladen|laden|stimm|akzeptier)|(?:inhalt|video|beitrag|karte) (?:laden|entsperren|anzeigen) .{0,60}datenschutz|"
    r"(?:benötigen|brauchen) (?:wir )?(?:ihre|deine) (?:zustimmung|einwilligung)|"
    # fr
    r"contenus? (?:externes?|tiers|provenant).{0,80}(?:cookies|accept|afficher|bloqué|consent|charg)|contenu (?:est |a été )?bloqué|(?:accepter|autoriser) (?:les )?cookies .{0,60}(?:afficher|voir|visualiser|contenu)|"
    # es, pt, it
    r"contenido (?:externo|de terceros|bloqueado).{0,80}(?:cookies|acept|mostrar|cargar|consent|ver)|(?:aceptar?|acepte|activar) (?:las )?cookies (?:para|de) .{0,60}(?:ver|contenido|vídeo|video)|"
    r"conteúdo (?:externo|de terceiros|bloqueado).{0,80}(?:cookies|aceit|mostrar|carregar|consent)|(?:aceit\w+) (?:os )?cookies para .{0,60}(?:ver|conteúdo)|"
    r"contenut[oi] (?:estern[oi]|di terze parti|bloccat[oi]).{0,80}(?:cookie|accett|mostra|visualizz|consens)|(?:accett\w+) (?:i )?cookie per .{0,60}(?:vede|visualizz|contenut)|"
    # nl, sv, da, no, fi
    r"externe (?:inhoud|content|media)\b.{0,80}(?:cookies|toestemming|accepte|tonen|laden|bekijk)|(?:accepteer|sta) (?:de )?cookies (?:om|toe om) |"
    r"(?:externt|inbäddat) (?:innehåll|material)\b.{0,80}(?:cookies|kakor|samtycke|visa|godkänn)|(?:eksternt|ekstern[te]?) (?:indhold|innhold)\b.{0,80}(?:cookies|samtykke|vis|accept|godta|informasjonskapsler)|"
    r"ulkoi(?:nen|sen|sta) sisältö\w*.{0,80}(?:eväste|hyväksy|näytä|suostumu)|"
    # pl, cs, hu, ru, uk, tr
    r"treś(?:ć|ci) (?:zewnętrzn\w+|zablokowan\w+).{0,80}(?:cookie|zgod|wyświetl|zaakcept)|externí(?:ho|m)? obsah\w*.{0,80}(?:cookie|souhlas|zobraz)|külső tartalom.{0,80}(?:cookie|süti|hozzájárul|megjelen)|"
    r"внешн(?:ий|его|ее) (?:контент|содержим)\w*.{0,80}(?:cookie|куки|соглас|показ|загруз)|зовнішн(?:ій|ього) (?:контент|вміст)\w*.{0,80}(?:cookie|згод|показ)|(?:harici|üçüncü taraf) içeri\w+.{0,80}(?:çerez|onay|izin|göster)|"
    # ja, zh, ko, ar
    r"外部(?:コンテンツ|サービス).{0,40}(?:表示|同意|cookie)|(?:外部|第三方)(?:内容|內容).{0,40}(?:加载|載入|同意|cookie)|외부 콘텐츠.{0,40}(?:동의|표시|쿠키)|(?:محتوى خارجي|المحتوى الخارجي).{0,60}(?:ملفات|الموافقة|عرض)",
    re.IGNORECASE,
)


def placeholders(blocks: Sequence[Block], kept: Sequence[bool]) -> Iterator[int]:
    """Indexes of kept blocks that only ask for consent to show something, unless they are much of the text."""
    boxes: dict[HtmlElement, bool] = {}
    found = [i for i, keep in enumerate(kept) if keep and _is_placeholder(blocks[i], boxes)]
    said = sum(len(block.text) for block, keep in zip(blocks, kept, strict=True) if keep)
    if sum(len(blocks[i].text) for i in found) <= _LITTLE * said:
        yield from found


def _is_placeholder(block: Block, boxes: dict[HtmlElement, bool]) -> bool:
    """Whether ``block`` is one; ``boxes`` are those known to be of placeholders, or not."""
    if len(block.text) > _LONGEST:
        return False
    if len(block.text) <= _LONGEST / 2:
        folded = block.text.casefold()
        if any(stem in folded for stem in _STEMS) and _TEXT.search(block.text):
            return True
    for box in block.around(_DEPTH):
        known = boxes.get(box)
        if known is None:
            known = boxes[box] = _is_box(box)
        if known:
            return True
    return False


def _is_box(box: HtmlElement) -> bool:
    called = class_and_id(box)
    return len(called) > 1 and bool(_BOX.search(called)) and visible(box, _LONGEST + 1) <= _LONGEST
