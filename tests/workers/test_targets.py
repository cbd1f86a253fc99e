"""Where callbacks may go."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address

import pytest

from workers.errors import CallbackRefused
from workers.targets import may_reach, parse_networks, parse_target, resolve

SPECIAL = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0",
    "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fd00:ec2::254", "ff02::1",
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_out_of_reach(address: str) -> None:
    assert not may_reach(ip_address(address), ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_in_reach(address: str) -> None:
    assert may_reach(ip_address(address), ())


def test_allowed_networks_are_in_reach_and_no_others() -> None:
    allowed = parse_networks("10.1.0.0/16, ::1")
    assert may_reach(ip_address("10.1.2.3"), allowed)
    assert may_reach(ip_address("::ffff:10.1.2.3"), allowed)
    assert may_reach(ip_address("::1"), allowed)
    assert not may_reach(ip_address("10.2.0.1"), allowed)
    assert not may_reach(ip_address("127.0.0.1"), allowed)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/", "example.org",
        "http://", "http:///a", "http://u:p@example.org/", "http://u@example.org/", "http://example.org/#a",
        "http://exa mple.org/", "http://example.org/\r\nX: y", "http://例え.jp/", "http://example.org:0/",
        "http://example.org:99999999/", "http://127.0.0.1/", "http://0177.0.0.1/", "http://[::1]:80/",
        "http://[::ffff:169.254.169.254]/", "https://10.0.0.1/", "http://" + "a" * 2000 + ".org/",
    ],
)  # fmt: skip
def test_urls_that_make_no_callback_are_refused_at_once(url: str) -> None:
    with pytest.raises(CallbackRefused):
        parse_target(url, ())


def test_good_urls_pass() -> None:
    target = parse_target("HTTPS://Example.org/a?b=c", ())
    assert (target.host, target.port) == ("example.org", 443)
    assert parse_target("http://127.0.0.1:8/", parse_networks("127.0.0.0/8")).port == 8


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "2130706433"])
def test_names_of_special_addresses_are_refused_when_resolved(host: str) -> None:
    target = parse_target(f"http://{host}/", ())
    with pytest.raises(CallbackRefused):
        asyncio.run(resolve(target, ()))


def test_one_special_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(host: str, *_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with pytest.raises(CallbackRefused):
        asyncio.run(resolve(parse_target("http://example.org/", ()), ()))
