"""Our WebSub hub: takes requests, has callbacks confirm them, and delivers what is new.

Each subscription is a cursor on its output's log. What is delivered is what stands there beyond the
cursor, which moves once the callback has answered: killed at any moment, it is delivered again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

import structlog

from aggregator.config.own_address import external_hubs, hub_address
from aggregator.config.settings import Settings
from aggregator.deliver import hub_answers
from aggregator.deliver.hub_answers import SLOW_S, SLOWEST_S, Outcome
from aggregator.deliver.hub_requests import question, read_request
from aggregator.deliver.hub_topics import topic_of
from aggregator.errors import (
    AddressRefused,
    AggregatorError,
    BadBody,
    BadProtocol,
    ConnectFailed,
    FetchError,
    HttpStatus,
    InvalidUrl,
    NameNotResolved,
    StoreError,
    TimedOut,
    TlsFailed,
    TooLarge,
    error_line,
)
from aggregator.model import (
    Cursor,
    HubAnswer,
    HubCall,
    HubCaps,
    HubDocument,
    HubMode,
    HubPing,
    HubRequest,
    HubSubscription,
    HubTopic,
)
from aggregator.ports import NO_METRICS, Clock, HubCaller, HubNews, HubStore, Metrics, Poster
from aggregator.privacy.masking import masked
from aggregator.schedule.chance import chance

log = structlog.get_logger("aggregator")

CLAIMED_FOR = timedelta(seconds=90)
"""Longer than any call takes: after that somebody else does the same."""
_WORDS: tuple[tuple[type[FetchError], str], ...] = (
    (AddressRefused, "its address is not public"),
    (InvalidUrl, "its address cannot be asked"),
    (NameNotResolved, "its name has no address"),
    (ConnectFailed, "no connection"),
    (TlsFailed, "TLS failed"),
    (TimedOut, "no answer in time"),
    (TooLarge, "too large an answer"),
    (BadBody, "a broken answer"),
    (BadProtocol, "no HTTP"),
)
_LATER = timedelta(seconds=10)  # when an output's log cannot be read
_CHALLENGE_BYTES = 32
_MOST_ITEMS = 100  # of one delivery; what is beyond follows in the next


class Hub:
    """The hub of this process. ``settings`` gives those that hold now.

    Everything may raise :class:`~aggregator.errors.StoreError`.
    """

    def __init__(
        self,
        store: HubStore,
        caller: HubCaller,
        poster: Poster,
        news: HubNews,
        clock: Clock,
        settings: Callable[[], Settings],
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._metrics = metrics
        self.store = store
        self._caller = caller
        self._poster = poster
        self._news = news
        self._clock = clock
        self._settings = settings

    @property
    def settings(self) -> Settings:
        """Those that hold now."""
        return self._settings()

    @property
    def is_on(self) -> bool:
        """True where subscribers are served."""
        return hub_address(self._settings()) is not None

    def topic_of(self, url: str) -> HubTopic | None:
        """The feed that subscribers may have told of, by its address."""
        return topic_of(self._settings(), url) if self.is_on else None

    def read(self, body: bytes) -> HubRequest | str:
        """The request in a form; else what is wrong with it."""
        return read_request(body, self.topic_of)

    async def ask(self, request: HubRequest) -> HubAnswer:
        """Keep a request until its callback is asked."""
        return await self.store.ask(request, self._caps(), self._clock.now())

    def _caps(self) -> HubCaps:
        hub = self._settings().hub
        return HubCaps(hub.max_subscriptions, hub.max_per_site)

    # ── verification of intent ──────────────────────────────────────────────────────────────

    async def verify(self, request: HubRequest) -> bool:
        """Ask a callback whether it meant the request; False when it did not say so."""
        if request.mode is not HubMode.DENIED and self.topic_of(request.topic.url) is None:
            await self.store.retry_request(request, None)
            return True
        # Before the question: what comes meanwhile is told.
        cursor = None
        if request.mode is HubMode.SUBSCRIBE:
            cursor = await self._head(request.topic.output)
        challenge = secrets.token_urlsafe(_CHALLENGE_BYTES)
        try:
            answer = await self._caller.get(question(request, challenge), len(challenge) + 1)
        except FetchError as error:
            await self._unanswered(request, error)
            return False
        if request.mode is HubMode.DENIED:
            await self.store.retry_request(request, None)
            return True
        if not hub_answers.confirms(answer, challenge):
            # Strangers can have as many of these lines as they like.
            log.debug("subscription not confirmed", site=request.site, status=answer.status)
            await self.store.retry_request(request, None)
            return False
        done = await self.store.confirm(request, self._clock.now(), cursor, self._caps())
        if done is HubAnswer.ACCEPTED:
            mode, output = request.mode.value, request.topic.output
            log.info("hub", mode=mode, output=output, site=request.site)
        elif done is not None:
            log.warning("subscription refused", site=request.site, reason=done.value)
        return True

    async def _head(self, output: str) -> Cursor | None:
        try:
            return await self._news.head(output)
        except StoreError:
            raise
        except AggregatorError:  # a reload has just taken it away
            return None

    async def _unanswered(self, request: HubRequest, error: FetchError) -> None:
        retry = hub_answers.verify_again(request.attempts + 1, self._clock.now())
        if request.mode is HubMode.DENIED or isinstance(error, AddressRefused | InvalidUrl):
            retry = None  # asking again cannot help
        log.debug("callback not reached", site=request.site, error=kind_of(error), retry=retry)
        await self.store.retry_request(request, retry)

    # ── deliveries ──────────────────────────────────────────────────────────────────────────

    async def deliver(self, claimed: HubSubscription) -> None:
        """Tell a subscription what is new since its cursor."""
        if (
            self.topic_of(claimed.topic.url) is None
        ):  # as a reload has it; the topics are compared soon
            await self.store.postpone(claimed, self._clock.now() + _LATER)
            return
        try:
            document = await self._news.news(claimed.topic, claimed.cursor, _MOST_ITEMS)
        except StoreError:
            raise
        except AggregatorError as error:
            log.error("nothing to deliver", output=claimed.topic.output, error=error_line(error))
            document = None
        if document is None:
            await self.store.postpone(claimed, self._clock.now() + _LATER)
            return
        if document.count:
            await self._send(claimed, document)
        else:
            await self._told(claimed, document, slow=False, delivered=False)

    async def _send(self, claimed: HubSubscription, document: HubDocument) -> None:
        fields = hub_answers.fields_of(document, claimed.secret)
        seconds = SLOWEST_S if claimed.slow else SLOW_S
        try:
            answer = await self._caller.post(claimed.callback, document.body, fields, seconds)
        except TimedOut as error:
            if claimed.slow:
                await self._failed(claimed, kind_of(error), None)
            else:  # nobody else is to wait for it longer
                await self.store.postpone(claimed, self._clock.now(), slow=True)
            return
        except FetchError as error:
            await self._failed(claimed, kind_of(error), None)
            return
        outcome = hub_answers.outcome_of(answer)
        if outcome is Outcome.TOLD:
            await self._told(claimed, document, slow=answer.seconds > SLOW_S, delivered=True)
        elif outcome is Outcome.GONE:
            log.info("subscriber gone", output=claimed.topic.output, site=claimed.site)
            self._metrics.delivered("hub", "gone")
            await self.store.end(claimed)
        else:
            await self._failed(claimed, f"answered {answer.status}", answer)

    async def _told(
        self, claimed: HubSubscription, document: HubDocument, *, slow: bool, delivered: bool
    ) -> None:
        if delivered:
            self._metrics.delivered("hub", "delivered")
        await self.store.told(
            claimed,
            document.upto,
            self._clock.now(),
            more=document.more,
            slow=slow,
            delivered=delivered,
        )

    async def _failed(self, claimed: HubSubscription, error: str, answer: HubCall | None) -> None:
        now, failures = self._clock.now(), claimed.failures + 1
        retry = hub_answers.deliver_again(failures, claimed.failing_since, now, answer, chance())
        output, site = claimed.topic.output, claimed.site
        self._metrics.delivered("hub", "given_up" if retry is None else "failed")
        if retry is None:
            log.warning("subscriber dropped", output=output, site=site, error=error)
        elif failures == 1:
            log.info("subscriber not reached", output=output, site=site, error=error)
        await self.store.failed(claimed, error, now, retry)

    # ── other hubs ──────────────────────────────────────────────────────────────────────────

    async def ping(self, claimed: HubPing) -> None:
        """Tell another hub that a topic of ours has news; it fetches them itself."""
        hub, topic = claimed.address.hub, claimed.address.topic
        now = self._clock.now()
        if hub not in external_hubs(self._settings()):
            await self.store.pinged(claimed, now)
            return
        # Hubs read the one or the other.
        form = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
        try:
            await self._poster.post(hub, form, inside=True)  # the operator's own
        except FetchError as error:
            now, failures = self._clock.now(), claimed.failures + 1
            retry = hub_answers.deliver_again(failures, claimed.failing_since, now, None, chance())
            if failures == 1 or retry is None:
                log.warning("hub not told", hub=masked(hub), error=error_line(error), retry=retry)
            self._metrics.delivered("hub_ping", "given_up" if retry is None else "failed")
            await self.store.pinged(claimed, now, kind_of(error), retry)
        else:
            self._metrics.delivered("hub_ping", "delivered")
            await self.store.pinged(claimed, self._clock.now())


def kind_of(error: FetchError) -> str:
    """The failure in words that hold no address of a subscriber."""
    if isinstance(error, HttpStatus):
        return f"answered {error.status}"
    return next((words for kind, words in _WORDS if isinstance(error, kind)), "no answer")
