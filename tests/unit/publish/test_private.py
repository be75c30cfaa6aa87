"""Outputs with tokens: one rendering, a self link for each token, no token elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from aggregator.model import OutputFeed, Rendered
from aggregator.publish.formats import FORMATS
from aggregator.publish.private import pack_for_all, page_link, self_links, without_token
from aggregator.publish.render import digest, render

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
ONE, TWO = "one-" + "a" * 30, "two-" + "b" * 30
BASE = "https://me.example"


def _output(*tokens: str, folder: str = "") -> OutputFeed:
    links = self_links(BASE, "mine", FORMATS, private=bool(tokens))
    return OutputFeed(
        "mine", "Mine", "", BASE, (), NOW, links=links, tokens=tokens, folder=folder,
        page=page_link(BASE, "mine", private=bool(tokens)),
    )  # fmt: skip


def _forms(output: OutputFeed, kind: str) -> dict[str, Rendered]:
    packed = pack_for_all(output, kind, render(output, kind), NOW)
    return {one.token: one for one in packed}


@pytest.mark.parametrize("kind", FORMATS)
def test_each_token_has_its_own_self_link_and_tag(kind: str) -> None:
    forms = _forms(_output(ONE, TWO, folder="own"), kind)
    assert set(forms) == {ONE, TWO, ""}
    for token, other in ((ONE, TWO), (TWO, ONE)):
        assert f"{BASE}/feeds/{token}/mine.{kind}".encode() in forms[token].body
        assert f"{BASE}/read/{token}/mine".encode() in forms[token].body
        assert other.encode() not in forms[token].body
    assert len({one.etag for one in forms.values()}) == 3


@pytest.mark.parametrize("kind", FORMATS)
def test_files_hold_no_token_and_an_open_output_is_rendered_as_ever(kind: str) -> None:
    (bare,) = [one for one in _forms(_output(ONE, folder="own"), kind).values() if not one.token]
    open_ = _forms(_output(), kind)[""]
    assert open_.body == render(_output(), kind)
    page = f"{BASE}/read/mine".encode()  # at which only who has a token reads a private output
    assert bare.body == open_.body.replace(page, f"{BASE}/".encode())
    assert set(_forms(_output(ONE), kind)) == {ONE}  # nothing is made for files that are not wanted


def test_what_is_remembered_of_a_rendering_does_not_depend_on_tokens() -> None:
    digests = {
        digest(without_token(render(_output(*t), "atom"))) for t in ((ONE,), (TWO,), (ONE, TWO))
    }
    assert len(digests) == 1


def test_the_feeds_id_is_without_token() -> None:
    ids = {
        ET.fromstring(one.body).findtext("{http://www.w3.org/2005/Atom}id")
        for one in _forms(_output(ONE, TWO, folder="own"), "atom").values()
    }
    assert len(ids) == 1


def test_no_repr_shows_a_token() -> None:
    output = _output(ONE)
    (form,) = pack_for_all(replace(output, folder=""), "json", b"{}", NOW)
    assert ONE not in repr(output)
    assert ONE not in repr(form)
