"""Ids of messages: the same for the same events, however often they are sent. Pure."""

from __future__ import annotations

from hashlib import sha256

from aggregator.model import RoadKey

_DIGITS = 32  # hexadecimal: 128 bits


def message_id(id_base: str, key: RoadKey, epoch: int, upto: int) -> str:
    """Id of the message that ends with line ``upto`` of ``epoch`` on a road.

    No two messages of a road end with the same line. ``id_base`` is that of this installation's ids.
    """
    said = f"{id_base}\n{key.kind}\n{key.name}\n{key.output}\n{epoch}\n{upto}"
    return "msg_" + sha256(said.encode()).hexdigest()[:_DIGITS]
