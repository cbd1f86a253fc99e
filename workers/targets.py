"""Where callbacks may go: http(s) to public addresses, and to networks that a setting allows.

A name is resolved once, every address it has is checked, and the connection goes to a checked
address: a name server that answers differently a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from workers.errors import CallbackRefused

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

MAX_URL = 2000  # characters
PORTS = {"http": 80, "https": 443}
# What `is_global` lets pass: the address at which Azure's machines find their metadata, the IETF's protocol
# block (some clouds' metadata), 6to4 relays, and NAT64 of a site's own (RFC 8215), which may lead anywhere inside.
NOT_PUBLIC: Networks = tuple(
    map(ip_network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48"))
)
# IPv6 that carries an IPv4 address in its last 32 bits: NAT64 (RFC 6052) and IPv4-compatible.
CARRIERS: Networks = (ip_network("64:ff9b::/96"), ip_network("::/96"))


class Unresolved(Exception):
    """The name has no address now."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL: `url` as parsed, its host's name or address, its port."""

    url: httpx.URL
    host: str
    port: int


def parse_networks(text: str) -> Networks:
    """Networks such as "10.0.0.0/8, ::1", split at commas. Raises ValueError."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def parse_target(text: str, allowed: Networks) -> Target:
    """What can be told of a URL without asking the network. Raises CallbackRefused."""
    if len(text) > MAX_URL or not text.isascii() or not text.isprintable() or " " in text:
        raise CallbackRefused(f"a callback's URL has {MAX_URL} printable ASCII characters at most")
    try:
        url = httpx.URL(text)
        port = PORTS.get(url.scheme, 0) if url.port is None else url.port
    except (httpx.InvalidURL, ValueError) as error:
        raise CallbackRefused("the callback's URL cannot be parsed") from error
    if url.scheme not in PORTS or not url.host or not 0 < port < 1 << 16:
        raise CallbackRefused("a callback's URL begins with http:// or https:// and names a host and a port, if any")
    if url.userinfo or url.fragment:
        raise CallbackRefused("a callback's URL has no user, password or fragment")
    target = Target(url, url.raw_host.decode("ascii").strip("[]"), port)
    try:
        literal = ip_address(target.host)
    except ValueError:
        return target
    if not may_reach(literal, allowed):
        raise CallbackRefused("callbacks do not go to private, loopback or other special addresses")
    return target


async def resolve(target: Target, allowed: Networks) -> list[str]:
    """The addresses of the target's host. Raises Unresolved, and CallbackRefused where one of them is refused."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved from error
    addresses = list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))
    if not addresses:
        raise Unresolved
    if not all(may_reach(ip_address(address), allowed) for address in addresses):
        raise CallbackRefused("the callback's host has a private, loopback or other special address")
    return addresses


def may_reach(address: Address, allowed: Networks) -> bool:
    """Whether an address is public or allowed; one that carries an IPv4 address counts as that."""
    if any(address in network for network in allowed):
        return True
    inner = _carried(address)
    if inner is not None:
        return may_reach(inner, allowed)
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in network for network in NOT_PUBLIC)


def _carried(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in CARRIERS):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
