"""Which texts are copies of each other, and which only look like it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.compare import compare
from aggregator.dedupe.fillings import other_titles, without_datelines
from aggregator.dedupe.pair_verdict import Verdict
from aggregator.dedupe.sketch import lines_of, sketch
from tests.support.dedupe_texts import paragraphs, prose, sketched

ARTICLE = paragraphs("harbour", 30, 70, 60, 80, 50)
FIRST, SECOND, *_ = ARTICLE.split("\n")


def verdict(one: str, other: str, titles: tuple[str, str] = ("", ""), feeds: int = 2) -> Verdict:
    """Compare two texts of two feeds, or of one."""
    return compare(
        sketched(one, 1, 1, titles[0]), sketched(other, 2, 1 if feeds == 1 else 2, titles[1])
    )


def without(text: str, *numbers: int) -> str:
    """``text`` less some of its lines."""
    return "\n".join(line for n, line in enumerate(text.split("\n")) if n not in numbers)


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(ARTICLE, id="equal"),
        pytest.param(without(ARTICLE, 3, 4), id="tail-cut"),
        pytest.param(f"{prose('lead', 25)}\n{without(ARTICLE, 0)}", id="another-lead"),
        pytest.param(f"{ARTICLE}\n{prose('house', 60)}", id="house-lines"),
        pytest.param(f"{FIRST}\n{prose('here', 50)}\n{without(ARTICLE, 0)}", id="local-paragraph"),
        pytest.param(" ".join(ARTICLE.split()), id="one-line"),
        pytest.param(ARTICLE.upper(), id="capitals"),
        pytest.param("\u00ad".join(ARTICLE), id="soft-hyphens"),
        pytest.param(" ".join(ARTICLE.split()[:80]) + " …", id="teaser"),
    ],
)
def test_copies_in_other_dress_are_copies(copy: str) -> None:
    assert verdict(ARTICLE, copy).same
    assert verdict(copy, ARTICLE).same


def test_a_copy_that_keeps_the_beginning_among_much_else() -> None:
    """Heavily cut, a lead and links of its own: whole paragraphs, from where both begin."""
    cut = f"{prose('lead', 20)}\n{SECOND}\n{prose('links', 60)}"
    found = verdict(without(ARTICLE, 4), cut)
    assert found.same
    assert found.overlap < 0.58
    assert found.note == "begins with the same paragraphs"


def test_half_of_a_text_in_one_piece_from_the_beginning() -> None:
    begin = prose("begin", 100)
    one, other = f"{begin} {prose('one', 85)}", f"{begin} {prose('other', 90)}"
    found = verdict(one, other)
    assert found.same
    assert found.note == "half of the shorter in one piece"
    broken = " ".join(
        word if n % 20 < 14 else f"{word}x"
        for n, word in enumerate(f"{begin} {prose('one', 85)}".split())
    )
    assert not verdict(broken, other).same


def test_a_form_that_is_full_of_names() -> None:
    """Between those hardly five words stand, and the rest is what the form says of everybody."""
    said = (
        "{} died at home at the age of {}. Born in {}, the deceased worked for {} for {} years and sang there. "
        "The family thanks the nurses of the ward for their care, and friends for their letters. The service is "
        "held at the chapel on the hill; friends may call from two in the afternoon, and give to the hospice."
    )
    one = said.format("Otilia Bianchi", 51, "Novales", "Solvana", 28)
    other = said.format("Dorian Ferrer", 90, "Grado", "Vantoro", 15)
    assert verdict(one, other, titles=("Otilia Bianchi", "Dorian Ferrer")).apart
    assert verdict(one, one, titles=("Otilia Bianchi", "In memoriam")).same


def test_outlets_that_put_their_names_into_titles_tell_one_story() -> None:
    titles = (
        "Otters seen in the harbour - Courier",
        "Otters seen in the harbour - Daily Herald",
    )
    assert verdict(FIRST, FIRST, titles=titles).same
    spoken_of = f"{FIRST} A courier wrote.", f"{FIRST} A herald wrote daily."
    assert not verdict(*spoken_of, titles=titles).same


def test_independent_reports_of_one_event_share_names_only() -> None:
    one = "The bridge over the Lune was closed on Monday after a lorry hit its northern pier."
    two = "A lorry struck the northern pier of the Lune bridge on Monday, and police closed it."
    assert not verdict(f"{one}\n{prose('ours')}", f"{two}\n{prose('theirs')}").same


def test_reports_that_quote_the_same_statement_stay_apart() -> None:
    statement = prose("statement", 80)
    ours = f"{prose('a', 130)}\n{statement}\n{prose('b', 60)}"
    theirs = f"{prose('c', 120)}\n{statement}\n{prose('d', 90)}"
    assert not verdict(ours, theirs).same


def weather(numbers: str) -> str:
    """A forecast, as a station sends it every day."""
    high, low, wind, rain, sun, uv, rise, sets = numbers.split()
    return (
        f"This is the forecast for the coast and the hills behind it. Expect highs of {high} degrees"
        f" in the valleys and lows of {low} degrees during the night. Winds from the west reach"
        f" {wind} kilometres an hour on exposed ridges. The chance of rain stands at {rain} percent"
        f" and there will be {sun} hours of sun. The ultraviolet index is {uv} today. The sun rises"
        f" at {rise} and sets at {sets}. Send us the pictures of the sky above your own garden."
    )


@pytest.mark.parametrize("feeds", [1, 2])
def test_templates_with_other_numbers_stay_apart(feeds: int) -> None:
    monday, tuesday = weather("17 9 31 40 6 4 7 19"), weather("22 11 55 85 2 3 8 18")
    assert verdict(monday, tuesday, feeds=feeds).note.startswith("numbers differ")
    assert not verdict(monday, tuesday, feeds=feeds).same
    assert verdict(monday, monday, feeds=2).same


@pytest.mark.parametrize(
    ("one", "other"),
    [("two", "seven"), ("zwei", "sieben"), ("trois", "neuf cents huit"), ("two", "1.5")],
)
def test_numbers_are_written_out_too(one: str, other: str) -> None:
    """Newspapers write small ones so; both texts have one in the same place."""
    before, after = prose("before", 20), prose("after", 20)
    texts = [f"{before} {number} {after}" for number in (one, other)]
    assert verdict(texts[0], texts[1], feeds=1).note == "numbers differ"
    assert verdict(texts[0], texts[0], feeds=1).same


@pytest.mark.parametrize("day", ["(23 July) ", "[July 23, 2019] ", "(3. Juli) "])
def test_the_day_before_a_report_is_no_news(day: str) -> None:
    assert verdict(f"{day}{ARTICLE}", f"(10 October) {without(ARTICLE, 3, 4)}").same
    report = f"{day}{prose('report', 110)}"
    assert verdict(report, f"(10 October) {prose('report', 110)}").same


def test_the_day_before_a_brief_notice_is_its_news() -> None:
    notice = prose("council", 14)
    assert without_datelines(f"(12 March) {notice}") == f"(12 March) {notice}"
    assert not verdict(f"(12 March) {notice}", f"(9 April) {notice}", feeds=1).same


def test_a_template_with_more_places_than_words_between_them() -> None:
    """No five words in a row are shared before its last sentence."""
    notes = [
        f"Rates today: the {n} year note fetched {n + 40}.{n} per cent at {n} today, after bids for {n + 3} million in all. {prose('rest', 40)}"
        for n in (5, 8)
    ]
    assert verdict(notes[0], notes[1], feeds=1).note == "numbers differ"
    leads = [f"{prose(f'lead {n}', 12)} {n} {prose(f'more {n}', 5)} {n + 40}" for n in (5, 8)]
    one, other = (f"{lead} {prose('rest', 120)}" for lead in leads)
    assert verdict(one, other).same


def test_a_figure_in_other_units_is_no_templates() -> None:
    """Only one of both texts has a number there, or neither another one."""
    parts = [prose(f"fall {n}", 18) for n in range(7)]
    said = [
        ("about 60 metres 200 feet", "60m"), ("some 600 metres 2 000 feet", "2 000ft"), ("15 km", "fifteen miles"),
        ("at 4 30 pm", "late"), ("on 27 July 2004", "then"), ("aged 75", "an old man"),
    ]  # fmt: skip
    one, other = (
        " ".join(word for part, pair in zip(parts, said, strict=False) for word in (part, pair[n]))
        for n in (0, 1)
    )
    assert verdict(one, other).same
    figures = " ".join(f"{part} {n + 3} {n + 14}" for n, part in enumerate(parts))
    others = " ".join(f"{part} {n + 5} {n + 45}" for n, part in enumerate(parts))
    assert not verdict(figures, others).same


def test_a_market_report_with_one_other_figure_is_another_report() -> None:
    said = (
        "The central bank lent {} million to commercial banks overnight, a spokesman said. Dealers"
        " said that money was trading at 6 1/8 percent when the bank came into the market, after"
        " closing at 6 1/4 percent on the day before."
    )
    assert not verdict(said.format(350), said.format(720), feeds=1).same


@pytest.mark.parametrize(
    "titles",
    [
        ("Quokka v1.2.3", "Quokka v1.2.4"),
        ("#100: Bread and Ships", "#104: Sleep and Tides"),
        ("Senior gardener (ref 4711)", "Senior gardener (ref 4790)"),
        ("Morning briefing, 3 May", "Morning briefing, 4 May"),
    ],
)
def test_one_feeds_editions_with_the_same_notes_stay_apart(titles: tuple[str, str]) -> None:
    notes = prose("notes", 120)
    assert " in the titles differ" in verdict(notes, notes, titles, feeds=1).note


@pytest.mark.parametrize("feeds", [1, 2])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quokka 1.13.115", "Quokka Next 1.13.14"),
        ("Quokka 7.1.3b1", "Quokka 7.1.3"),
        ("Quokka 3.5.0beta1 is out", "Quokka 3.5.0rc1 is out"),
        ("Quokka v2.3", "Quokka v2.4"),
        ("Quokka 2.0 beta 2", "Quokka 2.0 beta 3"),
    ],
)
def test_notes_of_different_versions_stay_apart_wherever_they_are(
    one: str, other: str, feeds: int
) -> None:
    notes = prose("notes", 400)
    found = verdict(notes, notes, (one, other), feeds=feeds)
    assert not found.same
    assert found.note == "versions in the titles differ"


def test_a_price_or_a_score_is_no_version() -> None:
    titles = ("Quokka sold for 1.5 bn", "Quokka is sold for 1.52 bn")
    assert verdict(ARTICLE, ARTICLE, titles).same


def test_one_feeds_descriptions_and_tutorials_from_one_mould_stay_apart() -> None:
    standing = prose("standing", 100)
    rocket, tank = (f"{prose(name, 40)}\n{standing}" for name in ("rocket", "tank"))
    assert not verdict(rocket, tank, ("A rocket in the garden", "My tank at night"), feeds=1).same
    new_version = ("A rocket in the garden",) * 2
    assert verdict(rocket, tank, new_version, feeds=1).same
    mould = prose("mould", 400)
    sharp, flat = (f"{mould}\n{prose(name, 170)}" for name in ("sharp", "flat"))
    assert not verdict(sharp, flat, ("How to test in C", "How to test in F too"), feeds=1).same


def test_one_feed_repeats_an_item_under_another_headline() -> None:
    assert verdict(ARTICLE, ARTICLE, ("Harbour opens", "Ships come home at last"), feeds=1).same


def test_a_long_text_that_one_feed_repeats_under_a_corrected_title_is_one() -> None:
    assert verdict(ARTICLE, ARTICLE, ("Harbour 2025 opens", "Harbour 2026 opens"), feeds=1).same


def test_a_correction_of_a_figure_is_the_same_story() -> None:
    first = f"{FIRST}\nThe harbour cost 350 million in all, of which 20 came late.\n{SECOND}"
    assert verdict(first, first.replace("350", "360"), ("Harbour opens",) * 2, feeds=1).same


def test_short_notices_are_copies_only_when_equal_and_of_two_feeds() -> None:
    porto, kyoto = "Photo of the day: a red tram in Porto", "Photo of the day: a red tram in Kyoto"
    assert verdict(porto, f"{porto} (via my blog)").same
    assert not verdict(porto, kyoto).same
    assert not verdict(porto, porto, feeds=1).same
    assert not verdict("Old shows", "Old shows", ("Band of Brothers", "A Quiet Trio")).same


def test_a_live_blog_that_ends_with_an_old_article_is_not_it() -> None:
    live = f"{paragraphs('live', 90, 120, 200, 160)}\n{ARTICLE}"
    assert verdict(ARTICLE, live).note == "a fragment of a longer text"
    assert not verdict(ARTICLE, live).same


def test_the_end_of_one_is_the_beginning_of_the_other() -> None:
    shared = prose("shared", 350)
    one, two = f"{prose('before', 150)}\n{shared}", f"{shared}\n{prose('after', 160)}"
    assert verdict(one, two).note == "the end of one is the beginning of the other"


def test_a_digest_that_begins_with_a_story_is_not_that_story() -> None:
    item = prose("item", 90)
    digest = f"{item}\n{paragraphs('other', 90, 120, 100)}"
    titles = ("Harbour opens early", "Weekly review")
    assert verdict(item, digest, titles).note == "the headline is not about it"
    assert verdict(item, digest, ("Harbour opens early", "Harbour opens")).same


def test_a_script_without_spaces() -> None:
    said = "港口昨天下午重新开放第一艘船在雨中靠岸数百名居民前来观看市长发表讲话感谢工人" * 2
    other = "球队昨晚在客场以三比一获胜球迷彻夜庆祝教练称赞年轻球员表现出色下周迎来关键比赛" * 2
    assert verdict(said, f"{said}记者报道").same
    assert not verdict(said, other).same


def test_nothing_is_a_copy_of_no_text() -> None:
    assert verdict("", ARTICLE) == Verdict(False, 0.0, "no text")
    assert not verdict("", "").same


@given(st.text(max_size=400), st.text(max_size=400), st.booleans())
def test_any_texts_are_compared_alike_both_ways(one: str, other: str, same_feed: bool) -> None:
    a, b = sketched(one, 1, 1, "x"), sketched(other, 2, 1 if same_feed else 2, "x")
    assert compare(a, b) == compare(b, a)
    assert 0 <= compare(a, b).overlap <= 1


@pytest.mark.parametrize(
    ("said", "feeds", "same"),
    [
        (("The plough holds best in mud.", "The fluke, in my experience."), 1, False),
        (("", ""), 1, False),
        (("The plough holds best in mud.",) * 2, 1, True),
        (("The plough holds best in mud.", "The fluke, in my experience."), 2, True),
    ],
)
def test_one_pages_text_alone_makes_no_copies_of_one_feeds_entries(
    said: tuple[str, str], feeds: int, *, same: bool
) -> None:
    page = "https://a.example/thread"
    one, other = (
        sketch(n, 1 if feeds == 1 else n, "", lines_of(ARTICLE), page, said[n - 1]) for n in (1, 2)
    )
    assert compare(one, other).same is same
    elsewhere = replace(other, page="https://a.example/other")
    assert compare(one, elsewhere).same is (same or said == ("", ""))


ADVICE = paragraphs("advice", 40, 60)
ALERT = "Flood alert for {place}: the {river} stands at {level} metres and rises.\n"
NORTH = ALERT.format(place="Upper Weirdale", river="Weir", level="2.31") + ADVICE
SOUTH = ALERT.format(place="Millford and Barton", river="Barle", level="1.87") + ADVICE


@pytest.mark.parametrize("feeds", [1, 2])
@pytest.mark.parametrize(
    ("texts", "titles"),
    [
        ((NORTH, SOUTH), ("Flood alert: Upper Weirdale", "Flood alert: Millford and Barton")),
        ((ADVICE, ADVICE), ("Flood alert: Upper Weirdale", "Flood alert: Millford")),
        ((ADVICE, ADVICE), ("Flood Alert: Upper Weirdale", "Flood Alert: Millford")),
        ((NORTH, SOUTH), ("Flood alert", "Flood alert")),
        ((ADVICE, ADVICE), ("Nurse (m/f/d) in Leeds", "Nurse (m/f/d) in York")),
        ((ADVICE, ADVICE), ("Harbour 2.1 for Linux", "Harbour 2.1 for Windows")),
        ((ADVICE, ADVICE), ("Harbour 2026.11", "Harbour 2026.12")),
        ((ADVICE, ADVICE), ("Council meeting, 12 May 2026", "Council meeting, 9 June 2026")),
        ((f"In Leeds we look for a nurse.\n{ADVICE}", f"In York we look for a nurse.\n{ADVICE}"), ("Leeds: nurse", "York: nurse")),
        ((f"At our house in Leeds, {ADVICE}", f"At our house in York, {ADVICE}"), ("Nurse", "Nurse")),
    ],
)  # fmt: skip
def test_one_template_about_two_things_is_two(
    texts: tuple[str, str], titles: tuple[str, str], feeds: int
) -> None:
    assert not verdict(*texts, titles=titles, feeds=feeds).same


@pytest.mark.parametrize(
    ("texts", "titles"),
    [
        ((NORTH, NORTH), ("Flood alert: Upper Weirdale", "Flood alert")),
        ((NORTH, NORTH), ("Flood alert: Upper Weirdale", "River Weir rises in Weirdale")),
        ((NORTH, NORTH), ("Flood alert: Upper Weirdale", "Flood alert: Uper Weirdale")),
        ((ADVICE, ADVICE), ("Oil prices rise on supply fears", "Oil prices climb on supply fears")),
        ((ADVICE, ADVICE), ("Oil Prices Rise on Supply Fears", "Oil Prices Climb on Supply Fears")),
        ((f"Otters were seen in Leeds and in Yorkshire.\n{ADVICE}",) * 2, ("Otters seen in Leeds", "Otters seen in Yorkshire")),
        ((f"Updated 9:06 AM\n{ADVICE}", f"Updated 11:45 AM\n{ADVICE}"), ("Otters", "Otters")),
        ((f"(Updated 12 May 2026, 9:06) {ADVICE}", f"(Updated 13 May 2026, 7:15) {ADVICE}"), ("Otters", "Otters")),
        ((f"Fri May 3, 2013 11:45 AM PDT\n{ADVICE}", f"May 4, 2013 at 7:31 AM ET\n{ADVICE}"), ("Otters", "Otters")),
        ((f"Stand: 12.05.2026, 10:30 Uhr\n{ADVICE}", f"Stand: 13.05.2026, 8:15 Uhr\n{ADVICE}"), ("Otter", "Otter")),
    ],
)  # fmt: skip
def test_new_headlines_and_datelines_are_no_slots(
    texts: tuple[str, str], titles: tuple[str, str]
) -> None:
    assert verdict(*texts, titles=titles).same


FLOOD = "今後十二時間以内に低い土地や道路が浸水するおそれがあります。動物や機械を高い場所に移し、川沿いの歩道に近づかないでください。"
CRASH = " is out. It mends a crash at start, reads folders faster and forgets no window. Tell us what breaks, please."


@pytest.mark.parametrize("feeds", [1, 2])
@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        pytest.param("大阪に大雨警報", "京都に大雨警報", f"。{FLOOD}", id="no-spaces"),
        pytest.param("बाढ़ की चेतावनी: मुंबई", "बाढ़ की चेतावनी: दिल्ली", f". {ADVICE}", id="marks"),
        pytest.param("Tool 2.2 for Linux", "Tool 2.1 for Linux", CRASH, id="versions"),
    ],
)
def test_templates_of_any_script_and_number(one: str, other: str, said: str, feeds: int) -> None:
    texts = one + said, other + said
    assert not verdict(*texts, titles=(one, other), feeds=feeds).same
    assert not verdict(*texts[::-1], titles=(other, one), feeds=feeds).same


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200))
def test_titles_of_one_template_are_so_either_way(one: str, other: str, said: str) -> None:
    told = said.split()
    assert other_titles(one, other, told, told) == other_titles(other, one, told, told)
    assert not other_titles(one, one, told, told)
    assert len(without_datelines(said)) <= len(said) + 1
