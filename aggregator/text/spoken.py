"""Languages that texts are written in, told by their scripts and their commonest words.

Only long texts are told, and only where little speaks for another language: what a feed or page declares stands
in all doubt. Tools declare ``en`` unasked (themes, exports, players), whatever their users write.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain

_LEAST_WORDS = 30
_LEAST_CHARACTERS = 60  # of scripts without spaces
_MOST = 1500  # characters that are looked at
_LEAST_COMMON = 6  # different ones of a language's commonest words
_SURE = 0.17  # share of a text's words that are among a language's commonest
_LEAD = 0.08  # over the next language
_SOME = 0.06  # share from which on a declared language is not wrong: mixed texts, quotations
_MAIN = 0.6  # share of the letters that are of one script

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# In ASCII a word is what stands between blanks once all but letters and apostrophes is one.
_ASCII_FOLDED = "".join(
    char.lower() if char.isalpha() or char == "'" else " " for char in map(chr, range(0x80))
)
_TAG = re.compile(r"<(/?)(?:(pre|code)\b)?[^<>]*+>")
_NO_WORDS = re.compile(r"https?://\S++|&#?\w++;")

# A script that one language writes, as far as feeds go; the class of its letters.
_SCRIPTS = {
    "ko": "\uac00-\ud7af\u1100-\u11ff", "th": "\u0e00-\u0e7f", "lo": "\u0e80-\u0eff", "my": "\u1000-\u109f", "km": "\u1780-\u17ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff", "he": "\u0590-\u05ff", "hy": "\u0530-\u058f", "ka": "\u10a0-\u10ff", "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f", "kn": "\u0c80-\u0cff", "ml": "\u0d00-\u0d7f", "si": "\u0d80-\u0dff", "gu": "\u0a80-\u0aff", "pa": "\u0a00-\u0a7f",
}  # fmt: skip
_KANA, _HAN = "\u3041-\u30ff", "\u3400-\u4dbf\u4e00-\u9fff"
_FIND = {tag: re.compile(f"[{letters}]") for tag, letters in _SCRIPTS.items()}
_FIND_ANY = re.compile(f"[{_KANA}{_HAN}{''.join(_SCRIPTS.values())}]")
# Words, names and readings in brackets may be another language's.
_QUOTED = re.compile("「[^「」]*+」|『[^『』]*+』|“[^“”]*+”|《[^《》]*+》|[((][^()()]*+[))]")
_FIND_KANA, _FIND_HAN = re.compile(f"[{_KANA}]"), re.compile(f"[{_HAN}]")
_LETTER = re.compile(r"[^\W\d_]")
_KANA_SHARE = 0.12  # Japanese has more of them; Chinese has none

# The words that are commonest in running text, and seldom in another language's.
_COMMON = {
    "en": "the of and to in is that it for was on are with as his they at be this from have or by had not but what all were when there an which their if will has been would who more its you we our your can how about",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde wir ich",
    "fr": "de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont la avec cette ou être son aux ses mais comme on nous tout ont été fait leur elle deux vous c'est aussi entre",
    "es": "de la que el en y los del se las por un para con no una su al lo como más o pero sus le ya este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante es fue son está",
    "it": "di e il che la in un a per è una sono del non si con da le i dei della al come più anche ma gli alla nel ha delle lo dal sua suo questo nella essere o se tra ai degli ed cui hanno dalla stato quando dopo",
    "pt": "de a que o e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois são você",
    "nl": "de van een het en in is dat op te zijn met voor niet aan er om ook als bij maar door die over naar dan uit ze heeft hij wordt nog worden of wat je werd al wel meer was deze hebben dit we tot geen kan",
    "sv": "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när år under också efter eller nu sin där vid mot ska skulle hade bara mycket",
    "da": "og i at det som en på er af for med til den har de ikke om et han men var jeg sig fra vi så kan når år også efter eller nu sin der ved mod skal ville havde kun meget bliver blev hvor",
    "nb": "og i at det som en på er av for med til den har de ikke om et han men var jeg seg fra vi så kan når år også etter eller nå sin der ved mot skal ville hadde bare mye blir ble hvor",
    "fi": "ja on ei se että oli ovat mutta myös kun hän niin joka sen tai vain mukaan voi ole kuin jos sitä nyt ollut siitä olla vielä sekä jo hänen mitä joka tämä ne minä mikä kanssa vuoden jälkeen",
    "pl": "i w na z się nie do to że jest o jak po od za ale są przez dla tym już tego jego tylko oraz może co być przed ich przy czy który która które było roku tak ze go jej także bardzo",
    "cs": "a v se na je že s to z do i o k ve pro za by ale si po jsem jako tak od které který jeho podle při jsou také už nebo být jen když až co bude která více jak však byl",
    "sk": "a v sa na je že s to z do aj o k vo pre za by ale si po som ako tak od ktoré ktorý jeho podľa pri sú tiež už alebo byť len keď až čo bude ktorá viac však bol",
    "hu": "a az és hogy nem is egy ez van meg volt már csak de ha mint el ezt azt még minden kell lehet szerint után között amely vagy magyar nagyon ki be fel most így mert aki lesz pedig",
    "ro": "de și în a la nu să cu pe că din o un se mai care pentru este au fost sunt ce sau dar ca după prin fi lui al până între dacă ale unei această am când fără foarte",
    "tr": "ve bir bu da de için ile çok olarak daha gibi en ne olan kadar sonra ama var o ki her değil mi oldu olduğunu ise göre kendi tarafından olduğu ya diye büyük yeni iki içinde",
    "id": "yang dan di untuk dengan dari ini pada dalam tidak itu akan ke oleh juga adalah sebagai ada atau karena bisa saya lebih telah sudah kata mereka kami dia anda dapat bahwa tersebut para secara",
    "vi": "và của là có cho không được trong một người với các này những đã để khi đến từ ra về như cũng tại vào sẽ nhiều đó làm theo còn năm hơn phải bị sau trên",
    "ca": "de la i que el a en les els per un una amb del és no es al més ha com se dels seu però o va ser són hi ja també aquesta aquest pel molt sobre entre quan fins seva",
    "ru": "и в не на что с по как это из к у за от о для же а но его то все он так или было она бы мы если только они был когда уже может быть также после которые я вы при до",
    "uk": "і в у не на що з та до це як за про від для є але його або й що він так був все було вони якщо тільки коли вже може також після які я ви при ми бо щоб цього має",
    "bg": "и на да в се за от не с е са като по че това но или си до ще което които този след при към само може още беше тази има най във когато много който така",
    "sr": "и је у да се на са за од су не али као што који које из ће о то би само или он она може након која није бити још када све већ ово",
    "ar": "في من على إلى أن عن التي مع هذا هذه الذي كان لا ما بعد أو كما قد بين كل ذلك قال لم وقد حيث كانت غير عند منذ هو هي يكون حتى",
    "fa": "و در به از که این را با است برای آن یک خود تا بر هم نیز شد می شده کرد او باید شود اما یا هر بود ما کند های دارد گفت",
    "ur": "کے کی میں اور کا ہے سے نے کو کہ اس پر ہیں یہ بھی نہیں ایک کر جو تھا ہو تو وہ گیا تک ان کیا ہوئے ہی لیے",
    "hi": "के में की है और को से का ने पर कि एक यह भी नहीं हैं इस कर जो लिए था तो हो गया ही वह साथ थे अपने तक रहे किया बाद",
}  # fmt: skip
_WORDS = {tag: frozenset(listed.split()) for tag, listed in _COMMON.items()}
# Which languages a word speaks for: one look a word.
_SPEAKS_FOR = {
    word: tuple(tag for tag, listed in _WORDS.items() if word in listed)
    for word in {word for listed in _WORDS.values() for word in listed}
}
# So near to each other that common words do not part them for sure, or one name for another.
_NEAR = (
    {"da", "nb", "no", "nn", "sv"}, {"id", "ms", "jv", "su"}, {"cs", "sk"}, {"es", "gl", "ca", "ast", "an"}, {"pt", "gl"}, {"ca", "oc"},
    {"sr", "hr", "bs", "sh", "mk", "bg", "sl"}, {"ru", "be"}, {"uk", "be"}, {"hi", "mr", "ne"}, {"ar", "arz", "ckb", "ku"}, {"fa", "ps", "ckb", "ku", "tg"},
    {"nl", "af", "fy", "nds"}, {"de", "nds", "lb", "gsw", "bar"}, {"tr", "az"}, {"fi", "et"}, {"he", "iw", "yi"}, {"id", "in"}, {"it", "co", "sc", "scn"},
    {"zh", "yue", "wuu", "nan", "lzh", "cmn"}, {"fr", "oc", "br", "ht"}, {"en", "sco"}, {"ro", "mo"}, {"ar", "fa", "ur"}, {"ru", "uk", "bg"},
)  # fmt: skip


def language_of(html: str, *declared: str | None) -> str | None:
    """The language of ``html``: as it tells itself where it is sure, else the first that is ``declared``.

    Of several declared the first counts that agrees with the text: it may name a region.
    """
    claims = [one for one in declared if one]
    told, shares = _tell(html)
    if told is None:
        return next(iter(claims), None)
    agreeing = (one for one in claims if _agree(_primary(one), told))
    if found := next(agreeing, None):
        return found
    # Of a language whose words are not known here, nothing can be said against it.
    doubted = [one for one in claims if shares.get(_primary(one), 0.0) >= _SOME or not _is_known(_primary(one))]  # fmt: skip
    return next(iter(doubted), told)


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


def _is_known(language: str) -> bool:
    return language in _WORDS or language in _SCRIPTS or language in {"ja", "zh"}


def _agree(one: str, other: str) -> bool:
    return one == other or any(one in group and other in group for group in _NEAR)


def _tell(html: str) -> tuple[str | None, dict[str, float]]:
    """The language that ``html`` is surely in, and for how many of its words each language speaks."""
    text = _prose(html[: 4 * _MOST])[:_MOST]
    if not text.isascii() and (of_script := _by_script(text)):
        return of_script, {}
    said = _words(text)
    if len(said) < _LEAST_WORDS:
        return None, {}
    found = Counter(chain.from_iterable(filter(None, map(_SPEAKS_FOR.get, said))))
    shares = {tag: count / len(said) for tag, count in found.items()}
    best = _first(found.most_common(), shares)
    if best is not None and len(_WORDS[best].intersection(said)) < _LEAST_COMMON:
        best = None  # one word said again and again, as in code
    return best, shares


def _words(text: str) -> list[str]:
    """The words of ``text`` in lower case, one apostrophe in each at most."""
    if not text.isascii():
        return _WORD.findall(text.lower().replace("’", "'"))
    parts = text.translate(_ASCII_FOLDED).split()
    if "'" not in text:
        return parts
    return [word for part in parts for word in (_WORD.findall(part) if "'" in part else (part,))]


def _prose(html: str) -> str:
    """The text of ``html`` outside of code, without addresses."""
    kept, start, depth = [], 0, 0
    for tag in _TAG.finditer(html):
        if not depth:
            kept.append(html[start : tag.start()])
        if tag[2]:
            depth = max(depth + (-1 if tag[1] else 1), 0)
        start = tag.end()
    if not depth:
        kept.append(html[start:])
    text = " ".join(kept)
    return _NO_WORDS.sub(" ", text) if "://" in text or "&" in text else text


def _first(ranked: Iterable[tuple[str, int]], shares: dict[str, float]) -> str | None:
    best, *others = [tag for tag, _ in ranked] or [""]
    if shares.get(best, 0.0) < _SURE:
        return None
    rival = next((tag for tag in others if not _agree(best, tag)), "")
    return best if shares[best] - shares.get(rival, 0.0) >= _LEAD else None


def _by_script(text: str) -> str | None:
    if _FIND_ANY.search(text) is None:
        return None
    letters = len(_LETTER.findall(text))
    kana, han = len(_FIND_KANA.findall(text)), len(_FIND_HAN.findall(text))
    if kana + han >= max(_LEAST_CHARACTERS, _MAIN * letters):
        if kana >= _KANA_SHARE * (kana + han):
            return "ja" if _FIND_KANA.search(_QUOTED.sub("", text)) else None
        return "zh" if kana == 0 else None
    if kana + han:
        return None
    for tag, script in _FIND.items():
        if len(script.findall(text)) >= max(_LEAST_CHARACTERS, _MAIN * letters):
            return tag
    return None
