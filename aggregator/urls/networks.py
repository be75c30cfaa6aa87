"""Public addresses, by the IANA special-purpose registries.

Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), IANA
IPv6 Address Space (only ``2000::/3`` is allocated for global unicast), and the RFCs named beside
each form that carries an IPv4 address inside an IPv6 one. ``ipaddress.is_global`` is not used: it
knows most blocks but none of the addresses embedded in NAT64, 6to4 and ISATAP.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Block = tuple[int, int, str]  # network, mask, reason

DEFAULT_PORTS = {"http": 80, "https": 443}

# Blocks that are "globally reachable" in the registry but hold no web hosts (AS112, AMT, PCP) are
# refused too: nothing that publishes a feed lives there.
_SPECIAL_V4 = {
    "0.0.0.0/8": "this network (RFC 791)",
    "10.0.0.0/8": "private (RFC 1918)",
    "100.64.0.0/10": "shared address space, CGNAT (RFC 6598)",
    "100.100.100.200/32": "cloud metadata (Alibaba)",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "168.63.129.16/32": "cloud metadata (Azure)",
    "169.254.0.0/16": "link-local (RFC 3927)",
    "169.254.169.254/32": "cloud metadata",
    "169.254.170.2/32": "cloud metadata (container credentials)",
    "172.16.0.0/12": "private (RFC 1918)",
    "192.0.0.0/24": "IETF protocol assignments (RFC 6890)",
    "192.0.0.192/32": "cloud metadata (Oracle)",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.31.196.0/24": "AS112 (RFC 7535)",
    "192.52.193.0/24": "AMT (RFC 7450)",
    "192.88.99.0/24": "6to4 relay anycast, deprecated (RFC 7526)",
    "192.168.0.0/16": "private (RFC 1918)",
    "192.175.48.0/24": "AS112 (RFC 7534)",
    "198.18.0.0/15": "benchmarking (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved (RFC 1112)",
    "255.255.255.255/32": "limited broadcast (RFC 919)",
}

_SPECIAL_V6 = {
    "::/128": "unspecified (RFC 4291)",
    "::1/128": "loopback (RFC 4291)",
    "::/96": "IPv4-compatible, deprecated (RFC 4291)",
    "::ffff:0:0:0/96": "IPv4-translated (RFC 2765)",
    "64:ff9b:1::/48": "local-use NAT64 (RFC 8215)",
    "100::/64": "discard-only (RFC 6666)",
    "100:0:0:1::/64": "dummy prefix (RFC 9780)",
    "2001::/23": "IETF protocol assignments (RFC 2928)",
    "2001::/32": "Teredo (RFC 4380)",
    "2001:2::/48": "benchmarking (RFC 5180)",
    "2001:3::/32": "AMT (RFC 7450)",
    "2001:4:112::/48": "AS112 (RFC 7535)",
    "2001:10::/28": "ORCHID, deprecated (RFC 4843)",
    "2001:20::/28": "ORCHIDv2 (RFC 7343)",
    "2001:30::/28": "drone remote identification (RFC 9374)",
    "2001:db8::/32": "documentation (RFC 3849)",
    "2620:4f:8000::/48": "AS112 (RFC 7534)",
    "3ffe::/16": "6bone, returned (RFC 3701)",
    "3fff::/20": "documentation (RFC 9637)",
    "5f00::/16": "segment routing SIDs (RFC 9602)",
    "fc00::/7": "unique local (RFC 4193)",
    "fd00:ec2::254/128": "cloud metadata (AWS)",
    "fd00:ec2::23/128": "cloud metadata (AWS container credentials)",
    "fd20:ce::254/128": "cloud metadata (Google)",
    "fe80::/10": "link-local (RFC 4291)",
    "fec0::/10": "site-local, deprecated (RFC 3879)",
    "ff00::/8": "multicast (RFC 4291)",
}

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)  # upper half of the interface identifier


def _blocks(table: dict[str, str], family: type[IPv4Network | IPv6Network]) -> tuple[Block, ...]:
    """``table`` as numbers, the most specific block first, so that its reason is the one given."""
    networks = sorted(
        ((family(cidr), reason) for cidr, reason in table.items()),
        key=lambda pair: pair[0].prefixlen,
        reverse=True,
    )
    return tuple((int(n.network_address), int(n.netmask), reason) for n, reason in networks)


_V4 = _blocks(_SPECIAL_V4, IPv4Network)
_V6 = _blocks(_SPECIAL_V6, IPv6Network)


def embedded(address: IPv6Address) -> tuple[IPv4Address, str] | None:
    """The IPv4 address that traffic to ``address`` ends at, and the name of the form.

    IPv4-mapped (RFC 4291 §2.5.5.2), NAT64 (RFC 6052), 6to4 (RFC 3056), ISATAP (RFC 5214 §6.1).
    IPv4-compatible, IPv4-translated, local-use NAT64 and Teredo addresses are refused as blocks,
    whatever they hold.
    """
    number = int(address)
    if address in _MAPPED:
        return IPv4Address(number & 0xFFFFFFFF), "IPv4-mapped"
    if address in _NAT64:
        return IPv4Address(number & 0xFFFFFFFF), "NAT64"
    if address in _SIX_TO_FOUR:
        return IPv4Address(number >> 80 & 0xFFFFFFFF), "6to4"
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(number & 0xFFFFFFFF), "ISATAP"
    return None


def _listed(number: int, blocks: tuple[Block, ...]) -> str | None:
    return next((reason for network, mask, reason in blocks if number & mask == network), None)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A network that the operator allows although it is not public; ``port`` None: any port."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    def covers(self, address: Address, port: int) -> bool:
        """True when this allows connecting to ``address`` at ``port``."""
        if self.port is not None and self.port != port:
            return False
        same_host = [address]
        if isinstance(address, IPv6Address) and (inner := _mapped(address)) is not None:
            same_host.append(inner)
        return any(one.version == self.network.version and one in self.network for one in same_host)


def _mapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that the kernel itself connects to for an IPv4-mapped one."""
    inner = embedded(address)
    return inner[0] if inner is not None and inner[1] == "IPv4-mapped" else None


@lru_cache(maxsize=4096)
def verdict(address: Address) -> str | None:
    """Reason in words not to fetch from ``address``; None when it is public.

    Pure; a zone identifier (``fe80::1%eth0``) does not change the verdict.
    """
    if isinstance(address, IPv4Address):
        return _listed(int(address), _V4)
    if (reason := _listed(int(address), _V6)) is not None:
        return reason
    if (inner := embedded(address)) is not None:
        v4, form = inner
        if (reason := _listed(int(v4), _V4)) is not None:
            return f"{form} of {v4}: {reason}"
        if address in _MAPPED or address in _NAT64:
            return None
    if int(address) >> 125 != int(_GLOBAL_UNICAST.network_address) >> 125:
        return "not global unicast (IANA IPv6 address space)"
    return None
