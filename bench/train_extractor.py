"""``python -m bench train-extractor FOLDER``: learn from annotated pages what an article's blocks are.

Writes the model that ``aggregator/extract/choice/block_model.py`` reads, and reports how well models trained on the
other sites do on each site (folds by site; the same figures cannot be had of the shipped model, which
has seen all pages).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import compress
from math import log
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from aggregator.errors import NoArticle
from aggregator.extract.article import extract_article
from aggregator.extract.choice.block_model import PATH, Model, most_probable
from aggregator.extract.choice.boxes import Lexicon
from aggregator.extract.choice.choose import Known, context_of
from aggregator.extract.choice.cues import attributes_of, line_words, names_of
from aggregator.extract.choice.features import FEATURES, SHORT, Context, Description, describe
from aggregator.extract.choice.smooth import SECOND_FEATURES, second_rows, sigmoid
from aggregator.extract.choice.trees import Trees
from aggregator.extract.page.blocks import Block, blocks_of
from aggregator.extract.page.metadata import read_metadata
from aggregator.extract.page.tree import base_of, parse_page
from aggregator.extract.page.unseen import drop_unseen
from aggregator.model import ArticleHints
from bench.article_data import (
    AnnotatedPage,
    auc,
    f1,
    precision_recall,
    read_pages,
    shares_annotated,
    tokens,
)

Numbers = NDArray[np.float64]
FOLDS = 8
NOTE = (
    "Trees and word odds learned by bench/train_extractor.py from the pages of aef (article-extraction-dataset,"
    " Apache-2.0) and of wcxb-dev (web-content-extraction-benchmark, CC-BY-4.0, Murrough Foley)."
)
_BY_AND_LARGE = 0.8  # F1
_SUMMARY = 30  # words of the annotated text that stand for a feed's summary
_FIRST: dict[str, Any] = {
    "objective": "cross_entropy", "num_leaves": 15, "learning_rate": 0.1, "min_data_in_leaf": 150,
    "feature_fraction": 0.25, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 20.0, "max_bin": 127,
    "num_threads": 1, "seed": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1,
}  # fmt: skip
_SECOND = {
    **_FIRST, "learning_rate": 0.08, "num_leaves": 10, "min_data_in_leaf": 50, "feature_fraction": 0.5, "lambda_l2": 10.0,
}  # fmt: skip
_FIRST_TREES, _SECOND_TREES = 140, 70
_SITES = 5  # that must use a word before it is believed
_PRIOR = 4.0  # blocks
_SITE_SAYS = 3.0  # blocks at most that one page, and one site, count for
_NOTABLE = 0.3  # log odds
_LONGEST, _SHORTEST = 150, 20  # words that a block counts for at most, an article at least
# Pages count for their blocks, up to this many times what half of them do: where the introduction of a long
# page is annotated alone, the rest of it would outweigh dozens of other pages.
_MOST_OF_PAGE = 2.0


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated page ready to learn from: the share annotated of each block, what is known."""

    page: AnnotatedPage
    data: str
    fold: int
    blocks: list[Block]
    shares: Numbers
    weights: Numbers
    context: Context


def read_examples(folder: Path) -> list[Example]:
    """The pages of all files of ``folder``, with trafilatura's choice for each."""
    found = []
    for file in sorted(folder.glob("*.jsonl.xz")):
        for page in read_pages(file):
            tree = parse_page(page.html)
            drop_unseen(tree)
            blocks = blocks_of(tree)
            metadata = read_metadata(tree, page.url, base_of(tree, page.url))
            known = Known(
                titles=metadata.titles, description=metadata.description, body=metadata.body
            )
            found.append(
                Example(
                    page,
                    file.name.partition(".")[0],
                    fold_of(page.site),
                    blocks,
                    np.array(shares_annotated([block.text for block in blocks], page.text)),
                    _weights(blocks, page.text),
                    context_of(tree, blocks, known),
                )
            )
    sums = [example.weights.sum() for example in found if example.page.text]
    most = _MOST_OF_PAGE * float(np.median(sums))
    return [
        replace(example, weights=example.weights * most / max(example.weights.sum(), most))
        for example in found
    ]


def _weights(blocks: Sequence[Block], annotated: str) -> Numbers:
    """What each block counts for in the measure: its share of the annotated text's length.

    Nothing where no text is annotated: a page whose article nobody marked says nothing of articles.
    """
    length = len(tokens(annotated))
    counts = np.array([len(tokens(block.text)) for block in blocks], dtype=np.float64)
    return np.minimum(counts + 2, _LONGEST) / max(_SHORTEST, length) * (length > 0)


def fold_of(site: str) -> int:
    """The fold that all pages of ``site`` are in."""
    digest = hashlib.md5(site.removeprefix("www.").encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % FOLDS


# ── words and names ──────────────────────────────────────────────────────────────────────────


Counts = dict[tuple[str, str], list[float]]


def _page_counts(example: Example) -> Counts:
    """For each name and word: in how many blocks of the page's article, and of the rest, it stands."""
    counts: Counts = defaultdict(lambda: [0.0, 0.0])
    names: dict[Any, list[str]] = {}
    for block, share in zip(example.blocks, example.shares, strict=True):
        found = set()
        element, kind = block.parent, "near"
        while element is not None:
            if element not in names:
                names[element] = names_of(str(element.tag), attributes_of(element))
            found |= {(kind, name) for name in names[element]}
            element, kind = element.getparent(), "far"
        if block.text.count(" ") < SHORT:
            found |= {("words", word) for word in line_words(block.text)}
        for key in found:
            counts[key][0] += share
            counts[key][1] += 1 - share
    return counts


def _saturate(counts: list[float]) -> tuple[float, float]:
    kept, dropped = counts
    factor = min(1.0, _SITE_SAYS / (kept + dropped))
    return kept * factor, dropped * factor


class LexiconCounts:
    """Counts by site, so that a lexicon can be made without the sites of a fold."""

    def __init__(self, examples: Sequence[Example]) -> None:
        sites: dict[tuple[int, str], Counts] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        for example in filter(lambda one: one.page.text, examples):
            of_site = sites[example.fold, example.page.site.removeprefix("www.")]
            for key, counts in _page_counts(example).items():
                kept, dropped = _saturate(counts)
                of_site[key][0] += kept
                of_site[key][1] += dropped
        self.folds: list[Counts] = [defaultdict(lambda: [0.0, 0.0, 0.0]) for _ in range(FOLDS)]
        for (fold, _), of_site in sites.items():
            for key, counts in of_site.items():
                kept, dropped = _saturate(counts)
                total = self.folds[fold][key]
                total[0] += kept
                total[1] += dropped
                total[2] += 1

    def lexicon(self, without: int | None = None) -> Lexicon:
        """Log odds against those of all blocks, for what enough sites use."""
        total: Counts = defaultdict(lambda: [0.0, 0.0, 0.0])
        for fold, counts in enumerate(self.folds):
            if fold != without:
                for key, (kept, dropped, sites) in counts.items():
                    of_key = total[key]
                    of_key[0] += kept
                    of_key[1] += dropped
                    of_key[2] += sites
        return Lexicon(*(self._odds(total, kind) for kind in ("near", "far", "words")))

    def _odds(self, total: Counts, wanted: str) -> dict[str, float]:
        of_kind = {word: counts for (kind, word), counts in total.items() if kind == wanted}
        kept = sum(counts[0] for counts in of_kind.values())
        usual = kept / (kept + sum(counts[1] for counts in of_kind.values()))
        odds = {}
        for word, (yes, no, sites) in sorted(of_kind.items()):
            if sites >= _SITES * (1 + (" " in word)):
                ratio = (yes + _PRIOR * usual) / (no + _PRIOR * (1 - usual))
                value = round(log(ratio * (1 - usual) / usual), 1)
                if abs(value) >= _NOTABLE:
                    odds[word] = value
        return odds


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def hinted(example: Example, number: int, kind: str) -> Context:
    """What is known with a feed: ``none`` of it, its ``entry``, or a ``teaser`` that the page has, too."""
    context = example.context
    summary = ""
    if kind == "entry" and number % 2:
        summary = " ".join(example.page.text.split()[:_SUMMARY])
    elif kind == "teaser":
        summary = context.description
    titles = context.titles if kind == "none" else (example.page.title, *context.titles)
    return Context(context.chosen, context.body, titles, summary, context.description)


@dataclass(frozen=True, slots=True)
class Described:
    """A page as the model sees it, knowing what ``kind`` says."""

    number: int  # of the example
    fold: int
    kind: str
    described: Description
    rows: Numbers


def described_pages(examples: Sequence[Example], counts: LexiconCounts) -> list[Described]:
    """All pages with nothing known of a feed, with an entry, and a quarter with a teaser.

    The lexicon is made of the other folds. A teaser is no part of the text in many a feed.
    """
    lexicons = [counts.lexicon(without=fold) for fold in range(FOLDS)]
    found = []
    for number, example in enumerate(examples):
        for kind in ("none", "entry", "teaser") if number % 4 == 0 else ("none", "entry"):
            context = hinted(example, number, kind)
            described = describe(example.blocks, context, lexicons[example.fold])
            rows = np.array(described.rows, dtype=np.float64).reshape(-1, len(FEATURES))
            found.append(Described(number, example.fold, kind, described, rows))
    return found


def first_model(
    pages: Sequence[Described], examples: Sequence[Example], without: int | None
) -> lightgbm.Booster:
    """The first stage, learned from all pages but those of fold ``without``."""
    sample = np.random.default_rng(7)
    voted = FEATURES.index("voted_1")
    rows, labels, weights = [], [], []
    for page in pages:
        example = examples[page.number]
        if example.fold == without or not len(page.rows):
            continue
        # Most blocks are menus far from any article; a third of them says as much.
        easy = (page.rows[:, voted] == 0) & (example.shares == 0)
        taken = ~easy | (sample.random(len(easy)) < 1 / 3)
        rows.append(page.rows[taken])
        labels.append(example.shares[taken])
        weights.append((example.weights * np.where(easy, 3, 1))[taken])
    return _fit(rows, labels, weights, _FIRST, _FIRST_TREES)


def second_model(
    pages: Sequence[Described],
    rows: Sequence[Numbers],
    examples: Sequence[Example],
    without: int | None,
) -> lightgbm.Booster:
    """The second stage, likewise; ``rows`` come of first models that had not seen the pages."""
    found: tuple[list[Numbers], list[Numbers], list[Numbers]] = ([], [], [])
    for page, of_page in zip(pages, rows, strict=True):
        example = examples[page.number]
        if example.fold != without and page.kind != "teaser":
            taken = (of_page[:, 0] > -5) | (example.shares > 0)
            for target, numbers in zip(
                found, (of_page, example.shares, example.weights), strict=True
            ):
                target.append(numbers[taken])
    return _fit(*found, _SECOND, _SECOND_TREES)


def _fit(
    rows: list[Numbers],
    labels: list[Numbers],
    weights: list[Numbers],
    parameters: dict[str, Any],
    trees: int,
) -> lightgbm.Booster:
    weight = np.concatenate(weights)
    data = lightgbm.Dataset(
        np.concatenate(rows), np.concatenate(labels), weight=weight / weight.mean()
    )
    return lightgbm.train(parameters, data, trees)


def _scores(model: lightgbm.Booster, rows: Numbers) -> Numbers:
    return (
        np.asarray(model.predict(rows, raw_score=True, num_threads=1)) if len(rows) else np.zeros(0)
    )


def out_of_fold(
    pages: Sequence[Described], rows: Sequence[Numbers], models: Sequence[lightgbm.Booster]
) -> list[Numbers]:
    """For each page the scores of the model of ``models`` that was made without its fold."""
    return [_scores(models[page.fold], of_page) for page, of_page in zip(pages, rows, strict=True)]


# ── the file ─────────────────────────────────────────────────────────────────────────────────


def as_lists(model: lightgbm.Booster) -> list[Any]:
    """The trees of ``model`` in the form that :meth:`Trees.from_lists` reads."""
    return [_as_list(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]


def _as_list(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 5)
    if node["decision_type"] != "<=":
        raise ValueError("only numeric features are known")
    # Rounded up: what was equal to the threshold must go left still.
    threshold = float(f"{node['threshold']:.9g}")
    return [
        node["split_feature"],
        threshold,
        _as_list(node["left_child"]),
        _as_list(node["right_child"]),
    ]


def report(
    pages: Sequence[Described], chances: Sequence[Numbers], examples: Sequence[Example]
) -> Iterator[str]:
    """Lines on how well blocks were chosen: set, what was known, precision, recall, F1."""
    for data in sorted({example.data for example in examples}):
        for kind in ("none", "entry"):
            results = []
            for page, chance in zip(pages, chances, strict=True):
                example = examples[page.number]
                if example.data == data and page.kind == kind:
                    kept = most_probable(chance, page.described.letters)
                    text = "\n".join(block.text for block in compress(example.blocks, kept))
                    results.append(precision_recall(text, example.page.text))
            yield f"{data:10} feed: {kind:6} " + "  ".join(f"{value:.4f}" for value in f1(results))


def whole_pages(models: Sequence[Model], examples: Sequence[Example]) -> Iterator[str]:
    """Lines on the whole way from a page to its text with the model that has not seen its site."""
    results: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    sure: list[float] = []
    for number, example in enumerate(examples):
        page = example.page
        told = hinted(example, number, "entry")
        for kind, hints in (
            ("none", ArticleHints()),
            ("entry", ArticleHints(title=page.title, summary_text=told.summary)),
        ):
            text, confidence = "", 0.0
            with suppress(NoArticle):
                article = extract_article(
                    page.html.encode(), url=page.url, content_type="text/html; charset=utf-8",
                    hints=hints, model=models[example.fold],
                )  # fmt: skip
                text, confidence = article.text, article.confidence
            sure += [confidence] if kind == "none" else []
            results[example.data, kind].append(precision_recall(text, page.text))
    for (data, kind), found in sorted(results.items()):
        yield f"{data:10} feed: {kind:6} " + "  ".join(f"{value:.4f}" for value in f1(found))
    alone = [one for (_, kind), found in results.items() if kind == "none" for one in found]
    right = [f1([one])[2] >= _BY_AND_LARGE for one in alone]
    yield f"confidence without a feed: {right.count(False)} of {len(right)} pages below {_BY_AND_LARGE}, AUC {auc(sure, right):.3f}"


def main(folder: Path) -> None:
    """Train on all files of ``folder``, report, and write the model into the package."""
    examples = read_examples(folder)
    counts = LexiconCounts(examples)
    pages = described_pages(examples, counts)
    first_of = [first_model(pages, examples, fold) for fold in range(FOLDS)]
    firsts = out_of_fold(pages, [page.rows for page in pages], first_of)
    seconds = [
        second_rows(page.described, page.rows, score)
        for page, score in zip(pages, firsts, strict=True)
    ]
    first = as_lists(first_model(pages, examples, None))
    second = as_lists(second_model(pages, seconds, examples, None))
    _write(counts.lexicon(), first, second)
    second_of = [second_model(pages, seconds, examples, fold) for fold in range(FOLDS)]
    finals = out_of_fold(pages, seconds, second_of)
    print("out of fold, by site:      precision recall F1")
    means = [(one + two) / 2 for one, two in zip(firsts, finals, strict=True)]
    for name, scores in (("first stage", firsts), ("second", finals), ("their mean", means)):
        print(name, *report(pages, [sigmoid(score) for score in scores], examples), sep="\n")
    models = [
        Model(counts.lexicon(fold), *(Trees.from_lists(as_lists(stage)) for stage in stages))
        for fold, stages in enumerate(zip(first_of, second_of, strict=True))
    ]
    print("whole pages to text", *whole_pages(models, examples), sep="\n")


def _write(lexicon: Lexicon, first: list[Any], second: list[Any]) -> None:
    content = {
        "note": NOTE,
        "features": FEATURES,
        "second_features": SECOND_FEATURES,
        "lexicon": {kind: getattr(lexicon, kind) for kind in ("near", "far", "words")},
        "first": first,
        "second": second,
    }
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace('],"', '],\n"')
    PATH.write_bytes((written + "\n").encode())
    print(f"{PATH.name}: {PATH.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
