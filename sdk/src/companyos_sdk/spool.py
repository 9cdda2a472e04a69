"""Events on disk while the server is away: files that are whole or not there, checked when read, bounded together."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

from companyos_sdk.bootstrap import put_in_place
from companyos_sdk.events import Event

_log = logging.getLogger(__name__)


class Spool:
    """A folder of batches, oldest first. Several processes may share one: an event counts once, by its id."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def keep(self, events: list[Event]) -> int:
        """Put a batch on disk; returns how many older events made room for it. Raises OSError."""
        body = json.dumps({"events": events}, separators=(",", ":")).encode()
        head = {"count": len(events), "sha256": hashlib.sha256(body).hexdigest()}
        dropped = self._make_room(len(body))
        put_in_place(self._folder / f"{events[0]['id']}.events", json.dumps(head).encode() + b"\n" + body)
        return dropped

    def batches(self) -> Iterator[tuple[Path, list[Event]]]:
        """The batches, oldest first. A damaged one is thrown away, and the log says so."""
        for path in self._files():
            events = self._read(path)
            if events is not None:
                yield path, events

    def _files(self) -> list[Path]:
        # the names are UUIDv7s, so they sort by time
        return sorted(self._folder.glob("*.events")) if self._folder.is_dir() else []

    def _read(self, path: Path) -> list[Event] | None:
        try:
            head, _, body = path.read_bytes().partition(b"\n")
            if json.loads(head)["sha256"] != hashlib.sha256(body).hexdigest():
                raise ValueError("its checksum does not hold")
            events: list[Event] = json.loads(body)["events"]
        except FileNotFoundError:  # another process has sent it
            return None
        except (OSError, ValueError, KeyError, TypeError) as problem:
            _log.warning("the spooled events of %s are lost: %s", path.name, problem)
            path.unlink(missing_ok=True)
            return None
        return events

    def _make_room(self, wanted: int) -> int:
        dropped = 0
        files = [(path, size) for path in self._files() if (size := _size(path))]
        total = sum(size for _path, size in files)
        for path, size in files:
            if total + wanted <= self._most_bytes:
                break
            dropped += len(self._read(path) or ())
            path.unlink(missing_ok=True)
            total -= size
        return dropped


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
