"""The clock, the network and the worker processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from aggregator.model import Request, Response, SendOutcome, TaskLimits

T = TypeVar("T")


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Fetcher(Protocol):
    """The one door for outgoing requests: guarded, polite, bounded."""

    async def fetch(self, request: Request) -> Response:
        """Make one GET; follow redirects within the cap, each hop guarded anew.

        Waits for the host's slot first. Returns status 200, 226 or 304; raises a
        :class:`~aggregator.errors.FetchError` subclass for everything else, always within the
        deadline plus the wait for the host's slot. A 304 is only ever returned for a request
        with validators that belong to the URL that answered.
        """
        ...


class Poster(Protocol):
    """The same door, for the requests that ask a hub for something."""

    async def post(self, url: str, form: Mapping[str, str], *, inside: bool) -> Response:
        """POST ``form`` (application/x-www-form-urlencoded); the answer has a status, no body.

        It may lead ``inside`` the networks that the operator opened, or not.

        Guarded, polite and bounded like a fetch; 307 and 308 are followed, with the form. Raises a
        :class:`~aggregator.errors.FetchError` subclass for everything but a 2xx.
        """
        ...


class HookPoster(Protocol):
    """The same guard, for webhooks: what the operator wants told, to where the operator says."""

    async def post_hook(
        self, url: str, headers: Mapping[str, str], body: bytes, patience: timedelta
    ) -> SendOutcome:
        """POST a JSON ``body``; success is a 2xx within ``patience``.

        Never raises for what the other side does or says: no redirect is followed, next to nothing of
        the answer is read, and neither its text nor the address stands in the outcome.
        """
        ...


class Workers(Protocol):
    """Processes for work on strangers' bytes: bounded in time and memory, replaceable."""

    async def run(
        self,
        function: Callable[..., T],
        *args: object,
        limits: TaskLimits,
        ahead: bool = False,
        **named: object,
    ) -> T:
        """Call the picklable ``function(*args, **named)`` in a worker and return its result.

        Few wait for their turn in front of one that goes ``ahead``, however many are to be done.

        Raises what the function raises; :class:`~aggregator.errors.WorkerTimeout` when it took more
        time than ``limits`` say (it is killed), ``WorkerMemory`` when it asked for more memory,
        ``WorkerCrashed``.
        """
        ...
