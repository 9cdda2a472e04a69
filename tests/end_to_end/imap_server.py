"""A real IMAP server in this process, plain or over TLS: as much of RFC 9051 as a client needs that reads a mailbox."""

from __future__ import annotations

import re
import shlex
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from end_to_end.message_servers import _serving

USER, PASSWORD = "cases", "a secret/with@signs"


@dataclass
class ImapServer:
    """Folders of mails by number. `break_at` hangs up before the first command that begins with it, once."""

    port: int = 0
    validity: int = 7
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    flags: dict[int, set[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)  # what it says instead of the true size
    has_move: bool = True
    break_at: str = ""

    def put(self, *mails: bytes) -> None:
        inbox = self.folders["INBOX"]
        for mail in mails:
            inbox[max([0, *inbox, *self.flags]) + 1] = mail
            self.flags[max(inbox)] = set()

    def number_anew(self) -> None:
        """Give every mail another number, as a server does after its mailbox was restored."""
        self.validity += 1
        mails = list(self.folders["INBOX"].values())
        self.folders["INBOX"], self.flags = {}, {}
        self.put(*mails)


class _Session(socketserver.StreamRequestHandler):
    imap: ImapServer

    def handle(self) -> None:
        self._say("* OK ready")
        self.folder = ""
        while line := self.rfile.readline().decode().strip():
            tag, _, words = line.partition(" ")
            self.imap.said.append(words)
            if self.imap.break_at and words.startswith(self.imap.break_at):
                self.imap.break_at = ""
                return
            verb, *rest = words.split(" ")
            if verb == "UID":
                verb, *rest = rest
            end = getattr(self, f"do_{verb.lower()}")(rest)
            self._say(f"{tag} {end or 'OK done'}")
            if verb == "LOGOUT":
                return

    def do_capability(self, _: list[str]) -> None:
        self._say(f"* CAPABILITY IMAP4rev1 UIDPLUS{' MOVE' if self.imap.has_move else ''}")

    def do_login(self, rest: list[str]) -> str:
        return (
            "OK in" if shlex.split(" ".join(rest)) == [USER, PASSWORD] else "NO [AUTHENTICATIONFAILED] wrong"
        )

    def do_select(self, rest: list[str]) -> str:
        self.folder = shlex.split(" ".join(rest))[0]
        if self.folder not in self.imap.folders:
            return "NO no such folder"
        self._say(f"* {len(self._mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.imap.validity}] numbers hold")
        return "OK [READ-WRITE] selected"

    def do_search(self, rest: list[str]) -> None:
        first = int(rest[1].split(":")[0])
        last = max(self._mails, default=0)
        found = [uid for uid in sorted(self._mails) if min(first, last) <= uid <= max(first, last)]
        self._say(" ".join(["* SEARCH", *map(str, found)]))

    def do_fetch(self, rest: list[str]) -> None:
        uid = int(rest[0])
        mail = self._mails.get(uid)
        if mail is None:
            return
        if "SIZE" in rest[1]:
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {self.imap.sizes.get(uid, len(mail))})")
            return
        asked = re.search(r"<0\.(\d+)>", rest[1])
        mail = mail[: int(asked[1])] if asked else mail
        self._say(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(mail)}}}")
        self.wfile.write(mail)
        self._say(")")

    def do_store(self, rest: list[str]) -> None:
        self.imap.flags.setdefault(int(rest[0]), set()).update(re.findall(r"\\\w+", " ".join(rest[2:])))

    def do_create(self, rest: list[str]) -> str:
        name = shlex.split(" ".join(rest))[0]
        is_new = name not in self.imap.folders
        self.imap.folders.setdefault(name, {})
        return "OK made" if is_new else "NO there already"

    def do_copy(self, rest: list[str]) -> None:
        self.imap.folders[shlex.split(" ".join(rest[1:]))[0]][int(rest[0])] = self._mails[int(rest[0])]

    def do_move(self, rest: list[str]) -> None:
        self.do_copy(rest)
        del self._mails[int(rest[0])]

    def do_logout(self, _: list[str]) -> None:
        self._say("* BYE")

    @property
    def _mails(self) -> dict[int, bytes]:
        return self.imap.folders[self.folder]

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def imap_server(tls: ssl.SSLContext | None = None) -> Iterator[ImapServer]:
    """Serve one mailbox of one user, over TLS from the first byte when a context is given."""
    box = ImapServer()

    class Session(_Session):
        imap = box

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self):  # type: ignore[no-untyped-def]
            plain, place = super().get_request()
            return (tls.wrap_socket(plain, server_side=True) if tls else plain), place

    with _serving(Server(("127.0.0.1", 0), Session)) as port:
        box.port = port
        yield box
