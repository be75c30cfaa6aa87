"""Quotations are found in the marks of all languages, and reports that share only them stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.compare import compare
from aggregator.dedupe.pair_verdict import Verdict
from aggregator.dedupe.quotations import introduces, quotations
from aggregator.dedupe.sketch import lines_of
from aggregator.sanitize import to_text
from aggregator.text.words import words
from aggregator.tidy.own_words import with_marks
from tests.support.dedupe_texts import prose, sketched

LETTER = [prose(f"letter {n}", 40) for n in range(4)]


def quoted(*lines: str) -> list[list[str]]:
    return [
        [line[start:end] for start, end in spans]
        for line, spans in zip(lines, quotations(lines), strict=True)
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('She said: "We go," and went. "Now."', ["We go,", "Now."]),
        ("“One ‘two’ three” and four", ["One ‘two’ three"]),
        ("„Wir gehen“, sagte sie, »sofort«.", ["Wir gehen", "sofort"]),
        ("«Nous partons», dit-elle", ["Nous partons"]),
        ("”Vi går”, sa hon", ["Vi går"]),
        ("彼女は「行きます」と言った", ["行きます"]),
        ("It's the boys' car, ‘I’m done,’ she said", ["I’m done,"]),
        ('ordered 6" by 9" and 5\'10" tall', []),
        ('a stray "mark to the end', ["mark to the end"]),
        ("قال «سنذهب» ثم ذهب", ["سنذهب"]),
    ],
)
def test_what_stands_in_marks_is_quoted(line: str, expected: list[str]) -> None:
    assert quoted(line) == [expected]


def test_a_quotation_goes_on_over_paragraphs() -> None:
    assert quoted("“One", "“two", "“three” done") == [["One"], ["two"], ["three"]]
    assert quoted("«Un", "»deux", "»trois» fin") == [["Un"], ["deux"], ["trois"]]
    assert quoted("“One", "two", "three.” She left.") == [["One"], ["two"], ["three."]]
    assert quoted("“One", "two", "three") == [["One"], [], []]


def test_lines_that_introduce_anothers_words() -> None:
    assert introduces("The letter reads in full:")
    assert introduces("Sehr geehrte Damen und Herren,")
    assert not introduces(
        "Dear prices worry the whole town, which has seen nothing like it for years."
    )
    assert not introduces("At 10:30 she left.")


@given(st.text(st.sampled_from("\"“”„«»‹›‘’'「」 ab\n:.é\u0301ا日"), max_size=60))
def test_marks_never_move_a_word(text: str) -> None:
    for line, spans in zip(text.split("\n"), quotations(text.split("\n")), strict=True):
        ends = [place for span in spans for place in span]
        assert ends == sorted(ends)
        assert not ends or (ends[0] >= 0 and ends[-1] <= len(line))
    for found in lines_of(text):
        assert all(0 <= start < end <= len(found.words) for start, end in found.quoted)
    assert [w for one in lines_of(text) for w in one.words] == [
        w for line in text.split("\n") for w in words(line)
    ]


def report(seed: str, *letter: str) -> str:
    return "\n".join([prose(f"{seed} begins", 60), *letter, prose(f"{seed} ends", 30)])


def verdict(one: str, other: str) -> Verdict:
    return compare(sketched(one, 1, 1), sketched(other, 2, 2))


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param([f"“{line}" for line in LETTER[:-1]] + [f"“{LETTER[-1]}”"], id="paragraphs"),
        pytest.param([f"“{LETTER[0]}", *LETTER[1:-1], f"{LETTER[-1]}”"], id="ends"),
        pytest.param([f"»{line}«" for line in LETTER], id="each"),
    ],
)
def test_one_letter_in_two_reports_does_not_make_them_one(printed: list[str]) -> None:
    found = verdict(report("ours", *printed), report("theirs", *LETTER))
    assert found.overlap > 0.6
    assert found.note == "they share quotations only"
    assert verdict(
        report("ours", *printed), f"{prose('new lead', 20)}\n{report('ours', *printed)}"
    ).same


def test_turns_of_phrase_beside_a_quotation_are_no_copy() -> None:
    """Nor is a quotation that both mark and say ten words of their own beside."""
    said = prose("said", 120)
    phrase = "as papers in the archive of the town show"
    mine, theirs = (
        f"{prose(one, 16)} {phrase} {prose(f'{one} on', 8)}" for one in ("mine", "theirs")
    )
    assert not verdict(f"{mine}\n“{said}”", f"{theirs}\n“{said}”").same
    short = prose("short", 11)
    assert not verdict(f"{mine}\n“{said}”", f"{short}\n“{said}”").same
    assert verdict(f"{mine}\n“{said}”", f"{mine}\n“{said}”\n{short}").same


def test_a_letter_without_marks_is_known_by_what_introduces_it() -> None:
    ours = report("ours", "The letter reads:", *LETTER)
    theirs = report("theirs", "We print it as it was sent:", *LETTER)
    assert verdict(ours, theirs).note == "they share quotations only"
    assert verdict(ours, f"Our correspondent writes:\n{ours}").same


def test_block_quotations_of_a_feed_are_marked() -> None:
    letter = "".join(f"<p>{line}</p>" for line in LETTER)
    html = f"<p>{prose('own', 60)}</p><blockquote>{letter}</blockquote>"
    text = to_text(with_marks(html))
    assert sum(end - start for one in lines_of(text) for start, end in one.quoted) == 160
    assert words(text) == words(to_text(html))
