"""``python -m bench articles FOLDER``: how much of annotated articles extraction finds, and what it costs.

With the shipped model the figures flatter: it has seen these pages. What it does on sites that it has
not seen, ``python -m bench train-extractor`` reports.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import trafilatura

from aggregator.errors import NoArticle
from aggregator.extract.article import extract_article
from aggregator.model import ArticleHints
from bench.article_data import AnnotatedPage, f1, precision_recall, read_pages, word_f1

_SUMMARY = 30  # words of the annotated text that stand for a feed's summary

Way = Callable[[AnnotatedPage, int], str]


def _ours(page: AnnotatedPage, hints: ArticleHints, *, use_model: bool = True) -> str:
    with suppress(NoArticle):
        return extract_article(
            page.html.encode(),
            url=page.url,
            content_type="text/html; charset=utf-8",
            hints=hints,
            use_model=use_model,
        ).text
    return ""


def _with_feed(page: AnnotatedPage, number: int, *, use_model: bool = True) -> str:
    summary = " ".join(page.text.split()[:_SUMMARY]) if number % 2 else ""
    hints = ArticleHints(title=page.title, summary_text=summary)
    return _ours(page, hints, use_model=use_model)


def _without_feed(page: AnnotatedPage, number: int, *, use_model: bool = True) -> str:
    del number
    return _ours(page, ArticleHints(), use_model=use_model)


def _trafilatura(page: AnnotatedPage, number: int, *, fast: bool, everything: bool) -> str:
    del number
    found = trafilatura.extract(
        page.html, url=page.url, fast=fast, include_comments=False,
        with_metadata=everything, include_images=everything, include_links=everything,
    )  # fmt: skip
    return found or ""


def _trafilatura_with_metadata(page: AnnotatedPage, number: int) -> str:
    del number
    found = trafilatura.bare_extraction(
        page.html, url=page.url, include_comments=False, with_metadata=True
    )
    said = found if isinstance(found, dict) else found.as_dict() if found is not None else {}
    return said.get("text") or ""


WAYS: dict[str, Way] = {
    "ours, with the feed's entry": _with_feed,
    "ours, no feed": _without_feed,
    "ours, with the feed's entry, no model": partial(_with_feed, use_model=False),
    "ours, no feed, no model": partial(_without_feed, use_model=False),
    "trafilatura": lambda page, n: _trafilatura(page, n, fast=False, everything=False),
    "trafilatura fast": lambda page, n: _trafilatura(page, n, fast=True, everything=False),
    "trafilatura, metadata": _trafilatura_with_metadata,
    "trafilatura, metadata, images, links": lambda page, n: _trafilatura(
        page, n, fast=False, everything=True
    ),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way found on the pages of a file: precision and recall of each, sums over all."""

    results: list[tuple[float, float]]
    words: float
    seconds: float  # of CPU


def measured(file: Path, name: str) -> Measured:
    """The pages of ``file`` read in the way that is called ``name``."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    way, pages = WAYS[name], read_pages(file)
    way(pages[0], 0)  # what is loaded when it is first needed
    began = time.process_time()
    texts = [way(page, number) for number, page in enumerate(pages)]
    seconds = time.process_time() - began
    return Measured(
        [precision_recall(text, page.text) for text, page in zip(texts, pages, strict=True)],
        sum(word_f1(text, page.text) for text, page in zip(texts, pages, strict=True)),
        seconds,
    )


def main(folder: Path) -> None:
    """Score all ways on all files of ``folder``; CPU is of one process, and only compares within a run.

    Each way has a process of its own: trafilatura keeps what it found out of a page, so that the second way
    that asks it of the same page pays half.
    """
    for file in sorted(folder.glob("*.jsonl.xz")):
        print(f"\n{file.name}")
        print("| | precision | recall | F1 | word F1 | CPU ms/page |\n|---|---|---|---|---|---|")
        for name in WAYS:
            with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                found = alone.submit(measured, file, name).result()
            count = len(found.results)
            precision, recall, mean = f1(found.results)
            print(
                f"| {name} | {precision:.4f} | {recall:.4f} | {mean:.4f} | {found.words / count:.4f} |"
                f" {found.seconds / count * 1000:.1f} |",
                flush=True,
            )
