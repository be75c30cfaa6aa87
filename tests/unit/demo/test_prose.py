"""The prose of the small internet: readable, distinct, the same again from the same seed."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from aggregator.demo.prose import phrases, write
from aggregator.demo.sites import SITES

VOICES = sorted({(site.language, site.theme) for site in SITES})


@pytest.mark.parametrize(("language", "theme"), VOICES)
def test_articles_are_whole(language: str, theme: str) -> None:
    for number in range(40):
        prose = write(language, theme, f"whole {number}")
        assert len(prose.paragraphs) >= 6
        assert prose.paragraphs[0].startswith(prose.summary)
        assert prose.author
        assert prose.tags
        texts = [prose.title, *(b.text for b in prose.blocks if b.kind != "code")]
        texts += [cell for block in prose.blocks for row in block.rows for cell in row]
        for text in texts:
            assert not re.search(r"[{}]|\s\s|\s[,.]|^\s|\s$|None", text), text
            assert not text[:1].islower(), text


@pytest.mark.parametrize(("language", "theme"), VOICES)
def test_sentences_end_and_begin_as_they_should(language: str, theme: str) -> None:
    ends = ("。", "」") if language == "ja" else (".", "”", "“", "?", "!")
    for number in range(40):
        for paragraph in write(language, theme, f"ends {number}").paragraphs:
            assert paragraph.endswith(ends), paragraph
            assert not re.search(r"\. [a-zäöüàéè]", paragraph), paragraph


@pytest.mark.parametrize(("language", "theme"), VOICES)
def test_two_articles_share_few_phrases(language: str, theme: str) -> None:
    length = 9 if language == "ja" else 5

    def shingles(seed: str) -> set[str]:
        text = " ".join(write(language, theme, seed).paragraphs)
        units = list(text) if language == "ja" else text.split()
        return {" ".join(units[i : i + length]) for i in range(len(units) - length + 1)}

    articles = [shingles(f"distinct {number}") for number in range(12)]
    for first, second in combinations(articles, 2):
        assert len(first & second) / len(first | second) < 0.35


def test_the_seed_decides() -> None:
    assert write("en", "town", "one") == write("en", "town", "one")
    assert write("en", "town", "one") != write("en", "town", "two")


def test_an_article_stays_with_its_town_and_people() -> None:
    text = " ".join(write("en", "town", "cast 3").paragraphs)
    towns = ["Saltmere", "Northhaven", "Little Quay", "Port Linden", "Fennimore", "Marrowgate"]
    assert sum(town in text for town in towns) <= 1


def test_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(KeyError, match="astrology"):
        write("en", "astrology", "1")


def test_all_languages_have_the_same_phrases() -> None:
    names = {site.language: set(phrases(site.language)) for site in SITES}
    assert len(names) == 4
    assert all(one == names["en"] for one in names.values())


def test_every_kind_of_block_occurs() -> None:
    kinds = {
        block.kind
        for number in range(20)
        for block in write("en", "software", f"kinds {number}").blocks
    }
    assert kinds == {"paragraph", "heading", "quote", "list", "table", "figure", "code"}
