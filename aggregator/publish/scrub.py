"""Output files of an earlier release or configuration that tell what is secret now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aggregator.errors import PublishError
from aggregator.privacy.forms import forms
from aggregator.publish.file_siblings import remove_siblings
from aggregator.publish.files import output_file
from aggregator.publish.render import digest
from aggregator.publish.uris import uri

_MOST_SOUGHT = 2_000  # addresses and secrets: some seconds of a core for a large file


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A file that was removed, and the feed that it told of."""

    path: Path
    feed: str


def told_by(body: bytes, secrets: Mapping[str, Collection[str]]) -> str | None:
    """The first of the feeds in ``secrets`` (feed → what is secret of it) that ``body`` tells of.

    However it is written there: as it is, percent-encoded, escaped for XML or JSON. Where there is
    too much to look for, it is taken to tell.
    """
    if sum(map(len, secrets.values())) > _MOST_SOUGHT:
        return next(iter(secrets))
    for feed, values in secrets.items():
        if any(form in body for value in values if value for form in _written(value)):
            return feed
    return None


def _written(value: str) -> Iterable[bytes]:
    spellings = {*forms(value), uri(value)}
    for one in spellings:
        yield one.encode("utf-8", "surrogatepass")
        yield escape(one, quote=False).encode("utf-8", "surrogatepass")
        yield escape(one).encode("utf-8", "surrogatepass")
        yield json.dumps(one, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")


def scrub(
    directory: Path,
    current: Mapping[tuple[str, str], str],
    secrets: Mapping[str, Collection[str]],
) -> list[Scrubbed]:
    """Remove the files below ``directory`` that tell what is in ``secrets``; returns what went.

    ``current`` holds the digests of what this release made of outputs and formats from this
    configuration: files that are it are not looked at. Others may stand in their places, from
    before, where a process was killed between the two. Raises
    :class:`~aggregator.errors.PublishError`.
    """
    folder, removed = directory / "feeds", []
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        for path in paths:
            named = output_file(path.name)
            if named is None or not path.is_file():
                continue
            body = path.read_bytes()
            feed = None if current.get(named) == digest(body) else told_by(body, secrets)
            if feed is not None:
                remove_siblings(path)
                path.unlink(missing_ok=True)
                removed.append(Scrubbed(path, feed))
    except OSError as error:
        raise PublishError(
            f"cannot look for secrets in old files in {folder}: {error.strerror or error}",
            hint="check the folder's owner, or remove its files by hand",
        ) from error
    return removed
