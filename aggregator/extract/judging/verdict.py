"""Pages that stand in the way of an article: consent, logins, paywalls, errors, script notices.

A cue alone proves nothing (an article may be about cookies), so each kind has a length up to which
its cues count, and callers leave the verdict out where the feed's own words confirm the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LOGIN = "login or paywall"


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
            # en
            r"checking (?:if the site connection is secure|your browser before)", r"verify(?:ing)? (?:that )?you are (?:a )?human",
            r"are you a robot", r"(?:not a|a human \(and not a|you were a) (?:ro)?bot\b", r"(?:confirm|prove) (?:that )?you(?:'re| are) (?:a )?(?:human|not a)",
            r"(?:unusual|suspicious) (?:traffic|activity) from your", r"complete the (?:security check|captcha|challenge)",
            r"performance (?:&|and) security by cloudflare", r"enable javascript and cookies to continue", r"review the security of your connection",
            r"you have been blocked.{0,80}(?:access|security)", r"triggered the security solution", r"cookies and javascript are enabled before",
            # de, nl, sv, da, no
            r"bestätigen sie, dass sie (?:ein mensch|kein roboter)", r"ihr browser wird (?:überprüft|geprüft)", r"ungewöhnliche (?:aktivität|zugriffe|anfragen)",
            r"(?:captcha|sicherheitsabfrage) (?:lösen|zu lösen|ausfüllen)|(?:lösen|vervollständigen) sie (?:das captcha|die sicherheits)",
            r"of u een mens bent|geen robot|(?:bekräfta|verifiera) att du är (?:en )?människa|inte en robot|bekræft,? at du er et menneske|ikke en robot",
            # fr, es, pt, it
            r"vérifi\w+ que vous (?:êtes|n.êtes pas)", r"(?:confirme[rz]|prouve[rz]) que vous (?:êtes (?:un )?humain|n.êtes pas un robot)", r"vérifier la sécurité de votre connexion",
            r"verifi(?:ca|que|cando) (?:que )?(?:usted )?(?:eres|es) (?:un )?(?:ser )?humano", r"no (?:eres|soy|es) un robot", r"(?:verificar|comprobar) la seguridad de su conexión",
            r"(?:verificando|confirme|verifique) (?:se|que) você (?:é|não é)", r"não (?:sou|é) um robô", r"(?:verifica|conferma) (?:che|di) (?:tu sia|sei|essere) un essere umano|non (?:sono|sei) un robot",
            # pl, cs, ru, uk, tr
            r"(?:czy|że) jesteś człowiekiem|nie jest(?:em|eś) robotem", r"(?:ověř\w+|potvrďte), (?:zda|že) (?:jste|nejste) (?:člověk|robot)|nejsem robot",
            r"подтвердите, что вы не робот|я не робот|человек ли вы|підтвердьте, що ви не робот|я не робот", r"(?:insan olduğunuz|robot olmadığınız)|robot değilim",
            # ja, zh, ko, ar
            r"ロボットではありません|人間であることを確認|自動化されたアクセス", r"人机验证|(?:完成|进行|進行)(?:安全)?(?:验证|驗證)(?:后|後)?|不是机器人|是否是真人|检查您的连接的安全|(?:拖动|滑动)滑块|访问(?:行为)?异常",
            r"로봇이 아닙니다|사람인지 확인|자동화된 (?:접근|요청)", r"تحقق من أنك (?:إنسان|لست روبوت)|(?:أنا )?لست (?:برنامج )?روبوت",
        ),
        _any(r"^just a moment", r"^attention required", r"^access (?:to this page has been )?denied", r"^are you a robot", r"captcha", r"^pardon our interruption",
             r"^ddos-guard", r"^security check", r"^sicherheitsüberprüfung\W*$",
             r"^(?:einen moment(?: bitte)?|un instant|un momento|um momento|solo un momento|even geduld|chwileczkę|okamžik|ett ögonblick|один момент|bir dakika lütfen|しばらくお待ちください|请稍候|請稍候|잠시만 기다리십시오)\W*$"),
    ),
    _Wall(
        "script notice",
        700,
        _any(
            r"(?:enable|turn on|activate) javascript", r"javascript (?:is|has been|seems to be) (?:disabled|required|not (?:enabled|available))",
            r"requires? javascript", r"(?:need|works best|doesn.t work properly) (?:to enable|with|without) javascript",
            r"(?:aktivier\w+|einschalten).{0,40}javascript|javascript.{0,40}(?:aktivier|deaktiviert|einschalten)|(?:benötigt|erfordert) javascript",
            r"(?:activer|activez).{0,40}javascript|javascript.{0,40}(?:désactivé|activ(?:é|er))|nécessite javascript",
            r"(?:activ[ae]r?|habilit[ae]r?|active|abilita\w*|attiva\w*|ativ[ae]r?).{0,40}javascript|(?:requiere|necesita|richiede|requer|precisa de) javascript",
            r"javascript.{0,40}(?:desactivado|deshabilitado|disabilitat[oi]|desativado|desabilitado)",
            r"(?:schakel|zet).{0,40}javascript.{0,20}(?:in|aan)|javascript (?:inschakelen|aanzetten|is uitgeschakeld)|(?:włącz|wymaga).{0,40}javascript|javascript.{0,20}(?:wyłączon|włącz)",
            r"(?:aktivera|aktiver|slå på|kräver|kræver|krever) javascript|(?:povol\w*|zapn\w*|vyžaduje) (?:\w+ )?javascript|javascript.{0,20}(?:povol|zapn|vypnut)|javascript.{0,20}(?:engedélyez|bekapcsol|letiltva)",
            r"(?:ota javascript käyttöön|javascript.{0,20}käytöstä)|(?:активați|activează) javascript|(?:ενεργοποι\w+).{0,20}javascript",
            r"(?:включите|включить|отключ[её]н|увімкн\w+).{0,40}javascript|javascript.{0,40}(?:отключ|включ|увімк|вимк)",
            r"javascript.{0,20}(?:有効|オン|無効)|(?:启用|啟用|开启|開啟|打开).{0,10}javascript|javascript.{0,10}(?:被?禁用|未启用)",
            r"(?:자바스크립트|javascript).{0,20}(?:활성화|사용|켜)|(?:تفعيل|تمكين).{0,20}(?:javascript|جافا ?سكر?يبت)",
            r"javascript.{0,20}(?:etkinleştir|devre dışı)",
        ),
    ),
    _Wall(
        "consent wall",
        2500,
        _any(
            # The first layer of consent managers says one of three things: privacy, partners, a device.
            r"before you continue to", r"we (?:and our (?:\d+ )?partners|(?:value|respect|care about) your privacy)", r"your (?:data, your choice|privacy choices)",
            r"(?:accept|manage|reject) (?:all )?cookies", r"cookie (?:settings|preferences|consent)", r"consent to (?:our|their|the) (?:use of (?:cookies|data)|partners|processing)|accept advertising and tracking|our partners use cookies",
            r"(?:store|access)[^.]{0,40} (?:information|data)[^.]{0,60} on (?:a|your) device",
            r"withdraw (?:your )?consent|(?:einwilligung|zustimmung) (?:jederzeit )?widerrufen|retirer (?:votre|son) consentement|retirar (?:su|tu|o) consent\w+|revocare il (?:tuo )?consenso|toestemming (?:altijd |op elk moment )?intrekken|wycofać zgodę|återkalla (?:ditt )?samtycke|odvolat souhlas",
            # de
            r"mit werbung und (?:cookies|tracking)", r"(?:alle[nr]? )?cookies? (?:akzeptieren|zulassen|ablehnen|zustimmen|ein(?:willigen|verstanden)?\b)|wir (?:und unsere (?:\d+ )?partner|verwenden cookies)|nutzung (?:aller|von) cookies",
            r"ihre privatsphäre (?:ist|liegt)|(?:einwilligen|akzeptieren|zustimmen) und weiter",
            # fr
            r"(?:accepte[rz]|refuse[rz]|paramétre[rz]) (?:tous )?les cookies|continuer sans accepter|(?:nous|nos (?:\d+ )?partenaires)(?: et (?:nous|nos (?:\d+ )?partenaires))? utilis(?:ons|ent)[^.]{0,20} cookies|nous et nos (?:\d+ )?partenaires|(?:respect(?:ons)?|protection) (?:de )?votre vie privée",
            # es, pt, it
            r"(?:acept(?:ar|a|e)|rechazar|configurar) (?:todas )?(?:las )?cookies|nosotros y nuestros (?:\d+ )?socios|(?:tu|su) privacidad (?:nos |es )?import|utilizamos cookies (?:propias|y)",
            r"(?:aceit(?:ar|e)|rejeitar) (?:todos )?os cookies|nós e (?:os )?nossos (?:\d+ )?parceiros|sua privacidade é importante|(?:utilizamos|usamos) cookies (?:para|e)",
            r"(?:accetta|rifiuta)(?:re)? (?:tutti )?i cookie|noi e (?:i nostri (?:\d+ )?partner|terze parti)|cookie di profilazione|(?:tua|vostra) privacy (?:è|ci)",
            # nl, sv, da, no, fi
            r"(?:alle )?cookies (?:te )?(?:accepteren|weigeren)|wij en onze (?:\d+ )?partners|uw privacy (?:is|respect)|(?:site|website) (?:gebruikt|maakt gebruik van) cookies",
            r"(?:godkänn|acceptera) (?:alla )?(?:cookies|kakor)|vi och våra (?:\d+ )?(?:partner|leverantörer)|(?:om|värdesätter) din (?:integritet|personliga integritet)",
            r"vi og vores (?:\d+ )?(?:samarbejds)?partnere|vi og våre (?:\d+ )?(?:samarbeids)?partnere|(?:værner om|respekterer) (?:dit privatliv|personvernet)|(?:accepter|godta) alle(?: cookies| informasjonskapsler)?",
            r"me ja (?:\d+ )?kumppanimme|arvostamme yksityisyyttä|hyväksy (?:kaikki )?evästeet",
            # pl, cs, hu, ro
            r"(?:zaakceptuj|akceptuj\w*) (?:wszystkie )?(?:pliki )?cookies?|my i nasi (?:zaufani )?(?:\d+ )?partnerzy|(?:szanujemy|cenimy) (?:twoją|państwa) prywatność|(?:używa|wykorzystuje)(?:my)? plików cookies?",
            r"(?:přijmout|odmítnout|povolit) (?:všechny )?cookies|s našimi (?:\d+ partnery|partnery (?:ukládáme|zpracováváme|používáme))|(?:vašeho|vaše) soukromí", r"(?:sütik|cookie-k) (?:elfogad|használ)|adatainak védelme|acceptă (?:toate )?cookie|confidențialitatea (?:dvs|ta)",
            # ru, uk, tr
            r"(?:принять|принимаю|использу\w+|обработку) (?:все |файлы |файлов )*(?:cookies?|куки)|даете согласие на обработку|використову\w+ (?:файли )?(?:cookie|кукі)",
            r"çerezler\w* (?:kabul|kullan)|gizliliğinize (?:önem|değer|saygı)|biz ve (?:\d+ )?(?:iş )?ortağı",
            # ja, zh, ko, ar
            r"cookie\s?を?(?:使用|受け入れ|同意)|クッキー.{0,10}(?:同意|使用)|(?:接受|允许|允許).{0,6}cookie|使用.{0,6}cookie|(?:重视|重視|尊重)您的(?:隐私|隱私)",
            r"쿠키.{0,10}(?:동의|허용|사용)|개인정보를? (?:소중|중요)|ملفات تعريف الارتباط|نقدر خصوصيتك",
        ),
        _any(r"^before you continue", r"^consent$", r"privacy (?:settings|center|choices)$", r"cookie.{0,3}(?:wall|consent)", r"^weiter mit werbung"),
    ),
    _Wall(
        LOGIN,
        900,
        _any(
            # en
            r"(?:log ?in|sign ?in|subscribe|create (?:a|an|your) (?:free )?account)[^.]{0,60} to (?:continue|read|view|keep reading|access|unlock)",
            r"(?:register|join|become a (?:member|subscriber))[^.]{0,60} to (?:continue|keep reading|(?:read|view|access|unlock) (?:this|the (?:full|rest)|all|more|our)\b)",
            r"to (?:continue|keep) reading,? (?:please )?(?:log|sign|subscribe|register|create)", r"you (?:must|need to|have to) (?:be logged in|log ?in|sign ?in|subscribe)",
            r"this (?:article|content|story|post) is (?:available )?(?:only |exclusively |reserved )?(?:available )?(?:for|to) (?:paying |our |paid )?(?:subscribers|members)|available (?:only|exclusively) (?:for|to) (?:paying |our |paid )?subscribers",
            r"already (?:a (?:subscriber|member)|have an account|subscribed)\? (?:log|sign) ?in", r"subscribers? only", r"limit of free (?:articles|stories)", r"unlock (?:this|the) (?:article|story|post)",
            # de
            r"(?:melden sie sich an|jetzt anmelden|einloggen), um", r"(?:weiterlesen|lesen sie weiter) mit", r"(?:nur|exklusiv) für (?:\w+-?)?abonnent(?:en|innen)",
            r"bereits (?:ein )?(?:abo|abonnent|registriert|kunde)\w*\W+(?:hier |jetzt )?(?:anmelden|einloggen)|möchten (?:sie )?weiterlesen|melden sie sich (?:bitte )?an\b|haben bereits ein abo",
            # fr
            r"(?:réservée?s?|accessible) (?:aux|à nos) abonnés", r"(?:connectez|abonnez|identifiez|inscrivez)-vous pour", r"déjà abonnée?\W+(?:connect|identifi|se connecter)", r"de cet article à lire|pour lire la suite",
            # es, pt, it
            r"(?:inicia(?:r)? sesión|suscríbete|regístrate) para", r"(?:contenido|artículo|noticia) (?:es )?(?:exclusiv[oa] )?(?:solo )?para suscriptores", r"ya eres suscriptor|para (?:seguir|continuar) leyendo,? (?:regístrate|suscríbete|inicia)",
            r"(?:faça login|assine|entre|inicie sessão) para (?:continuar|ler)", r"(?:conteúdo|matéria|artigo) (?:é )?exclusiv[oa] para assinantes", r"já (?:é assinante|tem conta)|(?:para continuar a ler|continuar lendo),? (?:torne|assine|faça)",
            r"(?:accedi|abbonati|registrati) per (?:continuare|leggere|proseguire)", r"riservat[oi] agli abbonati", r"(?:sei già|se sei) abbonato",
            # nl, sv, da, no, fi
            r"(?:log in|inloggen|abonneer) om (?:verder|door) te", r"(?:alleen|uitsluitend) voor (?:\w+-?)?abonnees|(?:al|bent u al) abonnee|(?:verder|door)lezen\?|verder lezen\?",
            r"(?:logga in|bli prenumerant) för att", r"(?:är )?för (?:dig som är )?prenumeranter?\b|redan prenumerant", r"(?:kun|forbeholdt|forbeholt) (?:for )?(?:våre |vores )?abonnenter|(?:har du allerede|allerede) (?:et )?abonne", r"vain tilaajille|(?:kirjaudu|tilaa) (?:sisään )?(?:lukeaksesi|jatkaaksesi)",
            # pl, cs
            r"(?:zaloguj się|wykup (?:dostęp|subskrypcję)),? (?:aby|by|i)", r"(?:tylko|wyłącznie) dla (?:prenumeratorów|subskrybentów|zalogowanych)|masz już (?:konto|prenumeratę|subskrypcję)",
            r"(?:pouze|jen) pro (?:předplatitele|přihlášené)|máte (?:již )?předplatné|předplaťte si",
            # ru, uk, tr
            r"(?:войдите|зарегистрируйтесь|оформите подписку),? (?:чтобы|или зарегистр)", r"(?:только|доступ\w*) (?:только )?(?:для )?(?:подписчик|зарегистрир)", r"(?:лише|тільки) (?:для )?(?:передплатник|підписник)",
            r"(?:giriş yap|abone ol).{0,15}(?:devam|okumak)|devamını okumak için|abonelere özel|zaten abone",
            # ja, zh, ko, ar
            r"(?:会員限定|有料会員|会員のみ|ログインして|続きを読むには|登録して続き|続きをお読み|無料会員登録)",
            r"(?:登录|登入|订阅|訂閱)(?:后|後|以|才能|即可)*(?:继续|繼續)?(?:阅读|閱讀|查看)|(?:仅限|僅限)(?:订阅|訂閱|会员|會員|付费)",
            r"(?:로그인|구독).{0,10}(?:후|하시면|이 필요)|(?:유료 ?(?:회원|구독자?)|구독자) ?(?:전용|만)", r"(?:سجل الدخول|تسجيل الدخول|اشترك).{0,15}(?:لمتابعة|للقراءة|لقراءة)|(?:للمشتركين|للأعضاء) فقط",
        ),
        _any(r"^(?:log|sign) ?in\b", r"^(?:anmelden|einloggen|connexion|iniciar sesión|accedi|entrar|inloggen|"
             r"zaloguj|logga in|logg inn|log ind|kirjaudu|přihlášení|вход|авторизация|увійти|ログイン|登录|登入|로그인|تسجيل الدخول|giriş yap)\b"),
    ),
    _Wall(
        "error page",
        1500,
        _any(
            # en
            r"(?:page|article|story|content|url) (?:that )?(?:you (?:are|were) looking for |you(?: are|'re) trying to (?:view|access) |you requested |requested )?(?:has (?:been |expired )|was not|could not be|cannot be|can.t be|isn.t|is not|is no longer) ?(?:found|available|exist|removed|deleted|or been deleted)",
            r"(?:we|sorry,? we) (?:can.t|couldn.t|could not|cannot) (?:find|load) (?:the|that|this) page", r"\b404\b.{0,30}(?:not found|error)|error 404|nothing was found at this location",
            r"(?:internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out)",
            r"(?:access (?:denied|forbidden)|access to this (?:page|resource|site|website) (?:has been |is )(?:denied|forbidden)|not available in your (?:country|region)|unavailable (?:due to|for) legal reasons|unavailable in your region|access cannot be granted at this time)",
            r"(?:we(?:'re| are)|(?:site|website|page) is) (?:currently |temporarily )?(?:down for|undergoing) (?:scheduled |planned )?maintenance|site is temporarily (?:unavailable|down)|something went wrong\W+(?:we|please|try)",
            r"you must be (?:at least )?(?:18|21)\b[^.]{0,40} (?:enter|view|access|visit|see) th(?:is|e) (?:site|website|page|content|article)|(?:are you|confirm (?:that )?you are) (?:at least |over )?(?:18|21)\b|confirm your age",
            # de
            r"(?:seite|artikel|inhalt|beitrag) (?:wurde |konnte |ist |existiert )?(?:leider )?nicht (?:mehr )?(?:gefunden|verfügbar|vorhanden)|(?:seite|artikel) existiert (?:leider )?nicht|fehler 404|seite existiert nicht",
            r"(?:diese|unsere) (?:web)?(?:seite|site) (?:ist|steht) (?:derzeit |zurzeit |wegen wartungsarbeiten )*(?:vorübergehend )?nicht (?:erreichbar|verfügbar)|wartungsarbeiten[^.]{0,20}(?:diese|unsere)r? (?:web)?(?:seite|site)",
            r"(?:bestätigen sie[^.]{0,20}|sie müssen )mindestens (?:18|16) jahre alt",
            # fr
            r"page (?:est )?introuvable|page (?:demandée |que vous (?:recherche|cherche|demande)z )?n.(?:existe|est) (?:pas|plus)|ne trouvons pas la page|erreur 404|(?:ce|notre|le) site est (?:actuellement )?(?:en (?:cours de )?maintenance|temporairement indisponible)|cette page est temporairement indisponible",
            # es, pt
            r"página (?:que (?:buscas?|procura|está procurando) )?(?:no (?:encontrada|existe|está disponible|se encuentra)|não (?:encontrada|existe|foi encontrada))|no (?:se (?:encontró|ha encontrado)|(?:hemos )?(?:podido )?encontra(?:r|mos|do)) la página|error 404|erro 404|(?:este|nuestro|el) sitio (?:web )?(?:está )?(?:temporalmente )?en mantenimiento|(?:este|nosso|o) site (?:está )?(?:temporariamente )?em manutenção|(?:contenido no disponible en (?:su|tu)|conteúdo não disponível no seu) país",
            # it, nl
            r"pagina (?:che (?:stai )?cerca(?:ndo|vi|to) )?(?:non (?:è stata |è )?(?:trovata|esiste|disponibile)|(?:die u zoekt )?(?:(?:kan|kon) niet (?:worden )?gevonden|(?:is )?niet gevonden|bestaat niet))|errore 404|(?:questo|nostro|il) sito è (?:attualmente |temporaneamente )?in manutenzione|dit artikel is (?:niet meer beschikbaar|verwijderd)",
            # sv, da, no, fi
            r"(?:^|[.,:!?] |den här )sidan (?:du (?:söker|letar efter) )?(?:kunde inte hittas|finns inte|hittades inte)|sivua ei (?:löyt|ole)",
            r"(?:^|[.,:!?] |denne )siden (?:du (?:leder|leter|ledte) (?:efter|etter) )?(?:(?:findes|finnes) ikke|(?:blev|ble|kunne) (?:desværre |dessverre )?ikke (?:bli )?(?:fundet|funnet|findes|finnes))",
            # pl, cs, hu
            r"stron[ay],? (?:której szukasz,? )?nie (?:została znaleziona|istnieje)|nie znaleziono (?:podanej )?strony|(?:požadovaná )?stránk[au] (?:nebyla nalezena|nenalezena|neexistuje)|oldal nem található",
            # ru, uk, tr
            r"страниц[ауы] (?:не (?:найдена|существует)|(?:была )?удалена)|ошибка 404|(?:на сайте (?:ведутся|проводятся|идут)|сайт[^.]{0,20} закрыт на) технические работы|сторінк[ау] не (?:знайдено|існує)", r"sayfa bulunamadı|sayfayı bulamadık|404 hatası",
            # ja, zh, ko, ar
            r"(?:ページ|記事)(?:が|は)(?:見つかり|存在し)ません|お探しの(?:ページ|記事)|(?:(?:当|本)サイト|このページ)は[^。]{0,10}メンテナンス中", r"(?:页面|頁面|网页|網頁|文章|内容|內容)(?:不存在|未找到|找不到|已(?:经)?(?:被)?(?:作者)?(?:删除|刪除|下线|下架))",
            r"페이지를 찾을 수 없습니다|(?:삭제되었거나|존재하지 않는) ?페이지|(?:사이트|홈페이지|페이지)(?:는|가)? ?(?:현재 )?점검 중", r"الصفحة (?:غير موجودة|المطلوبة غير|التي تبحث عنها (?:غير|لا))",
        ),
        _any(r"^(?:error )?(?:40[0-9]|41[0-9]|50[0-9])\b", r"(?:page|seite|sidan) (?:not found|nicht gefunden)", r"^not found", r"page introuvable", r"^(?:age verification|altersprüfung|altersverifikation)",
             r"página no encontrada", r"страница не найдена", r"stránka nenalezena", r"sayfa bulunamadı", r"^(?:forbidden|bad gateway|server error|service unavailable)", r"^(?:(?:site )?maintenance|wartungs?(?:arbeiten)?)\W*$"),
    ),
)  # fmt: skip


# Of wordings there is no end, but a few lines that hold both words of a pair are seldom anything else.
_NOTE, _BRIEF_NOTE = 300, 160  # characters
_PAIRS = (
    ("script notice", _BRIEF_NOTE,
     _any(r"javascript", "자바스크립트", "جافا ?سكر"),
     _any(r"browser", r"navigat", r"navegador", r"prohlížeč", r"przegląd", r"webbläs", r"selai", r"böngész", r"браузер", r"tarayıcı", r"ブラウザ", r"浏览器|瀏覽器", r"브라우저", r"متصفح",
          r"ohne javascript", r"without javascript", r"sans javascript", r"sin javascript", r"senza javascript")),
    ("consent wall", _NOTE,
     _any(r"cookie", r"kakor|informasjonskapsl|evästee", r"sütiket", r"çerez", r"куки|кукі", r"クッキー", r"쿠키", r"تعريف الارتباط", r"traceurs"),
     _any(r"accep|akzept|aksept|akcept", r"acce(?:tt|it)|aceit|acept|entendido|entendi\b", r"\bagree|got it|declin|reject|\bno,? thanks|necessary only|tailor|personali[sz]|to improve your", r"zustimm|einwillig|einverstanden|nur notwendige|alles klar",
          r"akkoord|toestemming|weiger", r"zgadzam|zgod[aęy]\b", r"godkänn|samtyck|godta", r"souhlas|rozumím|přijm", r"elfogad|beleegyez", r"hyväksy", r"kabul|onay", r"соглас|приня|принима|погодж", r"同意|許可|接受", r"동의|수락|허용", r"موافق|أوافق|قبول")),
    (LOGIN, _NOTE,
     _any(r"subscri|members.only|your membership|suscr[ií]b[ea]|suscrip", r"abonn|\babo\b|digitalabo", r"abbona", r"assin(?:e\b|ante|atura|ar\b)", r"prenumer", r"předplat", r"tilaaj|tilaa nyt", r"подписк|подпишитесь|подписчик|передплат", r"\babone (?:ol|misiniz)|abonelik|abonele", r"会員(?:登録|限定|の方)|购买会员|会员|订阅|訂閱", r"구독|회원", r"اشترك الآن|للمشتركين",
          r"digital access|free (?:articles|stories)|free account", r"(?:kup|wykup) dostęp", r"előfizet"),
     _any(r"unlimited|limit of|stories left|articles left|full access|log ?in|sign ?in|cancel any ?time|[$£€] ?\d[\d.,]* (?:a|per) (?:week|month)", r"ohne einschränkung|unbegrenzt|freischalten|anmelden|einloggen|weiterlesen", r"illimité|sans engagement|connectez|lire la suite|articles gratuits",
          r"sin límites|inicia sesión|artículos gratuitos|artigos gratuitos|faça login", r"senza limiti|illimitat|accedi|articoli gratuiti|continuare a leggere", r"onbeperkt|inloggen|verder lezen", r"obegränsat|logga in|logg inn|log ind|läs vidare|læs videre",
          r"zaloguj|bez ograniczeń|cały artykuł", r"přihlaste|celý článek|neomezen|bez omezení", r"kirjaudu|lue heti|rajattom", r"войдите|читать (?:дальше|полностью)|без ограничений|увійд", r"giriş yap|sınırsız", r"ログイン|続きを(?:お)?読|読み放題", r"登录|登入|免费阅读|畅读|阅读全文", r"로그인|무제한|기사 전문", r"تسجيل الدخول|بلا حدود|لمتابعة القراءة")),
    ("robot check", _BRIEF_NOTE,
     _any(r"robot|\bbots?\b|real person|\bhumans?\b", r"mensch", r"humain|humano|umano", r"człowiek|człowiekiem|člověk|människa|menneske", r"робот|автоматическ|вашего ip", r"ロボット|人間", r"真人|不是(?:机器人|機器人)|滑块", r"로봇이 아|사람인지|사람임을", r"روبوت|أنك إنسان", r"unusual traffic|ddos|your browser|tráfego incomum|traffico insolito|trafic inhabituel|ungewöhnlich\w* (?:datenverkehr|zugriff)"),
     _any(r"(?:verify|confirm|prove) (?:that )?you|check(?:ing)? (?:your|if you)|slide to|be redirected", r"bestätigen sie|überprüfen (?:sie|wir)", r"vérifi(?:ez|ons)|confirmez|verifi(?:que|camos) que|confirme que|confirma que|compruebe", r"potwierdź|sprawdzamy|ověřte|ověřujeme|potvrďte|bekräfta att du|bekræft,? at du|bekreft at du", r"подтвердите|пройдите", r"ことを確認|認証して", r"(?:请|完成|进行)[^。]{0,6}(?:验证|驗證)", r"확인|인증", r"تحقق من|تأكيد أن")),
    # “Page” is also a side, a party and “since”: only this page, and the one that was asked for, are meant.
    ("error page", _NOTE,
     _any(r"this (?:page|link|post|story|article|content)|the page (?:you|has|was)|page gone|requested (?:page|url|content)", r"diese seite|(?:gesuchte|gewünschte|angeforderte|aufgerufene) seite|dieser (?:artikel|beitrag|inhalt)|hier ist nichts",
          r"cette page|la page (?:que vous|demandée)|ce contenu|cet article", r"esta página|página (?:solicitada|que (?:busca|procura))|este (?:contenido|conteúdo)", r"questa pagina|pagina (?:richiesta|che (?:cerc|stai))|questo contenuto", r"deze pagina|dit artikel",
          r"strona, której|ta strona|(?:tato|požadovaná) stránka|den här sidan|sidan du|denne siden?\b|siden du|tämä sivu", r"(?:эта|эту|данная|запрашиваемая) страниц|этот материал|ця сторінка", r"bu (?:sayfa|içerik)|aradığınız", r"この(?:コンテンツ|ページ|記事)|お探しの|ご指定の",
          r"(?:该|此|您[^。]{0,6}的)(?:页面|頁面|内容|文章|网页)", r"(?:삭제된|요청하신|존재하지 않는) (?:게시물|페이지|주소)", r"هذه الصفحة|هذا المحتوى|الصفحة (?:التي|المطلوبة)"),
     _any(r"removed or|link is broken|no longer (?:exist|available)|not exist(?: any ?more)?|been (?:removed|deleted|moved)|moved (?:things|or)", r"gelöscht|umgezogen|nicht mehr (?:verfügbar|vorhanden|erreichbar)|wurde verschoben|gibt es nicht", r"n.(?:est|existe) plus|supprimée?|retirée?\b|déplacée?|introuvable", r"no (?:está )?disponible|eliminad|retirad|não (?:está )?disponível|removid|no existe|não existe", r"non (?:è (?:più )?)?disponibile|rimoss|spostata|verwijderd|niet meer beschikbaar",
          r"usunięt|przeniesion|nie istnieje", r"smazán|odstraněn|neexistuje", r"tagits bort|flyttats|ikke lenger|findes ikke|poistettu", r"удал[её]н|не существует|видален", r"kaldırıl|silin", r"公開を終了|掲載(?:期間)?(?:が|を)終了|削除され|見つかりません", r"不存在|(?:已|被)(?:删除|刪除|下线|下架)", r"삭제|존재하지", r"غير متاح|غير موجود|حذف")),
)  # fmt: skip

_LINE = 60  # letters
_SURE = frozenset({"robot check", "script notice"})  # kinds whose cues news hardly holds
_LAST_LINES = 2
_SHORT_LINE = 100  # letters; who asks is brief, who tells of it is not
_LOGIN = next(kind for kind in _WALLS if kind.kind == LOGIN)


def wall(title: str, text: str, *, headed: bool = False) -> str | None:
    """The kind of obstacle that a page with this ``title`` and main ``text`` is; None: no sign of one.

    One cue is enough for a text of up to a third of the kind's length, two different ones up to the
    whole of it; a cue in the title counts as two. A few lines are told by pairs of words, too.
    ``headed``: the page bears the title of the article that is looked for. There neither a pair nor a
    single cue that ordinary news may hold is enough, but in a line or less.
    """
    head = _plain(title[:300])
    body = _plain(text[: max(w.longest for w in _WALLS) + 1])
    breadth = _breadth(body)
    strict = headed and breadth > _LINE
    for kind in _WALLS:
        if breadth > kind.longest:
            continue
        titled = kind.title is not None and kind.title.search(head) is not None
        cues = {match[0].casefold() for match in kind.text.finditer(body)}
        alone = kind.kind in _SURE or not strict
        if titled or len(cues) >= 2 or (cues and alone and breadth <= kind.longest / 3):
            return kind.kind
    return None if strict else _note(body, breadth)


def _note(body: str, breadth: int) -> str | None:
    """The kind of obstacle that a few lines speak of, None for none."""
    for kind, longest, one, other in _PAIRS:
        if breadth <= longest and one.search(body) and other.search(body):
            return kind
    return None


def ends_in_wall(text: str) -> bool:
    """True when the last lines of ``text`` ask the reader to log in or to pay, as a teaser's do."""
    return before_wall(text) != text


def before_wall(text: str) -> str:
    """``text`` without its last lines from the first that asks the reader to log in or to pay."""
    parts = text.rsplit("\n", _LAST_LINES)
    for i in range(max(len(parts) - _LAST_LINES, 0), len(parts)):
        line = parts[i][: _SHORT_LINE + 1]
        if _breadth(line) <= _SHORT_LINE and _LOGIN.text.search(_plain(line)):
            return "\n".join(parts[:i])
    return text


def _breadth(text: str) -> int:
    """The letters of ``text``, where those that stand for a syllable or a word count three."""
    return len(text) if text.isascii() else sum(3 if letter > "\u2e80" else 1 for letter in text)


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split())
