"""Files and environment → :class:`Config`, or every fault in them at once."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomli
from pydantic import ValidationError

from aggregator.config import choices
from aggregator.config.config import Config, warnings_about
from aggregator.config.doubts import doubts
from aggregator.config.environment import Read, overlay_environment, resolve_references
from aggregator.config.faults import explain
from aggregator.config.feed_id import Referred, feed_key
from aggregator.config.list_copies import copies_folder, copy_of, read_list
from aggregator.config.locate import KeyPath, line_of, lines_of
from aggregator.config.opml import PlacedFeed, Reading, differs_in_secrets, joined, read_opml
from aggregator.config.schema import ENV_CONFIG
from aggregator.config.settings import FeedSettings, Settings
from aggregator.config.values import feed_address
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked

_DEFAULT_PLACES = (Path("config/aggregator.toml"), Path("aggregator.toml"))
_TOLD = 100  # lines of an OPML file of which something is said
_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")


def find_config(explicit: str | None, env: Mapping[str, str], cwd: Path) -> Path | None:
    """The config file to use: ``explicit``, else ``$AGGREGATOR_CONFIG``, else one at hand.

    The first two are returned whether they exist or not; of ``config/aggregator.toml`` and
    ``aggregator.toml`` below ``cwd`` the first that exists; else None.
    """
    if named := explicit or env.get(ENV_CONFIG):
        return cwd / named
    return next((cwd / place for place in _DEFAULT_PLACES if (cwd / place).is_file()), None)


def load(path: Path | None, env: Mapping[str, str]) -> Config:
    """The configuration in ``path``, its OPML files and ``env``; None: the built-in defaults.

    Raises :class:`~aggregator.errors.ConfigError` with every fault found.
    """
    return load_with(path, env, Path.read_bytes)


def load_with(path: Path | None, env: Mapping[str, str], read: Read) -> Config:
    """:func:`load`, with ``read`` in place of the file system, to try a change before making it."""
    return survey(path, env, read).config()


@dataclass(slots=True)
class Survey:
    """Everything read, and everything wrong with it. ``places`` maps a feed's key to its place."""

    path: Path | None
    text: str = ""
    settings: Settings | None = None
    faults: list[ConfigFault] = field(default_factory=list)
    from_opml: list[PlacedFeed] = field(default_factory=list)
    places: dict[str, KeyPath | PlacedFeed] = field(default_factory=dict)
    origins: dict[KeyPath, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    # What was said of lines of OPML, and further places of feeds, by key.
    told_of_opml: list[str] = field(default_factory=list)
    also: dict[str, list[PlacedFeed]] = field(default_factory=dict)
    _lines: dict[KeyPath, int] | None = None

    def read_from_opml(self, reading: Reading, name: str) -> None:
        """Take the feeds of an OPML file; what is said of its lines is no fault."""
        self.from_opml += reading.feeds
        said = reading.said(name)
        self.told_of_opml += (f"{one.where}: {one.message}" for one in said[:_TOLD])
        if len(said) > _TOLD:
            self.told_of_opml.append(f"{name}: {len(said) - _TOLD} more lines like these")

    def where(self, path: KeyPath) -> str:
        """The place of a setting: the variable that sets it, or ``FILE:LINE``."""
        for length in range(1, len(path) + 1):
            if name := self.origins.get(path[:length]):
                return name
        return self.where_in_file(path)

    def where_in_file(self, path: KeyPath) -> str:
        """``FILE:LINE`` of a setting in the TOML file."""
        if self._lines is None:
            self._lines = lines_of(self.text)
        return f"{self.path}:{line_of(self._lines, path)}"

    def place_of(self, key: str) -> str:
        """Place where the feed ``key`` is configured."""
        place = self.places[key]
        return place.where if isinstance(place, PlacedFeed) else self.where(place)

    def config(self) -> Config:
        """The configuration that was read; raises ``ConfigError`` when anything is wrong."""
        if self.faults or self.settings is None:
            raise ConfigError(list(dict.fromkeys(sorted(self.faults, key=_reading_order))))
        feeds = (*self.settings.feeds, *(placed.feed for placed in self.from_opml))
        settings = self.settings.model_copy(update={"feeds": feeds})
        config = Config(settings, self.path, feeds)
        warnings = (*self.doubts, *warnings_about(settings, feeds), *choices.held_back(config))
        listed = {one.feed.key: one.address for one in self.from_opml if one.address}
        places = tuple(self.where(("rules", n)) for n in range(len(self.settings.rules)))
        return replace(
            config,
            warnings=warnings,
            listed_at=MappingProxyType(listed),
            rule_places=places,
        )


def survey(path: Path | None, env: Mapping[str, str], read: Read) -> Survey:
    """Read everything and note every fault, raising only when ``path`` itself cannot be read."""
    try:
        with _uncollected():
            return _survey(path, env, read)
    except RecursionError:
        raise ConfigError([ConfigFault(str(path), "values nested too deeply")]) from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: nearly all that is made here stays.

    With a hundred thousand feeds it went through them again and again, a third of the time.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _survey(path: Path | None, env: Mapping[str, str], read: Read) -> Survey:
    result = Survey(path)
    raw = _read_toml(result, read) if path else {}
    folder = path.parent if path else Path()
    resolved, secret = resolve_references(
        raw, folder, env, read, lambda at, why: _refuse(result, at, why)
    )
    assert isinstance(resolved, dict)  # noqa: S101 - a table stays a table
    overlay = overlay_environment(resolved, env, read)
    result.origins = overlay.origins
    result.faults += overlay.faults
    _validate(result, resolved, secret | overlay.secret)
    _read_opml_files(result, resolved.get("feeds_files"), folder, read)
    _read_lists(result, read)
    _note_duplicates(result, resolved.get("feeds"))
    result.doubts = (*result.told_of_opml, *doubts(resolved, result.where))
    return result


def _reading_order(fault: ConfigFault) -> tuple[str, int, str]:
    """Sorts faults by file and line."""
    file, _, rest = fault.where.partition(":")
    line = re.match(r"\d+", rest)
    return file, int(line[0]) if line else 0, rest


def _refuse(result: Survey, path: KeyPath, why: str) -> None:
    result.faults.append(ConfigFault(result.where_in_file(path), why))


def _read_toml(result: Survey, read: Read) -> dict[str, Any]:
    assert result.path is not None  # noqa: S101 - the caller looked
    path = result.path
    try:
        result.text = read(path).decode("utf-8-sig")
        return tomli.loads(result.text)
    except FileNotFoundError:
        hint = f"no such file; name one with --config FILE or {ENV_CONFIG}"
        raise ConfigError([ConfigFault(str(path), hint)]) from None
    except OSError as error:
        fault = ConfigFault(str(path), f"cannot be read: {error.strerror}")
        raise ConfigError([fault]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = ConfigFault(f"{path}:{line}", "not UTF-8 text; save the file as UTF-8")
        raise ConfigError([fault]) from None
    except tomli.TOMLDecodeError as error:
        raise ConfigError([_syntax_fault(path, str(error), result.text)]) from None


def _syntax_fault(path: Path, message: str, text: str) -> ConfigFault:
    at = _AT_LINE.search(message)
    what = _AT_LINE.sub("", message).removesuffix(" (at end of document)")
    line, column = (at[1], f", column {at[2]}") if at else (text.count("\n") + 1, "")
    return ConfigFault(f"{path}:{line}", f"not valid TOML{column}: {what}")


def _tupled(value: object) -> object:
    """Lists as tuples, which the settings' strict types ask for."""
    if isinstance(value, dict):
        return {key: _tupled(member) for key, member in value.items()}
    return tuple(_tupled(member) for member in value) if isinstance(value, list) else value


def _validate(
    result: Survey, raw: dict[str, Any], secret: frozenset[KeyPath] | set[KeyPath]
) -> None:
    try:
        result.settings = Settings.model_validate(_tupled(raw), strict=True)
    except ValidationError as failure:
        known = {fault.where for fault in result.faults}
        found = explain(failure, raw, result.where, secret)
        # A reference that could not be read left a hole, which is no second fault.
        result.faults += [f for f in found if not (secret and f.where in known)]


def _read_opml_files(result: Survey, names: object, folder: Path, read: Read) -> None:
    seen: set[Path] = set()
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if not isinstance(name, str):
            continue
        path = folder / name
        where = result.where(("feeds_files", index))
        if "://" in name:
            shown = masked(name, is_url=True)
            result.faults.append(
                ConfigFault(
                    where,
                    f"`feeds_files`: {shown} is an address, not a file; "
                    "name it as `url` in a table `[[opml]]`",
                )
            )
            continue
        if path in seen:
            result.faults.append(ConfigFault(where, f"`feeds_files` names {path} twice"))
            continue
        seen.add(path)
        try:
            content = read(path)
        except OSError as error:
            reason = error.strerror or "unknown reason"
            fault = ConfigFault(where, f"`feeds_files`: {path} cannot be read: {reason}")
            result.faults.append(fault)
            continue
        try:
            reading = read_opml(content, str(path))
        except ConfigError as error:
            result.faults += error.faults
            continue
        result.read_from_opml(reading, str(path))


def _read_lists(result: Survey, read: Read) -> None:
    """Take the last good copies of the reading lists; what is wrong with one stops nothing."""
    if result.settings is None:
        return
    folder = copies_folder(result.settings.database.url)
    for one in result.settings.opml:
        name = one.name
        try:
            reading = read_list(read(copy_of(folder, one.url)), one.url, name)
        except FileNotFoundError:
            result.told_of_opml.append(f"{name}: not read yet; `run` and `once` read it")
        except OSError as error:
            result.told_of_opml.append(f"{name}: its copy cannot be read: {error.strerror}")
        except ConfigError as error:
            result.told_of_opml.append(f"{name}: its copy {error.faults[0].message}")
        else:
            result.read_from_opml(reading, name)


@dataclass(frozen=True, slots=True)
class _Named:
    """A feed as it is written somewhere: its key, its id, its address, its place."""

    key: str
    id: str
    url: str
    place: KeyPath


def _named(raw_feeds: object) -> Iterator[_Named]:
    for index, feed in enumerate(raw_feeds if isinstance(raw_feeds, list) else ()):
        raw, given = (feed.get("url"), feed.get("id")) if isinstance(feed, dict) else (None, None)
        written = raw.written if isinstance(raw, Referred) else ""
        try:
            url = feed_address(raw if isinstance(raw, str) else "")
        except ValueError:
            continue  # the validation has refused it
        name = given if isinstance(given, str) else ""
        yield _Named(name or feed_key(url, written), name, url, ("feeds", index, "url"))


def _valid(feeds: Sequence[FeedSettings]) -> Iterator[_Named]:
    for index, feed in enumerate(feeds):
        yield _Named(feed.key, feed.id, feed.url, ("feeds", index, "url"))


def _note_duplicates(result: Survey, raw_feeds: object) -> None:
    """Fill ``places``; duplicates among faulty feeds count too, by their raw values."""
    from_toml = _named(raw_feeds) if result.settings is None else _valid(result.settings.feeds)
    first: dict[str, _Named] = {}
    for one in from_toml:
        same = first.setdefault(one.key, one)
        if same is one:
            result.places[one.key] = one.place
            continue
        message = _alike(one, same, result.place_of(one.key))
        result.faults.append(ConfigFault(result.where(one.place), message))
    _join_opml(result, {key: one.url for key, one in first.items()})


def _join_opml(result: Survey, in_toml: Mapping[str, str]) -> None:
    """Feeds of OPML files that stand in several places are one each; ``in_toml``: key → address.

    What a table of the TOML file says of a feed goes before what OPML says.
    """
    found: dict[str, PlacedFeed] = {}
    for one in result.from_opml:
        key = one.feed.key
        first = found.get(key)
        known = first.feed.url if first else in_toml.get(key)
        if known is None:
            found[key] = result.places[key] = one
        elif known != one.feed.url:
            place = first.where if first else result.place_of(key)
            result.told_of_opml.append(f"{one.where}: {differs_in_secrets(place)}")
        else:
            result.also.setdefault(key, []).append(one)
            if first is not None:
                found[key] = replace(first, feed=joined(first.feed, one.feed))
    result.from_opml = list(found.values())
    if result.settings is not None and result.also:
        feeds = tuple(_completed(feed, result.also) for feed in result.settings.feeds)
        result.settings = result.settings.model_copy(update={"feeds": feeds})


def _completed(feed: FeedSettings, also: Mapping[str, Sequence[PlacedFeed]]) -> FeedSettings:
    """A feed of the TOML file with title, categories and tags of OPML where it has none."""
    for one in also.get(feed.key, ()):
        update = {
            name: getattr(one.feed, name)
            for name in ("title", "tags", "category", "categories")
            if not getattr(feed, name)
        }
        feed = feed.model_copy(update=update)
    return feed


def _alike(one: _Named, other: _Named, place: str) -> str:
    if one.id:
        return f"the feed at {place} has the `id` {masked(one.id)}, too; each needs its own"
    if one.url == other.url:
        return f"duplicate feed {masked(one.key)}: it is already at {place}"
    return differs_in_secrets(place)
