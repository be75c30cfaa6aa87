"""Words that tell an article from what stands around it: in short lines, and in names of boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from lxml.html import HtmlElement

_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAMED_BY = (
    "class",
    "id",
    "itemprop",
    "role",
    "data-component",
    "data-testid",
    "data-module",
    "data-type",
)
_NAMES = frozenset(_NAMED_BY)
_MAX_NAMES = 30  # of one element
_MAX_ATTRIBUTE = 400  # characters
_MAX_LINE = 200  # characters of a short line that are looked at
_AROUND_WORDS = ".,:;!?()[]\"'“”‘’«»|·•–—-/"

_CUE = -1.2  # log odds; learned ones of English cues are -1.3 ("updated") to -4.1 ("subscribe")
_DENSE_LINE = 40  # characters of a line without spaces that is not yet a sentence or two

# What lines beside an article say about sharing, subscribing, further reading, rights, comments,
# advertising, consent, pictures; English words are learned from annotated pages, see the lexicon.
_CUE_WORDS = frozenset({
    "share", "tweet", "facebook", "twitter", "whatsapp", "pinterest", "linkedin", "telegram", "teilen", "drucken",
    "partager", "imprimer", "compartir", "imprimir", "compartilhar", "condividi", "udostępnij", "paylaş", "sdílet",
    "megosztás", "distribuie", "поделиться", "subscribe", "newsletter", "abonnieren", "abonnement", "anmelden",
    "registrieren", "abonnez", "s'abonner", "s'inscrire", "suscríbete", "suscribirse", "regístrate", "inscreva-se",
    "iscriviti", "abbonati", "inschrijven", "prenumerera", "zaloguj", "подписаться", "подпишитесь", "підписатися",
    "weiterlesen", "meistgelesen", "relacionadas", "relacionados", "relacionado", "leídas", "lidas", "correlati",
    "aanbevolen", "czytaj", "populära", "luetuimmat", "terkait", "přečtěte", "čtěte", "citește", "copyright",
    "impressum", "datenschutz", "agb", "nutzungsbedingungen", "confidentialité", "privacidad", "privacidade",
    "réservés", "reservados", "riservati", "zastrzeżone", "kommentare", "kommentieren", "antworten", "commentaires",
    "répondre", "comentarios", "comentários", "responder", "commenti", "reacties", "reageer", "komentarze",
    "kommentarer", "kommentera", "yorum", "комментарии", "комментировать", "anzeige", "werbung", "publicité",
    "publicidad", "publicidade", "pubblicità", "advertentie", "reklama", "annons", "patrocinado", "sponsorisé",
    "реклама", "cookie", "cookies", "einwilligung", "consentement", "crédit", "zdjęcie", "autorin", "redaktion",
    "redacción", "redação", "redazione", "veröffentlicht", "aktualisiert", "publié", "publicado", "actualizado",
    "atualizado", "pubblicato", "aggiornato", "gepubliceerd", "bijgewerkt", "opublikowano", "publicerad",
    "uppdaterad", "обновлено", "опубликовано", "tags", "теги", "etiquetas", "kategorie", "catégories", "categorías",
    "schlagworte", "stichworte", "شارك", "تعليقات", "تعليق", "إعلان", "اقرأ", "المزيد", "موضوعات",
})  # fmt: skip
_CUE_CHARACTERS = (
    "分享", "登录", "登入", "订阅", "訂閱", "相关", "相關", "推荐", "推薦", "延伸閱讀", "版权", "版權", "评论", "評論", "广告", "廣告", "编辑",
    "責任編輯", "来源", "图片", "シェア", "会員", "登録", "関連", "人気", "ランキング", "著作権", "無断", "コメント", "広告", "写真", "提供",
    "공유", "구독", "로그인", "관련기사", "많이 본", "무단", "댓글", "광고", "사진", "기자", "입력", "แชร์", "ข่าวที่เกี่ยวข้อง",
)  # fmt: skip


def attributes_of(element: HtmlElement) -> str:
    """Names of ``element``: its class, id and the like in one string."""
    given = element.items()
    if not given:
        return ""
    if len(given) > 1:  # in an order that does not depend on the page's
        known = dict(given)
        given = [(name, known[name]) for name in _NAMED_BY if name in known]
    return " ".join([value[:_MAX_ATTRIBUTE] for name, value in given if value and name in _NAMES])


def names_of(tag: str, attributes: str) -> list[str]:
    """The ``tag`` (in brackets) and the single words of the ``attributes`` of an element, each once."""
    if not attributes:
        return [f"<{tag}>"]
    words = {word.lower() for word in _NAME.findall(attributes)[:_MAX_NAMES]}
    return [f"<{tag}>", *sorted(word for word in words if len(word) > 1)]


def line_words(line: str) -> list[str]:
    """The words and pairs of words of a short ``line`` by which its kind is recognised."""
    said = [word.strip(_AROUND_WORDS) for word in line[:_MAX_LINE].lower().split()]
    said = [word for word in said if word and not word.isdigit()]
    return said + [f"{first} {second}" for first, second in pairwise(said)]


def odds_of(line: str, words: list[str], known: Mapping[str, float]) -> list[float]:
    """The log odds of being article of what a short ``line`` says; ``[0.0]`` where that says nothing.

    ``words`` are those of the line, ``known`` maps words to log odds; cues that it lacks count for what cues
    in the languages of annotated pages do.
    """
    found = [known[word] for word in words if word in known]
    found += [_CUE for word in words if word in _CUE_WORDS and word not in known]
    if len(line) <= _DENSE_LINE and not line.isascii():
        found += [_CUE for cue in _CUE_CHARACTERS if cue in line]
    return found or [0.0]
