"""The subscriber: asks hubs, answers them, and accepts what they deliver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from aggregator.config.settings import Settings
from aggregator.errors import FetchError
from aggregator.model import Delivery, Subscription, SubscriptionState
from aggregator.ports import Clock, Poster, SubscriptionStore
from aggregator.privacy.masking import masked
from aggregator.schedule.chance import chance
from aggregator.websub import protocol
from aggregator.websub.inbox import Inbox
from aggregator.websub.protocol import Verdict

log = structlog.get_logger("aggregator")

# Polled at the latest so long after a delivery that was accepted, should it come to nothing.
_TAKEN_WITHIN = timedelta(minutes=2)
_TOLD = frozenset({SubscriptionState.PENDING, SubscriptionState.ACTIVE})


class Subscriber:
    """Keeps the subscriptions that the configuration and the feeds ask for.

    ``settings`` gives those that hold now. Everything may raise
    :class:`~aggregator.errors.StoreError`.
    """

    def __init__(
        self,
        store: SubscriptionStore,
        poster: Poster,
        clock: Clock,
        settings: Callable[[], Settings],
        inbox: Inbox,
    ) -> None:
        self._store = store
        self._poster = poster
        self._clock = clock
        self._settings = settings
        self._inbox = inbox

    @property
    def largest(self) -> int:
        """Bytes of a document that are accepted: as many as when it is polled."""
        return self._settings().fetch.max_feed_size

    @property
    def patience(self) -> timedelta:
        """Time that a hub may take to send a document."""
        return self._settings().fetch.timeout

    # asking

    async def catch_up(self) -> None:
        """Have the feeds polled of whose news hubs may have told us in vain, while we were away."""
        within = self._settings().schedule.min_interval
        count = await self._store.catch_up(self._clock.now(), within)
        if count:
            log.info("push resumed", feeds=count)

    async def reconcile(self) -> None:
        """Want the subscriptions that configuration and feeds ask for, and no others."""
        base = protocol.callback_base(self._settings())
        wanted, ended = await self._store.reconcile(base, self._clock.now())
        if wanted or ended:
            log.info("push", subscribe=wanted, unsubscribe=ended)

    async def claim(self, limit: int) -> list[Subscription]:
        """Up to ``limit`` subscriptions that hubs are to be asked for now."""
        now = self._clock.now()
        return await self._store.claim_requests(
            now, limit, lambda failures: protocol.retry_at(now, failures, chance())
        )

    async def ask(self, subscription: Subscription) -> None:
        """Send the hub the request that is due: subscribe, renew, or unsubscribe."""
        ending = subscription.state is SubscriptionState.ENDING
        if ending and subscription.failures > protocol.ENDING_ATTEMPTS:
            await self._store.drop(subscription)  # its lease ends by itself
            return
        form = protocol.request_form(subscription, self._settings().websub.lease)
        try:
            await self._poster.post(subscription.hub, form, inside=subscription.inside)
        except FetchError as error:
            log.warning("hub not reached", hub=masked(subscription.hub), error=str(error))
            await self._store.request_failed(subscription, str(error))

    # being asked

    async def verify(self, token: str, query: Mapping[str, str]) -> str | None:
        """Answer a hub that asks whether we meant it: the challenge to echo; None: we did not.

        A denial is noted, and echoes the empty string.
        """
        intent = protocol.read_intent(query)
        subscription = await self._store.by_token(token) if intent else None
        if intent is None or subscription is None:
            return None
        now = self._clock.now()
        verdict = protocol.judge(intent, subscription, now)
        if verdict is Verdict.CONFIRM:
            lease = protocol.granted(intent.lease, self._settings().websub.lease)
            renewal = protocol.renew_at(now, lease)
            await self._store.confirm(subscription, now, now + lease, renewal)
            log.info("push active", topic=masked(subscription.topic), until=now + lease)
        elif verdict is Verdict.RELEASE:
            await self._store.drop(subscription)
            log.info("push ended", topic=masked(subscription.topic))
        elif verdict is Verdict.DENIED:
            reason = " ".join(intent.reason.split())[:200]
            by = now + self._settings().schedule.min_interval * chance()
            await self._store.deny(subscription, reason, now + protocol.DENIED_FOR, by)
            log.warning("push denied", topic=masked(subscription.topic), reason=reason)
            return ""
        return intent.challenge if verdict is not Verdict.REFUSE else None

    # being told

    async def listener(self, token: str) -> Subscription | None:
        """The subscription that a delivery to ``token`` belongs to; None: there is none (any more)."""
        subscription = await self._store.by_token(token)
        return subscription if subscription and subscription.state in _TOLD else None

    async def accept(
        self, subscription: Subscription, body: bytes, content_type: str, signature: str
    ) -> bool:
        """Keep a delivered document to be taken; False: its signature is not the hub's.

        When this returns True its news cannot be lost: the feed is polled soon unless the document
        is taken before.
        """
        now = self._clock.now()
        if not protocol.signed(signature, body, subscription.secret):
            log.warning("delivery dropped", topic=masked(subscription.topic), reason="signature")
            # A hub that signs wrongly tells us nothing: the feed is polled as if there were none.
            await self._store.poll_by(
                subscription.feed_id, now + self._settings().schedule.min_interval
            )
            return False
        planned = await self._store.poll_by(subscription.feed_id, now + _TAKEN_WITHIN)
        delivery = Delivery(subscription.feed_id, subscription.topic, content_type, body, planned)
        if not self._inbox.put(delivery):
            await self._store.poll_by(subscription.feed_id, now)
        return True

    async def leave(self, delivery: Delivery) -> None:
        """A delivery came to nothing: its feed is polled instead."""
        log.info("delivery left to a poll", topic=masked(delivery.topic))
        await self._store.poll_by(delivery.feed_id, self._clock.now())
