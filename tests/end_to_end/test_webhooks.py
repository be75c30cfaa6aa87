"""A running daemon whose stories are told: killed at the worst moment, asked by commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.end_to_end.test_control import Operator
from tests.support.patience import until
from tests.support.polling import ok, open_site, rss
from tests.support.running import started
from tests.support.servers import run_app

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MORE = """[extract]
mode = "never"
[[feeds]]
url = "{feed}"
every = "1s"
[[webhooks]]
name = "ops"
url = "{hook}/t0k3n-of-ops"
secret = "{secret}"
output = "all"
"""


async def test_killed_between_sending_and_storing_the_message_comes_again_as_the_same(
    tmp_path: Path,
) -> None:
    got: list[tuple[str, Any]] = []
    kill: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(SECRET).verify(body, dict(request.headers))
        got.append((request.headers["webhook-id"], json.loads(body)))
        if kill:
            kill.pop().kill()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/t0k3n-of-ops", take)
    async with open_site() as site, run_app(app) as base:
        site.answers["/feed"] = ok(rss("one"))
        more = MORE.format(feed=site.url("/feed"), hook=base, secret=SECRET)
        asked = Operator(tmp_path, more)
        async with started(asked.path, asked.port, tmp_path) as daemon:
            await until(lambda: len(got) == 1, "the first story")
            kill.append(daemon.process)
            site.answers["/feed"] = ok(rss("one", "two"))
            await daemon.process.wait()
        assert len(got) == 2
        async with started(asked.path, asked.port, tmp_path) as daemon:
            await until(lambda: len(got) == 3, "the same story again")
            assert got[2] == got[1]
            assert got[1][0] != got[0][0]
            site.answers["/feed"] = ok(rss("one", "two", "three"))
            await until(lambda: len(got) == 4, "the next story")
            said = await asked("deliver", "list") + await asked("status") + daemon.said()
        assert "webhook ops, all" in said
        assert "t0k3n" not in said
        assert SECRET not in said
