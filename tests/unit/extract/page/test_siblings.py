"""Site memory: digests of blocks, and which of a page's texts other pages have, too."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.article import read_page
from aggregator.extract.page.siblings import digests, known_elsewhere, packed
from aggregator.model import ArticleHints, PageReading, SiteRule

NOTICE = (
    "TheeditorsoftheHarbourPostfollowthecodeofthepresscouncil;whoeverfindsamistakemaywritetothem."
)
NOTE = "The editors of the Harbour Post follow the code of the press council; whoever finds a mistake may write to them."
FIRST = ("the bridge", "opened", "engineers")
SECOND = ("the theatre", "closed", "actors")
THIRD = ("the market", "moved", "traders")


def page(thing: str, verb: str, people: str, note: str = NOTE) -> bytes:
    sentences = (
        f"After ten years of quarrels {thing} {verb} on Monday, in the rain, while hundreds of {people} looked on.",
        f"The mayor said that {thing} had cost the city more than it could bear, and that {people} knew it well.",
        f"Some {people} who had come from far away spoke of {thing} as if it were an old friend of the family.",
        f"Nobody could tell in the evening what would become of {thing}, and the {people} went home for supper.",
    )  # fmt: skip
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        f"<html><head><title>How {thing} {verb}</title></head><body><article><h1>How {thing} {verb}</h1>"
        f"{body}<p>{note}</p></article></body></html>"
    ).encode()


def read(content: bytes, siblings: bytes = b"", rule: SiteRule | None = None) -> PageReading:
    return read_page(
        content,
        url="https://harbour.example/story",
        content_type="text/html",
        hints=ArticleHints(siblings=siblings),
        rule=rule,
    )


def test_texts_are_known_again_and_counted() -> None:
    pages = [packed(digests([NOTICE, "aloneononepage"])), packed(digests([NOTICE, NOTICE]))]
    found = known_elsewhere([NOTICE, "somethingelseentirely", "aloneononepage"], b"".join(pages))
    assert found == {NOTICE: 2, "aloneononepage": 1}


def test_few_letters_are_not_remembered() -> None:
    assert digests(["More", "広告"]) == set()


def test_of_a_huge_page_the_same_blocks_are_remembered_as_of_another() -> None:
    texts = [f"{NOTICE}{i}" for i in range(5000)]
    first, second = packed(digests(texts)), packed(digests([*texts[1000:], *texts[:10]]))
    assert len(first) == len(second) == 3200
    found = known_elsewhere(texts, first + second)
    assert list(found.values()).count(2) > 300


@given(st.lists(st.text(max_size=30), max_size=20), st.binary(max_size=200))
def test_anything_is_counted(texts: list[str], siblings: bytes) -> None:
    own = packed(digests(texts))
    found = known_elsewhere(texts, own + siblings)
    assert set(found) == {text for text in texts if len(text) >= 12}
    assert known_elsewhere(texts, siblings[:7]) == {}


def test_what_stands_on_other_pages_is_left_out() -> None:
    first = read(page(*FIRST))
    assert first.article.text.endswith(NOTE)
    others = first.blocks + read(page(*THIRD)).blocks
    later = read(page(*SECOND), others).article
    assert "went home for supper" in later.text
    assert NOTE not in later.text
    assert NOTE not in later.html
    assert NOTE in read(page(*SECOND)).article.text


def test_a_rule_that_says_exactly_what_the_article_is_has_the_last_word() -> None:
    rule = SiteRule("harbour", body=("//article",), prune=False)
    first = read(page(*FIRST), rule=rule)
    assert first.blocks
    others = first.blocks + read(page(*THIRD), rule=rule).blocks
    assert NOTE in read(page(*SECOND), others, rule).article.text
    pruning = SiteRule("harbour", body=("//article",))
    assert NOTE not in read(page(*SECOND), others, pruning).article.text


def test_a_file_has_no_blocks() -> None:
    assert read(b"%PDF-1.7").blocks == b""
