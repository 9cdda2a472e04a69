"""Reading a mail: who wrote, in answer to what, which words are new, and whether a program wrote it."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser

MOST_BYTES = 25 * 2**20
LONGEST_TEXT = 20_000
MOST_FILES = 10
OURS = "X-CompanyOS"  # in every mail of ours: one that comes back is a loop
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_QUOTED = re.compile(
    r"^(?:>|On .{0,200} wrote:\s*$|Am .{0,200} schrieb .{0,100}:\s*$|Le .{0,200} a écrit\s?:\s*$"
    r"|-{2,}\s*(?:Original Message|Ursprüngliche Nachricht)|_{20,}\s*$|From: .{0,200}@)"
)
_IDS = re.compile(r"<([^<>\s]{1,250})>")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, as far as a case needs it. `automatic` says by which header a program wrote it; empty for a person."""

    id: str
    sender: str
    to: tuple[str, ...]
    answers: tuple[str, ...]  # ids of earlier mails, the nearest first
    subject: str
    text: str
    files: tuple[tuple[str, bytes], ...]
    automatic: str
    proofs: tuple[str, ...]  # what mail servers say about the sender


def read_letter(content: bytes) -> Letter:
    """Read a mail. What is damaged reads as empty; nothing is trusted."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    text = _words(mail)
    to = getaddresses(_headers(mail, "To", "Cc", "Delivered-To", "X-Original-To"))
    return Letter(
        next(iter(_IDS.findall(_header(mail, "Message-ID"))), ""),
        parseaddr(_header(mail, "From"))[1].lower(),
        tuple(address.lower() for _, address in to),
        (*_IDS.findall(_header(mail, "In-Reply-To")), *reversed(_IDS.findall(_header(mail, "References")))),
        " ".join(_header(mail, "Subject").split())[:300],
        without_quotes(text)[:LONGEST_TEXT].replace("\x00", ""),
        tuple(_files(mail)),
        _automatic(mail),
        tuple(" ".join(each.split()) for each in _headers(mail, "Authentication-Results")),
    )


def without_quotes(text: str) -> str:
    """Cut what an answer quotes, and a signature: those words are known already."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if _QUOTED.match(line) or line.rstrip("\r") == "-- ":
            break
        kept.append(line)
    return "\n".join(kept).strip()


def is_proven(letter: Letter, server: str) -> bool:
    """Tell whether the mail server that we trust says the sender is who they say (RFC 8601, DMARC).

    Only the topmost word of that server counts: whatever stands below may have been written by the sender.
    """
    said = next(
        (each for each in letter.proofs if each.split(";")[0].split(" ")[0].lower() == server.lower()), ""
    )
    return "dmarc=pass" in said.lower()


def _automatic(mail: EmailMessage) -> str:
    if _header(mail, OURS):
        return "it is a mail of ours that came back"
    if (said := _header(mail, "Auto-Submitted").lower()) and not said.startswith("no"):
        return f"Auto-Submitted: {said[:60]}"
    if (said := _header(mail, "Precedence").strip().lower()) in _BULK:
        return f"Precedence: {said}"
    for name in ("X-Autoreply", "X-Autorespond", "List-Id", "X-Failed-Recipients", "Feedback-ID"):
        if _header(mail, name):
            return f"it has {name}"
    if _header(mail, "Return-Path").strip() == "<>" or mail.get_content_type() == "multipart/report":
        return "it is a mail server's notice"
    return ""


def _words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        said = str(part.get_content())
    except (LookupError, ValueError):
        said = (part.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]
    return said if part.get_content_type() == "text/plain" else _plain(said)


def _files(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in list(mail.iter_attachments())[:MOST_FILES]:
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            yield part.get_filename() or "file", content


def _header(mail: EmailMessage, name: str) -> str:
    return next(iter(_headers(mail, name)), "")


def _headers(mail: EmailMessage, *names: str) -> list[str]:
    found = []
    for name in names:
        try:
            found += [str(each) for each in mail.get_all(name, [])]
        except (ValueError, IndexError, AttributeError):  # a header that the library cannot take apart
            continue
    return found


class _Text(HTMLParser):
    """The words of a page, without what would run or show."""

    _SILENT = frozenset({"script", "style", "head", "title"})
    _BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self._SILENT
        self._quoted += tag == "blockquote"
        if tag in self._BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0
        self._quoted -= tag == "blockquote" and self._quoted > 0

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._quoted:
            self.said.append(data)


def _plain(page: str) -> str:
    reader = _Text()
    reader.feed(page)
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.said)).strip()
