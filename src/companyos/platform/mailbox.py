"""A mailbox read by IMAP (RFC 9051) over TLS: what lies in one folder, by number. What a mail is, others decide."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import ParseResult, unquote, urlparse

WITHIN_SECONDS = 30.0
_NEAR = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"imaps": 993, "imap": 143}


class NotReached(Exception):
    """The mailbox cannot be read now; says why, without the password."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail by its number in the folder, and its size in bytes as the server says."""

    uid: int
    size: int


class Mailbox:
    """An open folder. Numbers hold as long as `validity` stays the same. Every method raises NotReached."""

    def __init__(self, server: imaplib.IMAP4, folder: str) -> None:
        self._server = server
        self._ask(server.select(_quoted(folder)), f"the folder {folder}")
        _, found = server.response("UIDVALIDITY")
        self.validity = int(found[0]) if found and found[0] else 0

    def after(self, uid: int, *, most: int) -> tuple[Waiting, ...]:
        """Return the next mails behind a number, the oldest first."""
        (said, *_) = self._ask(self._server.uid("SEARCH", f"UID {uid + 1}:*"), "a search")
        # `n:*` names the last mail even when its number is smaller
        numbers = sorted(number for number in map(int, (said or b"").split()) if number > uid)[:most]
        return tuple(Waiting(number, self._size(number)) for number in numbers)

    def content(self, uid: int, *, most: int) -> bytes:
        """Return a mail without marking it as read, `most` bytes of it at most; empty when it is gone."""
        parts = self._ask(self._server.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{most}>)"), f"the mail {uid}")
        return next((each[1] for each in parts if isinstance(each, tuple)), b"")

    def mark_read(self, uid: int) -> None:
        self._ask(self._server.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)"), f"the mail {uid}")

    def move(self, uid: int, folder: str) -> None:
        """Move a mail to a folder, made when it is not there; on a server without MOVE what stays is marked deleted."""
        self._server.create(_quoted(folder))  # refused where it is there already
        if "MOVE" in self._server.capabilities:
            self._ask(self._server.uid("MOVE", str(uid), _quoted(folder)), f"the folder {folder}")
            return
        self._ask(self._server.uid("COPY", str(uid), _quoted(folder)), f"the folder {folder}")
        self._ask(
            self._server.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)"), f"the mail {uid}"
        )

    def _size(self, uid: int) -> int:
        parts = self._ask(self._server.uid("FETCH", str(uid), "(RFC822.SIZE)"), f"the mail {uid}")
        said = next((each for each in parts if isinstance(each, bytes) and b"RFC822.SIZE" in each), b"")
        words = said.replace(b")", b" ").split()
        return int(words[words.index(b"RFC822.SIZE") + 1]) if said else 0

    def _ask(self, answer: tuple[str, list[Any]], what: str) -> list[Any]:
        status, told = answer
        if status != "OK":
            raise NotReached(f"the mail server refused {what}: {_plain(told)}")
        return told


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """Open the folder that `imaps://user:password@host/Folder` names, INBOX when it names none. Raises NotReached.

    `imap://` begins in plain words and goes over to TLS (STARTTLS), except to this machine itself.
    """
    place = urlparse(url)
    try:
        server = _connect(place)
    except (OSError, imaplib.IMAP4.error) as problem:
        raise NotReached(f"{place.hostname} cannot be reached: {_plain(problem)}") from None
    try:
        server.login(unquote(place.username or ""), unquote(place.password or ""))
        yield Mailbox(server, unquote(place.path.strip("/")) or "INBOX")
    except imaplib.IMAP4.abort as problem:
        raise NotReached(f"{place.hostname} hung up: {_plain(problem)}") from None
    except imaplib.IMAP4.error as problem:
        raise NotReached(f"{place.hostname} refused: {_plain(problem)}") from None
    except OSError as problem:
        raise NotReached(f"{place.hostname} went away: {_plain(problem)}") from None
    finally:
        _close(server)


def name_of(url: str) -> str:
    """Return a mailbox as people may see it: no password."""
    place = urlparse(url)
    folder = unquote(place.path.strip("/")) or "INBOX"
    return f"{unquote(place.username or '')} at {place.hostname}, {folder}"


def _connect(place: ParseResult) -> imaplib.IMAP4:
    host, port = place.hostname or "", place.port or _PORTS.get(place.scheme, 993)
    tls = ssl.create_default_context()
    if place.scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port, ssl_context=tls, timeout=WITHIN_SECONDS)
    server = imaplib.IMAP4(host, port, timeout=WITHIN_SECONDS)
    try:
        if host not in _NEAR:
            server.starttls(ssl_context=tls)
    except BaseException:
        _close(server)
        raise
    return server


def _close(server: imaplib.IMAP4) -> None:
    for end in (server.logout, server.shutdown):  # a logout that fails leaves the connection open
        with suppress(OSError, imaplib.IMAP4.error):
            end()


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(told: object) -> str:
    """Write what a server or a library said as words; imaplib hands over bytes, in errors too."""
    if isinstance(told, Exception) and told.args and isinstance(told.args[0], bytes):
        told = told.args[0]
    words = told if isinstance(told, list) else [told]
    said = " ".join(each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in words)
    return said.strip()[:200] or "no reason given"
