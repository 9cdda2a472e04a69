"""Events of our own that wait for the log: one file each, until the process that owns the log has them on disk.

The pages may live in a process that only reads the log, and a database's transaction cannot reach into a log. So what
they have to tell is a file with the event's id as its name: handed in twice it is one file, and one that is written
and not yet taken away when the power goes is written again, under the same id.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from companyos.analytics.events import CheckedEvent, Event
from companyos.analytics.inbox.segments import sync_folder

_SUFFIX = ".json"
_log = logging.getLogger(__name__)


class HandedIn:
    """The folder. Anybody hands in; only the log's owner takes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def hand_in(self, event: CheckedEvent) -> None:
        """Keep an event until it is in the log. Its id names the file: letters, digits and hyphens."""
        fresh = self._folder / f"{event.id}.{os.getpid()}"
        with fresh.open("wb") as stream:
            stream.write(msgspec.json.encode(event))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._folder / f"{event.id}{_SUFFIX}")
        sync_folder(self._folder)

    def waiting(self, most: int) -> list[Event]:
        """Return up to `most` events that wait. A file that is none of ours is put aside and named in the log."""
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(_SUFFIX))
        return [event for name in names[:most] if (event := self._read(self._folder / name)) is not None]

    def taken(self, events: Iterable[Event]) -> None:
        """Forget events that are safe in the log."""
        for event in events:
            (self._folder / f"{event.id}{_SUFFIX}").unlink(missing_ok=True)

    def _read(self, path: Path) -> Event | None:
        try:
            event = msgspec.json.decode(path.read_bytes(), type=CheckedEvent)
            if f"{event.id}{_SUFFIX}" == path.name:
                return event
            problem = f"it holds the event {event.id}"
        except FileNotFoundError:
            return None  # somebody else has taken it since
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            problem = str(error)
        _log.error("%s is no event that was handed in, and is put aside: %s", path, problem)
        path.replace(path.with_suffix(".refused"))
        return None
