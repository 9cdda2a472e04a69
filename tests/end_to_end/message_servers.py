"""Real servers for messages, in this process: an SMTP server, and one that answers as Slack does."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class MailServer:
    """What arrived; `refuse` is the reply to the next recipients instead of a welcome."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)


@contextmanager
def smtp_server() -> Iterator[MailServer]:
    """Serve SMTP (RFC 5321), as much of it as a client that sends needs."""
    box = MailServer()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 test")
            while line := self.rfile.readline():
                verb = line.split(b":")[0].strip().upper()
                if verb == b"DATA":
                    self._say("354 go on")
                    box.mails.append(message_from_bytes(self._body(), policy=default))
                    self._say("250 kept")
                elif verb == b"RCPT TO" and box.refuse:
                    self._say(box.refuse.pop(0))
                elif verb == b"QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 fine")
            return None

        def _body(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            return b"".join(lines)

        def _say(self, words: str) -> None:
            self.wfile.write(words.encode() + b"\r\n")

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        box.port = port
        yield box


@dataclass
class SlackServer:
    """What was posted: path, authorization, body. `answers` come before the usual ones: status, headers, body."""

    url: str = ""
    posts: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def slack_server() -> Iterator[SlackServer]:
    slack = SlackServer()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            is_json = self.headers["Content-Type"].startswith("application/json")
            body = json.loads(raw) if is_json else {k: v[0] for k, v in parse_qs(raw.decode()).items()}
            slack.posts.append((self.path, self.headers.get("Authorization", ""), body))
            status, headers, told = slack.answers.pop(0) if slack.answers else (200, {}, self._usual(body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def _usual(self, body: dict[str, Any]) -> dict[str, Any]:
            if self.path.endswith("lookupByEmail"):
                return {"ok": True, "user": {"id": f"U-{body['email'].partition('@')[0]}"}}
            return {"ok": True, "ts": "1.2"}

        def log_message(self, *_: Any) -> None:
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as port:
        slack.url = f"http://127.0.0.1:{port}"
        yield slack


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
