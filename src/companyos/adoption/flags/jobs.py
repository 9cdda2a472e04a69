"""Publishing: the newest ruleset and every revoked key, as files that the edge reads; changes whose time has come."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from companyos.adoption.flags import actions, queries
from companyos.kernel.canonical_json import canonical, sha256_of
from companyos.people.identity import queries as identity

REVOKED = "revoked-keys.json"
_KEEP = 5
_HASH = re.compile(r"[0-9a-f]{64}")


def publish_latest(folder: Path) -> int:
    """Write what the edge should read and does not have yet; returns the newest ruleset's version (0: none).

    Level-triggered: run after a change and again at every start, so that a crash between the commit and the
    files, or a damaged file, heals itself. Temporary file, fsync, rename: a reader sees a whole file or none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    publish_revoked(
        folder
    )  # first: an older ruleset must not bring back a key that the newest one leaves out
    document = queries.latest_document()
    if document is None:
        return 0
    version = int(document["version"])
    head = canonical({"version": version, "sha256": sha256_of(document)})
    _write_where_it_differs(folder / f"ruleset-{version}.json", head + b"\n" + canonical(document) + b"\n")
    _forget_old(folder, version)
    return version


def publish_revoked(folder: Path) -> None:
    """Write the list of revoked keys. What stands in the file stays, whatever the database says."""
    revoked = sorted({*identity.revoked_hashes(), *_revoked_in(folder / REVOKED)})
    if revoked:
        checksum = hashlib.sha256("\n".join(revoked).encode()).hexdigest()
        _write_where_it_differs(folder / REVOKED, canonical({"revoked": revoked, "sha256": checksum}) + b"\n")


def _revoked_in(path: Path) -> list[str]:
    try:
        listed = json.loads(path.read_bytes())["revoked"]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # not there yet, or damaged: the database knows them all
    return [each for each in listed if isinstance(each, str) and _HASH.fullmatch(each)]


def _write_where_it_differs(path: Path, content: bytes) -> None:
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    with NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".new", delete=False) as stream:
        stream.write(content)  # a name of its own: two processes may publish at once
        stream.flush()
        os.fsync(stream.fileno())
    Path(stream.name).replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget_old(folder: Path, version: int) -> None:
    for path in folder.glob("ruleset-*.json"):
        number = path.stem.removeprefix("ruleset-")
        if number.isdigit() and int(number) <= version - _KEEP:
            path.unlink(missing_ok=True)


def apply_due(now: datetime) -> int:
    """Carry out the changes whose time has come, and end the days back that are over; says how many changes."""
    actions.end_days_back(now=now)
    waiting = queries.due(now)
    for each in waiting:
        actions.apply_scheduled(scheduled=each, now=now)
    return len(waiting)
