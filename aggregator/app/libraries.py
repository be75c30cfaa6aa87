"""The parsers that strangers' bytes meet: their versions, said once, and which of them are too old."""

from __future__ import annotations

from collections.abc import Mapping
from pyexpat import version_info as expat_version

import structlog
from lxml import etree

log = structlog.get_logger("aggregator")

Version = tuple[int, ...]

# expat 2.6 bounds what a long token in many pieces costs (CVE-2023-52425); lxml as pyproject.toml asks.
LEAST: Mapping[str, Version] = {"expat": (2, 6), "lxml": (6, 1, 0)}


def parser_versions() -> dict[str, Version]:
    """The versions of the parsers that this process runs."""
    return {
        "expat": expat_version,
        "lxml": etree.LXML_VERSION[:3],
        "libxml2": etree.LIBXML_VERSION,
    }


def outdated(versions: Mapping[str, Version]) -> dict[str, str]:
    """Those of ``versions`` that are below :data:`LEAST`, with the version that is wanted."""
    return {
        name: written(least) for name, least in LEAST.items() if versions.get(name, least) < least
    }


def written(version: Version) -> str:
    """``version`` as people write it."""
    return ".".join(map(str, version))


def log_parsers(versions: Mapping[str, Version]) -> None:
    """Say once which parsers run; a warning where one is too old."""
    log.info("parsers", **{name: written(version) for name, version in versions.items()})
    for name, least in outdated(versions).items():
        log.warning(
            "outdated parser",
            library=name,
            version=written(versions[name]),
            hint=f"{least} or later is safe with hostile feeds; update Python or the system's {name}",
        )
