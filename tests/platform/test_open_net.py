"""What somebody else wrote is asked only in the open net, at the address that was judged."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from companyos.platform import webhooks
from companyos.platform.open_net import Inside, NoHost, address_of, chosen, is_public
from companyos.platform.outgoing import Message, Never, NotNow

OPEN, METADATA, HOME = "93.184.216.34", "169.254.169.254", "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("192.168.0.9", False), ("172.16.0.1", False), ("169.254.169.254", False), ("0.0.0.1", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:93.184.216.34", True), ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True), ("64:ff9b::a9fe:a9fe", False), ("2002:7f00:1::", False), ("localhost", False),
        ("::ffff:169.254.169.254", False), ("fd00:ec2::254", False), ("fe80::a9fe:a9fe", False), ("", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False), ("64:ff9b:1::a00:1", False), ("::", False),
        ("255.255.255.255", False),
    ],
)  # fmt: skip
def test_only_the_open_net_is_asked(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("addresses", "inside", "taken"),
    [
        ([OPEN], (), OPEN),
        ([OPEN, METADATA], (), Inside),
        ([METADATA, OPEN], (), Inside),
        (["::ffff:10.0.0.1"], (), Inside),
        ([HOME], {"hook.example"}, HOME),
        ([HOME], {"other.example"}, Inside),
        ([HOME], None, HOME),
        ([], (), NoHost),
    ],
)
def test_every_address_of_a_name_is_judged_and_the_setting_names_hosts(
    addresses: list[str], inside: Any, taken: Any
) -> None:
    if isinstance(taken, str):
        assert chosen("Hook.Example", addresses, inside=inside) == taken
    else:
        with pytest.raises(taken):
            chosen("Hook.Example", addresses, inside=inside)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://93.184.216.34/x",
        "https://me:pw@93.184.216.34/",
        "https:///x",
        "http://0x7f.1/",
        "http://[::1]/",
    ],
)
def test_what_is_no_open_address_is_not_asked(url: str) -> None:
    with pytest.raises((Inside, NoHost, OSError)):
        address_of(httpx.URL(url))


class Names:
    """A name server that gives each look-up its next answer."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0
        self._real = socket.getaddrinfo

    def __call__(self, host: str, *told: Any, **more: Any) -> Any:
        if host != "hook.example":
            return self._real(host, *told, **more)
        self.asked += 1
        address = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]


def message(url: str) -> Message:
    return Message(
        7, url, "case.opened", {"hook": "h", "body": {"a": 1}}, *[datetime(2026, 11, 9, tzinfo=UTC)] * 2
    )


def test_a_name_that_changes_its_mind_is_asked_once_and_the_judged_address_is_called(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    names, called = Names(OPEN, METADATA), []
    monkeypatch.setattr(socket, "getaddrinfo", names)

    def connect(address: tuple[str, int], *told: Any, **more: Any) -> Any:
        called.append(address)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "create_connection", connect)
    settings.WEBHOOKS_INSIDE = False
    with pytest.raises(NotNow):
        webhooks.hand_over(message("https://hook.example/in"))
    assert (names.asked, called) == (1, [(OPEN, 443)])
    with pytest.raises(Never, match="address inside"):  # the next time it says otherwise, it is refused
        webhooks.hand_over(message("https://hook.example/in"))


@pytest.fixture
def redirecting() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.headers["Host"])
            self.send_response(307)
            self.send_header("Location", f"http://{METADATA}/latest/meta-data")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer((HOME, 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://hook.example:{server.server_port}/in", heard
        server.shutdown()


def test_a_redirect_of_a_webhook_is_not_followed_and_the_host_keeps_its_name(
    redirecting: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    url, heard = redirecting
    monkeypatch.setattr(socket, "getaddrinfo", Names(HOME))
    settings.WEBHOOKS_INSIDE = True
    with pytest.raises(NotNow, match="307"):
        webhooks.hand_over(message(url))
    assert heard == [url.split("/")[2]]
