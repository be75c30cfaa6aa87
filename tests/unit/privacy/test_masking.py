"""No secret in any text that people read."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.logs import configure_logs
from aggregator.privacy.crashes import mask_crashes
from aggregator.privacy.masking import masked, register_secrets

SECRET = "hunter2-s3cret"


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    yield
    register_secrets(())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.example/feed?x=1", "https://a.example/feed?x=1"),
        ("https://me:SEC/RET@a.example/f", "https://***@a.example/f"),
        ("https://me:S?E#C@R:ET@a.example/f", "https://***@a.example/f"),
        ("https://a.example/@me/1", "https://a.example/@me/1"),
        ("http://127.0.0.1:80/@me", "http://127.0.0.1:80/@me"),
        ("https://me@b.example:S/E@a.example/f", "https://***@a.example/f"),
        ("postgresql://agg:s3cr/et?pw@h/d", "postgresql://***@h/d"),
        ("postgresql+psycopg://h/d?user=u&password=p&x=1", "postgresql+psycopg://h/d?user=u&password=***&x=1"),
        ("https://a.example/f?token=abc: HTTP 404", "https://a.example/f?token=***: HTTP 404"),
        ("at (https://a.example/f?auth=abc).", "at (https://a.example/f?auth=***)."),
        ("to /login?access_token=abc&x=1", "to /login?access_token=***&x=1"),
        ("https://a.example/private/12ab34cd56ef78ab.rss", "https://a.example/private/***"),
        ("such as http://USER:PASSWORD@HOST:PORT or so", "such as http://USER:PASSWORD@HOST:PORT or so"),
        ("see http://x.example and me@b.example", "see http://x.example and me@b.example"),
    ],
)  # fmt: skip
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


def test_a_text_that_is_one_address_may_hold_spaces() -> None:
    assert masked("https://me:a b\nc@a.example/", is_url=True) == "https://***@a.example/"


@pytest.mark.parametrize("text", ["me:SE/C?R@ET@a.example/f", " me:SECRET@a.example"])
def test_an_address_whose_scheme_was_forgotten_is_masked_too(text: str) -> None:
    assert masked(text, is_url=True).startswith("***@a.example")


def test_a_secret_is_masked_in_an_address_inside_another_one() -> None:
    register_secrets({"a/b c&d?e"})
    inner = quote("https://h.example/?q=" + quote("a/b c&d?e", safe=""), safe="")
    assert masked(f"https://a.example/login?next={inner}").endswith("q%3D***")


def test_known_secrets_are_masked_wherever_they_stand() -> None:
    register_secrets({"a/b c&d?e", "short"})
    for form in (
        "a/b c&d?e",
        "a%2Fb%20c%26d%3Fe",
        "a/b%20c%26d%3Fe",
        "a%2fb+c%26d%3fe",
        "a/b c&amp;d?e",
    ):
        assert masked(f"said {form}!") == "said ***!"
    assert masked("in short") == "in short"


_NOT_IN_A_NAME = str.maketrans("", "", "/?#:")
ANY = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=6).filter(
    lambda text: text.strip("*")
)  # fmt: skip


@given(
    user=ANY,
    password=ANY,
    token=ANY,
    host=st.sampled_from(["h.example", "h.example:8080", "[::1]:1"]),
)
def test_no_address_holds_a_secret_after_masking(
    user: str, password: str, token: str, host: str
) -> None:
    marked = [f"U5{user.translate(_NOT_IN_A_NAME)}", f"P7{password}", f"T9{token}"]
    url = f"https://{marked[0]}:{marked[1]}@{host}/f?a=1&token={quote(marked[2], safe='')}&b=2"
    for shown in (masked(url, is_url=True), masked(f"at {url} today")):
        assert not any(mark in shown for mark in (*marked, quote(marked[2], safe="")))
    register_secrets(marked)
    assert not any(mark in masked(" ".join(marked)) for mark in marked)


def logged(style: str) -> str:
    out = io.StringIO()
    configure_logs("debug", style, out)
    log = structlog.get_logger()
    log.info(
        "got", url=f"https://u:{SECRET}@a.example", many=[{"x": SECRET}], other=ValueError(SECRET)
    )
    try:
        int(f"cannot read {SECRET}")
    except ValueError:
        log.exception("unexpected")
        logging.getLogger("asyncio").exception("Task exception was never retrieved: %s", SECRET)
    return out.getvalue()


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_log_and_its_tracebacks_hold_none(style: str) -> None:
    register_secrets({SECRET})
    said = logged(style)
    assert SECRET not in said
    assert "'cannot read ***'" in said
    assert "never retrieved: ***" in said
    if style == "json":
        assert json.loads(said.splitlines()[0])["many"] == [{"x": "***"}]


def test_crashes_hold_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    register_secrets({SECRET})
    mask_crashes()
    try:
        int(f"lost {SECRET} at https://me:other@a.example/")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
        threading.excepthook(threading.ExceptHookArgs((type(error), error, None, None)))
    said = capsys.readouterr().err
    assert said.count("lost *** at https://***@a.example/") == 2
    assert "test_masking.py" in said


def test_errors_of_fetching_hold_none() -> None:
    error = FetchError(
        "https://me:a/b@h.example/?sig=abc", "redirected to https://x.example/?code=1&token=abcd"
    )
    assert (
        str(error)
        == "https://***@h.example/?sig=***: redirected to https://x.example/?code=1&token=***"
    )
