"""Settings by name from the environment, and secrets that the config file only refers to.

AGGREGATOR_SERVER__PORT=9000                      wins over ``[server] port``
AGGREGATOR_DATABASE__URL_FILE=/run/secrets/db     any setting, its value read from a file
url = { env = "DB_URL" }                          in TOML, in place of any text
url = { file = "secrets/db-url" }                 relative to the config file's folder
url = "https://host/feed?token=${env:TOKEN}"      a part of a feed's address, ${file:PATH} too
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import tomli

from aggregator.config.feed_id import REFERENCE, substituted, whole
from aggregator.config.locate import KeyPath
from aggregator.config.schema import (
    ENV_CONFIG,
    ENV_PREFIX,
    FILE_SUFFIX,
    annotation_at,
    bare,
    env_names,
    is_section,
    is_size,
    item_of,
    member_of,
    nearest,
)
from aggregator.errors import ConfigFault

SECRET_CAP = 1 << 20  # bytes: a secret is short; a path to something else is a mistake

# Kubernetes puts the addresses of services into every pod's environment: a service that is named
# "aggregator" looks like settings. The values tell its ports from a misspelt setting.
_SERVICE_LINK = re.compile(
    r"AGGREGATOR_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)\w*)"
)
_SERVICE_ADDRESS = re.compile(r"(?:tcp|udp|sctp)://")
_TRUTH = {
    "true": True, "yes": True, "on": True, "1": True,
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip

Read = Callable[[Path], bytes]


@dataclass(slots=True)
class Overlay:
    """Values put over the file's: ``origins`` names the variable of each setting,
    ``secret`` holds the settings whose values must not be shown.
    """

    origins: dict[KeyPath, str] = field(default_factory=dict)
    secret: set[KeyPath] = field(default_factory=set)
    faults: list[ConfigFault] = field(default_factory=list)


def parse_text(text: str, annotation: Any) -> object:
    """``text`` as the TOML value that ``annotation`` expects; unchanged where it does not fit.

    Lists are TOML arrays or separated by commas; a plain number is seconds or bytes. What does not
    fit is left for the validation to refuse, so that both ways give the same message.
    """
    if (item := item_of(annotation)) is not None:
        return _parse_list(text, is_section(item))
    plain = bare(annotation)
    if plain is bool:
        return _TRUTH.get(text.strip().lower(), text)
    with contextlib.suppress(ValueError):
        if plain is timedelta:
            return float(text)
        if plain is int and not is_size(annotation):
            return int(text)
    return text


def _parse_list(text: str, of_tables: bool) -> object:
    if text.lstrip().startswith("["):
        with contextlib.suppress(tomli.TOMLDecodeError):
            return tomli.loads(f"value = {text}")["value"]
        return text
    return text if of_tables else [p.strip() for p in text.split(",") if p.strip()]


def read_secret(path: Path, read: Read) -> str:
    """The text in a file, stripped. Raises ``ValueError`` that says what is wrong with it."""
    try:
        content = read(path)
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read: {error.strerror}") from None
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise ValueError(f"the file {path} is not UTF-8 text") from None
    if not text or len(content) > SECRET_CAP:
        size = "is empty" if not text else "is larger than 1 MB"
        raise ValueError(f"the file {path} {size}")
    return text


def _is_reference(value: object, path: KeyPath) -> bool:
    return (
        isinstance(value, dict)
        and len(value) == 1
        and not value.keys().isdisjoint(("file", "env"))
        and isinstance(next(iter(value.values())), str)
        and not is_section(annotation_at(path))
        and member_of(annotation_at(path)) is None
    )


def _is_feed_url(path: KeyPath) -> bool:
    match path:
        case ("feeds" | "opml", int(), "url"):
            return True
    return False


def _is_partly_referred(value: object, path: KeyPath) -> bool:
    return isinstance(value, str) and _is_feed_url(path) and REFERENCE.search(value) is not None


def _referred(value: Mapping[str, str], folder: Path, env: Mapping[str, str], read: Read) -> str:
    if (name := value.get("env")) is not None:
        if name not in env:
            raise ValueError(f"the environment has no variable `{name}`")
        return env[name]
    return read_secret(folder / value["file"], read)


def resolve_references(
    raw: object,
    folder: Path,
    env: Mapping[str, str],
    read: Read,
    refuse: Callable[[KeyPath, str], None],
) -> tuple[object, frozenset[KeyPath]]:
    """``raw`` with every ``{ file = … }`` and ``{ env = … }`` replaced, and where that was.

    In the addresses of feeds and reading lists also ``${env:…}`` and ``${file:…}`` that stand for a part; they become
    :class:`~aggregator.config.feed_id.Referred`.

    ``refuse`` is told of each that cannot be; it then becomes None.
    """
    secret: set[KeyPath] = set()

    def referred(value: Any, path: KeyPath) -> object:
        if isinstance(value, str):
            return substituted(value, lambda reference: _referred(reference, folder, env, read))
        text = _referred(value, folder, env, read)
        return whole(value, text) if _is_feed_url(path) else parse_text(text, annotation_at(path))

    def resolved(value: Any, path: KeyPath) -> object:
        if _is_reference(value, path) or _is_partly_referred(value, path):
            secret.add(path)
            try:
                return referred(value, path)
            except ValueError as error:
                refuse(path, str(error))
                return None
        if isinstance(value, dict):
            return {key: resolved(member, (*path, key)) for key, member in value.items()}
        if isinstance(value, list):
            return [resolved(member, (*path, index)) for index, member in enumerate(value)]
        return value

    return resolved(raw, ()), frozenset(secret)


def _is_service_link(name: str, value: str) -> bool:
    if _SERVICE_LINK.fullmatch(name):
        return True
    return name.endswith("PORT") and _SERVICE_ADDRESS.match(value) is not None


def _variables(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that are meant for the settings, by name."""
    for name in sorted(env):
        meant = name.startswith(ENV_PREFIX) and name != ENV_CONFIG
        if meant and not _is_service_link(name, env[name]):
            yield name, env[name]


def _put(raw: dict[str, Any], path: KeyPath, value: object) -> None:
    """Set ``path`` in ``raw``; a section that is not a table stays, for the validation to refuse."""
    *sections, key = path
    table: Any = raw
    for section in sections:
        table = table.setdefault(section, {})
    if isinstance(table, dict):
        table[key] = value


def overlay_environment(raw: dict[str, Any], env: Mapping[str, str], read: Read) -> Overlay:
    """Put what ``env`` sets over ``raw`` (changed in place).

    ``read`` is given the path in an ``…_FILE`` variable as it stands. Faults name the variable.
    """
    result = Overlay()
    names = env_names()
    for name, value in _variables(env):
        from_file = name not in names and name.endswith(FILE_SUFFIX)
        path = names.get(name.removesuffix(FILE_SUFFIX) if from_file else name)
        try:
            if path is None:
                raise ValueError(_unknown(name, names))  # noqa: TRY301 - one place makes the fault
            if path in result.origins:
                raise ValueError(f"{result.origins[path]} is set too; keep one of them")  # noqa: TRY301 - as above
            text = read_secret(Path(value), read) if from_file else value
        except ValueError as error:
            result.faults.append(ConfigFault(name, str(error)))
            continue
        result.origins[path] = name
        if from_file:
            result.secret.add(path)
        _put(raw, path, parse_text(text, annotation_at(path)))
    return result


def _unknown(name: str, names: Mapping[str, KeyPath]) -> str:
    # The prefix, which all share, would make every name look near.
    endings = [known.removeprefix(ENV_PREFIX) for known in (*names, ENV_CONFIG)]
    near = nearest(name.removeprefix(ENV_PREFIX), endings)
    guess = f"did you mean `{ENV_PREFIX}{near}`?" if near else "see docs/configuration.md"
    return f"no setting has this name; {guess}"
