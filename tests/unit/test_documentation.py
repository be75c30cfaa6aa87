"""The documents say what is: commands, options, targets, links, samples, decisions."""

from __future__ import annotations

import ast
import configparser
import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from aggregator import __version__
from aggregator.app.upgrading import UnfinishedUpgrade
from aggregator.cli.exits import EXIT_CONFIG, EXIT_FAILED, EXIT_TOO_OLD
from aggregator.cli.main import cli
from aggregator.config.load import load
from aggregator.model import EngineStats, FeedStatus, HubAudience, HubReport, Status
from bench.__main__ import BENCHES, LONG, OVER_FILES, STORES

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
# Everything that is no part of the project: made, ignored or installed.
_FOREIGN = {ROOT / name for name in ("data", "dist", "build", "secrets")}
_KEPT = {".ci", ".dockerignore", ".gitignore"}
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")

# Which page says why a direct dependency is one.
PAGES = {
    "ada-url": "urls.md",
    "aiohttp": "http-client.md",
    "alembic": "migrations.md",
    "apscheduler": "scheduler.md",
    "brotli": "http-client.md",
    "click": "command-line.md",
    "feedparser": "parser.md",
    "http-sf": "rate-limits.md",
    "jinja2": "templates.md",
    "lxml": "parser.md",
    "nh3": "sanitizer.md",
    "numpy": "extraction.md",
    "pebble": "workers.md",
    "protego": "robots.md",
    "psycopg": "storage.md",
    "publicsuffixlist": "public-suffixes.md",
    "pydantic": "config.md",
    "python-socks": "connections.md",
    "rich": "command-line.md",
    "sqlalchemy": "storage.md",
    "structlog": "logging.md",
    "tomli": "config.md",
    "tomlkit": "config.md",
    "trafilatura": "extraction.md",
    "tzdata": "scheduler.md",
    "webencodings": "charset.md",
    "zstandard": "http-client.md",
}
_SPELT = {"jinja2": "jinja"}


def _read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def _files() -> Iterator[Path]:
    """Every file of the project."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in _KEPT
            if hidden or path in _FOREIGN or path.name == "__pycache__" or path.is_symlink():
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def _documents() -> list[Path]:
    return [path for path in _files() if path.suffix == ".md"]


# ── commands ─────────────────────────────────────────────────────────────────────────────────


def _commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(_commands(cli))


def _sections(text: str) -> dict[str, str]:
    """Second-level heading → what stands below it; the text before the first under ``""``."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def _options(command: click.Command) -> set[str]:
    return {
        name
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
    } - {"--help", "-h"}


def _documented_options(section: str) -> set[str]:
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `-")]
    return {name for row in rows for name in re.findall(r"`(--?[a-z][a-z-]*)", row)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_exactly_its_options(name: str) -> None:
    sections = _sections(_read("docs/commands.md"))
    assert f"aggregator {name}" in sections
    assert _documented_options(sections[f"aggregator {name}"]) == _options(COMMANDS[name])


def test_no_command_is_documented_that_is_not_there() -> None:
    headings = {h for h in _sections(_read("docs/commands.md")) if h.startswith("aggregator ")}
    assert headings == {f"aggregator {name}" for name in COMMANDS}


def test_the_options_of_the_root_are_documented() -> None:
    found = _documented_options(_sections(_read("docs/commands.md"))[""])
    assert found == _options(cli) | {"--help", "-h"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert re.search(rf"`aggregator {name}\b", _read("README.md"))


def test_exit_statuses_are_documented() -> None:
    section = _sections(_read("docs/commands.md"))["Exit status and messages"]
    documented = {int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert {0, EXIT_FAILED, EXIT_CONFIG} <= documented


def test_json_samples_have_exactly_the_fields_that_are_printed() -> None:
    sections = _sections(_read("docs/commands.md"))

    def sample(name: str) -> dict[str, object]:
        block = sections[name].partition("```json\n")[2].partition("```")[0]
        found: dict[str, object] = json.loads(block)
        return found

    def fields(kind: type) -> set[str]:
        return {field.name for field in dataclasses.fields(kind)}

    assert sample("aggregator once").keys() == fields(EngineStats) | {"polled"}
    status = sample("aggregator status")
    assert status.keys() == fields(Status) | {"lists", "hub", "upgrade"}
    assert status["upgrade"].keys() == fields(UnfinishedUpgrade)  # type: ignore[attr-defined]
    hub = status["hub"]
    assert isinstance(hub, dict)
    assert hub.keys() == fields(HubReport)
    assert hub["audiences"][0].keys() == fields(HubAudience)
    assert isinstance(status["feeds"], list)
    assert status["feeds"][0].keys() == fields(FeedStatus)


def test_documented_log_events_are_logged() -> None:
    section = _sections(_read("docs/commands.md"))["Log"]
    events = re.findall(r"`([a-z]+(?: [a-z]+)*)`", section.partition("Others:")[2])
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "aggregator").rglob("*.py"))
    logged = set(re.findall(r'(?:log\.\w+|say|RepeatedErrors)\(\s*"([^"]+)"', source))
    assert len(events) > 5
    assert set(events) - {"article"} <= logged
    assert {"poll", "article"} <= logged


# ── the README and the samples ───────────────────────────────────────────────────────────────


def test_every_make_target_is_in_the_readme() -> None:
    makefile = _read("Makefile")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)
    assert "run" in targets
    readme = _read("README.md")
    assert [target for target in targets if f"`make {target}`" not in readme] == []
    named = set(re.findall(r"`make ([a-z]+)`", readme))
    assert named <= set(targets)


@pytest.mark.parametrize("document", ["README.md", "docs/configuration.md", "docs/recipes.md"])
def test_configuration_samples_are_valid(document: str, tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", _read(document), re.MULTILINE | re.DOTALL)
    samples = [block for block in blocks if "[[outputs]]" in block]
    assert samples
    (tmp_path / "feeds.opml").write_text("<opml version='2.0'><body/></opml>", encoding="utf-8")
    (tmp_path / "secrets").mkdir()
    for name in re.findall(r'file(?: = "|:)(secrets/[^"}]+)', "".join(samples)):
        (tmp_path / name).write_text("0123456789abcdef" * 4, encoding="utf-8")
    for sample in samples:
        path = tmp_path / "aggregator.toml"
        path.write_text(sample, encoding="utf-8")
        config = load(path, {})
        assert config.feeds
        assert config.warnings == ()


def _unit(path: str) -> configparser.SectionProxy:
    """The section Service of the unit in the file ``path``, or in its first block of that kind."""
    text = _read(path)
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read_string(text.partition("```ini\n")[2].partition("```")[0] or text)
    return unit["Service"]


@pytest.mark.parametrize("path", ["README.md", "deploy/aggregator.service"])
def test_the_systemd_unit_fits_the_daemon(path: str) -> None:
    service = _unit(path)
    # Readiness is told, and the loop's life; workers must outlive SIGTERM for the drain.
    assert service["Type"] == "notify"
    assert service["WatchdogSec"]
    assert service["KillMode"] == "mixed"
    assert "-HUP" in service["ExecReload"]
    program, command = service["ExecStart"].split(maxsplit=1)
    assert Path(program).name == "aggregator"
    assert command in COMMANDS
    if "RestartPreventExitStatus" in service:
        assert service["RestartPreventExitStatus"] == f"{EXIT_CONFIG} {EXIT_TOO_OLD}"


def test_the_unit_that_ships_is_the_one_that_is_documented_and_is_hardened() -> None:
    document = _read("docs/deploy.md")
    assert "systemd \\\n  > /etc/systemd/system/aggregator.service" in document
    assert "[Unit]" not in document  # one copy
    service = _unit("deploy/aggregator.service")
    assert service["UMask"] == "0077"
    assert int(service["LimitNOFILE"]) >= 65536
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_the_changelog_names_this_version() -> None:
    assert re.search(rf"^## .*{re.escape(__version__)}", _read("CHANGELOG.md"), re.MULTILINE)


# ── links ────────────────────────────────────────────────────────────────────────────────────


def _anchors(document: Path) -> set[str]:
    """The anchors that headings get where Markdown is shown: lower case, no punctuation, dashes."""
    text = _FENCE.sub("", document.read_text("utf-8"))
    seen: dict[str, int] = {}
    anchors = set()
    for heading in _HEADING.findall(text):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = seen.get(slug, 0)
        seen[slug] = number + 1
        anchors.add(f"{slug}-{number}" if number else slug)
    return anchors


def _broken_links(document: Path) -> Iterator[str]:
    text = _FENCE.sub("", document.read_text("utf-8"))
    for match in _LINK.finditer(text):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = document.parent / file if file else document
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            yield f"{document.relative_to(ROOT)}: {target}"


def test_no_internal_link_is_broken() -> None:
    documents = _documents()
    assert ROOT / "README.md" in documents
    assert [link for document in documents for link in _broken_links(document)] == []


def test_a_broken_link_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    document = tmp_path / "a.md"
    document.write_text(
        "# Big `Title`, yes!\n[ok](#big-title-yes) [gone](b.md) [no](a.md#other) [web](https://x/)\n",
        encoding="utf-8",
    )
    assert list(_broken_links(document)) == ["a.md: b.md", "a.md: a.md#other"]


# ── decisions ────────────────────────────────────────────────────────────────────────────────


def _dependencies() -> set[str]:
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    names = {re.match(r"[A-Za-z0-9._-]+", line) for line in project["dependencies"]}
    return {name[0].lower() for name in names if name}


def test_every_direct_dependency_has_its_decision() -> None:
    assert _dependencies() == PAGES.keys()


@pytest.mark.parametrize(("library", "page"), PAGES.items())
def test_the_page_names_its_library(library: str, page: str) -> None:
    text = (DECISIONS / page).read_text("utf-8").lower()
    assert _SPELT.get(library, library) in text
    assert "licence" in text


def test_every_decision_is_listed_and_short() -> None:
    index = (DECISIONS / "README.md").read_text("utf-8")
    pages = [path for path in DECISIONS.glob("*.md") if path.name != "README.md"]
    assert [path.name for path in pages if f"]({path.name})" not in index] == []
    assert [path.name for path in pages if len(path.read_text("utf-8").split()) > 900] == []


# ── the import order ─────────────────────────────────────────────────────────────────────────


def test_the_architecture_states_the_import_order_that_is_held() -> None:
    contracts = tomllib.loads(_read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = [one["layers"] for one in contracts if "aggregator.cli" in one.get("layers", ())]
    held = [{name.removeprefix("aggregator.") for name in one.split(" | ")} for one in layers]
    lines = re.findall(r"^ *`(cli → .+)`$", _read("docs/architecture.md"), re.MULTILINE)
    (stated,) = [[set(floor.split(", ")) for floor in line.split(" → ")] for line in lines]
    assert stated == held


# ── paths ────────────────────────────────────────────────────────────────────────────────────

_HOME_FOLDER = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work)/[\w.-]+")


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    found = []
    for path in _files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # not text
        lines = enumerate(text.splitlines(), 1)
        found += [
            f"{path.relative_to(ROOT)}:{number}: {match[0]}"
            for number, line in lines
            for match in _HOME_FOLDER.finditer(line)
        ]
    assert found == []


@pytest.mark.parametrize("path", ["/home/" + "ann/x", "/root/" + ".cache", "see /work/" + "main"])
def test_such_a_folder_would_be_found(path: str) -> None:
    assert _HOME_FOLDER.search(path)
    assert not _HOME_FOLDER.search("https://example.org" + path.partition(" ")[2])


_FOLDERS = "aggregator|alembic|bench|config|deploy|docs|requirements|tests|\\.ci"
_PACKAGES = "|".join(
    sorted(path.name for path in (ROOT / "aggregator").iterdir() if (path / "__init__.py").exists())
)
# As documents write them: from the root, or a package of aggregator without that prefix.
_PATH = re.compile(rf"(?<![\w/.:~@-])((?:{_FOLDERS}|{_PACKAGES})/[\w./-]*\w/?|(?:\w+/)+\w+\.py\b)")
_FILE = re.compile(r"`(\w+\.py)`")
_BENCH = re.compile(r"(?:python -m bench|bench ARGS=\"?) ?([a-z][a-z-]+)")
# An operator's files, a user agent.
_OTHER = {"config/aggregator.toml", "config/feeds.opml", "aggregator/VERSION"}


def _missing_paths(text: str) -> Iterator[str]:
    """What ``text`` names and the project has not: paths, files of Python, benches."""
    for path in _PATH.findall(text):
        places = (ROOT / path, ROOT / "aggregator" / path, ROOT / "aggregator" / f"{path}.py")
        if path not in _OTHER and not any(place.exists() for place in places):
            yield path
    names = {path.name for path in _files() if path.suffix == ".py"}
    yield from (name for name in _FILE.findall(text) if name not in names)
    benches = {*BENCHES, *LONG, *OVER_FILES, *STORES}
    yield from (name for name in _BENCH.findall(text) if name not in benches)


@pytest.mark.parametrize(
    "document", _documents(), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_what_a_document_names_is_there(document: Path) -> None:
    # A link is tested as one: it may start from the document's own folder.
    text = _LINK.sub("", document.read_text("utf-8"))
    assert list(_missing_paths(text)) == []


def test_a_path_that_is_not_there_would_be_found() -> None:
    text = "`flow/poll.py`, flow/poll, `bench/trace.py`, `poll.py`, `python -m bench trace`"
    assert list(_missing_paths(text)) == []
    text = "`flow/gone.py`, store/gone/, `way/gone.py`, `gone.py`, `python -m bench gone`"
    assert list(_missing_paths(text)) == [
        "flow/gone.py", "store/gone/", "way/gone.py", "gone.py", "gone",
    ]  # fmt: skip


# ── questions by message ─────────────────────────────────────────────────────────────────────


def _constants() -> str:
    """Every text in the program, one a line; texts written in parts are one, but for what stands between."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "aggregator").rglob("*.py")]
    return "\n".join(
        " ".join(node.value.split())
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_every_message_in_the_questions_is_one_of_the_program() -> None:
    headings = re.findall(r"^### `(.+)`$", _read("docs/faq.md"), re.MULTILINE)
    assert len(headings) > 15
    said = _constants()
    parts = [part.strip(" `:;") for heading in headings for part in heading.split("…")]
    assert [part for part in parts if part and part not in said] == []
