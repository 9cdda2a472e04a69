"""The open net: which addresses lie in it, and asking one host at the very address that was judged.

Whoever follows an address that somebody else wrote asks from inside our network. So the name is looked up once, all it
says is judged, and that address is connected to: a name cannot change its mind between the judgement and the call.
"""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpx

_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_OF_OUR_OWN = IPv6Network("64:ff9b:1::/48")  # RFC 8215: never global, whatever it hides
_PORTS = {"https": 443, "http": 80}


class Inside(Exception):
    """The host lies in a private net, and no setting names it."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} lies in a private net")
        self.host = host


class NoHost(Exception):
    """The address names no host that is asked: another scheme, nobody, or a name and password in it."""


def is_public(address: str) -> bool:
    """Tell whether an address lies in the open net, also when it hides an IPv4 address in an IPv6 one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    hidden = _hidden(found)
    return _is_open(found) and (hidden is None or _is_open(hidden))


def chosen(host: str, addresses: Iterable[str], *, inside: Collection[str] | None = ()) -> str:
    """Return the address to connect to. Every one that the name has must be open, unless the host is named inside.

    `inside` are hosts that a setting names; None lets every host be inside. Raises Inside, and NoHost for no address.
    """
    known = list(addresses)
    if not known:
        raise NoHost(f"{host} has no address")
    if inside is None or host.lower() in inside or all(is_public(each) for each in known):
        return known[0]
    raise Inside(host)


def address_of(url: httpx.URL, *, inside: Collection[str] | None = ()) -> str:
    """Look a host up once and return the address to connect to. Raises Inside, NoHost, OSError for an unknown name."""
    if url.scheme not in _PORTS or not url.host or url.userinfo:
        raise NoHost("it leads to something that is not asked for")
    told = socket.getaddrinfo(url.host, url.port or _PORTS[url.scheme], type=socket.SOCK_STREAM)
    return chosen(url.host, (str(each[4][0]) for each in told), inside=inside)


def request_at(
    client: httpx.Client,
    method: str,
    url: httpx.URL,
    address: str,
    *,
    within: float,
    headers: dict[str, str],
    content: bytes | None = None,
) -> httpx.Request:
    """Build a request to `url` that connects to `address`, `within` seconds. The certificate is the host's own."""
    extensions: dict[str, Any] = {"sni_hostname": url.host, "timeout": httpx.Timeout(within).as_dict()}
    return client.build_request(
        method,
        url.copy_with(host=address),
        headers={"Host": url.netloc.decode(), **headers},
        content=content,
        extensions=extensions,
    )


def _hidden(found: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(found, IPv4Address):
        return None
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)


def _is_open(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return True  # judged by what it hides
    closed = (
        found.is_private, found.is_loopback, found.is_link_local, found.is_multicast, found.is_reserved,
        found.is_unspecified, found in _NAT64_OF_OUR_OWN,
    )  # fmt: skip
    return (found.is_global and not any(closed)) or found in _NAT64
