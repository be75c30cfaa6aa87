"""Pages that stand in the way of an article: consent, logins, paywalls, errors, script notices.

A cue alone proves nothing (an article may be about cookies), so each kind has a length up to which
its cues count, and callers leave the verdict out where the feed's own words confirm the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Wall:
    """One kind of obstacle: its name, the longest text (characters) it comes with, its cues."""

    kind: str
    longest: int
    text: re.Pattern[str]
    title: re.Pattern[str] | None = None


def _any(*cues: str) -> re.Pattern[str]:
    return re.compile("|".join(cues), re.IGNORECASE)


_WALLS = (
    _Wall(
        "robot check",
        1500,
        _any(
            r"checking (?:if the site connection is secure|your browser before)",
            r"verify(?:ing)? (?:that )?you are (?:a )?human", r"are you a robot", r"i.?m not a robot",
            r"unusual (?:traffic|activity) from your", r"complete the (?:security check|captcha)",
            r"performance (?:&|and) security by cloudflare", r"enable javascript and cookies to continue",
            r"bestätigen sie, dass sie (?:ein mensch|kein roboter)", r"vérifi\w+ que vous (?:êtes|n.êtes pas)",
            r"verifi(?:ca|que) que (?:usted )?(?:eres|es) (?:un )?humano", r"подтвердите, что вы не робот",
            r"ロボットではありません", r"人机验证|請完成安全驗證|请完成安全验证|您不是机器人",
            r"로봇이 아닙니다", r"تحقق من أنك (?:إنسان|لست روبوت)",
        ),
        _any(r"^just a moment", r"^attention required", r"^access denied", r"^are you a robot", r"captcha",
             r"^ddos-guard", r"^security check", r"^einen moment", r"^un instant", r"^один момент"),
    ),
    _Wall(
        "script notice",
        700,
        _any(
            r"(?:enable|turn on|activate) javascript", r"javascript (?:is|has been|seems to be) (?:disabled|required|not enabled)",
            r"requires? javascript", r"(?:need|works best|doesn.t work properly) (?:to enable|with|without) javascript",
            r"(?:aktivier\w+|einschalten).{0,40}javascript|javascript.{0,40}(?:aktivier|deaktiviert|einschalten)",
            r"(?:activer|activez).{0,40}javascript|javascript.{0,40}(?:désactivé|activ(?:é|er))",
            r"(?:activ[ae]r?|habilit[ae]r?|active|abilita\w*|attiva\w*|ativ[ae]r?).{0,40}javascript",
            r"javascript.{0,40}(?:desactivado|deshabilitado|disabilitato|desativado)",
            r"(?:schakel|zet).{0,40}javascript.{0,20}(?:in|aan)|włącz.{0,40}javascript|aktivera javascript",
            r"(?:включите|включить|отключ[её]н).{0,40}javascript|javascript.{0,40}(?:отключ|включ)",
            r"javascript.{0,20}(?:有効|オン)|(?:启用|啟用|开启|開啟).{0,10}javascript",
            r"(?:자바스크립트|javascript).{0,20}(?:활성화|사용)|(?:تفعيل|تمكين).{0,20}(?:javascript|جافا ?سكر?يبت)",
            r"javascript.{0,20}(?:etkinleştir|devre dışı)",
        ),
    ),
    _Wall(
        "consent wall",
        2500,
        _any(
            r"before you continue to", r"we (?:and our (?:\d+ )?partners|value your privacy)",
            r"(?:accept|manage|reject) (?:all )?cookies", r"cookie (?:settings|preferences|consent)",
            r"store and/or access information on a device", r"mit werbung und (?:cookies|tracking)",
            r"(?:alle )?cookies (?:akzeptieren|zulassen|ablehnen)|wir (?:und unsere (?:\d+ )?partner|verwenden cookies)",
            r"(?:accepter|refuser|paramétrer) (?:tous )?les cookies|continuer sans accepter|nous (?:et nos (?:\d+ )?partenaires|utilisons des cookies)",
            r"(?:aceptar|rechazar|configurar) (?:todas )?(?:las )?cookies|nosotros y nuestros (?:\d+ )?socios",
            r"(?:accetta|rifiuta)(?:re)? (?:tutti )?i cookie|noi e i nostri (?:\d+ )?partner",
            r"(?:aceitar|rejeitar) (?:todos )?os cookies|nós e (?:os )?nossos (?:\d+ )?parceiros",
            r"(?:alle )?cookies (?:accepteren|weigeren)|wij en onze (?:\d+ )?partners",
            r"(?:zaakceptuj|akceptuj\w*) (?:wszystkie )?(?:pliki )?cookies?|my i nasi (?:\d+ )?partnerzy",
            r"(?:godkänn|acceptera) (?:alla )?(?:cookies|kakor)|(?:принять|принимаю) (?:все )?(?:cookie|файлы cookie|куки)",
            r"cookie\s?を?(?:使用|受け入れ|同意)|クッキー.{0,10}同意|(?:接受|允许|允許).{0,6}cookie|使用.{0,6}cookie",
            r"쿠키.{0,10}(?:동의|허용|사용)|ملفات تعريف الارتباط|çerezler\w* (?:kabul|kullan)",
        ),
        _any(r"^before you continue", r"^consent$", r"privacy (?:settings|center)$", r"cookie.{0,3}(?:wall|consent)"),
    ),
    _Wall(
        "login or paywall",
        900,
        _any(
            r"(?:log ?in|sign ?in|subscribe|register|create (?:a|an) (?:free )?account) to (?:continue|read|view|keep reading|access)",
            r"you (?:must|need to|have to) (?:be logged in|log ?in|sign ?in|subscribe)",
            r"(?:this (?:article|content|story) is|available) (?:only )?(?:for|to) (?:paying |our )?(?:subscribers|members)",
            r"already (?:a subscriber|have an account)\? (?:log|sign) ?in", r"subscribers? only",
            r"(?:melden sie sich an|jetzt anmelden|einloggen), um", r"(?:weiterlesen|lesen sie weiter) mit",
            r"nur für abonnent(?:en|innen)", r"(?:réservé|accessible) (?:aux|à nos) abonnés", r"(?:connectez|abonnez|identifiez)-vous pour",
            r"(?:inicia(?:r)? sesión|suscríbete|regístrate) para", r"(?:contenido|artículo) (?:exclusivo )?para suscriptores",
            r"(?:accedi|abbonati|registrati) per (?:continuare|leggere)", r"(?:faça login|assine|entre) para (?:continuar|ler)",
            r"(?:conteúdo|matéria) exclusiv[oa] para assinantes", r"(?:log in|inloggen|abonneer) om (?:verder|door) te",
            r"(?:zaloguj się|wykup (?:dostęp|subskrypcję)),? (?:aby|by|i)", r"(?:logga in|bli prenumerant) för att",
            r"(?:войдите|зарегистрируйтесь|оформите подписку),? чтобы", r"(?:только|доступ\w*) (?:для )?подписчик",
            r"(?:会員限定|有料会員|ログインして|続きを読むには|登録して続き)", r"(?:登录|登入|订阅|訂閱)(?:后|後|以|才能)?(?:继续|繼續)?(?:阅读|閱讀|查看)",
            r"(?:로그인|구독).{0,10}(?:후|하시면|이 필요)", r"(?:سجل الدخول|تسجيل الدخول|اشترك).{0,15}(?:لمتابعة|للقراءة|لقراءة)",
            r"(?:giriş yap|abone ol).{0,15}(?:devam|okumak)",
        ),
        _any(r"^(?:log|sign) ?in\b", r"^(?:anmelden|einloggen|connexion|iniciar sesión|accedi|entrar|inloggen|"
             r"zaloguj|logga in|вход|авторизация|ログイン|登录|登入|로그인|تسجيل الدخول|giriş yap)\b"),
    ),
    _Wall(
        "error page",
        1500,
        _any(
            r"(?:page|article|story|content|url) (?:you (?:are|were) looking for |you requested |requested )?(?:was not|could not be|cannot be|can.t be|isn.t|is not|is no longer) (?:found|available|exist)",
            r"(?:we|sorry,? we) (?:can.t|couldn.t|could not|cannot) find (?:the|that|this) page", r"\b404\b.{0,30}(?:not found|error)|error 404",
            r"(?:seite|artikel) (?:wurde |konnte )?(?:leider )?nicht (?:gefunden|verfügbar|mehr)", r"page (?:est )?introuvable|page (?:demandée )?n.existe (?:pas|plus)",
            r"página (?:no (?:encontrada|existe)|não (?:encontrada|existe))|no se (?:encontró|ha encontrado) la página",
            r"pagina (?:non (?:trovata|esiste)|niet gevonden|bestaat niet)", r"strona nie (?:została znaleziona|istnieje)|nie znaleziono strony",
            r"sidan (?:kunde inte hittas|finns inte)", r"страница не (?:найдена|существует)",
            r"(?:ページ|記事)(?:が|は)(?:見つかり|存在し)ません|お探しのページ", r"(?:页面|頁面|网页|網頁|文章)(?:不存在|未找到|找不到|已(?:被)?(?:删除|刪除))",
            r"페이지를 찾을 수 없습니다", r"الصفحة (?:غير موجودة|المطلوبة غير)", r"sayfa bulunamadı",
            r"(?:internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out)",
            r"(?:access (?:to this (?:page|resource) )?(?:has been |is )?(?:denied|forbidden)|not available in your (?:country|region)|unavailable (?:for legal reasons|in your region))",
        ),
        _any(r"^(?:error )?(?:40[0-9]|41[0-9]|50[0-9])\b", r"(?:page|seite|sidan) (?:not found|nicht gefunden)", r"^not found", r"page introuvable",
             r"página no encontrada", r"страница не найдена", r"^(?:forbidden|bad gateway|server error|service unavailable)"),
    ),
)  # fmt: skip


def wall(title: str, text: str) -> str | None:
    """The kind of obstacle that a page with this ``title`` and main ``text`` is; None: no sign of one.

    One cue is enough for a text of up to a third of the kind's length, two different ones up to the
    whole of it; a cue in the title counts as two.
    """
    head = " ".join(title.split())[:300]
    body = " ".join(text[: max(w.longest for w in _WALLS) + 1].split())
    for kind in _WALLS:
        if len(body) > kind.longest:
            continue
        titled = kind.title is not None and kind.title.search(head) is not None
        cues = {match[0].casefold() for match in kind.text.finditer(body)}
        if titled or len(cues) >= 2 or (cues and len(body) <= kind.longest / 3):
            return kind.kind
    return None
