"""Placeholders that stand for foreign content until the reader agrees to load it, in many languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import Block
from aggregator.extract.page.foreign import FRAME_TAGS, class_and_id, visible

_LONGEST = 500  # characters of its box
_LONGEST_REQUEST = 300  # characters of one of its lines
_LITTLE = 0.35  # of what is kept: an article may be about such notices
_DEPTH = 3
_BOX = re.compile(
    r"(?:embed|external|third-?party|video|map|social|media|content|two-?click|2-?click|cookie|privacy|gdpr|dsgvo|cmp)s?[\w]*[-_]{0,2}"
    r"(?:consent|placeholder|opt-?in|blocker|blocked|overlay|wall)|borlabs|usercentrics|\buc-(?:embed|placeholder)|cmplz-|"
    r"consent-?(?:placeholder|overlay|wall|required|needed|banner|box)|iubenda|brlbs|embed-privacy",
    re.IGNORECASE,
)
# One of them is in each of the lines; looking for them first is a hundred times as fast.
_PHRASE_STEMS = (
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
# Whole lines: headings of such boxes, found anywhere, and buttons, found near what else asks.
_HEADS = re.compile(
    r"(?:recommended|suggested) (?:external|editorial|third[- ]party) content|(?:external|third[- ]party|embedded) content(?: (?:is )?(?:not available|unavailable|blocked|disabled|hidden))?|"
    r"externer? inhalte?(?: (?:nicht verfügbar|blockiert|deaktiviert|ausgeblendet|anzeigen|laden))?|(?:inhalt|video|beitrag|karte) (?:entsperren|blockiert)|nur diesen inhalt laden|alle externen inhalte (?:anzeigen|laden|erlauben)|"
    r"contenus? externes?(?: (?:non disponibles?|indisponibles?|bloqués?|désactivés?))?|afficher le contenu externe|contenido externo(?: (?:no disponible|bloqueado|desactivado))?|mostrar (?:el )?contenido externo|"
    r"conteúdo externo(?: (?:indisponível|não disponível|bloqueado))?|mostrar (?:o )?conteúdo externo|contenut[oi] estern[oi](?: (?:non disponibil[ei]|bloccat[oi]))?|mostra (?:il )?contenuto esterno|"
    r"externe (?:inhoud|content)(?: (?:niet beschikbaar|geblokkeerd|tonen|laden))?|toon externe (?:inhoud|content)|externt innehåll(?: (?:ej|inte) tillgängligt)?|visa externt innehåll|"
    r"(?:vis )?(?:eksternt|ekstern) (?:indhold|innhold)(?: (?:ikke tilgængeligt|ikke tilgjengelig|er blokeret))?|(?:näytä )?ulkoinen sisältö(?: ei ole saatavilla)?|"
    r"treś(?:ć|ci) zewnętrzn[ae](?: (?:niedostępn[ae]|zablokowan[ae]))?|pokaż treś(?:ć|ci) zewnętrzn[aeą]|externí obsah(?: (?:není dostupný|nedostupný|blokován))?|zobrazit externí obsah|külső tartalom(?: nem (?:elérhető|érhető el))?|"
    r"внешний контент(?: (?:недоступен|заблокирован))?|зовнішній (?:контент|вміст)(?: (?:недоступний|заблоковано))?|harici içerik(?: (?:kullanılamıyor|engellendi))?|"
    r"外部コンテンツ(?:を表示(?:する|できません)?|は利用できません)?|外部(?:内容|內容)(?:不可用|已屏蔽)?|외부 콘텐츠(?:를 (?:표시할 )?(?:수 없습니다|이용할 수 없습니다))?|محتوى خارجي(?: غير متاح)?",
    re.IGNORECASE,
)
_BUTTONS = re.compile(
    r"(?:accept|allow|agree|load|show)(?: (?:and|&) (?:continue|load|show|view|watch|play))?(?: (?:all|cookies?|content|video|post|map|once|always))*|"
    r"(?:akzeptieren|zustimmen|einverstanden|erlauben)(?: (?:und|&) (?:weiter|laden|anzeigen|fortfahren))?|accepter(?: et (?:continuer|afficher|voir))?|aceptar(?: y (?:continuar|ver))?|accetta(?: e (?:continua|guarda))?|"
    r"aceitar(?: e continuar)?|accepteren(?: en (?:doorgaan|tonen))?|acceptera(?: och fortsätt)?|(?:accepter|godta)(?: og (?:fortsæt|fortsett))?|zaakceptuj(?: i kontynuuj)?",
    re.IGNORECASE,
)
_NEAR = 3  # blocks between such a line and a button
_LONGEST_LABEL = 60  # characters of a heading or a button
# A short line that has one of each is a request, where the article does not speak of such things itself: what
# is agreed to, what is to be shown, and what happens to it. Stems, as languages inflect.
_COOKIES = (
    "cookie", "kakor", "informasjonskaps", "eväste", "sütik", "süti-", "çerez", "куки", "クッキー",
)  # fmt: skip
# These are said in many an article: only to the reader, whom the line addresses, they are a request.
_AGREED = (
    "consent", "permission", "privacy", "third part", "third-part", "zustimm", "einwillig", "datenschutz", "privatsphäre", "drittanbiet",
    "autorisation", "confidentialité", "consentimiento", "privacidad", "consentimento", "consenso", "toestemming", "privacyvoorkeur", "samtyck",
    "samtykk", "personvern", "integritetsinst", "suostumu", "yksityisyy", "zgod", "prywatno", "souhlas", "soukrom", "hozzájárul", "adatvéd", "соглас",
    "конфиденциальн", "згод", "конфіденційн", "onay", "gizlilik", "同意", "プライバシー", "隐私", "隱私", "동의", "개인정보", "موافقت", "الخصوصية", "συγκατάθεσ", "confidențialit",
)  # fmt: skip
_READER = re.compile(
    r"\b(?:you|your|ihre?[rnms]?|sie|deine?[rnms]?|du|vous|votre|vos|sus?|tus?|tuo[i]?|tue|seus?|suas?|je|jouw|uw|u|din|ditt|dine|dina|twoj\w*|twoich|vaš\w*|vám|az ön|ваш\w*|вам|sizin|senin)\b|"
    r"(?:unuz|ünüz|ınız|iniz)\b|[ください您你]|세요|σας|dvs|preferințele",
    re.IGNORECASE,
)
_SHOWN = (
    "content", "contenu", "contenid", "conteúdo", "contenut", "inhalt", "inhoud", "innehåll", "indhold", "innhold", "sisältö", "sisällö", "treś", "obsah", "tartal",
    "контент", "содержим", "вміст", "içeri", "コンテンツ", "内容", "內容", "콘텐츠", "محتوى", "المحتوى", "περιεχόμεν", "conținut", "video", "vidéo", "vídeo", "wideo",
    "видео", "відео", "動画", "视频", "影片", "동영상", "βίντεο", "tweet", "youtube", "twitter", "facebook", "instagram", "tiktok", "spotify", "podcast", "google maps", "karte", "materiał",
)  # fmt: skip
_AGREEING = (
    "accept", "allow", "enable", "agree", "block", "consented", "not available", "unavailable", "erlaub", "akzept", "verhinder", "nicht verfügbar", "autoris", "bloqu", "acept",
    "permit", "accett", "bloccat", "aceit", "blokk", "geblokk", "godta", "godkän", "weiger", "hyväksy", "zaakcept", "zablok", "povol", "přij", "fogad", "accepț", "accepţ", "разреш", "принят", "прийн",
    "дозвол", "kabul", "izin", "同意", "αποδεχ", "disponib", "beschikbaar", "tilgængelig", "tilgjengelig", "tillgänglig", "saatavilla", "niedostępn", "nedostupn",
    "недоступ", "elérhető", "利用できま",
)  # fmt: skip
_SHOWING = (
    "view", "see ", "watch", "load", "display", "show", "anzeig", "angezeigt", "laden", "klick", "einbett", "affich", "voir", "visualis", "visionner", "charg", "ver este",
    "ver el", "ver est", "mostrar", "cargar", "visualiz", "vedere", "carica", "bekijk", "zien", "tonen", "visa ", "se dette", "se inde", "se inn", "vis ", "vise",
    "näh", "näk", "näyt", "zobacz", "obejrze", "wyświetl", "zobraz", "megtekint", "megjelen", "посмотр", "просмотр", "показ", "перегля", "görüntüle", "göster", "表示", "見る", "視聴",
    "加载", "載入", "查看", "观看", "보려면", "표시", "عرض", "مشاهدة", "δείτε", "vedea", "viziona",
)  # fmt: skip
_QUOTED = ('"', "“", "„", "«", "»", "「")
_BOX_SHOWS = 0.35  # share of a small box that asks for consent, from which all of it does


def placeholders(blocks: Sequence[Block], kept: Sequence[bool]) -> Iterator[int]:
    """Indexes of kept blocks that only ask for consent to show something, unless they are much of the text."""
    boxes: dict[HtmlElement, bool] = {}
    found: set[int] = set()
    requests: set[int] = set()
    for i, keep in enumerate(kept):
        if not keep or len(blocks[i].text) > _LONGEST:
            continue
        folded = blocks[i].text.casefold()
        if _is_placeholder(blocks[i], folded, boxes):
            found.add(i)
        elif len(folded) <= _LONGEST_REQUEST and _speaks_of_consent(folded) and _is_request(folded):
            requests.add(i)
    others = (
        blocks[i].text.casefold()
        for i, keep in enumerate(kept)
        if keep and i not in found | requests
    )
    if requests and not any(map(_speaks_of_consent, others)):
        found |= requests
    found |= set(_beside(blocks, kept, found)) if found else set()
    said = sum(len(block.text) for block, keep in zip(blocks, kept, strict=True) if keep)
    if sum(len(blocks[i].text) for i in found) <= _LITTLE * said:
        yield from sorted(found)


def _speaks_of_consent(folded: str) -> bool:
    return any(stem in folded for stem in _COOKIES) or any(stem in folded for stem in _AGREED)


def _is_request(folded: str) -> bool:
    """Whether a short line asks its reader for consent to show something."""
    if not any(stem in folded for stem in _SHOWN):
        return False
    agreeing = any(stem in folded for stem in _AGREEING)
    if any(stem in folded for stem in _COOKIES) and (
        agreeing or any(stem in folded for stem in _AGREED)
    ):
        return True
    if not agreeing and not any(stem in folded for stem in _SHOWING):
        return False
    return _READER.search(folded) is not None and not any(mark in folded for mark in _QUOTED)


def _beside(blocks: Sequence[Block], kept: Sequence[bool], found: set[int]) -> Iterator[int]:
    """Kept blocks in small boxes much of which is what was ``found``: the heading, the button, the small print."""
    asked: dict[HtmlElement, int] = {}
    for i in found:
        for box in islice(blocks[i].parent.iterancestors(), _DEPTH - 1):
            if box.tag in FRAME_TAGS:
                break
            asked[box] = asked.get(box, 0) + len(blocks[i].text)
    small = {
        box
        for box, size in asked.items()
        if (shown := visible(box, _LONGEST + 1)) <= _LONGEST and size >= _BOX_SHOWS * shown
    }
    for i, keep in enumerate(kept):
        if not keep or i in found:
            continue
        near = not found.isdisjoint(range(i - _NEAR, i + _NEAR + 1))
        if (near and _BUTTONS.fullmatch(blocks[i].text.strip(" .:!…"))) or (
            small and not small.isdisjoint(blocks[i].around(_DEPTH))
        ):
            yield i


def _is_placeholder(block: Block, folded: str, boxes: dict[HtmlElement, bool]) -> bool:
    """Whether ``block`` is one; ``boxes`` are those known to be of placeholders, or not."""
    if len(folded) <= _LONGEST_LABEL and _HEADS.fullmatch(folded.strip(" .:!…")):
        return True
    if (
        len(block.text) <= _LONGEST_REQUEST
        and any(stem in folded for stem in _PHRASE_STEMS)
        and _TEXT.search(block.text)
    ):
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
