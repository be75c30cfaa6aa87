"""Pages that stand in the way of an article, as sites of many countries word them; written for these tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WallPage:
    """What stands on one: ``kind`` as ``verdict.wall`` calls it, its lines in the order of the page."""

    kind: str
    language: str
    title: str
    lines: tuple[str, ...]

    @property
    def html(self) -> bytes:
        """The page with the furniture that such pages have."""
        body = "".join(f"<p>{line}</p>" for line in self.lines)
        return (
            f"<!doctype html><html lang='{self.language}'><head><meta charset='utf-8'><title>{self.title}</title></head>"
            f"<body><header><a href='/'>{self.title}</a><nav><a href='/a'>A</a> <a href='/b'>B</a></nav></header>"
            f"<main><div class='content'><h1>{self.title}</h1>{body}</div></main>"
            f"<footer><a href='/imprint'>©</a></footer></body></html>"
        ).encode()


def _page(kind: str, language: str, title: str, *lines: str) -> WallPage:
    return WallPage(kind, language, title, lines)


CONSENT, LOGIN, ERROR = "consent wall", "login or paywall", "error page"
ROBOT, SCRIPT = "robot check", "script notice"

WALL_PAGES = (
    # Consent, cookie walls
    _page(CONSENT, "en", "The Harbour Post", "We care about your privacy", "We and our 843 partners store and access personal data, like browsing data or unique identifiers, on your device.", "Selecting “I Accept” enables tracking technologies to support the purposes shown. You can resurface this menu to change your choices or withdraw consent at any time.", "Accept all", "Reject all", "Manage options"),
    _page(CONSENT, "en", "Your privacy choices", "To read this site for free, accept advertising and tracking, or buy an ad-free subscription for £2.99 a month.", "Consent or pay", "Our partners use cookies to measure the performance of ads and content.", "Agree and continue"),
    _page(CONSENT, "de", "Weiter mit Werbung oder im Abo", "Besuchen Sie uns wie gewohnt mit Werbung und Tracking, indem Sie der Nutzung aller Cookies zustimmen.", "Details zu Werbe- und Analyse-Trackern sowie zum jederzeit möglichen Widerruf finden Sie in unserer Datenschutzerklärung.", "Akzeptieren und weiter", "Jetzt abonnieren"),
    _page(CONSENT, "de", "Ihre Privatsphäre ist uns wichtig", "Wir und unsere 187 Partner verarbeiten personenbezogene Daten wie IP-Adressen und setzen Cookies ein, um Inhalte zu personalisieren.", "Zustimmen", "Einstellungen oder ablehnen"),
    _page(CONSENT, "fr", "Le Courrier du port", "Avec votre accord, nos partenaires et nous utilisons des cookies ou technologies similaires pour stocker et accéder à des informations personnelles comme votre visite sur ce site.", "Vous pouvez retirer votre consentement à tout moment.", "Accepter et continuer", "Continuer sans accepter"),
    _page(CONSENT, "es", "El Correo del Puerto", "Si quieres seguir leyendo gratis, debes aceptar las cookies", "Nosotros y nuestros 721 socios almacenamos o accedemos a información en un dispositivo, tales como cookies, y procesamos datos personales.", "Aceptar y continuar gratis", "Rechazar y suscribirse"),
    _page(CONSENT, "it", "Il Corriere del Porto", "Noi e terze parti selezionate utilizziamo cookie o tecnologie simili per finalità tecniche e, con il tuo consenso, anche per altre finalità come specificato nella cookie policy.", "Per continuare a navigare accetta i cookie oppure abbonati.", "Accetta e continua", "Rifiuta e abbonati"),
    _page(CONSENT, "pt", "O Correio do Porto", "A sua privacidade é importante para nós", "Nós e os nossos parceiros armazenamos ou acedemos a informações num dispositivo, tais como cookies, e processamos dados pessoais.", "Aceitar todos", "Mais opções"),
    _page(CONSENT, "nl", "De Havenkrant", "Wij en onze partners slaan informatie op een apparaat op, zoals cookies, en verwerken persoonlijke gegevens.", "Klik op akkoord om verder te gaan. U kunt uw toestemming altijd intrekken.", "Akkoord", "Instellingen aanpassen"),
    _page(CONSENT, "pl", "Kurier Portowy", "Szanujemy Twoją prywatność", "My i nasi zaufani partnerzy przechowujemy informacje na urządzeniu, takie jak unikalne identyfikatory w plikach cookie, w celu przetwarzania danych osobowych.", "Przejdź do serwisu", "Ustawienia zaawansowane"),
    _page(CONSENT, "sv", "Hamnposten", "Vi bryr oss om din integritet", "Vi och våra 302 partner lagrar och får åtkomst till information på en enhet, såsom cookies, och behandlar personuppgifter.", "Godkänn alla", "Hantera inställningar"),
    _page(CONSENT, "cs", "Přístavní noviny", "Vážíme si vašeho soukromí", "Společně s našimi partnery ukládáme a přistupujeme k informacím v zařízení, například prostřednictvím souborů cookie.", "Souhlasím a pokračovat", "Podrobné nastavení"),
    _page(CONSENT, "ru", "Портовый вестник", "Мы используем файлы cookie", "Продолжая пользоваться сайтом, вы соглашаетесь на обработку файлов cookie и персональных данных.", "Принять", "Настроить"),
    _page(CONSENT, "tr", "Liman Postası", "Gizliliğinize önem veriyoruz", "Biz ve 412 iş ortağımız, çerezler gibi bilgileri bir cihazda saklar ve kişisel verileri işleriz.", "Tümünü kabul et", "Seçenekleri yönet"),
    _page(CONSENT, "ja", "港新聞", "当サイトではCookieを使用しています。", "当社およびパートナーは、広告の測定のために端末上の情報にアクセスします。同意する場合は「すべて許可」を選択してください。", "すべて許可", "設定を管理"),
    _page(CONSENT, "da", "Havneposten", "Vi værner om dit privatliv", "Vi og vores 198 partnere gemmer oplysninger på en enhed, såsom cookies, og behandler personoplysninger.", "Accepter alle", "Administrer"),
    # Logins, paywalls
    _page(LOGIN, "en", "The Harbour Post", "You’ve reached your limit of free articles", "Subscribe now for unlimited access to everything that we publish. Cancel anytime.", "Already a subscriber? Sign in"),
    _page(LOGIN, "en", "The Harbour Post", "This article is for subscribers only.", "Start your free trial. $1 for the first month, then $9.99 a month.", "Log in"),
    _page(LOGIN, "de", "Hafenpost", "Jetzt weiterlesen mit HP+", "Testen Sie unser Digital-Abo einen Monat lang kostenlos und lesen Sie alle Artikel.", "Sie haben bereits ein Abo? Hier anmelden"),
    _page(LOGIN, "de", "Hafenpost", "Dieser Artikel ist exklusiv für Abonnenten. Schließen Sie ein Abo ab, um ihn ganz zu lesen.", "Bereits registriert? Anmelden"),
    _page(LOGIN, "fr", "Le Courrier du port", "Il vous reste 85 % de cet article à lire.", "La suite est réservée aux abonnés.", "Déjà abonné ? Connectez-vous"),
    _page(LOGIN, "es", "El Correo del Puerto", "Este contenido es exclusivo para suscriptores", "Suscríbete por 1 € el primer mes y sigue leyendo sin límites.", "¿Ya eres suscriptor? Inicia sesión"),
    _page(LOGIN, "it", "Il Corriere del Porto", "Contenuto riservato agli abbonati", "Abbonati per continuare a leggere, un mese a 1 euro.", "Sei già abbonato? Accedi"),
    _page(LOGIN, "pt", "O Correio do Porto", "Conteúdo exclusivo para assinantes", "Assine por R$ 1,90 no primeiro mês e continue lendo.", "Já é assinante? Faça login"),
    _page(LOGIN, "nl", "De Havenkrant", "Dit artikel is alleen voor abonnees", "Word abonnee en lees onbeperkt verder.", "Al abonnee? Log in"),
    _page(LOGIN, "pl", "Kurier Portowy", "Ten artykuł jest dostępny tylko dla prenumeratorów", "Wykup prenumeratę i czytaj bez ograniczeń.", "Masz już konto? Zaloguj się"),
    _page(LOGIN, "sv", "Hamnposten", "Den här artikeln är för prenumeranter", "Prenumerera för 1 krona första månaden.", "Redan prenumerant? Logga in"),
    _page(LOGIN, "cs", "Přístavní noviny", "Tento článek je pouze pro předplatitele", "Předplaťte si neomezený přístup za 99 Kč měsíčně.", "Máte předplatné? Přihlaste se"),
    _page(LOGIN, "ru", "Портовый вестник", "Материал доступен только подписчикам", "Оформите подписку, чтобы читать дальше.", "Уже есть подписка? Войти"),
    _page(LOGIN, "tr", "Liman Postası", "Bu içerik abonelere özeldir", "Haberin devamını okumak için abone olun.", "Zaten abone misiniz? Giriş yapın"),
    _page(LOGIN, "ja", "港新聞", "この記事は有料会員限定です。残り1,240文字", "会員登録すると続きをお読みいただけます。", "会員の方はログイン"),
    _page(LOGIN, "zh", "港口日报", "本文仅限订阅用户阅读", "登录后即可继续阅读全文，首月仅需一元。", "立即登录"),
    _page(LOGIN, "ko", "항구일보", "이 기사는 유료 회원 전용입니다.", "로그인 후 기사 전문을 보실 수 있습니다.", "회원가입"),
    _page(LOGIN, "ar", "بريد الميناء", "هذا المحتوى متاح للمشتركين فقط", "اشترك الآن لمتابعة القراءة بلا حدود.", "هل لديك حساب؟ تسجيل الدخول"),
    # Robot checks
    _page(ROBOT, "en", "Just a moment...", "harbourpost.example", "Verifying you are human. This may take a few seconds.", "harbourpost.example needs to review the security of your connection before proceeding.", "Performance &amp; security by Cloudflare"),
    _page(ROBOT, "en", "Access to this page has been denied", "Press &amp; Hold to confirm you are a human (and not a bot).", "Reference ID 7f2c-11"),
    _page(ROBOT, "en", "Pardon Our Interruption", "As you were browsing something about your browser made us think you were a bot.", "To regain access, please make sure that cookies and JavaScript are enabled before reloading the page."),
    _page(ROBOT, "de", "Sicherheitsüberprüfung", "Bitte bestätigen Sie, dass Sie ein Mensch sind und kein Roboter.", "Ihr Browser wird überprüft, bevor Sie weitergeleitet werden."),
    _page(ROBOT, "fr", "Un instant…", "Vérification que vous êtes humain. Cela peut prendre quelques secondes.", "courrier.example doit vérifier la sécurité de votre connexion avant de continuer."),
    _page(ROBOT, "es", "Un momento…", "Verificando que usted es un ser humano. Esto puede tardar unos segundos.", "correo.example necesita verificar la seguridad de su conexión antes de continuar."),
    _page(ROBOT, "it", "Solo un momento…", "Verifica che tu sia un essere umano. L’operazione potrebbe richiedere alcuni secondi.", "Non sono un robot"),
    _page(ROBOT, "pt", "Um momento…", "Verificando se você é humano. Isso pode levar alguns segundos.", "Não sou um robô"),
    _page(ROBOT, "nl", "Even geduld…", "We controleren of u een mens bent. Dit kan enkele seconden duren.", "Ik ben geen robot"),
    _page(ROBOT, "pl", "Chwileczkę…", "Weryfikujemy, czy jesteś człowiekiem. Może to potrwać kilka sekund.", "Nie jestem robotem"),
    _page(ROBOT, "ru", "Один момент…", "Проверяем, человек ли вы. Это может занять несколько секунд.", "Я не робот"),
    _page(ROBOT, "tr", "Bir dakika lütfen…", "İnsan olduğunuz doğrulanıyor. Bu işlem birkaç saniye sürebilir.", "Ben robot değilim"),
    _page(ROBOT, "ja", "しばらくお待ちください...", "あなたが人間であることを確認しています。これには数秒かかる場合があります。", "私はロボットではありません"),
    _page(ROBOT, "zh", "请稍候…", "正在验证您是否是真人。这可能需要几秒钟时间。", "继续之前，本站需要先检查您的连接的安全性。"),
    _page(ROBOT, "ko", "잠시만 기다리십시오…", "사람인지 확인하는 중입니다. 몇 초 정도 걸릴 수 있습니다.", "계속하기 전에 연결 보안을 검토해야 합니다."),
    # Pages that need scripts
    _page(SCRIPT, "en", "The Harbour Post", "JavaScript is not available.", "We’ve detected that JavaScript is disabled in this browser. Please enable JavaScript or switch to a supported browser to continue."),
    _page(SCRIPT, "de", "Hafenpost", "Um diese Seite nutzen zu können, muss JavaScript in Ihrem Browser aktiviert sein.", "Bitte laden Sie danach die Seite neu."),
    _page(SCRIPT, "fr", "Le Courrier du port", "Ce site nécessite JavaScript pour fonctionner correctement. Merci de l’activer dans votre navigateur."),
    _page(SCRIPT, "it", "Il Corriere del Porto", "Per visualizzare questo sito è necessario abilitare JavaScript nel proprio browser."),
    _page(SCRIPT, "nl", "De Havenkrant", "U moet JavaScript inschakelen om deze pagina te kunnen bekijken."),
    _page(SCRIPT, "pl", "Kurier Portowy", "Aby wyświetlić tę stronę, włącz obsługę JavaScript w swojej przeglądarce."),
    _page(SCRIPT, "cs", "Přístavní noviny", "Pro správné zobrazení stránky je nutné povolit JavaScript ve vašem prohlížeči."),
    _page(SCRIPT, "ru", "Портовый вестник", "Для корректной работы сайта необходимо включить JavaScript в настройках вашего браузера."),
    _page(SCRIPT, "ko", "항구일보", "이 페이지를 보려면 브라우저에서 자바스크립트를 활성화해 주세요."),
    # Errors with status 200, withdrawn articles, regions, ages, maintenance
    _page(ERROR, "en", "The Harbour Post", "Oops! That page can’t be found.", "It looks like nothing was found at this location. Maybe try one of the links below or a search?"),
    _page(ERROR, "en", "The Harbour Post", "Unavailable due to legal reasons", "We recognize you are attempting to access this website from a country belonging to the European Economic Area (EEA) including the EU which enforces the General Data Protection Regulation (GDPR) and therefore access cannot be granted at this time."),
    _page(ERROR, "en", "The Harbour Post", "We’re down for maintenance. Our site is currently undergoing scheduled maintenance and will be back shortly.", "Thank you for your patience."),
    _page(ERROR, "en", "The Harbour Post", "This article has been removed or is no longer available.", "You can find our latest stories on the front page of this site."),
    _page(ERROR, "de", "Hafenpost", "Fehler 404: Die angeforderte Seite existiert nicht.", "Möglicherweise wurde der Artikel gelöscht oder verschoben. Nutzen Sie die Suche oder gehen Sie zur Startseite."),
    _page(ERROR, "de", "Hafenpost", "Wartungsarbeiten: Unsere Seite ist vorübergehend nicht erreichbar.", "Wir sind in Kürze wieder für Sie da und bitten um Ihr Verständnis."),
    _page(ERROR, "de", "Hafenpost", "Dieser Artikel ist leider nicht mehr verfügbar.", "Aus rechtlichen Gründen dürfen wir ihn nicht länger anbieten."),
    _page(ERROR, "fr", "Le Courrier du port", "Oups ! La page que vous recherchez n’existe plus ou a été déplacée.", "Retournez à l’accueil ou faites une recherche."),
    _page(ERROR, "es", "El Correo del Puerto", "Error 404. La página que buscas no existe o ha sido movida.", "Vuelve a la portada o utiliza el buscador."),
    _page(ERROR, "it", "Il Corriere del Porto", "Ops! La pagina che stai cercando non è stata trovata.", "Torna alla home page oppure usa la ricerca."),
    _page(ERROR, "pt", "O Correio do Porto", "Ops! A página que procura não foi encontrada ou foi removida.", "Volte à página inicial."),
    _page(ERROR, "nl", "De Havenkrant", "Oeps, deze pagina kan niet worden gevonden.", "Misschien is het artikel verwijderd of verplaatst."),
    _page(ERROR, "pl", "Kurier Portowy", "Ups! Strona, której szukasz, nie istnieje lub została przeniesiona.", "Wróć na stronę główną."),
    _page(ERROR, "sv", "Hamnposten", "Hoppsan! Sidan du söker kunde inte hittas.", "Den kan ha flyttats eller tagits bort."),
    _page(ERROR, "cs", "Přístavní noviny", "Stránka nenalezena", "Omlouváme se, ale požadovaná stránka neexistuje nebo byla přesunuta na jinou adresu."),
    _page(ERROR, "ru", "Портовый вестник", "Ошибка 404. Запрашиваемая страница не найдена или была удалена.", "Перейдите на главную страницу."),
    _page(ERROR, "tr", "Liman Postası", "Aradığınız sayfa bulunamadı.", "Sayfa kaldırılmış veya adresi değiştirilmiş olabilir."),
    _page(ERROR, "ja", "港新聞", "お探しの記事は見つかりませんでした。掲載期間が終了したか、削除された可能性があります。"),
    _page(ERROR, "zh", "港口日报", "抱歉，您要查看的页面不存在或已被删除。", "五秒后自动返回首页。"),
    _page(ERROR, "ko", "항구일보", "요청하신 페이지를 찾을 수 없습니다. 주소가 변경되었거나 삭제되었습니다."),
    _page(ERROR, "ar", "بريد الميناء", "عذرًا، الصفحة التي تبحث عنها غير موجودة أو تم حذفها."),
    _page(ERROR, "en", "Age verification", "You must be 18 or older to enter this website.", "Please confirm your age to continue. By entering, you agree to our terms of use."),
    _page(ERROR, "de", "Altersprüfung", "Bitte bestätigen Sie, dass Sie mindestens 18 Jahre alt sind, um fortzufahren."),
)  # fmt: skip

# A few lines in other words than those that the cues were taken from.
WALL_NOTES = (
    (CONSENT, "This website stores cookies on your computer. They are used to collect information about how you interact with us. Accept Decline"),
    (CONSENT, "Can we use your data to tailor ads for you? Our partners collect data and use cookies for ad personalization. Yes, continue. No, thanks"),
    (CONSENT, "Mit Ihrer Zustimmung verwenden wir und unsere Partner Cookies, um Ihr Surfverhalten auszuwerten. Alles klar. Nur notwendige"),
    (CONSENT, "Votre vie privée compte pour nous. Ce site dépose des traceurs à des fins de mesure d'audience et de publicité. J'accepte. Je refuse"),
    (CONSENT, "Este sitio web utiliza cookies para mejorar su experiencia. Si continúa navegando, acepta su uso. Entendido"),
    (CONSENT, "Abbiamo a cuore la tua privacy. Insieme ai nostri partner usiamo i cookie per mostrarti annunci su misura. Accetto"),
    (CONSENT, "Este site usa cookies para garantir a melhor experiência. Ao continuar, concorda com a nossa política. OK, aceito"),
    (CONSENT, "Tento web používá soubory cookie k analýze návštěvnosti. Používáním webu s tím vyjadřujete souhlas. Rozumím"),
    (CONSENT, "Az oldal sütiket használ a jobb felhasználói élmény érdekében. Elfogadom"),
    (CONSENT, "Sitemizde size daha iyi hizmet verebilmek için çerez kullanılmaktadır. Kabul ediyorum"),
    (LOGIN, "You have 0 free stories left this month. Get unlimited digital access for 99 cents a week."),
    (LOGIN, "Members-only content. Please log in with your membership number."),
    (LOGIN, "Mit einem Digitalabo lesen Sie alle Inhalte ohne Einschränkung. Jetzt Angebot wählen. Für Abonnenten kostenlos freischalten"),
    (LOGIN, "Cet article est réservé à nos abonnés. Profitez d'un accès illimité sans engagement."),
    (LOGIN, "Hai raggiunto il limite di articoli gratuiti. Scegli l'abbonamento che fa per te."),
    (LOGIN, "Aby przeczytać cały artykuł, zaloguj się lub kup dostęp."),
    (LOGIN, "Celý článek si mohou přečíst jen předplatitelé. Vyzkoušejte na měsíc zdarma."),
    (LOGIN, "Tämä sisältö on vain tilaajillemme. Tilaa nyt ja lue heti."),
    (LOGIN, "您今日的免费阅读次数已用完，订阅会员畅读全站。"),
    (ROBOT, "We need to make sure that you are a real person. Slide to verify."),
    (ROBOT, "Checking your browser. Please wait, you will be redirected shortly. DDoS protection by Example Guard"),
    (ROBOT, "Detectamos um tráfego incomum na sua rede. Confirme que você não é um robô."),
    (ROBOT, "Нам показалось, что запросы, которые поступили с вашего IP-адреса, автоматические. Пройдите проверку."),
    (SCRIPT, "Your browser has JavaScript turned off. Some parts will not work."),
    (SCRIPT, "Diese Anwendung funktioniert ohne JavaScript leider nicht."),
    (SCRIPT, "Ваш браузер не поддерживает JavaScript, или он выключен."),
    (ERROR, "This post is private or does not exist any more."),
    (ERROR, "Page gone. We moved things around and this link is broken. Search our archive."),
    (ERROR, "Ups, hier ist nichts. Die gesuchte Seite ist umgezogen oder wurde gelöscht."),
    (ERROR, "Désolé, ce contenu n'est plus disponible ou a été retiré."),
    (ERROR, "Contenido no disponible en su país por motivos de derechos."),
    (ERROR, "Beklager, siden finnes ikke lenger."),
    (ERROR, "このコンテンツは公開を終了しました。"),
    (ERROR, "삭제된 게시물이거나 존재하지 않는 주소입니다."),
)  # fmt: skip

# Short articles about such things: title, the feed's summary, paragraphs.
ARTICLES_ABOUT_WALLS = (
    ("Court: cookie banners need a reject button", "A cookie banner without a button to reject all cookies breaks the law, a court in Hanover ruled on Tuesday.", ("A cookie banner without a button to reject all cookies breaks the law, a court in Hanover ruled on Tuesday.", "The publisher had shown visitors only two choices: accept all cookies or open the settings. We value your privacy, it had said above them. The judges found that misleading, and fined the publisher.", "The publisher said that it would appeal. Consumer groups spoke of a signal to all sites.")),
    ("Newspaper puts all its stories behind a paywall", "", ("The Harbour Post puts all of its stories behind a paywall from May. Whoever wants to read on will then be asked to subscribe to continue reading, its editor announced.", "Already a subscriber? Log in: so the page greets its readers from now on, and many do not like it. The paper has lost half of its advertising since 2020.", "Some articles, on elections and on storms, stay free for everyone. A month costs nine dollars.")),
    ("Why error 404 is called 404", "", ("The story that error 404 was named after a room in Geneva is a legend, says one of those who were there.", "The number comes from a list of codes: 4 stands for faults of the one who asks, and 04 was the next free number. Page not found was the text that went with it.")),
    ("CAPTCHAs are now solved better by machines", "Machines solve CAPTCHAs faster than people, a study shows.", ("Machines solve CAPTCHAs faster than people, a study shows.", "“Verify you are a human”: whoever reads that often needs ten seconds and more; a program needs less than one. The authors tested two hundred sites.", "They propose to do without such tests altogether.")),
    ("How to enable JavaScript in the Falcon browser", "", ("Some pages stay empty as long as scripts are off. To enable JavaScript in Falcon, open the settings, choose Content, and move the switch to the right.", "Reload the page afterwards. Whoever trusts but a few sites can allow scripts for each of them.")),
    ("Cookie-Banner: Ministerium legt Entwurf vor", "Das Ministerium will die Flut der Cookie-Banner eindämmen.", ("Das Ministerium will die Flut der Cookie-Banner eindämmen. Dienste sollen künftig die Wahl der Nutzer verwalten.", "Wer alle Cookies ablehnen will, soll das nur einmal sagen müssen. Verbände kritisieren den Entwurf als praxisfern.")),
    ("Zeitung führt Bezahlschranke ein", "", ("Die Hafenpost führt im Mai eine Bezahlschranke ein. Die meisten Artikel sind dann nur für Abonnenten zu lesen.", "Der Schritt sei nötig, sagte die Chefredakteurin, da die Einnahmen aus Anzeigen seit Jahren sinken.")),
    ("Le Sénat veut encadrer les murs de cookies", "Les sénateurs s'attaquent aux murs de cookies, qui obligent à payer ou à accepter.", ("Les sénateurs s'attaquent aux murs de cookies, qui obligent à payer ou à accepter.", "Le texte, que le Sénat examine mardi, veut encadrer ces murs de cookies par des règles claires et par des amendes.", "Continuer sans accepter doit rester possible partout, estime la rapporteure du texte. Les éditeurs redoutent une perte de recettes.")),
    ("El periódico cierra su web a quienes no paguen", "", ("El Correo del Puerto cerrará su web a quienes no paguen. Desde mayo, dice la dirección, casi todo será contenido exclusivo para suscriptores.", "La suscripción costará nueve euros al mes, y la mitad para los estudiantes de la provincia.")),
    ("La pagina non esiste più: i link marci del web", "", ("La pagina non esiste: un link su quattro del 2013 porta oggi a un errore, secondo uno studio.", "Gli autori hanno seguito un milione di indirizzi per dieci anni. I siti dei comuni sono quelli che perdono di più.")),
    ("新闻网站将全面收费", "", ("港口日报宣布，旗下新闻网站自五月起全面收费，读者须登录后才能阅读全文。", "总编辑表示，广告收入连年下降，收费是为了维持采访队伍。学生可享受半价优惠。")),
    ("クッキー規制、来春から強化", "来春から、サイトがクッキーを使用する際の同意の取り方が厳しくなる。", ("来春から、サイトがクッキーを使用する際の同意の取り方が厳しくなる。", "総務省が省令の改正案をまとめた。違反した事業者には業務改善を命じるという。")),
    ("Сайт министерства снова открывается", "", ("Сайт министерства снова открывается после недели перебоев. Посетители видели надпись «страница не найдена», а техническая служба искала причину.", "По словам ведомства, виной всему стала ошибка при переносе на новый сервер.")),
    ("Age checks for adult sites start in July", "", ("From July adult sites must check the age of their visitors. A box that says “you must be 18 or older” will no longer do.", "Providers may ask for a card, a face scan or an app of the state. Privacy groups warn of leaks.")),
    ("Bank app down for maintenance all weekend", "The app of Harbour Bank was down for maintenance all weekend, and customers could not pay.", ("The app of Harbour Bank was down for maintenance all weekend, and customers could not pay.", "The bank apologised, and promised to pay the fees that had come of it.")),
)  # fmt: skip

# Short news that hold the words of walls in their other meanings: language, title, text.
ORDINARY_NEWS = (
    ("no", "Færre butikker i distriktene", "For ti år siden var det tjue butikker i Nordvik kommune. Nå er det ikke lenger en eneste nærbutikk igjen, og innbyggerne må kjøre over en time for å handle mat."),
    ("no", "Svømming i skolen", "For ti år siden kunne ikke halvparten av elevene svømme 200 meter. I dag klarer ni av ti kravet, viser en ny undersøkelse fra Nordvik."),
    ("de", "Sperrung der Alten Brücke", "Wer von der anderen Seite des Flusses in die Stadt will, kommt seit Montag nicht mehr durch. Die Bauarbeiten dauern bis März, teilte das Amt mit. Fußgänger dürfen passieren."),
    ("de", "Pokalspiel am Samstag fällt aus", "Die Partie gegen Hafenstadt wird wegen des Sturms verschoben. Auf Seite der Gäste fehlen zudem drei Spieler. Ein neuer Termin steht noch nicht fest, teilte der Verband mit."),
    ("pl", "Nowy termin meczu", "Obie strony uzgodniły, że spotkanie zostanie przeniesione na środę. Powodem jest zła pogoda, która nie pozwala na grę na stadionie w Porcie."),
    ("sv", "Familjen Berg byter ort", "Å andra sidan gatan bor nu ingen. Paret har flyttat till Hamnstad med sina tre barn, berättar de för tidningen efter många år i huset."),
    ("en", "Firefighter hurt in blaze", "A crew member remains in hospital, a week after the warehouse caught light on the docks. Doctors said on Monday that she was stable and talking to relatives."),
    ("en", "Quiz night returns", "Members meet in the Ship Inn once a month, and newcomers are welcome. The next evening is on 3 December at eight o'clock; bring a pen and your own ideas."),
    ("ja", "港の夏祭り、来場者が過去最多", "今年の催しは日曜日に終了しました。三日間で延べ五万人が訪れ、昨年を上回りました。写真は公式ページでご覧いただけます。"),
    ("cs", "Nový dětský domov otevřen", "Společně s našimi partnery jsme včera slavnostně zahájili provoz zařízení pro dvacet dětí v Přístavu. Děkujeme všem dobrovolníkům, kteří nám pomáhali celý rok s přípravou a stavbou."),
    ("ru", "Операция прошла успешно", "По материалам больницы, опухоль весом два килограмма была удалена за три часа. Пациентка чувствует себя хорошо и скоро вернётся домой, сообщили врачи в понедельник."),
    ("zh", "网信办通报专项行动", "截至十月底，各平台共清理违规信息三百万条，删除不良内容涉及账号两万个，并对十家企业作出处罚。有关部门表示将继续加强监管。"),
    ("tr", "Mahkemeden karar", "Hakim, gazetecinin yazdığı içeriğin internetten kaldırılmasına hükmetti. Avukatı, karara itiraz edeceklerini ve davayı üst mahkemeye taşıyacaklarını söyledi."),
    ("fr", "Le festival déménage", "La page se tourne : la fête de la musique est déplacée au parc du port, où il y a plus de place. Les organisateurs attendent dix mille visiteurs en juin prochain."),
    ("es", "Cierre de la biblioteca", "El edificio, en mantenimiento desde el lunes, abrirá de nuevo en marzo. Los lectores pueden devolver sus libros en el ayuntamiento todos los días de nueve a dos."),
    ("de", "Bahn: Strecke gesperrt", "Wegen Wartungsarbeiten fahren zwischen Hafenstadt und Neudorf bis Sonntag keine Züge. Es fahren Busse, die zwanzig Minuten länger brauchen, wie das Unternehmen mitteilte."),
    ("it", "Ascensori fermi alla stazione", "Gli impianti sono in manutenzione fino a venerdì. Chi ha bisogno di aiuto può rivolgersi al personale, che accompagna i passeggeri ai binari con una rampa."),
    ("pt", "Ponte fecha ao trânsito", "A estrutura está em manutenção até sexta-feira. Os motoristas devem usar o desvio pela zona norte, que acrescenta cerca de vinte minutos à viagem."),
    ("en", "Driving age", "Learners must be at least 18 to ride the larger motorbikes from January, the ministry said on Friday. The new rule does not touch those who have a licence already."),
    ("no", "Fergen innstilt", "Ruten som ble lagt ned for to år siden finnes ikke lenger på kartet. Nå vil kommunen ha den tilbake, og saken skal opp på mandag."),
    ("de", "Polizei sucht Zeugen", "Ein Mensch wurde bei dem Unfall leicht verletzt, bestätigte ein Sprecher. Der Fahrer eines roten Wagens hatte eine Ampel übersehen."),
    ("de", "Neue Öffnungszeiten im Hallenbad", "Abonnenten der Jahreskarte können sich ab Montag anmelden. Der Eintritt kostet vier Euro, Kinder zahlen die Hälfte."),
    ("pl", "Śmierć na przejściu", "Zginął jeden człowiek, potwierdziła policja. Kierowca był trzeźwy, a przyczyny wypadku zbada prokurator z sąsiedniego miasta."),
    ("pl", "Umowa na remont", "Po drugiej stronie ulicy stał kiosk, który został usunięty w maju. W tym miejscu powstanie park z fontanną i placem zabaw."),
    ("sv", "Ny skola dröjer", "Pengarna räcker, men å andra sidan finns inte tillräckligt många lärare. Beslutet tas i mars, säger kommunens ordförande."),
    ("da", "Bro lukkes i en uge", "Broen, der blev bygget for ti år siden, kunne ikke bære de tunge lastbiler. Nu skal den forstærkes, oplyser kommunen."),
    ("fi", "Kirjasto muuttaa", "Uudessa talossa on enemmän tilaa kirjoille, ja kaupungin rajat ylittävä lainaus alkaa keväällä. Avajaiset ovat maaliskuussa."),
    ("fr", "Match avancé à samedi", "Le virage nord sera réservé aux abonnés, annonce le club. Les autres billets seront mis en vente mercredi à partir de dix heures."),
    ("fr", "Le bac est à quai", "Le bateau, temporairement indisponible après une panne, reprendra ses rotations vendredi. Un car relie les deux rives en attendant."),
    ("es", "Acuerdo entre alcaldes", "Los dos municipios suscribieron un convenio por tiempo ilimitado. Compartirán los bomberos y el camión de la basura desde enero."),
    ("it", "Stadio, via alla vendita", "La prelazione è riservata agli abbonati fino a venerdì. Gli altri tifosi potranno comprare i biglietti da sabato mattina."),
    ("pt", "Piscina reabre", "O serviço de bar foi retirado e a página das obras está virada, diz o presidente. A entrada custa dois euros para todos os moradores."),
    ("nl", "Zwembad langer open", "Op de eerste pagina niet, maar verderop in het plan staat het: het bad blijft open tot negen uur. De raad beslist in december."),
    ("cs", "Nové kurzy plavání", "Kurz je jen pro přihlášené děti od šesti let a začíná v lednu. Vede ho bývalá reprezentantka, která v Přístavu vyrostla."),
    ("cs", "Oprava mostu začala", "Dělníci odstranili starý povrch a stránka sporu je uzavřena, řekl starosta. Řidiči musí do března jezdit přes sousední obec."),
    ("ru", "Указ о парке", "Мэр подписал указ о новом парке, в который войдут два пруда и роща. Работы начнутся весной и займут около года."),
    ("ru", "Вода вернётся вечером", "В районе порта идут технические работы, воды не будет до шести часов. Человек, повредивший трубу, найден, подтвердили в полиции."),
    ("tr", "Tiyatroya ilgi büyük", "Abonelere özel gösterim cuma akşamı yapılacak. Biletler pazartesi günü satışa çıkıyor, öğrenciler yarı fiyatına girebilecek."),
    ("ja", "港の商店街で会員総会", "会員らは手続きの簡素化を求めた。総会は日曜日に開かれ、約八十人が出席した。来年の予算案も承認されたという。"),
    ("ja", "遺跡から人骨見つかる", "人間の骨であることが警察の調べで確認された。調査団は約千年前のものとみている。現場は港から北に二キロの丘。"),
    ("zh", "港口公布年度计划", "会员大会周一通过年度报告，全文将于下周公布。港口方面表示，明年将新建两座码头，并增加五十个岗位。"),
    ("zh", "机器人企业落户新区", "该机器人企业的产品已通过安全验证，将于明年投产。新区预计增加三百个就业岗位，厂房建设下月开工。"),
    ("ko", "항구 화재 진화", "한 사람이 다친 것으로 확인됐다. 불은 두 시간 만에 꺼졌으며, 시설은 현재 안전 점검 중이라고 소방 당국이 밝혔다."),
    ("ko", "새 도서관 문 연다", "회원 오십 명이 참석한 행사에서 전문가들이 축사를 했다. 도서관은 월요일부터 매일 아홉 시에 문을 연다고 시가 밝혔다."),
    ("ar", "اتفاق بين المدينتين", "أعلنت جمعية حقوق الإنسان في بيان مشترك تأكيد دعمها للاتفاق. وسيبدأ العمل به في يناير المقبل، بحسب رئيس البلدية."),
    ("en", "Sculptures by the water", "Visitors may register by Friday to view the new sculptures at dusk. The tour is free, and begins at the old crane on the quay."),
    ("en", "Open day at the pool", "The small pool is available to members from six in the morning. Everyone else may come from nine; children swim free on Sundays."),
    ("en", "Dig ends early", "Humans lived here earlier than was thought, finds from the cave confirm. The team hopes to return in spring with more helpers."),
    ("en", "Boat lift closed", "The lift is down for maintenance until March, and boats must wait. Access is denied to walkers as well, the canal trust said."),
)  # fmt: skip
