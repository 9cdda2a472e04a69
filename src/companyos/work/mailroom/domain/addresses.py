"""The address that an answer goes to: it names the case and the person, and only we can make it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from uuid import UUID

_MAC_BYTES = 10
_THREAD = re.compile(r"^case\.([0-9a-f-]{36})@")


def reply_address(mailbox: str, case: str, person: str, secret: str) -> str:
    """Return the plus address for one person's words about one case."""
    name, _, domain = mailbox.partition("@")
    told = UUID(case).bytes + _mac(case, person, secret)
    return f"{name}+{base64.b32encode(told).decode().rstrip('=').lower()}@{domain}"


def case_of(address: str, mailbox: str, person: str, secret: str) -> str:
    """Return the case that an address names, when it was made for this person; empty otherwise."""
    name, _, domain = mailbox.lower().partition("@")
    local, _, where = address.lower().partition("@")
    if where != domain or not local.startswith(f"{name}+"):
        return ""
    token = local.removeprefix(f"{name}+").upper()
    try:
        told = base64.b32decode(token + "=" * (-len(token) % 8))
        case = str(UUID(bytes=told[:16]))
    except ValueError:
        return ""
    return case if hmac.compare_digest(told[16:], _mac(case, person, secret)) else ""


def is_ours(address: str, mailbox: str) -> bool:
    """Tell whether a mail to this address is for cases."""
    name, _, domain = mailbox.lower().partition("@")
    local, _, where = address.lower().partition("@")
    return where == domain and local.partition("+")[0] == name


def thread_id(case: str, domain: str) -> str:
    """Return the id that every mail about a case refers to, so that mail programs show one thread."""
    return f"<case.{case}@{domain}>"


def case_of_thread(message_id: str) -> str:
    found = _THREAD.match(message_id)
    return found[1] if found else ""


def _mac(case: str, person: str, secret: str) -> bytes:
    made = hmac.new(secret.encode(), f"mail {case} {person}".encode(), hashlib.sha256)
    return made.digest()[:_MAC_BYTES]
