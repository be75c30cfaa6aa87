"""The host of a URL, as every part of the program reads it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aggregator
from aggregator.urls import host_of

PACKAGE = Path(aggregator.__file__).parent


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.example:8443/x", "a.example"),
        ("https://a.example./x", "a.example"),
        ("https://user:pass@a.example/", "a.example"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("http://b\u00fccher.example/", "b\u00fccher.example"),
        ("mailto:me@a.example", ""),
        ("http://[broken", ""),
        ("http://a.example\u2100/", ""),  # looks like a slash after normalisation: refused
        ("", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


@given(
    st.one_of(
        st.text(),
        st.text().map("http://{}".format),
        st.text("[]@:/.%a1\ud800\u2100").map("http://{}".format),
    )
)
def test_any_text_has_a_host_or_none(url: str) -> None:
    host = host_of(url)
    assert host == host.lower()
    assert not host.endswith(".")


def test_there_is_one_function_for_it() -> None:
    named = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "def host_of" in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name == "host_of"
    ]
    assert named == ["urls/host.py"]
