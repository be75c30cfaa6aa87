"""Languages told from texts: sure ones correct what tools declare, all else stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.spoken import _words, language_of

GERMAN = (
    "<p>Die Brücke über den Fluss wurde am Sonntag nach zehn Jahren eröffnet, und alle Kinder der Schule haben dazu gesungen. Der Bürgermeister "
    "sagte, dass er nicht mehr daran geglaubt habe, und dass es sich auch für die Nachbarn gelohnt hat.</p>"
)
ENGLISH = (
    "<p>The bridge over the river was opened on Sunday after ten years, and all of the children from the school were singing. The mayor said that "
    "he had not believed in it any more, and that it was worth the wait for the neighbours.</p>"
)
CHINESE_ON_JAPANESE = "他在東京的商店裡看到了一個寫著「いらっしゃいませ」的招牌，覺得非常有趣，決定走進去看看裡面有什麼東西，結果發現全是漫畫書和動畫玩具，店員說「ありがとうございます」，他微笑著回答。"
JAPANESE = "水車の上の堰は四十年の修理のあと今年の夏に建て直され、釣り人が求めていた魚道が日曜日に開かれた。学校の子どもたちが歌い、村長は長い話をした。"
CHINESE = "磨坊上方的水坝经过四十年的修理，今年夏天重建完成，钓鱼人一直要求的鱼道也在星期天由村长在学校门前正式开放，孩子们唱了歌，乐队演奏到很晚，大家都很高兴地回家。"
DANISH = (
    "Broen over åen blev åbnet i søndags efter ti år, og alle børn fra skolen sang for dem, der var kommet. Borgmesteren sagde, at han ikke længere "
    "havde troet på det, men at det også var en god dag for naboerne."
)
UKRAINIAN = (
    "Міст через річку відкрили в неділю після десяти років будівництва, і всі діти зі школи співали для тих, хто прийшов. Голова сказав, що він уже "
    "не вірив у це, але що це було добре також і для сусідів, які так довго чекали на нього."
)


@pytest.mark.parametrize(
    ("text", "declared", "found"),
    [
        (GERMAN, ("en-US",), "de"),
        (JAPANESE, ("en",), "ja"),
        (f"「{JAPANESE}」と村長は言った。", ("en",), "ja"),
        (CHINESE_ON_JAPANESE, ("zh-Hant",), "zh-Hant"),
        (CHINESE, ("en-us",), "zh"),
        (UKRAINIAN, ("en",), "uk"),
        (ENGLISH, ("kn",), "en"),
        (GERMAN, (), "de"),
        (GERMAN, (None, "en", "de-AT"), "de-AT"),
    ],
)  # fmt: skip
def test_a_long_text_tells_its_language(
    text: str, declared: tuple[str | None, ...], found: str
) -> None:
    assert language_of(text, *declared) == found


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        (GERMAN, "de-CH"), (CHINESE, "zh-TW"), (CHINESE, "zh_Hant"), (ENGLISH, "en-GB"),
        (DANISH, "nb"),  # neighbours, whose words are nearly the same
        (UKRAINIAN, "be"),
        (GERMAN, "gsw"),
        (GERMAN, "eo"),  # a language whose words are not known here
        ("Die Brücke ist offen.", "en"),  # short
        (ENGLISH + GERMAN, "de"), (ENGLISH + GERMAN, "en"),  # both
        ("<pre>" + GERMAN + "</pre>", "en"),
        ("x = 1; y = foo(x) " * 60, "en"),
        ("", "fr"),
        ("Lesson 7: " + " ".join(f"the word {c} is read in that way" for c in JAPANESE[:40]), "en"),
    ],
)  # fmt: skip
def test_what_is_declared_stands_in_doubt(text: str, declared: str) -> None:
    assert language_of(text, declared) == declared


def test_nothing_is_made_up() -> None:
    assert language_of("Die Brücke ist offen.") is None
    assert language_of("12 34 56 " * 100) is None


def test_code_that_never_ends_costs_nothing_and_tells_nothing() -> None:
    assert language_of("<pre>" * 5000 + GERMAN, "en") == "en"
    assert language_of(GERMAN + "</code>" + GERMAN + "<", "en") == "de"


@given(st.text(), st.one_of(st.none(), st.text(max_size=8)))
def test_any_text_has_one_or_none(text: str, declared: str | None) -> None:
    found = language_of(text, declared)
    assert found is None or found


@given(st.text("abZ '_1.-\n’é", max_size=30))
def test_words_of_ascii_are_those_that_they_are_beside_other_letters(text: str) -> None:
    assert [*_words(text), "é"] == _words(f"{text} é")
