"""Which addresses a fetch may reach: public web servers, and what the administrator allows besides.

A feed address is typed by a person and a redirect is chosen by a stranger, so neither may lead the desk into the
network it stands in. A name is not the place to decide that: `127.0.0.1.example` may resolve to anything, and to
something else a second later. The decision falls where a socket is about to be opened, on the address itself:

    URL -> `url_refusal` (scheme, port)  ->  name resolved  ->  `socket_factory` (every address, every redirect)

`url_refusal` and `address_refusal` are pure; `socket_factory` is what aiohttp's connector calls before it connects.
The resolver alone is not enough: aiohttp never asks it about an address that is written out in the URL.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Kind(StrEnum):
    """What an address is for. Only PUBLIC is reached without being allowed."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    PRIVATE = "private"
    SHARED = "shared"
    LINK_LOCAL = "link_local"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"
    RESERVED = "reserved"


# IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates), read 2026-11; multicast RFC 5771.
# Written out because `ipaddress.is_global` answers differently in different releases of Python.
_V4: tuple[tuple[str, Kind], ...] = (
    ("0.0.0.0/8", Kind.UNSPECIFIED),
    ("10.0.0.0/8", Kind.PRIVATE),
    ("100.64.0.0/10", Kind.SHARED),
    ("127.0.0.0/8", Kind.LOOPBACK),
    ("169.254.0.0/16", Kind.LINK_LOCAL),
    ("172.16.0.0/12", Kind.PRIVATE),
    ("192.0.0.0/24", Kind.RESERVED),
    ("192.0.2.0/24", Kind.RESERVED),
    ("192.31.196.0/24", Kind.RESERVED),
    ("192.52.193.0/24", Kind.RESERVED),
    ("192.88.99.0/24", Kind.RESERVED),
    ("192.168.0.0/16", Kind.PRIVATE),
    ("192.175.48.0/24", Kind.RESERVED),
    ("198.18.0.0/15", Kind.PRIVATE),
    ("198.51.100.0/24", Kind.RESERVED),
    ("203.0.113.0/24", Kind.RESERVED),
    ("224.0.0.0/4", Kind.MULTICAST),
    ("240.0.0.0/4", Kind.RESERVED),
)
# IANA IPv6 Special-Purpose Address Registry, read 2026-11. Anything outside 2000::/3 that is not named is RESERVED.
# 2001::/23 holds Teredo and ORCHID, 2002::/16 is 6to4: both can carry an inner IPv4 address, both are given up.
_V6: tuple[tuple[str, Kind], ...] = (
    ("::/128", Kind.UNSPECIFIED),
    ("::1/128", Kind.LOOPBACK),
    ("fc00::/7", Kind.PRIVATE),
    ("fe80::/10", Kind.LINK_LOCAL),
    ("fec0::/10", Kind.PRIVATE),
    ("ff00::/8", Kind.MULTICAST),
    ("2001::/23", Kind.RESERVED),
    ("2001:db8::/32", Kind.RESERVED),
    ("2002::/16", Kind.RESERVED),
    ("2620:4f:8000::/48", Kind.RESERVED),
    ("3fff::/20", Kind.RESERVED),
)
_V4_NETWORKS = tuple((ipaddress.IPv4Network(text), kind) for text, kind in _V4)
_V6_NETWORKS = tuple((ipaddress.IPv6Network(text), kind) for text, kind in _V6)
_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
# The IPv4 address inside is where the packet ends, so it is the one to judge: RFC 4291 2.5.5.2 and RFC 6052 2.1.
_V4_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

# Ports on which a web server never listens but something that obeys plain text may (mail, printers, databases of
# directories): WHATWG Fetch, "port blocking", read 2026-11.
_BAD_PORTS = frozenset(
    (
        *(0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79),
        *(87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389),
        *(427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993),
        *(995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669),
        *(6679, 6697, 10080),
    )
)


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What may be reached besides public addresses.

    A place that is not public is allowed when its address lies in `networks` or the host of the URL is one of
    `hosts` (whatever it resolves to), and its port is one of `ports` (empty: any port). The drill allows its own
    server and nothing else: `Allowed(networks=(ip_network("127.0.0.1"),), ports=(8765,))`.
    """

    networks: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


NOTHING_ELSE = Allowed()


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a place is not reached. `code` names a sentence, `args` are its arguments."""

    code: str
    args: tuple[tuple[str, str], ...] = ()


class Refused(OSError):
    """Raised inside the connector only, so that it gives up this address; a fetch turns it into a value."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.code} {dict(refusal.args)}")


def allowed_of(*, networks: tuple[str, ...] = (), hosts: tuple[str, ...] = (), ports: tuple[int, ...] = ()) -> Allowed:
    """What may be reached, from the texts of a setting (`10.1.0.0/16`, `feeds.intra`). Raises ValueError."""
    return Allowed(
        networks=tuple(ipaddress.ip_network(text.strip(), strict=False) for text in networks),
        hosts=tuple(_plain(host) for host in hosts),
        ports=ports,
    )


def kind_of(address: str | Address) -> Kind:
    """What an address is for. IPv4 inside IPv6 (mapped, NAT64) counts as the IPv4 address. Raises ValueError."""
    place = _unwrapped(address)
    if isinstance(place, ipaddress.IPv4Address):
        return next((kind for network, kind in _V4_NETWORKS if place in network), Kind.PUBLIC)
    for network, kind in _V6_NETWORKS:
        if place in network:
            return kind
    return Kind.PUBLIC if place in _V6_GLOBAL else Kind.RESERVED


def address_refusal(
    address: str | Address, port: int, allowed: Allowed = NOTHING_ELSE, *, host: str = ""
) -> Refusal | None:
    """Why this address and port are not reached, or None when they are.

    `host` is the host as the URL names it; it matters for `Allowed.hosts` only.
    """
    try:
        place = _unwrapped(address)
    except ValueError:
        return Refusal(code="address_unreadable", args=(("address", str(address)[:80]),))
    if not allowed.ports or port in allowed.ports:
        if any(network.version == place.version and place in network for network in allowed.networks):
            return None
        if host and _plain(host) in allowed.hosts:
            return None
    kind = kind_of(place)
    if kind is not Kind.PUBLIC:
        return Refusal(code="address_not_public", args=(("address", str(place)), ("kind", kind.value)))
    if port in _BAD_PORTS:
        return Refusal(code="port_not_web", args=(("port", str(port)),))
    return None


def url_refusal(url: str | URL, allowed: Allowed = NOTHING_ELSE, *, proxied: bool = False) -> Refusal | None:
    """Why a URL is not even tried, or None. A host that is a name is judged later, by what it resolves to.

    `proxied`: a proxy will resolve the name, so names that always mean the machine itself are refused here.
    """
    try:
        place = URL(url) if isinstance(url, str) else url
        host, port = place.raw_host, place.port
    except (ValueError, TypeError):
        return Refusal(code="url_unreadable", args=(("url", str(url)[:200]),))
    if place.scheme not in ("http", "https"):
        return Refusal(code="scheme_not_web", args=(("scheme", place.scheme[:20]),))
    if not host or port is None:
        return Refusal(code="url_without_host", args=(("url", str(url)[:200]),))
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if port in _BAD_PORTS and port not in allowed.ports:
            return Refusal(code="port_not_web", args=(("port", str(port)),))
        # RFC 6761 6.3: "localhost" and every name under it is the loopback of whoever resolves it.
        if proxied and _plain(host).rpartition(".")[2] == "localhost" and _plain(host) not in allowed.hosts:
            return Refusal(code="address_not_public", args=(("address", host), ("kind", Kind.LOOPBACK.value)))
        return None
    return address_refusal(address, port, allowed, host=host)


@dataclass(kw_only=True)
class Reaching:
    """What one fetch is about to reach: the host as its URL names it, and the refusals met on the way."""

    host: str
    refused: list[Refusal] = field(default_factory=list)


_reaching: ContextVar[Reaching | None] = ContextVar("reaching", default=None)


@contextmanager
def reaching(host: str) -> Iterator[Reaching]:
    """Names the host of the request made inside, for the sockets that will be opened for it."""
    errand = Reaching(host=host)
    token = _reaching.set(errand)
    try:
        yield errand
    finally:
        _reaching.reset(token)


def socket_factory(allowed: Allowed) -> Callable[[tuple[Any, ...]], socket.socket]:
    """The `socket_factory` for aiohttp's TCPConnector: a socket for an address that may be reached, or Refused.

    It sees the resolved address of every single connection attempt, so a name that changes its mind between two
    look-ups, an address written out in a URL and the target of a redirect are all judged alike.
    """

    def open_socket(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, place = info
        errand = _reaching.get()
        refusal = address_refusal(str(place[0]), int(place[1]), allowed, host=errand.host if errand else "")
        if refusal is not None:
            if errand is not None:
                errand.refused.append(refusal)
            raise Refused(refusal)
        return socket.socket(family=family, type=kind, proto=protocol)

    return open_socket


def _plain(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def _unwrapped(address: str | Address) -> Address:
    place = ipaddress.ip_address(address.strip("[]").partition("%")[0]) if isinstance(address, str) else address
    if isinstance(place, ipaddress.IPv6Address) and (place in _V4_MAPPED or place in _NAT64):
        return ipaddress.IPv4Address(int(place) & 0xFFFFFFFF)
    return place
