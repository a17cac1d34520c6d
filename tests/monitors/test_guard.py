"""Which addresses may be reached. Pure: addresses are judged as values, nothing is ever sent to them."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.guard import (
    Allowed,
    Kind,
    Refused,
    address_refusal,
    allowed_of,
    kind_of,
    reaching,
    socket_factory,
    url_refusal,
)

bounded = settings(max_examples=200, deadline=None)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", Kind.PUBLIC),
        ("114.114.114.114", Kind.PUBLIC),
        ("2400:3200::1", Kind.PUBLIC),
        ("0.0.0.0", Kind.UNSPECIFIED),
        ("0.1.2.3", Kind.UNSPECIFIED),
        ("10.255.255.255", Kind.PRIVATE),
        ("100.64.0.1", Kind.SHARED),
        ("100.127.255.255", Kind.SHARED),
        ("100.128.0.0", Kind.PUBLIC),
        ("127.8.8.8", Kind.LOOPBACK),
        ("169.254.169.254", Kind.LINK_LOCAL),
        ("172.31.0.1", Kind.PRIVATE),
        ("172.32.0.1", Kind.PUBLIC),
        ("192.168.1.1", Kind.PRIVATE),
        ("198.19.0.1", Kind.PRIVATE),
        ("203.0.113.7", Kind.RESERVED),
        ("224.0.0.251", Kind.MULTICAST),
        ("239.255.255.250", Kind.MULTICAST),
        ("255.255.255.255", Kind.RESERVED),
        ("::", Kind.UNSPECIFIED),
        ("::1", Kind.LOOPBACK),
        ("::ffff:127.0.0.1", Kind.LOOPBACK),
        ("::ffff:a9fe:a9fe", Kind.LINK_LOCAL),
        ("::ffff:8.8.8.8", Kind.PUBLIC),
        ("::127.0.0.1", Kind.RESERVED),
        ("64:ff9b::10.0.0.1", Kind.PRIVATE),
        ("64:ff9b::8.8.8.8", Kind.PUBLIC),
        ("64:ff9b:1::a00:1", Kind.RESERVED),
        ("2002:7f00:1::", Kind.RESERVED),
        ("2001:0:7f00:1::", Kind.RESERVED),
        ("fc00::1", Kind.PRIVATE),
        ("fd12:3456::1", Kind.PRIVATE),
        ("fe80::1%eth0", Kind.LINK_LOCAL),
        ("fec0::1", Kind.PRIVATE),
        ("ff02::1", Kind.MULTICAST),
        ("2001:db8::1", Kind.RESERVED),
        ("4000::1", Kind.RESERVED),
    ],
)
def test_an_address_is_known_for_what_it_is(address: str, kind: Kind) -> None:
    assert kind_of(address) is kind
    assert (address_refusal(address, 443) is None) == (kind is Kind.PUBLIC)


@bounded
@given(st.ip_addresses())
def test_what_python_calls_private_is_never_reached(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    nat64 = address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96")
    if address.is_private and not nat64 and getattr(address, "ipv4_mapped", None) is None:
        assert address_refusal(str(address), 80) is not None


@bounded
@given(st.ip_addresses(v=4), st.integers(1, 65535))
def test_an_ipv4_address_is_judged_the_same_in_every_ipv6_dress(address: ipaddress.IPv4Address, port: int) -> None:
    plain = address_refusal(str(address), port)

    assert address_refusal(f"::ffff:{address}", port) == plain
    assert address_refusal(f"64:ff9b::{address}", port) == plain


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://news.example/feed", "scheme_not_web"),
        ("file:///etc/passwd", "scheme_not_web"),
        ("gopher://news.example/", "scheme_not_web"),
        ("javascript:alert(1)", "scheme_not_web"),
        ("news.example/feed", "scheme_not_web"),
        ("", "scheme_not_web"),
        ("http://", "url_without_host"),
        ("http:///feed", "url_without_host"),
        ("http://[::1/feed", "url_unreadable"),
        ("http://news.example:99999/", "url_unreadable"),
        ("http://news.example:25/", "port_not_web"),
        ("http://news.example:0/", "port_not_web"),
        ("http://127.0.0.1/", "address_not_public"),
        ("http://127.0.0.1:80@10.0.0.1/", "address_not_public"),
        ("http://[::ffff:10.0.0.1]/", "address_not_public"),
        ("http://[fe80::1%25eth0]/", "address_not_public"),
        ("http://[64:ff9b::192.168.0.1]/", "address_not_public"),
    ],
)
def test_a_url_that_leads_nowhere_good_is_refused_with_a_code(url: str, code: str) -> None:
    refusal = url_refusal(url)

    assert refusal is not None and refusal.code == code


def test_names_are_left_to_the_socket_but_not_to_a_proxy() -> None:
    assert url_refusal("https://新闻.example/订阅?x=1") is None
    assert url_refusal("http://localhost:8000/") is None
    assert url_refusal("http://localhost:8000/", proxied=True) is not None
    assert url_refusal("http://A.LOCALHOST.:8000/", proxied=True) is not None


def test_only_what_is_allowed_is_allowed() -> None:
    drill = allowed_of(networks=("127.0.0.1",), ports=(8765,))

    assert address_refusal("127.0.0.1", 8765, drill) is None
    assert address_refusal("::ffff:127.0.0.1", 8765, drill) is None
    assert address_refusal("127.0.0.1", 8766, drill) is not None
    assert address_refusal("127.0.0.2", 8765, drill) is not None
    assert address_refusal("8.8.8.8", 443, drill) is None
    assert address_refusal("10.0.0.9", 80, allowed_of(hosts=("Feeds.Intra.",)), host="feeds.intra") is None
    assert address_refusal("10.0.0.9", 80, allowed_of(hosts=("feeds.intra",)), host="other.intra") is not None


def test_a_setting_that_is_no_network_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0"):
        allowed_of(networks=("10.0.0",))


@pytest.mark.parametrize("address", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost", "", "1.2.3.4.5"])
def test_an_address_that_cannot_be_read_is_never_reached(address: str) -> None:
    assert address_refusal(address, 80) is not None


def test_no_socket_is_made_for_a_refused_address_and_the_errand_learns_why() -> None:
    make = socket_factory(Allowed())

    with reaching("sly.example") as errand, pytest.raises(Refused):
        make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)))

    assert [refusal.code for refusal in errand.refused] == ["address_not_public"]


def test_a_socket_is_made_but_not_connected_for_a_public_address() -> None:
    made = socket_factory(Allowed())((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443)))

    with made, pytest.raises(OSError, match="not connected"):
        made.getpeername()
