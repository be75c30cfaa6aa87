"""Topics of our hub: feeds of outputs without a token, by all addresses that they have. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from aggregator.config.own_address import own_base
from aggregator.config.settings import Settings
from aggregator.model import HubTopic
from aggregator.publish import feed_addresses
from aggregator.publish.uris import uri
from aggregator.urls.networks import DEFAULT_PORTS


def topic_of(settings: Settings, url: str) -> HubTopic | None:
    """The feed at ``url``, by its name or a former one; None for all else.

    An output with a token is none, whatever the address says: its readers are for nobody to know.
    """
    base = _parts(uri(own_base(settings)))  # as feeds name themselves
    asked = _parts(url)
    if base is None or asked is None or asked[:3] != base[:3]:
        return None
    folder = f"{base[3].rstrip('/')}/{feed_addresses.FOLDER}/"
    if not asked[3].startswith(folder):
        return None
    name, kind = feed_addresses.split(asked[3].removeprefix(folder))
    for output in settings.outputs:
        if name == output.name or name in output.aliases:
            return (
                HubTopic(url, output.name, kind)
                if _told(output.token, kind, output.formats)
                else None
            )
    return None


def _told(token: object, kind: str, formats: tuple[str, ...]) -> bool:
    return not token and kind in formats


def _parts(url: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path; None where there is more than these."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or "?" in url or "#" in url or "@" in parts.netloc:
        return None
    return scheme, (parts.hostname or "").lower(), port or DEFAULT_PORTS[scheme], parts.path
