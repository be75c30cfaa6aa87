"""Everything that can go wrong, in one tree.

    AggregatorError
    ├── ConfigError            the operator's files: exit status 2, nothing started
    ├── AlreadyRunning         another instance holds this database
    ├── ExpressionError        an expression of the operator's is none, or cannot be compiled here
    ├── ControlError           a running daemon cannot be asked, or was asked for what it does not know
    ├── StoreError             the database
    │   ├── TooOld             a later release has changed the database: this one cannot work on it
    │   └── LeaseLost          someone else owns the work by now; the late write was refused
    ├── PublishError           the output files could not be written; the last good ones stay
    ├── FetchError             one request
    │   ├── InvalidUrl         not http(s), or not a URL at all
    │   ├── AddressRefused     the address is not public and not allowed
    │   ├── RobotsRefused      the host's robots.txt says that this page is not for us
    │   ├── RobotsUnreachable  its robots.txt cannot be had for now, so the page is not asked for
    │   ├── NameNotResolved    DNS has no answer; NameServersSilent: none for now
    │   ├── ConnectFailed      refused, reset, unreachable
    │   ├── TlsFailed          certificate or handshake
    │   ├── TimedOut           the deadline for the whole exchange passed
    │   ├── TooLarge           received or decoded bytes above the cap
    │   ├── BadBody            truncated, wrong length, broken or stacked content coding
    │   ├── BadProtocol        not HTTP, endless headers
    │   ├── TooManyRedirects   loop, or more hops than allowed
    │   └── HttpStatus         an answer other than 200, 226, 304
    │       ├── Gone           410
    │       └── Throttled      429, 503 with Retry-After
    │           └── HostOnCooldown  not asked at all: an earlier answer asked us to leave the host alone
    ├── ParseError             one document
    │   └── NotAFeed           an HTML page or something else; ``offers`` names feeds it links to
    ├── ExtractError           one article page
    │   └── NoArticle          read, but a wall, an error page, not HTML: trying again cannot help
    └── WorkerError            a worker process
        ├── WorkerTimeout      ran past its limit and was killed
        ├── WorkerMemory       asked for more memory than it may
        └── WorkerCrashed      died
            └── WorkerUnavailable  could not be started

Every message says what happened and to what; ``hint`` says what to do next. Neither ever holds a
secret: URLs in messages are masked by :func:`~aggregator.privacy.masking.masked`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.privacy.masking import masked

_MAX_LINE = 1000  # characters of an error that are kept


def error_line(error: Exception) -> str:
    """``error`` in one line, for the status of a feed or a page."""
    text = " ".join(masked(str(error)).split())
    text = text if len(text) <= _MAX_LINE else f"{text[:_MAX_LINE]}…"
    return text if isinstance(error, FetchError) and text else f"{type(error).__name__}: {text}"


class AggregatorError(Exception):
    """The root: ``str(error)`` is for people, one line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross from worker processes whole, whatever their constructors ask for.
        return _restored, (type(self), self.args, self.__dict__.copy())


def _restored(
    kind: type[AggregatorError], args: tuple[Any, ...], state: dict[str, Any]
) -> AggregatorError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One thing wrong in the operator's files: where, what, and what was expected."""

    where: str  # "config/aggregator.toml:12", "feeds.opml: outline 3", "AGGREGATOR_SERVER__PORT"
    message: str


class ConfigError(AggregatorError):
    """The configuration cannot be used; ``faults`` lists every fault found."""

    def __init__(self, faults: Sequence[ConfigFault]) -> None:
        super().__init__("\n".join(f"{f.where}: {f.message}" for f in faults))
        self.faults = tuple(faults)


class ExpressionError(AggregatorError):
    """An expression cannot be used; ``line`` and ``column`` count from 1, 0: of the whole of it."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = (
            f"column {self.column}" if self.line == 1 else f"line {self.line}, column {self.column}"
        )
        said = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"{place}: {said}" if self.line else said


class AlreadyRunning(AggregatorError):
    """Another instance holds this database."""


class ControlError(AggregatorError):
    """A running daemon cannot be asked, or what came of it is no message of ours."""


class StoreError(AggregatorError):
    """The database failed or refused."""


class TooOld(StoreError):
    """The database was brought to a shape that this release knows nothing of: exit status 3."""


class RowsBusy(StoreError):
    """Another transaction writes what this one has to; it is done again a moment later."""


class LeaseLost(StoreError):
    """The work was given to someone else; the late result was not written."""


class PublishError(AggregatorError):
    """An output could not be written where it belongs; what stood there before still stands."""


class FetchError(AggregatorError):
    """One request failed. ``url`` is the URL asked for (user info masked)."""

    def __init__(self, url: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{masked(url)}: {masked(message)}", hint=hint)
        self.url = masked(url)


class InvalidUrl(FetchError):
    """Not http(s), or not a URL at all."""


class AddressRefused(FetchError):
    """The address is not public and not in ``fetch.allow_networks``."""


class RobotsRefused(FetchError):
    """The host's robots.txt (RFC 9309) refuses this page; asking again cannot help."""


class RobotsUnreachable(FetchError):
    """The host's robots.txt cannot be had for now, so its pages are not asked for (§2.3.1.4)."""


class NameNotResolved(FetchError):
    """DNS has no address for the host."""


class NameServersSilent(NameNotResolved):
    """The name servers do not answer, or cannot tell: whether there is such a name is not known."""


class ConnectFailed(FetchError):
    """Refused, reset or unreachable."""


class TlsFailed(FetchError):
    """The certificate or the handshake."""


class TimedOut(FetchError):
    """The deadline for the whole exchange passed."""


class TooLarge(FetchError):
    """More received or decoded bytes than the cap."""


class BadBody(FetchError):
    """Truncated, of the wrong length, or with a broken or stacked content coding."""


class BadProtocol(FetchError):
    """Not HTTP, or headers without end."""


class TooManyRedirects(FetchError):
    """A loop, or more hops than allowed."""


class HttpStatus(FetchError):
    """An answer other than 200, 226 and 304. ``headers`` has lower-case names."""

    def __init__(
        self,
        url: str,
        status: int,
        headers: Mapping[str, str] | None = None,
        *,
        message: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(url, message or f"HTTP status {status}", hint=hint)
        self.status = status
        self.headers: Mapping[str, str] = headers or {}


class Gone(HttpStatus):
    """410: the publisher says that it will not come back."""


class Throttled(HttpStatus):
    """429, or 503 with Retry-After: the publisher asks us to wait."""


class HostOnCooldown(Throttled):
    """Not asked at all: the host is still in a cooldown after an earlier :class:`Throttled`.

    ``headers`` carries a ``retry-after`` of ours. It says nothing about the URL itself.
    """


class ParseError(AggregatorError):
    """One document could not be understood at all."""


@dataclass(frozen=True, slots=True)
class FeedOffer:
    """A feed that a page links to, or that follows from what kind of site it is of (``guessed``)."""

    url: str
    title: str = ""
    media_type: str = ""
    guessed: bool = False


class NotAFeed(ParseError):
    """The document is no feed; ``offers`` names the feeds that it links to."""

    def __init__(self, message: str, *, offers: Sequence[FeedOffer] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.offers = tuple(offers)


class ExtractError(AggregatorError):
    """One page gave no article."""


class NoArticle(ExtractError):
    """The page was read and holds no article; trying again cannot help.

    ``view`` is another view of it that may, ``blocks`` are digests of what it has, both as
    ``PageReading`` has them; ``leads_to`` is the page to which it sends its readers on at once.
    """

    def __init__(
        self,
        message: str,
        *,
        view: tuple[str, str] | None = None,
        leads_to: str = "",
        hint: str = "",
        blocks: bytes = b"",
    ) -> None:
        super().__init__(message, hint=hint)
        self.view = view
        self.leads_to = leads_to
        self.blocks = blocks


class WorkerError(AggregatorError):
    """A worker process failed at one piece of work; the others go on."""


class WorkerTimeout(WorkerError):
    """It ran past its limit and was killed."""


class WorkerMemory(WorkerError):
    """It asked for more memory than it may have."""


class WorkerCrashed(WorkerError):
    """It died."""


class WorkerUnavailable(WorkerCrashed):
    """There was none to do the work: this machine's fault, whatever the work was."""
