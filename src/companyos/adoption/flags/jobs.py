"""Publishing: the newest ruleset as one file that the edge reads; and changes whose time has come."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from companyos.adoption.flags import actions, queries
from companyos.kernel.canonical_json import canonical, sha256_of

_KEEP = 5


def publish_latest(folder: Path) -> int:
    """Write the newest ruleset file if it is not there yet; returns its version (0: none).

    Level-triggered: run after a change and again at every start, so that a crash between the commit and the
    file heals itself. Temporary file, fsync, rename: a reader sees a whole file or none.
    """
    document = queries.latest_document()
    if document is None:
        return 0
    version = int(document["version"])
    path = folder / f"ruleset-{version}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"version": version, "sha256": sha256_of(document)}, sort_keys=True)
        _write_whole(path, head.encode() + b"\n" + canonical(document) + b"\n")
        _forget_old(folder, version)
    return version


def _write_whole(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


def _forget_old(folder: Path, version: int) -> None:
    for path in folder.glob("ruleset-*.json"):
        if int(path.stem.removeprefix("ruleset-")) <= version - _KEEP:
            path.unlink()


def apply_due(now: datetime) -> int:
    """Carry out the changes whose time has come; says how many."""
    waiting = queries.due(now)
    for each in waiting:
        actions.apply_scheduled(scheduled=each, now=now)
    return len(waiting)
