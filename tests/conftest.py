"""What every test gets: databases of its own, no network but loopback, a clean environment."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.support import commands, migrated
from tests.support.commands import RUN_FOLDER
from tests.support.patience import TEST_LIMIT_S
from tests.support.postgres import Address, Copies, shared_server, wait_until_stopped
from tests.support.storage import Stored, stored_at
from tests.support.wheel import built_wheel

# One profile for all property tests: a busy machine is no failure, so nothing is timed. CI tries
# each property on more examples.
settings.register_profile(
    "tests",
    max_examples=int(os.environ.get("TESTS_EXAMPLES") or 25),
    deadline=None,
    # A change fails for its own faults: where nobody tries again, each run tries the same examples.
    derandomize=bool(os.environ.get("TESTS_SAME_EXAMPLES")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)  # before pytest-timeout reads its option
def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the processes of this run share, which inherit its name; limit each test."""
    if config.option.timeout is None:
        config.option.timeout = TEST_LIMIT_S
    if not _is_worker(config):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="aggregator-tests-")


@pytest.hookimpl(tryfirst=True)  # before other plugins can end the clean-up with an error
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind: no process, no folder."""
    commands.leave()
    if not _is_worker(config) and RUN_FOLDER in os.environ:
        run = Path(os.environ.pop(RUN_FOLDER))
        commands.wait_until_left(run)
        wait_until_stopped(run)
        shutil.rmtree(run, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector from what collecting makes: all of it stays until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


# ── databases ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Address]:
    """A PostgreSQL 18 server, shared by all tests of the run."""
    with shared_server(Path(os.environ[RUN_FOLDER])) as address:
        yield address


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Address) -> str:
    """The name of the migrated database that those of the tests are made from."""
    return migrated.postgres_template(postgres_server)


@pytest.fixture
def empty_postgres_url(postgres_server: Address) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own (``postgresql+psycopg://…``)."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: Address, postgres_template: str) -> Iterator[Copies]:
    """Migrated PostgreSQL databases without rows."""
    with closing(Copies(postgres_server, postgres_template)) as copies:
        yield copies


@pytest.fixture
def postgres_url(postgres_copies: Copies) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of the test's own, without rows."""
    with postgres_copies.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a migrated SQLite database of the test's own, without rows."""
    path = tmp_path / "aggregator.db"
    migrated.copy_sqlite(path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of the test's own: the test runs on SQLite and PostgreSQL."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("empty_postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'aggregator.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database of the test's own: the test runs on SQLite and PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def stored(database_url: str) -> Iterator[Stored]:
    """A store on such a database, and a clock to move."""
    with stored_at(database_url) as one:
        yield one


# ── the wheel ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def wheel_file() -> Path:
    """The wheel of this checkout, shared by all tests of the run."""
    return built_wheel(Path(os.environ[RUN_FOLDER]))


# ── isolation ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in [name for name in os.environ if name.upper().startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Undo what a command that a test called set for the log: it would hold for all later tests."""
    yield
    structlog.reset_defaults()


def _is_loopback(address: object) -> bool:
    host = address[0] if isinstance(address, tuple) else address
    if host == "localhost":
        return True
    try:
        parsed = ip_address(str(host).partition("%")[0])
    except ValueError:
        return False  # a name: connecting would ask a resolver
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped.is_loopback
    return parsed.is_loopback


@pytest.fixture(scope="session")
def foreign_connections() -> Iterator[list[object]]:
    """Refuse, and note, every connection of this process to an address that is not loopback."""
    noted: list[object] = []

    def guarded(name: str) -> Any:
        original = getattr(socket.socket, name)

        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address):
                noted.append(address)
                raise OSError(errno.ENETUNREACH, f"tests may not connect to {address!r}")
            return original(self, address)

        return connect

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(name))
        yield noted


@pytest.fixture(autouse=True)
def loopback_only(foreign_connections: list[object]) -> Iterator[None]:
    """Fail a test that tried to leave this machine, even where the code under test hid the error."""
    foreign_connections.clear()
    yield
    assert not foreign_connections, f"connected to {foreign_connections}: tests stay on loopback"
