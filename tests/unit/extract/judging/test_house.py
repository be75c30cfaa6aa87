"""House texts: what a site gives at several addresses, and whose article it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.choice.votes import squeezed
from aggregator.extract.judging.house import is_same_page, not_their_article, stands_on
from aggregator.extract.page.siblings import digests, packed
from aggregator.model import ArticleHints

HOUSE = (
    "Harbour Media has been the home of independent journalism for the whole coast since the war.\n"
    "From three offices our team publishes two titles in print, a website and a morning letter.\n"
    "Mistakes are corrected in public, with a note that says what was wrong and since when."
)
OTTER = ArticleHints("Otter seen below the mill", "A walker filmed the animal on Tuesday; biologists think that it followed trout.")  # fmt: skip
SOUP = ArticleHints("School kitchen wins prize", "The jury praised the cook, who feeds three hundred children with lentils.")  # fmt: skip
ABOUT = ArticleHints("Who we are", "Harbour Media has been the home of independent journalism for the whole coast.")  # fmt: skip
LETTER = ArticleHints("A letter every morning", "From three offices our team publishes two titles in print, and a morning letter.")  # fmt: skip
MUTE = ArticleHints("17")


def page(text: str) -> bytes:
    return packed(digests(squeezed(line) for line in text.split("\n")))


def test_a_text_stands_on_pages_that_have_all_of_it() -> None:
    assert stands_on(HOUSE, page(f"{HOUSE}\nImprint and privacy of this site"))
    assert not stands_on(HOUSE, page(HOUSE.split("\n", maxsplit=1)[0]))
    assert not stands_on("", page(HOUSE))
    shown = '<p>x</p><img src="https://e.org/1.jpg">', HOUSE
    assert is_same_page(shown, page(HOUSE), shown)
    assert not is_same_page(shown, page(HOUSE), (shown[0].replace("1.jpg", "2.jpg"), HOUSE))


def test_it_is_nobodys_or_that_of_whom_it_tells() -> None:
    assert not_their_article(HOUSE, {1: OTTER, 2: SOUP}) == {1, 2}
    assert not_their_article(HOUSE, {1: OTTER, 2: ABOUT, 3: SOUP}) == {1, 3}
    assert not_their_article(HOUSE, {1: ABOUT, 2: LETTER}) == {1, 2}  # parts of one page


def test_one_article_at_two_addresses_stays() -> None:
    assert not not_their_article(HOUSE, {1: OTTER, 2: OTTER})
    assert not not_their_article(HOUSE, {1: ABOUT, 2: ABOUT})
    assert not not_their_article(HOUSE, {1: ABOUT, 2: ArticleHints("Who we are, and since when", ABOUT.summary_text)})  # fmt: skip
    assert not not_their_article(HOUSE, {1: OTTER})
    assert not not_their_article(HOUSE, {1: MUTE, 2: MUTE})


@given(st.text(max_size=200), st.dictionaries(st.integers(0, 5), st.sampled_from([OTTER, SOUP, ABOUT, MUTE]), max_size=4))  # fmt: skip
def test_only_what_was_asked_for_is_refused(text: str, linked: dict[int, ArticleHints]) -> None:
    assert not_their_article(text, linked) <= linked.keys()
