"""A real Chromium without a window, and whether anything runs in a document that it is shown.

It is driven over its DevTools protocol. What runs is found in two ways: its debugger names every
script that is compiled, however it came to be (element, handler, ``javascript:``, timer, ``eval``),
and functions that attacks call tell when they are called. Nothing outside loopback is reached.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from aggregator.sanitize.policy import EMBEDS
from tests.support.patience import PATIENCE_S, patience
from tests.support.servers import run_app

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0",
)  # fmt: skip
_OURS = "probe.js"
# Pictures and sound may be loaded; they run nothing.
_HARMLESS = frozenset({"Image", "Media", "TextTrack"})

# In every document before anything of its own: calls that attacks make are told and not made.
_HOOKS = """(() => {
  const tell = window.tell;
  for (const name of ["alert", "confirm", "prompt", "print", "open", "eval", "Function"])
    try { window[name] = () => { tell(location.pathname + " called " + name); return null; }; }
    catch (error) {}
  document.write = () => tell(location.pathname + " called document.write");
})()
//# sourceURL=probe.js"""

# In every frame once it is loaded: each event of each element, each link, each form.
_POKE = """(async () => {
  const kinds = ["abort", "animationend", "animationiteration", "animationstart", "auxclick", "beforecopy",
    "beforecut", "beforeinput", "beforepaste", "beforetoggle", "blur", "canplay", "change", "click",
    "close", "contextmenu", "copy", "cut", "dblclick", "drag", "dragend", "dragenter", "dragleave",
    "dragover", "dragstart", "drop", "durationchange", "ended", "error", "finish", "focus", "focusin",
    "focusout", "fullscreenchange", "hashchange", "input", "invalid", "keydown", "keypress", "keyup",
    "load", "loadeddata", "loadstart", "message", "mousedown", "mouseenter", "mouseleave", "mousemove",
    "mouseout", "mouseover", "mouseup", "mousewheel", "pagehide", "pageshow", "paste", "play", "playing",
    "pointerdown", "pointerenter", "pointermove", "pointerover", "pointerrawupdate", "pointerup",
    "popstate", "progress", "readystatechange", "reset", "resize", "scroll", "scrollend", "search",
    "seeked", "select", "selectionchange", "selectstart", "show", "start", "submit", "toggle",
    "touchend", "touchmove", "touchstart", "transitionend", "transitionrun", "unhandledrejection",
    "unload", "volumechange", "wheel", "beforeunload", "bounce", "begin", "end", "repeat", "animationcancel"];
  addEventListener("click", event => {
    const link = event.composedPath().find(one => one.href !== undefined && one.protocol !== undefined);
    if (link && link.protocol !== "javascript:") event.preventDefault();
  });
  addEventListener("submit", event => {
    const action = event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action");
    if (!/^\\s*javascript:/i.test(action)) event.preventDefault();
  });
  for (const element of [window, document, ...document.querySelectorAll("*")]) {
    for (const kind of kinds)
      try { element.dispatchEvent(new Event(kind, {bubbles: false, cancelable: true})); } catch (error) {}
    const href = String(element.href?.baseVal ?? element.href ?? "").replace(/[\\x00-\\x20]/g, "");
    if (/^(javascript|vbscript|data):/i.test(href)) window.tell(location.pathname + " links to a script");
    try { element.click?.(); } catch (error) {}
    try { element.focus?.(); } catch (error) {}
    try { if (element.localName === "form") element.requestSubmit(); } catch (error) {}
  }
  await new Promise(done => setTimeout(done, SETTLE));
  return location.pathname;
})()
//# sourceURL=probe.js"""


def find_chromium() -> str | None:
    """The path of a Chromium on ``PATH``, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as a server sends it, without any policy that would hold its scripts back."""

    body: str
    media_type: str = "text/html"


class Browser:
    """One tab of one Chromium; made by :func:`open_browser`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session: str | None = None
        self._events: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._loads: list[dict[str, str]] = []
        self._documents: dict[str, Shown] = {}
        self.base = ""

    async def ran(
        self, documents: Sequence[Shown | str], *, at_once: int = 60, settle: int = 20
    ) -> list[list[str]]:
        """For each document what happened that only scripts, or what may hold them, can cause.

        ``at_once`` documents are shown in frames of one page. ``settle`` is how many milliseconds
        each page is left to itself after every event of every element was fired.
        """
        found: list[list[str]] = []
        for start in range(0, len(documents), at_once):
            found += await self._page(documents[start : start + at_once], settle)
        return found

    async def _page(self, documents: Sequence[Shown | str], settle: int) -> list[list[str]]:
        number = next(self._numbers)
        names = [f"/{number}-{place}" for place in range(len(documents))]
        for name, one in zip(names, documents, strict=True):
            self._documents[name] = one if isinstance(one, Shown) else Shown(one)
        frames = "".join(f'<iframe src="{name}"></iframe>' for name in names)
        self._documents[f"/{number}"] = Shown(f"<!doctype html><title>t</title>{frames}")
        self._events.clear()
        async with patience():
            await self._go(f"{self.base}/{number}")
            poked = await asyncio.gather(
                *(self._poke(context, settle) for context in self._contexts())
            )
            self._documents.clear()
            await self._go("about:blank")
        evidence = _Evidence(names, self.base)
        for event in list(self._events):
            evidence.take(event["method"], event["params"])
        return evidence.findings(frozenset(poked))

    async def _go(self, url: str) -> None:
        """Show ``url`` and wait until it, or what it led to, is loaded with all its frames."""
        before = len(self._loads)
        shown = await self._command("Page.navigate", url=url)
        while not any(
            load["loaderId"] == shown["loaderId"]
            or (load["frameId"] == shown["frameId"] and self._documents)
            for load in self._loads[before:]
        ):
            self._news.clear()
            await self._news.wait()

    async def _poke(self, context: int, settle: int) -> str:
        """Fire every event of every element; the path of the document, ``""`` when it was left."""
        try:
            answer = await self._command(
                "Runtime.evaluate",
                expression=_POKE.replace("SETTLE", str(settle)),
                contextId=context,
                awaitPromise=True,
            )
        except ProtocolError:
            return ""
        return str(answer["result"].get("value", ""))

    def _contexts(self) -> list[int]:
        """The script worlds of the frames, as far as they are still there."""
        contexts: dict[str, int] = {}
        for event in self._events:
            if event["method"] == "Runtime.executionContextCreated":
                context = event["params"]["context"]
                contexts[context["auxData"]["frameId"]] = context["id"]
        return list(contexts.values())

    async def prepare(self) -> None:
        """Open the tab, and have everything reported that it does."""
        made = await self._command("Target.createTarget", url="about:blank")
        target = {"targetId": made["targetId"], "flatten": True}
        self._session = (await self._command("Target.attachToTarget", **target))["sessionId"]
        for domain in ("Page", "Runtime", "Debugger", "Network"):
            await self._command(f"{domain}.enable")
        await self._command("Page.setLifecycleEventsEnabled", enabled=True)
        await self._command("Debugger.setSkipAllPauses", skip=True)
        await self._command("Runtime.addBinding", name="tell")
        await self._command("Page.addScriptToEvaluateOnNewDocument", source=_HOOKS)
        await self._command("Target.setDiscoverTargets", discover=True)

    async def listen(self) -> None:
        """Take what the browser says until it ends."""
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                future = self._answers.pop(said["id"], None)
                if future is not None and not future.done():
                    future.set_result(said)
                continue
            self._events.append(said)
            if said["method"] == "Page.lifecycleEvent" and said["params"]["name"] == "load":
                self._loads.append(said["params"])
                self._news.set()
            elif said["method"] == "Page.javascriptDialogOpening":
                number = next(self._numbers)
                await self._send(number, "Page.handleJavaScriptDialog", {"accept": False})

    async def serve(self, request: web.Request) -> web.Response:
        """The documents to be shown; everything else is not there."""
        shown = self._documents.get(request.path)
        if shown is None:
            raise web.HTTPNotFound
        body = shown.body.encode("utf-8", "replace")
        return web.Response(body=body, content_type=shown.media_type, charset="utf-8")

    async def _command(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        await self._send(number, method, params)
        said = await asyncio.wait_for(answer, PATIENCE_S)
        if "error" in said:
            raise ProtocolError(f"{method}: {said['error']['message']}")
        result: dict[str, Any] = said["result"]
        return result

    async def _send(self, number: int, method: str, params: dict[str, Any]) -> None:
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        await self._socket.send_json(message)


class ProtocolError(Exception):
    """The browser refused a command."""


class _Evidence:
    """What one page's events say of the documents in its frames."""

    def __init__(self, names: Sequence[str], base: str) -> None:
        self._names = names
        self._base = base
        self._places: dict[str, str] = {}  # frame → the document it was made for
        self._found: dict[str, list[str]] = defaultdict(list)

    def take(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self._request(params)
        elif method in ("Debugger.scriptParsed", "Debugger.scriptFailedToParse"):
            frame = params.get("executionContextAuxData", {}).get("frameId", "")
            if params["url"] != _OURS and not params["url"].startswith("chrome-error:"):
                self._found[self._places.get(frame, "")].append("compiled a script")
        elif method == "Runtime.bindingCalled":
            place, _, what = params["payload"].partition(" ")
            self._found[place].append(what)
        elif method == "Target.targetCreated" and params["targetInfo"]["type"] == "page":
            self._found[""].append(f"opened {params['targetInfo']['url']}"[:100])

    def findings(self, poked: frozenset[str]) -> list[list[str]]:
        """For each document; what none of them can be blamed for is found of every one.

        A document of which nothing is known, but that was not ``poked`` either, was not looked at.
        """
        strays = [
            w for place, all_ in self._found.items() if place not in self._names for w in all_
        ]
        for name in self._names:
            if name not in poked and not self._found[name]:
                self._found[name].append("was not looked at")
        return [sorted({*self._found[name], *strays}) for name in self._names]

    def _request(self, params: dict[str, Any]) -> None:
        url, kind, frame = params["request"]["url"], params["type"], params.get("frameId", "")
        place = url.removeprefix(self._base)
        if kind == "Document" and place in self._names and frame not in self._places:
            self._places[frame] = place
        elif kind == "Document" and frame in self._places:
            self._found[self._places[frame]].append(f"went to {url}"[:100])
        elif kind == "Document" and (url == "about:blank" or url.startswith(self._base)):
            pass  # the page that holds the frames
        elif kind == "Document":
            if not EMBEDS.fullmatch(url):
                asked = str(params.get("documentURL", "")).removeprefix(self._base)
                self._found[asked if asked in self._names else ""].append(f"framed {url}"[:100])
        elif kind not in _HARMLESS and not url.endswith("/favicon.ico"):
            self._found[self._places.get(frame, "")].append(f"loaded {kind} {url}"[:100])


@contextlib.asynccontextmanager
async def open_browser(executable: str) -> AsyncIterator[Browser]:
    """A Chromium with a profile of its own, ended and removed afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            executable,
            *_FLAGS,
            f"--user-data-dir={profile}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stderr is not None
            address = await asyncio.wait_for(_address(process.stderr), PATIENCE_S)
            async with (
                asyncio.TaskGroup() as tasks,
                aiohttp.ClientSession() as session,
                session.ws_connect(address, max_msg_size=0) as socket,
            ):
                browser = Browser(socket)
                app = web.Application()
                app.router.add_get("/{path:.*}", browser.serve)
                async with run_app(app) as browser.base:
                    helpers = [
                        tasks.create_task(_drain(process.stderr)),
                        tasks.create_task(browser.listen()),
                    ]
                    try:
                        await browser.prepare()
                        yield browser
                    finally:
                        for helper in helpers:
                            helper.cancel()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _address(errors: asyncio.StreamReader) -> str:
    """Where the browser listens, as it says on standard error."""
    async for line in errors:
        _, said, address = line.decode(errors="replace").partition("DevTools listening on ")
        if said:
            return address.strip()
    raise RuntimeError("the browser ended without listening")


async def _drain(errors: asyncio.StreamReader) -> None:
    """A pipe that nobody reads would stop the browser."""
    while await errors.read(65536):
        pass
