"""http(s) URLs taken apart and normalised as browsers do it.

Follows the URL Standard (https://url.spec.whatwg.org/, "URL parsing" for special schemes), and in
addition RFC 3986 §6.2.2: hexadecimal digits of escapes in upper case, escaped unreserved
characters decoded. Both name the same resource.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import idna

_DEFAULT_PORTS = {"http": "80", "https": "443"}
# C0 controls and space at the ends, tab and line breaks anywhere: removed before parsing.
_EDGES = "".join(map(chr, range(0x21)))
_REMOVED = re.compile(r"[\t\n\r]")
_START = re.compile(r"(https?):[/\\]*", re.IGNORECASE)
_AUTHORITY_END = re.compile(r"[/\\?#]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_FORBIDDEN_IN_HOST = re.compile("[\x00-\x20#%/:<>?@\\[\\\\\\]^|\x7f]")
# Percent-encode sets (URL Standard §1.3), without the C0 controls that every set contains.
_QUERY_SET = frozenset(" \"#<>'")
_FRAGMENT_SET = frozenset(' "<>`')
_PATH_SET = frozenset(' "#<>?^`{}')
_USERINFO_SET = _PATH_SET | frozenset("/:;=@[\\]|")
_MAX_HOST = 1000  # before IDNA; longer ones are no names, and IDNA takes its time with them
_MAX_NAME = 253  # RFC 1035 §2.3.4


class NotHttp(ValueError):
    """The string is no http(s) URL."""


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """A normalised http(s) URL in parts; ``str()`` puts it together.

    ``host`` is ASCII and lower case, IPv6 in brackets; ``port`` is ``""`` when it is the scheme's
    own; ``path`` starts with ``/``; ``query`` and ``fragment`` come without ``?`` and ``#``, and
    empty ones do not differ from missing ones.
    """

    scheme: str
    userinfo: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        userinfo = f"{self.userinfo}@" if self.userinfo else ""
        port = f":{self.port}" if self.port else ""
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{userinfo}{self.host}{port}{self.path}{query}{fragment}"


def parse(url: str) -> HttpUrl:
    """``url`` in normalised parts; raises :class:`NotHttp` for everything else."""
    text = _REMOVED.sub("", _SURROGATE.sub("\ufffd", url.strip(_EDGES)))
    start = _START.match(text)
    if start is None:
        raise NotHttp("no http(s) scheme")
    scheme = start[1].lower()
    end = _AUTHORITY_END.search(text, start.end())
    cut = end.start() if end else len(text)
    userinfo, _, hostport = text[start.end() : cut].rpartition("@")
    host, port = _split_port(hostport)
    rest, _, fragment = text[cut:].partition("#")
    path, _, query = rest.partition("?")
    return HttpUrl(
        scheme=scheme,
        userinfo=_userinfo(userinfo),
        host=_host(host),
        port=_port(port, scheme),
        path=_path(path),
        query=_escaped(query, _QUERY_SET),
        fragment=_escaped(fragment, _FRAGMENT_SET),
    )


def _split_port(hostport: str) -> tuple[str, str]:
    if hostport.startswith("["):
        host, bracket, port = hostport.partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise NotHttp("broken IPv6 address")
        return host + bracket, port[1:]
    host, _, port = hostport.partition(":")
    return host, port


def _port(port: str, scheme: str) -> str:
    if not port:
        return ""
    if not (port.isascii() and port.isdigit()) or len(port.lstrip("0")) > 5 or int(port) > 65535:
        raise NotHttp("broken port")
    number = str(int(port))
    return "" if number == _DEFAULT_PORTS[scheme] else number


def _userinfo(userinfo: str) -> str:
    name, colon, password = userinfo.partition(":")
    name, password = _escaped(name, _USERINFO_SET), _escaped(password, _USERINFO_SET)
    return f"{name}{colon}{password}" if password else name


def _host(host: str) -> str:
    """A host in its ASCII form (URL Standard, "host parser")."""
    if not host or len(host) > _MAX_HOST:
        raise NotHttp("no host, or one too long")
    if host.startswith("["):
        return _ipv6(host[1:-1])
    name = _unescaped(host)
    ascii_name = name.lower() if name.isascii() else _idna(name)
    # Only non-ASCII hosts may be shortened by IDNA, so the limit can only be checked here.
    if len(ascii_name.rstrip(".")) > _MAX_NAME or not ascii_name.strip("."):
        raise NotHttp("no host, or one too long")
    if _FORBIDDEN_IN_HOST.search(ascii_name):
        raise NotHttp("character that no host may have")
    return _ipv4(ascii_name) or ascii_name


def _unescaped(host: str) -> str:
    if "%" not in host:
        return host
    data = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), host.encode().decode("latin-1"))
    return data.encode("latin-1").decode("utf-8", "replace")


def _idna(name: str) -> str:
    """UTS 46 mapping and Punycode, without IDNA 2008's ban on symbols: ``i❤.ws`` does exist."""
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        labels = re.split("[.\u3002\uff0e\uff61]", mapped)
        return ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in labels
        )
    except (UnicodeError, ValueError) as error:  # idna's errors are UnicodeErrors
        raise NotHttp("no internationalised name") from error


def _ipv6(address: str) -> str:
    if "%" in address:
        raise NotHttp("IPv6 zone")
    try:
        return f"[{ipaddress.IPv6Address(address)}]"
    except ValueError as error:
        raise NotHttp("broken IPv6 address") from error


def _ipv4(host: str) -> str | None:
    """An IPv4 address in dotted decimal, whatever of the old notations it came in; None: a name."""
    parts = host.removesuffix(".").split(".")
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", parts[-1]):
        return None
    if len(parts) > 4:
        raise NotHttp("broken IPv4 address")
    numbers = [_ipv4_number(part) for part in parts]
    if any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise NotHttp("broken IPv4 address")
    value = numbers[-1] + sum(n << 8 * (3 - i) for i, n in enumerate(numbers[:-1]))
    return str(ipaddress.IPv4Address(value))


def _ipv4_number(part: str) -> int:
    # 20 digits are more than any notation needs, and long ones cost quadratic time.
    if not part or len(part) > 20:
        raise NotHttp("broken IPv4 address")
    try:
        if part.startswith("0x"):
            return int(part[2:] or "0", 16)
        return int(part, 8) if part.startswith("0") else int(part)
    except ValueError as error:
        raise NotHttp("broken IPv4 address") from error


def _path(path: str) -> str:
    """Backslashes turned, dot segments resolved, escapes normalised."""
    segments = _escaped(path.replace("\\", "/"), _PATH_SET).split("/")[1:]
    kept: list[str] = []
    for index, segment in enumerate(segments):
        # Escaped dots were decoded with the other unreserved characters, unless a bare percent
        # sign forbade decoding.
        dots = segment.replace("%2E", ".")
        if dots == "..":
            del kept[-1:]
        elif dots != ".":
            kept.append(segment)
            continue
        if index == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _escaped(text: str, forbidden: frozenset[str]) -> str:
    """``text`` with what must be escaped escaped, and nothing else that RFC 3986 calls unreserved."""
    if text.isascii() and text.isprintable() and "%" not in text and forbidden.isdisjoint(text):
        return text
    # Beside a bare percent sign, a decoded digit could form an escape that was not there.
    decode = _BARE_PERCENT.search(text) is None

    def normal(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if decode and character in _UNRESERVED else match[0].upper()

    return "".join(
        character
        if character in _ESCAPED_FREE and character not in forbidden
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in _ESCAPE.sub(normal, text)
    )


_ESCAPED_FREE = frozenset(map(chr, range(0x20, 0x7F)))
