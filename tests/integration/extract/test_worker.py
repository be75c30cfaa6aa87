"""Extraction in a real worker process: arguments, result and errors cross the boundary."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest

from aggregator.errors import NoArticle
from aggregator.extract.article import extract_article
from aggregator.model import ArticleHints

PAGE = (
    "<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1>"
    + "<p>The long awaited bridge across the river opened on Monday in the rain.</p>" * 5
    + "</article></body></html>"
).encode()


def test_article_and_error_come_back() -> None:
    call = partial(
        extract_article,
        url="https://example.org/a",
        content_type="text/html",
        hints=ArticleHints("Bridge"),
    )
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(call, PAGE).result().text.startswith("The long awaited bridge")
        with pytest.raises(NoArticle, match="HTML") as caught:
            pool.submit(call, b"").result()
    assert caught.value.message
