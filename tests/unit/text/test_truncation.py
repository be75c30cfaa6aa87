"""Marks of truncation at the end of a feed's text."""

from __future__ import annotations

import pytest

from aggregator.text.truncation import _FOOTER, _TRUNCATED, is_truncated


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("The river rose and […]", True),
        ("The river rose and... »", True),
        ("The river rose. Weiterlesen", True),
        ("The river rose and […] The post The river appeared first on The Weir.", True),
        ("The river… rose.", False),
        ("", False),
    ],
)
def test_a_mark_at_the_end_says_that_the_rest_stands_elsewhere(text: str, *, cut: bool) -> None:
    assert is_truncated(text) is cut


@pytest.mark.parametrize(
    "said",
    [
        "read more", "see more", "Learn more", "read more on the weir", "continue reading", "keep reading",
        "Read the full account", "read whole", "read the rest", "read original", "read the entire piece",
        "full story", "full article", "full text", "view the full article", "view original post", "view full post",
        "click here to read", "click here to continue", "weiterlesen", "Mehr lesen", "zum Artikel", "ganzen Artikel",
        "lire la suite", "en lire plus", "leer más", "seguir leyendo", "sigue leyendo", "continua a leggere",
        "leggi tutto", "leggi di più", "leia mais", "continue lendo", "lees meer", "lees verder", "czytaj dalej",
        "czytaj więcej", "läs mer", "читать далее", "читать полностью", "devamını oku", "続きを読む", "続きは",
        "阅读全文", "閱讀全文", "阅读更多", "繼續閱讀", "전체 보기", "전체보기", "더보기", "더 보기", "اقرأ المزيد", "قراءة المزيد",
    ],
)  # fmt: skip
def test_each_language_has_words_for_it_in_any_case(said: str) -> None:
    for written in (said, said.upper(), said.title().replace("i", "ı").replace("k", "\u212a")):
        assert is_truncated(f"The river rose. {written}") is (
            _TRUNCATED.search(written) is not None
        )
    assert is_truncated(f"The river rose. {said}")


@pytest.mark.parametrize(
    "footer",
    [
        "The post A appeared first on B", "Der Beitrag A erschien zuerst auf B", "L'article A est apparu en premier sur B",
        "La entrada A se publicó primero en B", "La entrada A apareció primero en B", "L'articolo A proviene da B",
        "O post A apareceu primeiro em B", "Artykuł A pochodzi z serwisu B", "Bericht A verscheen eerst op B",
    ],
)  # fmt: skip
def test_what_publishing_systems_add_is_looked_through(footer: str) -> None:
    for written in (footer, footer.upper(), footer.replace("s", "ſ").replace("i", "İ")):
        assert is_truncated(f"The river rose… {written}.") is bool(_FOOTER.search(f"{written}."))
    assert is_truncated(f"The river rose… {footer}.")
