"""Files that people attach, kept under their checksum in the data directory: the same bytes lie there once."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path

from companyos.platform.instance import instance

_LONGEST_NAME = 120


def keep(content: bytes) -> str:
    """Keep the bytes of a file and return their SHA-256, under which they are read again."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = _folder() / sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        part = place.with_name(f"{sha256}.{secrets.token_hex(4)}.part")
        part.write_bytes(content)
        part.replace(place)
    return sha256


def drop(sha256: str) -> None:
    """Delete the bytes of a file that nobody holds any more."""
    (_folder() / sha256).unlink(missing_ok=True)


def read(sha256: str) -> bytes:
    return (_folder() / sha256).read_bytes()


def plain_name(name: str) -> str:
    """Return a name that is safe in a header and in a folder, whatever the sender called the file."""
    return re.sub(r"[^\w .()-]", "_", Path(name).name)[:_LONGEST_NAME] or "file"


def _folder() -> Path:
    return instance().folder / "attachments"
