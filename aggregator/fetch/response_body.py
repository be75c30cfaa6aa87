"""A body read from the network, piece by piece, within the cap for its kind."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from aggregator.config.settings import FetchSettings
from aggregator.fetch.body import STEP, Body, BodyFault
from aggregator.fetch.politeness.robots import MAX_SIZE as MAX_ROBOTS
from aggregator.model import RequestKind


async def content(
    answer: aiohttp.ClientResponse,
    got: Mapping[str, str],
    kind: RequestKind,
    settings: FetchSettings,
) -> tuple[int, bytes]:
    """Read the body; return the number of bytes received, and the bytes decoded.

    ``got`` are the answer's header fields, ``kind`` is :attr:`aggregator.model.Request.kind`.
    Raises :class:`~aggregator.fetch.body.BodyFault`, and what aiohttp does.
    """
    if kind is RequestKind.ROBOTS:
        return await _beginning(answer, got)
    cap = settings.max_page_size if kind is RequestKind.PAGE else settings.max_feed_size
    if (announced := answer.content_length or 0) > cap:
        raise BodyFault(f"{announced} bytes announced, {cap} allowed", too_large=True)
    body = Body(got.get("content-encoding", ""), cap)
    while data := await answer.content.readany():
        body.feed(data)
    return body.received, body.finish()


async def _beginning(answer: aiohttp.ClientResponse, got: Mapping[str, str]) -> tuple[int, bytes]:
    """As :func:`content`, of a robots.txt: a longer one counts as far as it is looked at."""
    body = Body(got.get("content-encoding", ""), MAX_ROBOTS + STEP)
    try:
        while data := await answer.content.readany():
            body.feed(data)
    except BodyFault as fault:
        if not fault.too_large:
            raise
        return body.received, body.beginning()
    return body.received, body.finish()
