"""Our own address as the configuration knows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.load import load
from aggregator.config.own_address import (
    external_hubs,
    has_pages,
    hub_address,
    hubs,
    id_base,
    is_known,
    listening_on,
    own_base,
)
from aggregator.config.settings import Settings
from aggregator.websub.protocol import callback_base


@pytest.mark.parametrize(
    ("given", "base", "known"),
    [
        ({}, "http://127.0.0.1:8080", True),
        ({"server": {"port": 9000}}, "http://127.0.0.1:9000", True),
        ({"server": {"host": "::1"}}, "http://[::1]:8080", True),
        ({"server": {"host": "192.168.1.5"}}, "http://192.168.1.5:8080", True),
        ({"server": {"host": "nas.lan"}}, "http://nas.lan:8080", True),
        ({"server": {"host": "0.0.0.0", "port": 81}}, "http://127.0.0.1:81", False),
        ({"server": {"host": "::"}}, "http://127.0.0.1:8080", False),
        ({"server": {"port": 0}}, "http://127.0.0.1:8080", False),
        ({"server": {"enabled": False}}, "http://127.0.0.1:8080", False),
        ({"server": {"enabled": False}, "publish": {"directory": ""}}, "http://127.0.0.1:8080", True),
        ({"server": {"host": "0.0.0.0"}, "base_url": "https://a.example/r/"}, "https://a.example/r", True),
    ],
)  # fmt: skip
def test_where_we_are_and_whether_that_is_known(
    given: dict[str, Any], base: str, *, known: bool
) -> None:
    settings = Settings.model_validate(given)
    assert (own_base(settings), is_known(settings)) == (base, known)


def test_the_port_that_is_listened_on_is_part_of_an_address_that_can_be_opened() -> None:
    settings = Settings.model_validate({"server": {"host": "::", "port": 0}})
    assert own_base(settings, 81) == "http://127.0.0.1:81"
    assert listening_on(settings, 81) == "[::]:81"
    named = Settings.model_validate({"base_url": "https://a.example/r"})
    assert own_base(named, 81) == "https://a.example/r"
    assert listening_on(named, 81) == "127.0.0.1:81"


def test_there_are_pages_where_a_server_stands_at_a_known_address() -> None:
    here = {"server": {"host": "127.0.0.1"}}
    assert has_pages(Settings.model_validate(here))
    assert not has_pages(Settings.model_validate({"server": {"host": "0.0.0.0"}}))
    assert has_pages(
        Settings.model_validate({"base_url": "https://a.example", "server": {"host": "0.0.0.0"}})
    )
    assert not has_pages(Settings.model_validate({"server": {"enabled": False}}))


def test_ids_do_not_follow_host_and_port() -> None:
    moved = Settings.model_validate({"server": {"host": "0.0.0.0", "port": 9000}})
    assert id_base(moved) == id_base(Settings()) == "http://127.0.0.1:8080"
    assert id_base(Settings(base_url="https://a.example")) == "https://a.example"


def test_what_is_unknown_is_said_with_the_line_to_add(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[server]\nhost = "0.0.0.0"\n[[feeds]]\nurl = "https://a/"\n')
    (said,) = load(path, {}).warnings
    assert 'base_url = "http://HOST:PORT"' in said
    path.write_text(f'base_url = "http://a.example"\n{path.read_text()}')
    assert load(path, {}).warnings == ()


def test_a_derived_address_is_what_the_default_was() -> None:
    explicit = Settings(base_url="http://127.0.0.1:8080")
    assert choices.maker(Config(Settings())) == choices.maker(Config(explicit))
    assert callback_base(Settings()) is None
    public = Settings.model_validate({"server": {"host": "8.8.8.8"}})
    assert callback_base(public) is None  # `auto` asks for a word of the operator


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, None),
        ({"base_url": "https://feeds.example.org/r"}, "https://feeds.example.org/r/hub"),
        ({"base_url": "http://nas.local"}, None),
        ({"base_url": "http://10.0.0.5"}, None),
        ({"base_url": "http://nas.local", "hub": {"enabled": True}}, "http://nas.local/hub"),
        ({"hub": {"enabled": "true"}}, "http://127.0.0.1:8080/hub"),
        ({"base_url": "https://feeds.example.org", "hub": {"enabled": False}}, None),
        ({"base_url": "https://feeds.example.org", "server": {"enabled": False}}, None),
    ],
)
def test_the_hub_is_on_where_subscribers_can_reach_it(
    given: dict[str, Any], address: str | None
) -> None:
    assert hub_address(Settings.model_validate(given)) == address


def test_other_hubs_are_named_once_our_address_is_known() -> None:
    other = "https://hub.example.com/"
    settings = Settings.model_validate({"hub": {"external": [other, other]}})
    assert external_hubs(settings) == hubs(settings) == ()
    known = settings.model_copy(update={"base_url": "https://feeds.example.org"})
    assert hubs(known) == ("https://feeds.example.org/hub", other)


@pytest.mark.parametrize(
    "hub", ["ftp://hub.example", "https://u:p@hub.example/", "hub", "https://h.example/#a"]
)
def test_what_is_no_hub_is_refused(hub: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"hub": {"external": [hub]}})
