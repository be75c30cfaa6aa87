"""No secret leaves: canaries in every place of the configuration, in none of the bytes that left.

One run of the real program (:mod:`tests.support.canary_run`) is shared by the tests below. What a new setting, command or page has to add is in three tables:
``PLACES``, ``COMMANDS`` and ``PAGES``.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import click
import pytest
from pydantic import BaseModel, SecretStr

from aggregator.cli.main import cli
from aggregator.config.faults import SECRET_SETTINGS
from aggregator.config.settings import Settings
from aggregator.web.app import create_app
from aggregator.web.metrics_page import Scrape
from tests.support.canaries import Canaries
from tests.support.canary_config import PLACES
from tests.support.canary_run import Run, drive
from tests.support.canary_tables import COMMANDS, DOORS, PAGES
from tests.support.commands import RUN_FOLDER
from tests.support.patience import TEST_LIMIT_S
from tests.support.postgres import Address

pytestmark = pytest.mark.timeout(2 * TEST_LIMIT_S)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, postgres_server: Address) -> Run:
    """The run: made by the first process that asks, read by the others."""
    kept = Path(os.environ[RUN_FOLDER]) / "canary.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = asyncio.run(drive(tmp_path_factory.mktemp("canary"), postgres_server))
            kept.write_bytes(pickle.dumps(made))
    found: Run = pickle.loads(kept.read_bytes())
    return found


@pytest.mark.parametrize("door", DOORS)
def test_no_canary_left(run: Run, door: str) -> None:
    looked_at = any(left.door.startswith(door) for left in run.left)
    assert looked_at or door == "temporary files"  # of which there should be none
    leaks = run.leaks(door)
    assert not leaks, f"{len(leaks)} leaks:\n" + "\n".join(leaks)[:20_000]


def test_nothing_left_by_a_door_that_is_not_looked_at(run: Run) -> None:
    assert {left.door for left in run.left if not left.door.startswith(DOORS)} == set()


def test_the_run_went_through_what_it_was_to_go_through(run: Run) -> None:
    assert run.amiss == []
    told = set(run.canaries.labels.values())
    assert PLACES.keys() <= told, "a place without a canary"
    at_home = run.titles["at home /feeds/{output token}/mine.atom"]
    assert len(at_home) > 30  # two entries of each feed that answers, and of the hub's delivery
    assert any(title.startswith("Pushed ") for title in at_home)
    assert run.statuses["log, json"] == run.statuses["log, text"] == 0
    wrong = {door: status for door, status in run.statuses.items() if status not in (0, 1, 2)}
    assert wrong == {}
    faulty = {door: status for door, status in run.statuses.items() if door.startswith("faulty")}
    assert set(faulty.values()) == {2}, faulty
    log = next(left.data for left in run.left if left.door == "log, json")
    for event in (b"unexpected failure", b"request failed", b"Exception in callback"):
        assert event in log, "a fault was not met"


def test_private_feeds_are_held_back_from_everybody(run: Run) -> None:
    shown = {page: titles for page, titles in run.titles.items() if page.startswith("in public")}
    for page, titles in shown.items():
        path, _, query = page.partition("?")
        if (
            path.endswith(("all.atom", "all.rss", "all.json", "/read/all"))
            and query != "after=nonsense"
        ) or page.startswith("in public /search?q="):
            assert titles
            assert titles <= run.for_everybody, page
        elif "/morning" in path:  # made at home, before
            assert titles <= run.for_everybody, page
        elif "token" not in page:
            assert not titles, page
    assert run.titles["at home /feeds/morning.atom"] - run.for_everybody
    assert run.titles["at home /feeds/{output token by file}/brief.atom"]


def test_ids_outlive_a_replaced_token(run: Run) -> None:
    assert run.titles["before rotation"]
    assert run.titles["before rotation"] <= run.titles["after rotation"]


def test_what_is_private_is_for_its_owner_alone(run: Run) -> None:
    private = ("private files", "database", "public files, at home")
    files = {name: mode for name, mode in run.modes.items() if name.startswith(private)}
    open_ones = {name: oct(mode) for name, mode in files.items() if mode & 0o077 and "." in name}
    assert len(files) > 6
    assert open_ones == {}


# ── nothing new stays out of the tables ──────────────────────────────────────────────────────


def test_every_setting_that_holds_a_secret_is_a_place() -> None:
    found = set(_secret_settings(Settings, "")) | {
        ".".join(map(str, path)) for path in SECRET_SETTINGS
    }
    assert found - set(PLACES.values()) == set()


def _secret_settings(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        for kind in _kinds(field.annotation):
            if kind is SecretStr:
                yield prefix + name
            elif isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _secret_settings(kind, f"{prefix}{name}.")


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)


def test_every_command_is_called_with_all_its_ways_to_speak() -> None:
    commands = dict(_commands(cli, ""))
    assert commands.keys() == COMMANDS.keys()
    for name, command in commands.items():
        options = {option for one in command.params for option in one.opts}
        lines = COMMANDS[name]
        if lines and "--json" in options:
            assert any("--json" in line.split() for line in lines), name


def _commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def test_every_page_is_asked_for() -> None:
    anything: Any = object()  # no page is asked for here
    app = create_app(
        anything,
        anything,
        listener=anything,
        hub=anything,
        searcher=anything,
        stories=anything,
        reporter=anything,
        readiness=anything,
        scrape=Scrape(bytes, ""),
    )
    assert {resource.canonical for resource in app.router.resources()} == PAGES.keys()


@pytest.mark.parametrize(
    "leak",
    [
        "{}",
        "http://u:{}@h/",
        "%7B{}",
        "a%2520{}",
    ],
)
def test_a_canary_is_found_as_it_is(leak: str) -> None:
    canaries = Canaries()
    secret = canaries.make("here")
    canaries.make("elsewhere")
    assert canaries.found(leak.format(secret).encode()).keys() == {"here"}


def test_a_canary_is_found_in_every_disguise() -> None:
    canaries = Canaries()
    secret = canaries.make("here")
    escaped = "".join(f"%{ord(one):02x}" for one in secret)
    disguises = [
        secret.upper(), secret[:9], secret[10:], secret.encode().hex(), escaped, quote(escaped),
        "".join(f"&#{ord(one)};" for one in secret),
        "".join(f"\\u{ord(one):04x}" for one in secret),
        *(base64.b64encode((pad + secret).encode()).decode() for pad in ("", "u", "u:", "us:")),
    ]  # fmt: skip
    for disguise in disguises:
        found = canaries.found(f'"before {disguise} after"'.encode())
        assert found.keys() == {"here"}, disguise
    assert canaries.found(b"nothing zq7 of the kind", ()) == {}
    assert canaries.found(secret.encode(), {"here"}) == {}
