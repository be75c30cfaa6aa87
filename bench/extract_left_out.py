"""``python -m bench extract-left-out FOLDER``: extraction and metadata on sets that nothing was learned from.

For each file of annotated pages a model is trained on the other files; whole pages are read with it, with nothing known of a
feed. Beside it stand trafilatura's default with metadata on the same pages, the CPU of both, and the pages below .8 of F1 of
which either has more: where trafilatura has .9 of them, a kind of page is lost. Nothing is written into the package.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import trafilatura

from aggregator.errors import NoArticle
from aggregator.extract.article import extract_article
from aggregator.extract.choice.block_model import Model
from aggregator.extract.choice.smooth import second_rows
from aggregator.extract.choice.trees import Trees
from aggregator.model import Article, ArticleHints
from bench.article_data import AnnotatedPage, auc, f1, precision_recall
from bench.train_extractor import (
    FOLDS,
    Example,
    LexiconCounts,
    as_lists,
    described_pages,
    first_model,
    out_of_fold,
    read_examples,
    second_model,
)

_BY_AND_LARGE = 0.8  # F1
_LOST = 0.9  # F1 of trafilatura's, from which such a page is a kind to mend


@dataclass(frozen=True, slots=True)
class Read:
    """A page as it was read: precision and recall, confidence, whether author and date were found, seconds of CPU."""

    result: tuple[float, float]
    sure: float
    has_author: bool
    has_date: bool
    seconds: float


def trained(examples: Sequence[Example]) -> Model:
    """A model of all ``examples``, made as the shipped one is."""
    counts = LexiconCounts(examples)
    pages = described_pages(examples, counts)
    firsts = [first_model(pages, examples, fold) for fold in range(FOLDS)]
    scores = out_of_fold(pages, [page.rows for page in pages], firsts)
    rows = [
        second_rows(page.described, page.rows, score)
        for page, score in zip(pages, scores, strict=True)
    ]
    stages = (first_model(pages, examples, None), second_model(pages, rows, examples, None))
    return Model(counts.lexicon(), *(Trees.from_lists(as_lists(stage)) for stage in stages))


def _ours(page: AnnotatedPage, model: Model) -> Read:
    began = time.process_time()
    article = Article("", "")
    with suppress(NoArticle):
        article = extract_article(
            page.html.encode(), url=page.url, content_type="text/html; charset=utf-8", hints=ArticleHints(), model=model
        )  # fmt: skip
    seconds = time.process_time() - began
    found = precision_recall(article.text, page.text)
    has_date = article.published is not None
    return Read(found, article.confidence, bool(article.authors), has_date, seconds)


def _theirs(page: AnnotatedPage) -> Read:
    began = time.process_time()
    found = trafilatura.bare_extraction(
        page.html, url=page.url, include_comments=False, with_metadata=True
    )
    seconds = time.process_time() - began
    said = found if isinstance(found, dict) else found.as_dict() if found is not None else {}
    result = precision_recall(said.get("text") or "", page.text)
    return Read(result, 0.0, bool(said.get("author")), bool(said.get("date")), seconds)


def _lines(
    data: str, pages: Sequence[AnnotatedPage], ours: Sequence[Read], theirs: Sequence[Read]
) -> Iterator[str]:
    for name, read in (("ours", ours), ("trafilatura", theirs)):
        count = len(read)
        numbers = "  ".join(f"{value:.4f}" for value in f1([one.result for one in read]))
        cpu = 1000 * sum(one.seconds for one in read) / count
        facts = f"authors {sum(one.has_author for one in read)}, dates {sum(one.has_date for one in read)}"
        yield f"{data:10} {name:12} {numbers}  {facts}  {cpu:.0f} ms"
    single = [(f1([one.result])[2], f1([other.result])[2]) for one, other in zip(ours, theirs, strict=True)]  # fmt: skip
    right = [mine >= _BY_AND_LARGE for mine, _ in single]
    yield f"{data:10} {right.count(False)} of {len(right)} below {_BY_AND_LARGE}, confidence's AUC {auc([one.sure for one in ours], right):.3f}"
    for page, (mine, other) in zip(pages, single, strict=True):
        if mine < _BY_AND_LARGE and mine < other:
            lost = "  lost" if other >= _LOST else ""
            yield f"  {mine:.2f} {other:.2f} {page.url[:100]}{lost}"


def main(folder: Path) -> None:
    """Print the lines for each file of ``folder``, learned from the others."""
    examples = read_examples(folder)
    for data in sorted({example.data for example in examples}):
        model = trained([example for example in examples if example.data != data])
        pages = [example.page for example in examples if example.data == data]
        ours, theirs = [_ours(page, model) for page in pages], [_theirs(page) for page in pages]
        print(*_lines(data, pages, ours, theirs), sep="\n", flush=True)
