"""Settings of one output as values: its title, addresses, archive and editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from zoneinfo import ZoneInfo

from aggregator import __version__
from aggregator.config.audience import only_here
from aggregator.config.choices.of_secrecy import private_keys
from aggregator.config.config import Config
from aggregator.config.own_address import hubs, own_base
from aggregator.config.settings import OutputSettings, Settings
from aggregator.model import (
    ArchiveBounds,
    Maker,
)
from aggregator.schedule.cron import Cron


def output_title(settings: Settings, output: OutputSettings) -> str:
    """Title of ``output`` as readers see it.

    Without one of its own, that of the whole where it stands for the whole, as `all` does or the only
    one; else its name, in words.
    """
    whole = output.name == "all" or len(settings.outputs) == 1
    words = "" if whole else " ".join(output.name.replace("-", " ").replace("_", " ").split())
    return output.title or words[:1].upper() + words[1:] or settings.title


def tokens(output: OutputSettings) -> tuple[str, ...]:
    """The tokens of ``output``, each once; empty: everybody may read it."""
    return tuple(dict.fromkeys(token.get_secret_value() for token in output.token))


def addresses(config: Config) -> Mapping[tuple[str, str], Sequence[str]]:
    """Name and format of every output, by former names too → digests of its tokens; []: everybody."""
    return {
        (name, kind): [sha256(token.encode()).hexdigest() for token in tokens(output)]
        for output in config.settings.outputs
        for name in (output.name, *output.aliases)
        for kind in output.formats
    }


def archived(config: Config) -> Mapping[str, bool]:
    """Name of every output, former names too → does it keep archive pages?"""
    return {name: bool(bounds.max_age) for name, bounds in archive_bounds(config).items()}


def archive_bounds(config: Config) -> Mapping[str, ArchiveBounds]:
    """Name of every output, former names too → bounds of its archive."""
    return {
        name: ArchiveBounds(output.kept_archive, output.archive_size)
        for output in config.settings.outputs
        for name in (output.name, *output.aliases)
    }


def digests(config: Config) -> Mapping[str, Cron]:
    """Output with a digest → when its editions are made."""
    return config.kept(
        "digests",
        lambda: {
            one.name: Cron(one.digest, ZoneInfo(config.settings.timezone))
            for one in config.settings.outputs
            if one.digest
        },
    )


def kept_editions(config: Config) -> Mapping[str, int]:
    """Name of every output with a digest, former names too → editions that it shows."""
    return {
        name: output.limit
        for output in config.settings.outputs
        if output.digest
        for name in (output.name, *output.aliases)
    }


def group_order(config: Config, output: OutputSettings) -> Sequence[str]:
    """Categories in the order of groups in editions: the output's own, else as the feeds have them."""
    if output.categories:
        return output.categories
    return list(dict.fromkeys(name for feed in config.feeds for name in feed.categories))


def maker(config: Config) -> Maker:
    """This release, and a digest of all in ``config`` that changes what readers may see.

    No secret goes into the digest, which is stored: a weak one could be guessed from it.
    """
    return config.kept("maker", lambda: _maker(config))


def _maker(config: Config) -> Maker:
    settings = config.settings
    outputs = [(one.model_dump(exclude={"token"}), len(one.token)) for one in settings.outputs]
    private = private_keys(config)
    feeds = [
        (
            key := feed.key,
            key in private,
            feed.share,
            feed.public_url,
            feed.title,
            feed.categories,
            feed.tags,
        )
        for feed in config.feeds
    ]
    names = [output_title(settings, one) for one in settings.outputs]
    seen = (names, own_base(settings), hubs(settings), only_here(settings), outputs, feeds)
    return Maker(__version__, sha256(repr(seen).encode()).hexdigest())
