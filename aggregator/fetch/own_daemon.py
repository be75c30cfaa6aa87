"""A question to our own daemon at the address that it listens on: the one request without a guard.

The address is the operator's own setting; no feed and no page has a word in it.
"""

from __future__ import annotations

import http.client
from contextlib import closing

from aggregator.errors import AggregatorError

_TIMEOUT_S = 4
_MOST = 65_536  # bytes of an answer
# Where a server that listens everywhere is reached from here.
_HERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing listens here


def ask_health(host: str, port: int) -> tuple[bool, bytes]:
    """True if the daemon that listens at ``host`` and ``port`` says that it works, and all it says.

    Raises :class:`AggregatorError` when nobody answers.
    """
    here = _HERE.get(host, host)
    try:
        # Not urllib, which would ask a proxy that the environment may name.
        with closing(http.client.HTTPConnection(here, port, timeout=_TIMEOUT_S)) as asked:
            asked.request("GET", "/health")
            answer = asked.getresponse()
            return answer.status == http.client.OK, answer.read(_MOST)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise AggregatorError(
            f"nobody answers at {here} port {port}: {reason}", hint="does the daemon run?"
        ) from error
