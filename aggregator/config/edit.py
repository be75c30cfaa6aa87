"""Change what is subscribed, in the operator's own files.

A change is tried first: the changed configuration must load without a fault, then the file is
replaced in one step. A crash leaves the old file or the new one, never half of one.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import tempfile
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

from aggregator.config.config import Config
from aggregator.config.load import Survey, load_with, survey
from aggregator.config.locate import KeyPath
from aggregator.config.opml import PlacedFeed
from aggregator.config.rewrite import add_to_toml, change_in_toml, remove_from_toml
from aggregator.config.rewrite_opml import OPML_SETTINGS, change_in_opml, remove_from_opml
from aggregator.config.settings import FeedSettings
from aggregator.config.values import feed_address
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked

_BOM = b"\xef\xbb\xbf"


def add_feeds(
    path: Path,
    feeds: Iterable[FeedSettings],
    env: Mapping[str, str] | None = None,
    *,
    skip_known: bool = False,
) -> tuple[FeedSettings, ...]:
    """Add ``feeds`` to the config file ``path`` and return those that were added.

    Raises :class:`~aggregator.errors.ConfigError` and changes nothing when the configuration has
    faults, or when a feed is subscribed already (unless ``skip_known``, for imports) or given
    twice. ``env`` defaults to the process's environment.
    """
    env = os.environ if env is None else env
    current = _sound(path, env)
    added: dict[str, FeedSettings] = {}
    faults: list[ConfigFault] = []
    for feed in feeds:
        if feed.key in current.places:
            place = current.place_of(feed.key)
            faults.append(ConfigFault(place, f"already subscribed to {masked(feed.url)}"))
        elif feed.key in added:
            faults.append(ConfigFault(str(path), f"{masked(feed.url)} is given twice"))
        else:
            added[feed.key] = feed
    if faults and not skip_known:
        raise ConfigError(faults)
    if added:
        changed = add_to_toml(current.text, added.values())
        wanted = {*current.places, *added}
        _replace(current, path, _with_bom(path, changed), env, wanted)
    return tuple(added.values())


def remove_feed(path: Path, url: str, env: Mapping[str, str] | None = None) -> Path:
    """Unsubscribe from ``url`` in every file that holds it, TOML or OPML; the first is returned.

    A feed's ``id`` or its address without secrets, as lists show it, names it as well.

    Raises :class:`~aggregator.errors.ConfigError` and changes nothing when no file holds it, or
    when the configuration has faults.
    """
    env = os.environ if env is None else env
    current = _sound(path, env)
    key = find_key(url, current.config())
    place = current.places[key]
    if listed := [p for p in (place, *current.also.get(key, ())) if _address_of(p)]:
        message = (
            f"{masked(key)} is subscribed by this reading list, which is read again and again; "
            "have it removed there, or take the list out of `[[opml]]`"
        )
        raise ConfigError([ConfigFault(masked(_address_of(listed[0]), is_url=True), message)])
    # First where it stands as well: until the last of them is gone, it stays subscribed.
    own = place.file if isinstance(place, PlacedFeed) else ""
    for file in dict.fromkeys(one.file for one in current.also.get(key, ()) if one.file != own):
        url = next(one.feed.url for one in current.also[key] if one.file == file)
        less = remove_from_opml(_bytes_of(Path(file)), file, url)
        _replace(current, Path(file), less, env, set(current.places))
    if isinstance(place, PlacedFeed):
        target = Path(place.file)
        changed = remove_from_opml(_bytes_of(target), place.file, place.feed.url)
    else:
        _refuse_variable(current, key)
        target = path
        changed = _with_bom(path, remove_from_toml(current.text, int(place[1])))
    _replace(current, target, changed, env, set(current.places) - {key})
    return target


def change_feed(
    path: Path, named: str, changes: Mapping[str, Any], env: Mapping[str, str] | None = None
) -> tuple[Path, FeedSettings]:
    """:func:`change_feeds` of the one feed that ``named`` names."""
    return change_feeds(path, (named,), changes, env)[0]


def change_feeds(
    path: Path,
    named: Iterable[str],
    changes: Mapping[str, Any],
    env: Mapping[str, str] | None = None,
) -> list[tuple[Path, FeedSettings]]:
    """Change settings of the feeds that ``named`` name, in every file that holds one.

    For each feed the first of its files is returned, and the feed then. ``changes`` are settings of
    ``[[feeds]]`` as TOML has them; None gives one its default.

    Raises :class:`~aggregator.errors.ConfigError`, with a fault for each feed that no file holds or
    that an OPML file holds, which has no place for the settings, and for changes that would be
    faults. Nothing is changed then, of any feed.
    """
    env = os.environ if env is None else env
    current = _sound(path, env)
    before = current.config()
    edited: dict[Path, bytes] = {}
    held: dict[str, Path] = {}  # the file to name, by key
    faults: list[ConfigFault] = []
    for name in named:
        try:
            key = find_key(name, before)
            if key not in held:
                held[key] = _change_places(current, path, key, changes, edited)
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(faults)
    after = load_with(path, env, lambda p: edited[p] if p in edited else p.read_bytes())
    if _others(after, held) != _others(before, held):
        raise _reaches_others(next(iter(edited), path))
    changed = [(file, after.feed(key)) for key, file in held.items()]
    if any(feed is None for _, feed in changed):
        raise _reaches_others(next(iter(edited), path))
    for file, data in edited.items():
        if data != _bytes_of(file):
            _put(file, data)
    return [(file, feed) for file, feed in changed if feed is not None]


def _others(config: Config, held: Container[str]) -> list[FeedSettings]:
    return [one for one in config.feeds if one.key not in held]


def _change_places(
    current: Survey,
    path: Path,
    key: str,
    changes: Mapping[str, Any],
    edited: dict[Path, bytes],
) -> Path:
    """Put into ``edited`` the files that hold the feed ``key``, changed; the first of them is returned."""
    place = current.places[key]
    if not isinstance(place, PlacedFeed):
        _refuse_variable(current, key)
        text = (edited.get(path) or _with_bom(path, current.text)).decode("utf-8-sig")
        edited[path] = _with_bom(path, change_in_toml(text, int(place[1]), changes))
        return path  # what it says goes before all that OPML says
    files = {one.file: one for one in reversed((place, *current.also.get(key, ())))}
    for one in reversed(files.values()):
        if one is place or not one.address:
            file = Path(one.file)
            data = edited.get(file) or _bytes_of(file)
            edited[file] = _changed_outline(one, data, changes)
    return Path(place.file)


def _changed_outline(place: PlacedFeed, data: bytes, changes: Mapping[str, Any]) -> bytes:
    if place.address:
        message = (
            f"{masked(place.feed.key)} is subscribed by this reading list, which is read again and again; "
            "for settings of its own give it a `[[feeds]]` table with its address"
        )
        raise ConfigError([ConfigFault(masked(place.address, is_url=True), message)])
    refused = sorted(
        name
        for name, value in changes.items()
        if name not in OPML_SETTINGS and not (value is None and _is_default(place.feed, name))
    )
    if refused:
        names = ", ".join(f"`{name}`" for name in refused)
        message = (
            f"OPML has no place for {names}; change it in the program that writes {place.file}, or "
            "remove the feed there and add it with `aggregator feeds add`"
        )
        raise ConfigError([ConfigFault(place.where, message)])
    kept = {name: value for name, value in changes.items() if name in OPML_SETTINGS}
    return change_in_opml(data, place.file, place.feed.url, kept)


def _is_default(feed: FeedSettings, name: str) -> bool:
    """True where the feed has the default of the setting anyway."""
    field = FeedSettings.model_fields.get(name)
    return field is not None and getattr(feed, name) == field.get_default(call_default_factory=True)


def _address_of(place: KeyPath | PlacedFeed) -> str:
    return place.address if isinstance(place, PlacedFeed) else ""


def write_atomically(path: Path, data: bytes) -> None:
    """Put ``data`` in place of the file at ``path`` in one step, with its mode and owner.

    A symbolic link stays one. Raises ``OSError``; the file is then as it was.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        with contextlib.suppress(PermissionError):  # only root may give files away
            was = target.stat()
            os.chown(temporary, was.st_uid, was.st_gid)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sound(path: Path, env: Mapping[str, str]) -> Survey:
    found = survey(path, env, Path.read_bytes)
    found.config()  # raises what is wrong with it
    return found


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError([ConfigFault(str(path), f"cannot be read: {error.strerror}")]) from None


def _with_bom(path: Path, text: str) -> bytes:
    """``text`` as bytes, with the byte order mark that the file at ``path`` starts with, if any."""
    return (_BOM if _bytes_of(path).startswith(_BOM) else b"") + text.encode()


def _replace(
    current: Survey, target: Path, data: bytes, env: Mapping[str, str], wanted: set[str]
) -> None:
    """Put ``data`` in place of ``target`` if exactly the ``wanted`` feeds are subscribed then."""
    if {feed.key for feed in _tried(current, target, data, env).feeds} != wanted:
        raise _reaches_others(target)
    _put(target, data)


def _tried(current: Survey, target: Path, data: bytes, env: Mapping[str, str]) -> Config:
    """The configuration with ``data`` in place of ``target``; raises ``ConfigError`` for its faults."""
    return load_with(current.path, env, lambda p: data if p == target else p.read_bytes())


def _reaches_others(target: Path) -> ConfigError:
    message = "this change would also change other feeds; make it in an editor"
    return ConfigError([ConfigFault(str(target), message)])


def _refuse_variable(current: Survey, key: str) -> None:
    if ("feeds",) in current.origins:
        name = current.origins["feeds",]
        raise ConfigError([ConfigFault(name, f"{masked(key)} comes from this variable")])


def _put(target: Path, data: bytes) -> None:
    try:
        write_atomically(target, data)
    except OSError as error:
        message = f"cannot be replaced: {error.strerror}; its folder must be writable"
        raise ConfigError([ConfigFault(str(target), message)]) from None


def find_key(named: str, config: Config) -> str:
    """The key of the feed that ``named`` (its address, key or id) names. Raises ``ConfigError`` for none."""
    if config.feed(named) is not None:
        return named
    where = str(config.path or "built-in defaults")
    try:
        url = feed_address(named)
    except ValueError as error:
        message = f"{masked(named, is_url=True)}: expected {error}"
        raise ConfigError([ConfigFault(where, message)]) from None
    keys = [feed.key for feed in config.feeds if url in (feed.url, feed.key)]
    if not keys:
        raise ConfigError([ConfigFault(where, _not_subscribed(url, config))])
    if len(keys) > 1:
        message = f"{masked(url)} is the address of {len(keys)} feeds; give the `id` of one"
        raise ConfigError([ConfigFault(where, message)])
    return keys[0]


def _not_subscribed(key: str, config: Config) -> str:
    keys = [feed.key for feed in config.feeds]
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.7)
    guess = f"; did you mean {masked(near[0])}?" if near else ""
    return f"not subscribed to {masked(key)}{guess}"
