"""Our hub at work: real callbacks on loopback, a real store, news from memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aggregator.config.settings import FetchSettings, Settings
from aggregator.deliver import hub_service
from aggregator.deliver.hub_service import Hub
from aggregator.engine.hub_lanes import HubEngine, Published
from aggregator.errors import ConnectFailed
from aggregator.fetch.hub_calls import HubCalls
from aggregator.model import Cursor, HubAnswer, HubDocument, HubRequest, HubTopic, OutputFeed
from aggregator.ports import Engine, Poster
from aggregator.publish.render import pack
from aggregator.store.db.tables import hub_pings, hub_requests, hub_subscriptions
from aggregator.store.deliveries.hub_store import SqlHub
from tests.support.hub_subscriber import Listener, listening
from tests.support.patience import until
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, stored_at

BASE = "https://me.example"
TOPIC = f"{BASE}/feeds/all.atom"
OTHER_HUB = "https://hub.example/"


class News:
    """An output's log of numbers; a document holds those that are new."""

    def __init__(self) -> None:
        self.latest: int = 5
        self.readable = True

    async def head(self, _output: str) -> Cursor | None:
        return Cursor(1, self.latest)

    async def news(self, topic: HubTopic, since: Cursor | None, most: int) -> HubDocument | None:
        if not self.readable:
            return None
        known = since.seq if since is not None else 0
        upto = min(self.latest, known + most)
        body = " ".join(map(str, range(known + 1, upto + 1))).encode()
        links = f'<{BASE}/hub>; rel="hub", <{topic.url}>; rel="self"'
        more = upto < self.latest
        return HubDocument(body, "application/atom+xml", links, Cursor(1, upto), upto - known, more)


class Setting:
    """A hub with its engine; other hubs note what they are told."""

    def __init__(self, stored: Stored, calls: HubCalls, **hub: Any) -> None:
        self.stored, self.news, self.published = stored, News(), Published()
        self.told: list[tuple[str, dict[str, str]]] = []
        self.hub_fails = False
        self.settings = Settings.model_validate({"base_url": BASE, "hub": {"enabled": True, **hub}})
        poster, engine = SimpleNamespace(post=self._post), SimpleNamespace(network_down=False)
        self.hub = Hub(
            SqlHub(stored.database), calls, cast("Poster", poster), self.news, stored.clock,
            lambda: self.settings,
        )  # fmt: skip
        self.engine = HubEngine(
            cast("Engine", engine), self.hub, self.published, stored.clock, alone=True
        )

    async def _post(self, url: str, form: dict[str, str], *, inside: bool) -> None:
        assert inside  # the operator named it
        self.told.append((url, form))
        if self.hub_fails:
            raise ConnectFailed(url, "nobody there")

    async def ask(self, one: Listener, **more: str) -> HubAnswer | str:
        form = "&".join(f"{k}={_quoted(v)}" for k, v in one.form(TOPIC, **more).items())
        asked = self.hub.read(form.encode())
        return await self.hub.ask(asked) if isinstance(asked, HubRequest) else asked

    async def publish(self, latest: int | None = None) -> None:
        self.news.latest = latest or self.news.latest
        cursor = Cursor(1, self.news.latest)
        one = pack("all", "atom", f"{cursor}".encode(), NOW, cursor)
        links = {"atom": TOPIC}
        self.published.publish(OutputFeed("all", "", "", BASE, (), NOW, links=links), [one])
        await self.engine.tick()

    async def subscribed(self, *listeners: Listener) -> None:
        for one in listeners:
            assert await self.ask(one) is HubAnswer.ACCEPTED
        await self.engine.tick()
        await until(lambda: len(self.rows()) == len(listeners), "subscriptions")

    def rows(self) -> list[Any]:
        return self.stored.rows(hub_subscriptions)

    async def later(self, by: timedelta) -> None:
        self.stored.clock.advance(by)
        await self.engine.tick()


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@asynccontextmanager
async def serving(tmp_path: Path, *listeners: Listener, **hub: Any) -> AsyncIterator[Setting]:
    allowed = FetchSettings.model_validate({"allow_networks": ["127.0.0.0/8"]})
    with stored_at(f"sqlite:///{tmp_path}/x.db") as stored:
        async with listening(*listeners), HubCalls(allowed, base_url=BASE) as calls:
            setting = Setting(stored, calls, **hub)
            working = asyncio.create_task(setting.engine.serve())
            try:
                yield setting
            finally:
                for one in listeners:
                    if one.hold is not None:
                        one.hold.set()
                await setting.engine.stop()
                await working


async def test_news_is_told_once_from_where_the_subscriber_is(tmp_path: Path) -> None:
    one = Listener(secret="secret")
    async with serving(tmp_path, one) as setting:
        await setting.publish()
        await setting.subscribed(one)
        await setting.publish(7)
        await one.until(lambda: one.got)
        await setting.publish(8)
        await one.until(lambda: len(one.got) == 2)
        assert [got.body for got in one.got] == [b"6 7", b"8"]
        assert all(got.is_signed for got in one.got)
        await until(lambda: setting.rows()[0].due_at is None, "all is told")


@pytest.mark.parametrize(
    "echo",
    [str.encode, lambda text: text.encode() + b"\n", lambda _: b"", lambda _: b"x" * (5 << 20)],
)
async def test_only_the_whole_echo_confirms(tmp_path: Path, echo: Any) -> None:
    one = Listener(echo=echo)
    async with serving(tmp_path, one) as setting:
        await setting.ask(one)
        await setting.engine.tick()
        await until(lambda: not setting.stored.rows(hub_requests), "the end of the request")
        assert len(setting.rows()) == (echo is str.encode)
        assert len(one.asked) == 1


async def test_challenges_differ_and_a_stranger_changes_no_secret(tmp_path: Path) -> None:
    one = Listener(secret="secret")
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        one.agrees = False
        await setting.ask(one, **{"hub.secret": "theirs"})
        await setting.engine.tick()
        await until(lambda: not setting.stored.rows(hub_requests), "the end of the request")
        (row,) = setting.rows()
        assert row.secret == "secret"
        first, second = (asked["hub.challenge"] for asked in one.asked)
        assert first != second
        assert len(first) > 40


async def test_a_refused_address_is_not_asked_for_again(tmp_path: Path) -> None:
    one = Listener()
    async with serving(tmp_path, one) as setting:
        one.url = "http://169.254.169.254/latest/"
        assert await setting.ask(one) is HubAnswer.ACCEPTED
        await setting.engine.tick()
        await until(lambda: not setting.stored.rows(hub_requests), "the end of the request")
        assert setting.rows() == []


async def test_a_callback_that_is_gone_is_let_go(tmp_path: Path) -> None:
    one = Listener()
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        one.status = 410
        await setting.publish(6)
        await until(lambda: not setting.rows(), "the end of the subscription")


@pytest.mark.parametrize("status", [500, 404, 307, 429])
async def test_failures_are_tried_again_for_days_and_then_dropped(
    tmp_path: Path, status: int
) -> None:
    one = Listener(status=status, location="/elsewhere", retry_after="60")
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        await setting.publish(6)
        attempts = 0
        while setting.rows()[0].dropped_at is None:
            attempts += 1
            await until(lambda: setting.rows()[0].failures == attempts, "a failure")  # noqa: B023
            if attempts == 1:
                wait = setting.rows()[0].due_at - NOW
                assert timedelta(minutes=1) <= wait <= timedelta(minutes=1.5)
            await setting.later(9 * HOUR)
        assert len(one.got) == attempts
        assert 10 < attempts < 20  # nine hours from one to the next
        assert all(got.body == b"6" for got in one.got)
        report = await setting.hub.store.report(setting.stored.clock.now())
        assert (report.audiences[0].dropped, report.audiences[0].subscribers) == (1, 0)
        assert report.audiences[0].error == f"answered {status}"


async def test_one_that_comes_back_is_told_all_it_missed(tmp_path: Path) -> None:
    one = Listener(status=503)
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        await setting.publish(6)
        await until(lambda: setting.rows()[0].failures == 1, "a failure")
        await setting.publish(9)
        one.status = 204
        await setting.later(MINUTE)
        await until(lambda: setting.rows()[0].seq == 9, "the delivery")
        assert one.got[-1].body == b"6 7 8 9"
        assert setting.rows()[0].failures == 0


async def test_nobody_waits_for_who_lets_us_wait(tmp_path: Path) -> None:
    slow, quick = Listener(hold=asyncio.Event()), Listener()
    async with serving(tmp_path, slow, quick) as setting:
        assert slow.hold is not None
        slow.hold.set()
        await setting.subscribed(slow, quick)
        slow.hold.clear()
        await setting.publish(6)
        await slow.until(lambda: slow.got)
        for number in (7, 8, 9):
            await setting.publish(number)
            await quick.until(lambda: quick.got and quick.got[-1].body.endswith(b"%d" % number))  # noqa: B023
        assert len(slow.got) == 1
        slow.hold.set()
        await until(lambda: all(row.seq == 9 for row in setting.rows()), "the last one")


async def test_who_takes_long_is_given_more_time_among_its_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_service, "SLOW_S", 0.2)
    one = Listener()
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        one.hold = asyncio.Event()
        await setting.publish(6)
        await until(lambda: setting.rows()[0].slow, "patience")
        await setting.engine.tick()
        await one.until(lambda: len(one.got) == 2)
        one.hold.set()
        await until(lambda: setting.rows()[0].seq == 6, "the delivery")
        assert setting.rows()[0].failures == 0


async def test_a_log_that_cannot_be_read_is_nobody_s_failure(tmp_path: Path) -> None:
    one = Listener()
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        setting.news.readable = False
        await setting.publish(6)
        await until(lambda: setting.rows()[0].claim == 1, "a look")
        await until(lambda: setting.rows()[0].due_at < NOW + MINUTE, "the next one planned")
        setting.news.readable = True
        await setting.later(MINUTE)
        await one.until(lambda: one.got)
        assert setting.rows()[0].failures == 0


async def test_an_output_that_becomes_private_ends_with_a_word(tmp_path: Path) -> None:
    one = Listener()
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        private = setting.settings.outputs[0].model_copy(update={"token": "x" * 32})
        setting.settings = setting.settings.model_copy(update={"outputs": (private,)})
        await setting.publish(6)
        setting.engine.reconfigured()
        await setting.engine.tick()
        await one.until(lambda: len(one.asked) == 2)
        assert (one.asked[1]["hub.mode"], one.asked[1]["hub.topic"]) == ("denied", TOPIC)
        assert "hub.challenge" not in one.asked[1]
        assert (one.got, setting.rows()) == ([], [])


async def test_other_hubs_are_told_at_each_change_and_again_until_they_hear(tmp_path: Path) -> None:
    async with serving(tmp_path, external=[OTHER_HUB]) as setting:
        setting.hub_fails = True
        await setting.publish(6)
        await until(lambda: setting.told, "the news")
        form = {"hub.mode": "publish", "hub.url": TOPIC, "hub.topic": TOPIC}
        assert setting.told == [(OTHER_HUB, form)]
        await until(lambda: setting.stored.row(hub_pings).failures == 1, "the failure")
        await setting.publish(6)
        setting.hub_fails = False
        await setting.later(MINUTE)
        await until(lambda: setting.stored.row(hub_pings).due_at is None, "the second attempt")
        await setting.publish(6)
        assert len(setting.told) == 2
        await setting.publish(7)
        await until(lambda: len(setting.told) == 3, "the next news")


async def test_private_outputs_are_no_news(tmp_path: Path) -> None:
    async with serving(tmp_path, external=[OTHER_HUB]) as setting:
        one = replace(pack("mine", "atom", b"body", NOW), token="t")
        feed = OutputFeed("mine", "", "", BASE, (), NOW, tokens=("t",), links={"atom": TOPIC})
        setting.published.publish(feed, [one])
        assert setting.published.take() == {}


async def test_leases_end(tmp_path: Path) -> None:
    one = Listener()
    async with serving(tmp_path, one) as setting:
        await setting.subscribed(one)
        setting.stored.clock.advance(11 * DAY)
        await setting.publish(6)
        assert one.got == []
        assert await setting.hub.store.expire(setting.stored.clock.now()) <= 1
        assert setting.rows() == []
