"""Threads of forums by their number, at any host."""

import pytest

from aggregator.urls.forums import thread


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/t/a-title/12345", "", ("/t/12345", "")),
        ("/t/a-title/12345/1", "u=ana", ("/t/12345", "u=ana")),
        ("/t/a-title/12345/7", "", ("/t/12345/7", "")),
        ("/d/12345-a-title", "", ("/d/12345", "")),
        ("/topic/12345/a-title", "", ("/topic/12345", "")),
        ("/forum/threads/a-title.12345/unread", "", ("/forum/threads/12345", "")),
        ("/showthread.php", "12345-a-title", ("/showthread.php", "t=12345")),
        ("/viewtopic.php", "f=5&t=12345&start=0", ("/viewtopic.php", "t=12345")),
        ("/viewtopic.php", "f=5&t=12345&start=25", ("/viewtopic.php", "t=12345&start=25")),
        ("/viewtopic.php", "f=5&p=77", ("/viewtopic.php", "f=5&p=77")),
        ("/index.php", "q=node/12", ("/node/12", "")),
    ],
)
def test_one_thread(path: str, query: str, shown: tuple[str, str]) -> None:
    assert thread(path, query) == shown


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/t/python/2", ""),  # the second page of a tag
        ("/t/news/2024", ""),
        ("/topic/2024-elections", ""),
        ("/topic/5-reasons", ""),
        ("/d/500-things", ""),
        ("/threads/version-2.10", ""),
        ("/t/a-title/12345/summary", ""),
        ("/search", "q=node/12"),
        ("/showthread.php", "p=12"),
    ],
)
def test_what_only_looks_so(path: str, query: str) -> None:
    assert thread(path, query) is None
