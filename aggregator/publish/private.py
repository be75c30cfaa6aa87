"""Outputs with tokens: rendered once, with a self link for each token."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from aggregator.model import Cursor, OutputFeed, Rendered
from aggregator.publish import feed_addresses, formatting
from aggregator.publish.compression import Parts
from aggregator.publish.hub_links import link_header
from aggregator.publish.render import pack

# In the place of the token while an output is rendered. Another one in each process, so that no
# stranger's text can hold it; nothing that leaves the process does.
_PLACEHOLDER = secrets.token_urlsafe(24)
_IN_LINK = f"/{feed_addresses.FOLDER}/{_PLACEHOLDER}/".encode()
_IN_PAGE = f"/{feed_addresses.PAGES}/{_PLACEHOLDER}/".encode()
_FEW_TOKENS = 4
_PAGE = re.compile(re.escape(_IN_PAGE) + feed_addresses.NAME.encode() + rb"(?:/[0-9a-f-]{36})?")


def self_links(
    base_url: str, name: str, formats: Iterable[str], *, private: bool
) -> Mapping[str, str]:
    """Format → the address at which it is served; of a private output still without a token."""
    token = _PLACEHOLDER if private else ""
    return {kind: f"{base_url}/{feed_addresses.path(name, kind, token)}" for kind in formats}


def page_link(base_url: str, name: str, *, private: bool) -> str:
    """Address of the output's page for people; of a private output still without a token."""
    return f"{base_url}/{feed_addresses.page_path(name, _PLACEHOLDER if private else '')}"


def with_token(body: bytes, token: str) -> bytes:
    """A rendering as who knows ``token`` gets it."""
    linked = body.replace(_IN_LINK, f"/{feed_addresses.FOLDER}/{token}/".encode())
    return linked.replace(_IN_PAGE, f"/{feed_addresses.PAGES}/{token}/".encode())


def without_token(body: bytes) -> bytes:
    """A rendering as it stands in a file: whoever gets to see the file learns no token from it."""
    linked = body.replace(_IN_LINK, f"/{feed_addresses.FOLDER}/".encode())
    return _PAGE.sub(b"/", linked)  # without a token there is no page but that about all outputs


def pack_for_all(
    output: OutputFeed,
    format: str,  # noqa: A002 - the field's word for it
    body: bytes,
    modified: datetime,
    cursor: Cursor | None = None,
    parts: Parts | None = None,
) -> list[Rendered]:
    """The rendering ``body`` for everybody, or for the files and for each token of ``output``.

    With many tokens, each of which is another body, there is no coding but gzip, in parts that all of them share.
    """
    packed = partial(
        pack,
        output.name,
        format,
        modified=modified,
        cursor=cursor,
        parts=parts,
        all_codings=len(output.tokens) <= _FEW_TOKENS,
    )
    forms = [replace(packed(with_token(body, token)), token=token) for token in output.tokens]
    if not output.private or output.folder:
        link = link_header(output.hubs, formatting.self_link(output, format))
        forms.append(packed(without_token(body), link=link))
    return forms
