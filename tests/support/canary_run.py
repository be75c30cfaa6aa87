"""One run of everything with canaries in the configuration, and all the bytes that left it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import re
import shutil
import signal
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp
import brotli
import zstandard

from tests.support.canaries import Canaries
from tests.support.canary_config import PLACES, ROADS, Setup, config_text, configured, opml_text
from tests.support.canary_faults import DATABASE, FAULTY, VARIABLES, databases
from tests.support.canary_origin import STRANGER, Asked, Origin, running_internet
from tests.support.canary_tables import COMMANDS, PAGES
from tests.support.commands import Command, command
from tests.support.faults import CRASHING_HOST
from tests.support.hub import Hub, running_hub
from tests.support.patience import PATIENCE_S, patience
from tests.support.postgres import Address, role
from tests.support.proxy import Proxy
from tests.support.running import free_port

AT_ONCE = 3  # commands that run side by side
PUBLIC = "https://feeds.example.org"
_NOT_RELOADED = b"configuration not reloaded"

_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".br": brotli.decompress,
    ".zst": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


def plain(path: Path) -> bytes:
    """The bytes of a file as readers of it see them."""
    decode = _DECODERS.get(path.suffix, bytes)
    return decode(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Left:
    """Bytes that left the process: through which door, and whose secrets may be in them."""

    door: str
    data: bytes
    allowed: Collection[str] = ()


@dataclass(slots=True)
class Run:
    """Everything that the run saw; can be pickled."""

    canaries: Canaries
    for_everybody: set[str] = field(default_factory=set)  # titles of what is not held back
    left: list[Left] = field(default_factory=list)
    titles: dict[str, set[str]] = field(default_factory=dict)  # page → titles of entries there
    statuses: dict[str, int] = field(default_factory=dict)  # command → exit status
    modes: dict[str, int] = field(default_factory=dict)  # file that was written → its mode
    amiss: list[str] = field(default_factory=list)  # what did not come about in the run itself

    def leaks(self, door: str = "") -> list[str]:
        """One line for each canary found where it must not be, at doors that begin so."""
        return [
            f"{left.door}: {label}: …{around}…"
            for left in self.left
            if left.door.startswith(door)
            for label, around in self.canaries.found(left.data, left.allowed).items()
        ]


async def drive(folder: Path, postgres: Address) -> Run:
    """The run; takes its time from what it waits for."""
    home = folder / "home"
    home.mkdir(parents=True)
    (folder / "tmp").mkdir()
    async with running_internet() as internet, running_hub() as hub, Proxy() as proxy:
        setup = Setup(Canaries(), internet, home)
        configured(setup, hub=hub.url, proxy=f"127.0.0.1:{proxy.port}")
        run = Run(setup.canaries)
        more = {**setup.environment, "TMPDIR": str(folder / "tmp")}
        more[CRASHING_HOST] = next(iter(h for h, names in setup.at.items() if "crashing" in names))
        driving = _Drive(run, setup, more, hub, postgres)
        await driving.all()
        run.left += [
            Left(f"asked of {one.host}", one.data, _may_know(setup, one, driving.revoked))
            for one in internet.asked
        ]
        run.left += [Left("asked of the proxy", head, {"proxy"}) for head in proxy.requests]
        run.left += [Left("asked of the hub", repr(form).encode()) for form in hub.requests]
        run.left += _files(folder / "tmp", "temporary files")
        return run


def _may_know(setup: Setup, asked: Asked, revoked: Collection[str]) -> set[str]:
    known = setup.at.get(asked.host, set())
    # Who is told of stories may read what any reader may.
    return known | set(revoked) if known & ROADS else known


def _files(folder: Path, door: str, allowed: Collection[str] = ()) -> list[Left]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [Left(f"{door} {path.relative_to(folder)}", plain(path), allowed) for path in files]


class _Drive:
    """The steps, in order."""

    def __init__(
        self, run: Run, setup: Setup, variables: Mapping[str, str], hub: Hub, postgres: Address
    ) -> None:
        self.run, self.setup, self.variables, self.hub = run, setup, variables, hub
        self.home, self.postgres = setup.folder, postgres
        self.port = free_port()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._numbers = itertools.count()
        self.revoked: set[str] = set()  # a token that was replaced is a secret no more

    async def all(self) -> None:
        """Everything."""
        self._write(f"http://127.0.0.1:{self.port}", log="json", push=True)
        (self.home / "feeds.opml").write_text(opml_text(self.setup))
        await self._calls("config check", "feeds list", "status")
        told = [self._origin(label).host for label in ("feed with id", "proxy")]
        self.run.for_everybody = _entries(told)
        await self._with_daemon()
        await self._calls(
            "status", "doctor", "explain", "split", "merge", "preview", "discover", "feeds list",
            "feeds export", "feeds poll", "reload", "migrate", "db copy", "backup", "restore",
            "health", "outputs list", "outputs stats", "outputs test", "deliver list", "deliver retry",
        )  # fmt: skip
        await self._call("once --all", fault="start_breaks")
        await self._editing()
        await self._faulty()
        await self._databases()
        await self._elsewhere()

    # how

    def _left(self, door: str, data: bytes, allowed: Collection[str] = ()) -> None:
        self.run.left.append(Left(door, data, {*allowed, *self.revoked}))

    def _files(self, folder: str, door: str, allowed: Collection[str] = ()) -> None:
        for file in _files(self.home / folder, door, {*allowed, *self.revoked}):
            self.run.left.append(file)
        for path in (self.home / folder).rglob("*"):
            self.run.modes[f"{door} {path.relative_to(self.home)}"] = path.stat().st_mode & 0o777

    def _write(self, base_url: str, *, log: str, push: bool) -> None:
        text = config_text(self.setup, self.port, base_url=base_url, log=log, push=push)
        (self.home / "aggregator.toml").write_text(text)

    def _words(self, text: str) -> str:
        """``text`` with a canary's address for each ``{NAME}``."""
        return re.sub(r"\{([^{}]+)\}", lambda match: self._word(match[1]), text)

    def _word(self, name: str) -> str:
        port = self.setup.internet.port
        at = f"127.0.10.1:{port}"
        urls = self.setup.urls
        if name not in urls:
            make, label = self.setup.canaries.make, "command line"
            unsubscribed = self.setup.host(label)
            made = {
                "article": lambda: f"http://{STRANGER}:{port}/story/127.0.10.1",
                "topic": lambda: f"http://{at}/feed?token={make(label)}",
                "unknown": lambda: (
                    f"http://{make(label)}:{make(label)}@{at}/feed?token={make(label)}"
                ),
                "absent": lambda: f"http://{at}/feed?token={make(label)}",
                "malformed": lambda: make(
                    label, "http://user:{}/{}?{}#{}@" + at + "/feed?token={}"
                ),
                "unsubscribed": lambda: make(
                    label,
                    "http://{}:{}@" + f"{unsubscribed}:{port}" + "/feed?token={}",
                ),
            }
            urls[name] = self.setup.tokens[name] if name in self.setup.tokens else made[name]()
        return urls[name]

    async def _call(
        self,
        line: str,
        *,
        folder: Path | None = None,
        fault: str = "",
        more: Mapping[str, str] | None = None,
        name: str = "",
    ) -> None:
        """Run one command line to its end; what it said has left."""
        arguments = [self._words(word) for word in _split(line)]
        async with (
            self._slots,
            patience(),
            self._started(arguments, folder=folder, fault=fault, more=more) as one,
        ):
            status = await one.wait()
        door = f"{name or 'command'} {line}{' with a fault' if fault else ''}"
        self.run.statuses[door] = status
        self._left(door, one.said())

    def _started(
        self,
        arguments: Sequence[str],
        *,
        folder: Path | None = None,
        fault: str = "",
        more: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[Command]:
        said = self.home.parent / f"said-{next(self._numbers)}"
        return command(
            arguments,
            folder=folder or self.home,
            out=said.with_suffix(".out"),
            err=said.with_suffix(".err"),
            more={**self.variables, **(more or {})},
            fault=fault,
        )

    async def _calls(self, *names: str) -> None:
        lines = [line for name in names for line in COMMANDS[name]]
        async with asyncio.TaskGroup() as group:
            for line in lines:
                group.create_task(self._call(line))

    async def _pages(self, when: str) -> None:
        async with aiohttp.ClientSession() as session:
            for path in (path for paths in PAGES.values() for path in paths):
                tokens = {name for name in self.setup.tokens if f"{{{name}}}" in path}
                url = f"http://127.0.0.1:{self.port}{self._words(path)}"
                async with session.get(url, allow_redirects=False) as answer:
                    body = await answer.read()
                head = repr(answer.raw_headers).encode() + (answer.reason or "").encode()
                right = tokens if answer.status == 200 else set()
                self._left(f"page {when} {path}", head + b"\r\n" + body, right)
                self.run.titles[f"{when} {path}"] = _titles(body)

    async def _malformed(self) -> None:
        """Requests that are none, with a token in them: what is answered is for who asked."""
        token = self.setup.tokens["output token"]
        path = f"/feeds/{token}/mine.atom"
        for line in (f"GET {path} HTTP/9.9", f"G\0T {path} HTTP/1.1", f"GET {path}", path * 400):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(f"{line}\r\nHost: x\r\nX-Of: {token}\r\n\r\n".encode())
            writer.write_eof()
            self._left("page, malformed", await reader.read(), {"output token"})
            writer.close()
            await writer.wait_closed()

    # what

    async def _with_daemon(self) -> None:
        async with self._started(["run"], fault="daemon_breaks") as daemon:
            await self._until(self._all_served, daemon)
            await self._until(self._subscribed, daemon)
            await self._pushed(daemon)
            answering = [one for one in self._origins() if one.answer is None]
            wanted = _entries(one.host for one in answering)
            wanted.add(f"Pushed {self._origin('pushed').host}")
            await self._shown(daemon, "/feeds/{output token}/mine.atom", wanted.issubset)
            await self._editions(daemon)
            await self._pages("at home")
            await self._malformed()
            self._command_lines(daemon.pid)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._call("once --all", name="beside the daemon"))
                in_use = {"AGGREGATOR_DATABASE__URL": "sqlite:///data/other.db"}
                group.create_task(self._call("run", more=in_use, name="port in use"))
                for line in (*COMMANDS["status"], *COMMANDS["feeds poll"], *COMMANDS["reload"]):
                    group.create_task(self._call(line, name="beside the daemon"))
            await self._rotated(daemon)
            await self._reload_faulty(daemon)
            await self._pages("rotated")
            await self._stopped(daemon, "log, json")
        self._files("public", "public files, at home")
        self._files("private-files", "private files", {"output token", "output token, second"})
        # Read by others than the operator: what is private is held back.
        self._write(PUBLIC, log="text", push=False)
        async with self._started(["run"], fault="daemon_breaks") as daemon:
            await self._shown(daemon, "/feeds/all.atom", bool)
            await self._pages("in public")
            await self._stopped(daemon, "log, text")
            self._files("public", "public files, in public")
        for line in COMMANDS["once"]:
            await self._call(line)
        for path in (self.home / "data").iterdir():
            self.run.modes[f"database {path.name}"] = path.stat().st_mode & 0o777

    async def _editions(self, daemon: Command) -> None:
        """Have editions made at once, which are due at midnight."""
        with contextlib.closing(sqlite3.connect(self.home / "data" / "aggregator.db")) as database:
            database.execute("PRAGMA busy_timeout = 30000")
            with database:
                database.execute(
                    "UPDATE edition_cuts SET due_at = "
                    "strftime('%Y-%m-%d %H:%M:%S.000000', due_at, '-1 day')"
                )
        for line in COMMANDS["reload"]:
            await self._call(line, name="beside the daemon, for editions")
        for path in ("/feeds/morning.atom", "/feeds/{output token by file}/brief.atom"):
            await self._shown(daemon, path, bool)

    async def _stopped(self, daemon: Command, door: str) -> None:
        daemon.send_signal(signal.SIGTERM)
        async with patience():
            self.run.statuses[door] = await daemon.wait()
        self._left(door, daemon.said())

    def _all_served(self) -> bool:
        return all(origin.served for origin in self._origins())

    def _origins(self) -> list[Origin]:
        """The hosts that the daemon gets an answer of."""
        crashing = self._origin("crashing")
        return [one for one in self.setup.internet.origins.values() if one is not crashing]

    def _subscribed(self) -> bool:
        return any(topic.endswith("/topic") for topic, _ in self.hub.secrets)

    def _origin(self, label: str) -> Origin:
        """The host of the feed ``label``."""
        hosts = self.setup.at.items()
        return self.setup.internet.origins[next(host for host, names in hosts if label in names)]

    async def _until(self, true: object, daemon: Command) -> None:
        assert callable(true)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not true():
                    await asyncio.sleep(0.05)
                    assert daemon.returncode is None, daemon.said().decode()
        except TimeoutError:
            missing = [o.host for o in self.setup.internet.origins.values() if not o.served]
            said = daemon.said().decode()[-5000:]
            raise AssertionError(f"not so in time; not asked: {missing}\n{said}") from None

    async def _shown(self, daemon: Command, path: str, enough: Callable[[set[str]], bool]) -> None:
        """Wait until the titles of what the daemon shows at ``path`` are ``enough``."""
        url, shown = f"http://127.0.0.1:{self.port}{self._words(path)}", set[str]()
        try:
            async with patience(), aiohttp.ClientSession() as session:
                while not enough(shown):
                    assert daemon.returncode is None, daemon.said().decode()
                    with contextlib.suppress(aiohttp.ClientError):  # it starts
                        async with session.get(url) as answer:
                            shown = _titles(await answer.read())
                    await asyncio.sleep(0.05)
        except TimeoutError:
            said = daemon.said().decode()[-5000:]
            raise AssertionError(f"not so in time: {path} shows {shown}\n{said}") from None

    async def _pushed(self, daemon: Command) -> None:
        """The hub delivers a document that tells the secrets."""
        origin = self._origin("pushed")
        body = (
            self.setup.internet.feed_of(origin, "/feed?token=" + origin.told[0])
            .replace(b"<title>Own ", b"<title>Pushed ")
            .replace(b"/article/1", b"/article/2")
            .replace(b"#1</guid>", b"#pushed</guid>")
        )
        topic = next(topic for topic, _ in self.hub.secrets if topic.endswith("/topic"))
        assert await self.hub.deliver(topic, body) == [202]
        assert await self.hub.deliver(topic, body, secret="wrong") == [202]
        assert await self.hub.deliver(topic, b"no feed " + body[-200:]) == [202]

    def _command_lines(self, pid: int) -> None:
        for path in Path("/proc").glob("[0-9]*"):
            try:
                group = int((path / "stat").read_text().rpartition(")")[2].split()[2])
                if group == pid:
                    self._left("command line of a process", (path / "cmdline").read_bytes())
            except OSError:
                continue

    async def _rotated(self, daemon: Command) -> None:
        """Another token is written, and the daemon told so."""
        self.run.titles["before rotation"] = await self._ids()
        part = self.setup.canaries.make("rotated")
        origin = self._origin("part by file")
        self.setup.at[origin.host].add("rotated")
        origin.told = (part,)
        origin.knows = lambda request: part in request.raw_path
        origin.served = 0
        (self.home / "canary-part").write_text(part)
        self.revoked.add("part by file")
        self.setup.urls["part by file"] = (
            f"http://{origin.host}:{self.setup.internet.port}/of/{part}/feed"
        )
        daemon.send_signal(signal.SIGHUP)
        try:
            await self._until(lambda: origin.served > 1, daemon)
        except AssertionError as error:
            self.run.amiss.append(f"the rotated token was not used: {error}")
        self.run.titles["after rotation"] = await self._ids()

    async def _ids(self) -> set[str]:
        path = self._words("/feeds/{output token}/mine.atom")
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            body = await answer.text()
        return set(re.findall(r"<entry>.*?<id>(.*?)</id>", body, re.DOTALL))

    async def _reload_faulty(self, daemon: Command) -> None:
        path = self.home / "aggregator.toml"
        sound = path.read_text()
        for name in ("addresses", "wrong types", "broken TOML"):
            path.write_text(sound + self._made(FAULTY[name]))
            before = daemon.said().count(_NOT_RELOADED)
            daemon.send_signal(signal.SIGHUP)
            await self._until(lambda n=before: daemon.said().count(_NOT_RELOADED) > n, daemon)
        path.write_text(sound)

    def _made(self, faulty: str) -> str:
        return self.setup.canaries.make("faulty", faulty)

    async def _editing(self) -> None:
        """Commands that change files, each in a folder of its own."""
        (self.home / "faulty.opml").write_text(
            self.setup.canaries.make(
                "faulty",
                '<opml version="2.0"><body><outline text="bad" xmlUrl="http://u:{}/{}@h.example/f"/>'
                '<outline text="ok" xmlUrl="http://{}:{}@h.example/f?token={}"/>'
                '<outline text="t" xmlUrl="ftp://u:{}@h.example/" title="http://u:{}@h/"/></body></opml>',
            )
        )
        async with asyncio.TaskGroup() as group:
            names = (
                "init", "feeds add", "feeds remove", "feeds import", "feeds edit", "feeds pause",
                "feeds resume",
            )  # fmt: skip
            for number, line in enumerate(line for name in names for line in COMMANDS[name]):
                folder = self.home.parent / f"editing-{number}"
                folder.mkdir()
                for name in (
                    "aggregator.toml",
                    "feeds.opml",
                    "faulty.opml",
                    "output-token",
                    "canary-part",
                    "canary-url",
                ):
                    shutil.copy(self.home / name, folder)
                group.create_task(self._call(line, folder=folder))

    async def _faulty(self) -> None:
        """``config check`` of every faulty file; ``run`` says the same."""
        sound = (self.home / "aggregator.toml").read_text()
        async with asyncio.TaskGroup() as group:
            for number, (name, text) in enumerate(FAULTY.items()):
                path = self.home / f"faulty-{number}.toml"
                path.write_text(sound + self._made(text))
                for command in ("config check", "run") if number < 2 else ("config check",):
                    line = f"--config {path.name} {command}"
                    group.create_task(self._call(line, name=f"faulty ({name})"))

    async def _databases(self) -> None:
        """A database with a password: one that answers, one that refuses it, one that is down."""
        make = self.setup.canaries.make
        user, password = make("database"), make("database", "{}/{}?{}@{}:{}")
        with role(self.postgres, user, password), self.postgres.fresh_database() as url:
            place = f"127.0.0.1:{self.postgres.port}/{url.rpartition('/')[2]}"
            up = f"postgresql+psycopg://{user}:{quote(password, safe='')}@{place}"
            await self._with_variables("database up", DATABASE, up, "migrate")
            async with asyncio.TaskGroup() as group:
                group.create_task(self._with_variables("database up", DATABASE, up, "once"))
                for name, shape, line in databases(place, free_port()):
                    variable = f"{DATABASE}_FILE" if "by file" in name else DATABASE
                    label = name if name in PLACES else "database"
                    text = make(label, shape.format(user=user, password=password))
                    group.create_task(self._with_variables(name, variable, text, line))

    async def _with_variables(self, name: str, variable: str, text: str, line: str) -> None:
        if variable.endswith("_FILE"):
            file = self.home / f"value-{len(list(self.home.iterdir()))}"
            file.write_text(text)
            text = str(file)
        door = name if name.startswith("database") else f"variables ({name})"
        await self._call(line, more={variable: text}, name=door)

    async def _elsewhere(self) -> None:
        """Settings from variables, right and wrong."""
        make = self.setup.canaries.make
        async with asyncio.TaskGroup() as group:
            for name, (variable, shape, line) in VARIABLES.items():
                text = make("feeds by env", shape)
                group.create_task(self._with_variables(name, variable, text, line))


def _split(line: str) -> Sequence[str]:
    """The words of a command line; what stands in braces is one of them."""
    return re.findall(r"\{[^{}]*\}|\S+", line)


def _entries(hosts: Iterable[str]) -> set[str]:
    """The titles of the entries in the feeds of ``hosts``."""
    return {f"{kind} {host}" for host in hosts for kind in ("Own", "Elsewhere")}


def _titles(body: bytes) -> set[str]:
    return {
        one.decode(errors="replace")
        for one in re.findall(rb"(?:Own|Elsewhere|Pushed) [\d.]+", body)
    }
