"""The last good ruleset on disk, so that a program starts with it while the server is away.

The file has two lines: a head with version, etag and the SHA-256 of the body, and the body as it was received.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from pathlib import Path

from companyos_sdk.serving import NOTHING, Serving, Unusable, successor


def read(path: Path, *, flag_set: str | None = None) -> Serving | None:
    """The ruleset of a file, None when there is no file. Raises Unusable for a damaged one."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        told = json.loads(head)
        sha256, etag = str(told["sha256"]), told["etag"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Unusable(f"{path} cannot be read: {type(problem).__name__} {problem}") from None
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Unusable(f"{path} is damaged: its checksum does not hold")
    return successor(body, etag if isinstance(etag, str) else None, NOTHING, flag_set=flag_set)


def write(path: Path, body: bytes, serving: Serving) -> None:
    """Put a ruleset in the file's place, whole or not at all. Raises OSError."""
    head = {"version": serving.version, "etag": serving.etag, "sha256": serving.sha256}
    put_in_place(path, json.dumps(head).encode() + b"\n" + body)


def put_in_place(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a power cut, finds the old one or the new one. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some systems cannot open a folder
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
