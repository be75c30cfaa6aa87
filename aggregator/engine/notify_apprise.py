"""Notifications by way of Apprise, which knows many services. This module alone knows it.

Texts are declared as plain, so that each service escapes them by its own format. Its log may hold parts
of addresses: it is not written.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from aggregator.deliver.notify_text import NotifyText
from aggregator.engine.bounded_threads import BoundedThreads
from aggregator.model import SendOutcome

_AT_ONCE: Final = 4
_PATIENCE_S: Final = 60.0


class NotifySender:
    """Tells services, each in a thread of a few."""

    def __init__(self) -> None:
        self._threads = BoundedThreads("notify", _AT_ONCE, _PATIENCE_S)

    async def notify(self, url: str, said: NotifyText) -> SendOutcome:
        """Tell the service at ``url``, an address as Apprise writes it; the outcome tells nothing of it."""
        try:
            return await self._threads.run(lambda: _notify(url, said), url)
        except TimeoutError:
            return SendOutcome(f"no answer within {_PATIENCE_S:g} s", was_answered=False)
        except ImportError:
            missing = "the package `apprise` is not installed: pip install 'aggregator[notify]'"
            return SendOutcome(missing, was_answered=False)
        except Exception as error:  # noqa: BLE001 - a hundred services, each with faults of its own
            return SendOutcome(f"not told: {type(error).__name__}", was_answered=False)


def _notify(url: str, said: NotifyText) -> SendOutcome:
    apprise: Any = _apprise()
    # Nothing on disk, none of a service's own plugins from elsewhere, and in this thread: the library's own are few,
    # those that hang hold up all others, and the end of the process waits for them.
    asset = apprise.AppriseAsset(
        app_id="aggregator", app_desc="", app_url="", async_mode=False, service_timeout=0
    )
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return SendOutcome("Apprise knows no service with such an address")
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    told = sender.notify(title=said.title, body=said.body, body_format=apprise.NotifyFormat.TEXT)
    return SendOutcome() if told else SendOutcome("the service did not take it")


def _apprise() -> Any:
    import apprise  # noqa: PLC0415 - an extra, and half a second

    logger = logging.getLogger("apprise")
    logger.handlers.clear()
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return apprise
