"""The folder with the published files, as the edge reads it: the newest sound ruleset, without revoked keys."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

import msgspec

from companyos.surfaces.edge.rulesets import NOTHING, UNUSABLE, Ruleset, read_ruleset

REVOKED = "revoked-keys.json"
_log = logging.getLogger(__name__)


class _Revoked(msgspec.Struct):
    revoked: list[str]
    sha256: str  # of the list, joined by newlines


class Published:
    """Reads the folder. What it has seen stays seen: no version goes back, no revoked key comes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = NOTHING
        self._dead: frozenset[bytes] = frozenset()
        self._signature: object = None

    def has_changed(self) -> bool:
        """Tell whether the folder changed since this was last asked. Cheap: names and stamps, no content."""
        signature = _signature_of(self._folder)
        changed, self._signature = signature != self._signature, signature
        return changed

    def newest(self) -> Ruleset:
        """Return what to serve now. A damaged file is passed over and said so in the log."""
        knows_the_dead = self._read_revoked()
        # Without the list of revoked keys an older file could bring one back; the newest file has none.
        self._read = _newest(self._folder, self._read, only_the_newest=not knows_the_dead)
        return self._read.without(self._dead)

    def _read_revoked(self) -> bool:
        try:
            self._dead |= _revoked_in(self._folder / REVOKED)
        except FileNotFoundError:
            return True  # no key was ever revoked
        except UNUSABLE as error:
            _log.error("%s cannot be read, so only the newest ruleset is trusted: %s", REVOKED, error)
            return False
        return True


def _revoked_in(path: Path) -> frozenset[bytes]:
    told = msgspec.json.decode(path.read_bytes(), type=_Revoked)
    if hashlib.sha256("\n".join(told.revoked).encode()).hexdigest() != told.sha256:
        raise ValueError("its checksum does not hold")
    return frozenset(map(bytes.fromhex, told.revoked))


def _newest(folder: Path, known: Ruleset, *, only_the_newest: bool) -> Ruleset:
    versions = sorted(filter(None, map(_version_of, folder.glob("ruleset-*.json"))), reverse=True)
    for version in versions[:1] if only_the_newest else versions:
        if version <= known.version:
            break
        try:
            return read_ruleset(folder / f"ruleset-{version}.json", version)
        except UNUSABLE as error:
            _log.error(
                "ruleset %d cannot be used; the last sound one goes on being served: %s", version, error
            )
    return known


def _version_of(path: Path) -> int:
    number = path.stem.removeprefix("ruleset-")
    return int(number) if number.isdigit() else 0


def _signature_of(folder: Path) -> object:
    try:
        with os.scandir(folder) as entries:
            return sorted(_stamp(entry) for entry in entries if entry.name.endswith(".json"))
    except FileNotFoundError:
        return None  # not published yet, or a file went away between listing and looking: look again


def _stamp(entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    found = entry.stat()
    return entry.name, found.st_ino, found.st_mtime_ns, found.st_size
