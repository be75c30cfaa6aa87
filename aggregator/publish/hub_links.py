"""Links from a merged feed to its WebSub hubs: in XML, and as a header (W3C WebSub §4, RFC 8288)."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model import OutputFeed
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import ATOM, Element, child


def add_hubs(parent: Element, output: OutputFeed) -> None:
    """``atom:link`` elements for the output's hubs."""
    for hub in output.hubs:
        child(parent, f"{{{ATOM}}}link", rel="hub", href=uri(hub))


def link_header(hubs: Sequence[str], own: str) -> str:
    """The value of the `Link` header of what is served at ``own``; empty without hubs."""
    if not hubs:
        return ""
    links = [f'<{uri(hub)}>; rel="hub"' for hub in hubs]
    return ", ".join([*links, f'<{uri(own)}>; rel="self"'])
