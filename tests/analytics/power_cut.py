"""A disk that forgets: what stands in a folder when the power goes, given everything that was done to its files.

Synced bytes stay. Every write since is there, or not, or torn into sectors of which some are there; in any order.
A name is safe once its folder was synced after the file was made.
"""

from __future__ import annotations

import errno
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from companyos.analytics.inbox import log as log_module

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FolderSync:
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    payloads: tuple[bytes, ...]


Step = Write | Truncate | Sync | FolderSync | Acknowledged


@dataclass(slots=True)
class Disk:
    """Writes down, in order, what is done to the files of one folder, and what is acknowledged meanwhile.

    `fails` says whether the next write stops half way with a full disk; with `syncs` off, syncing does nothing.
    """

    folder: Path
    fails: Callable[[], bool] = lambda: False
    syncs: bool = True
    steps: list[Step] = field(default_factory=list)
    begins: int = 0  # the steps before only say what was safe already

    @contextmanager
    def watching(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """Put the disk under everything that happens inside."""
        for path in sorted(self.folder.iterdir()) if self.folder.exists() else []:
            self.steps.append(Sync(path.name, path.read_bytes()))
        if self.folder.exists():
            self.steps.append(FolderSync(self._names()))
        self.begins = len(self.steps)
        with patch.context() as patched:
            for name in ("pwrite", "ftruncate", "fdatasync", "fsync"):
                patched.setattr(os, name, getattr(self, f"_{name}")(getattr(os, name)))
            patched.setattr(log_module, "_acknowledge", self._acknowledge(log_module._acknowledge))
            yield

    def acknowledged_by(self, step: int) -> list[bytes]:
        """The payloads that had been acknowledged when the power went."""
        return [p for each in self.steps[:step] if isinstance(each, Acknowledged) for p in each.payloads]

    def after_a_cut(self, step: int, dice: random.Random) -> dict[str, bytes]:
        """The files that are there when the power goes before this step, by name."""
        safe: dict[str, bytes] = {}
        waiting: defaultdict[str, list[Write | Truncate]] = defaultdict(list)
        names: frozenset[str] = frozenset()
        for each in self.steps[:step]:
            match each:
                case Write() | Truncate():
                    safe.setdefault(each.name, b"")
                    waiting[each.name].append(each)
                case Sync():
                    safe[each.name] = each.content
                    waiting[each.name].clear()
                case FolderSync():
                    names |= each.names
        there = [name for name in {*safe, *names} if name in names or dice.random() < 0.5]
        return {name: survived(safe.get(name, b""), waiting[name], dice) for name in sorted(there)}

    def _names(self) -> frozenset[str]:
        return frozenset(path.name for path in self.folder.iterdir())

    def _name_of(self, file: int) -> str:
        path = Path(f"/proc/self/fd/{file}").readlink()
        return path.name if path.parent == self.folder else ""

    def _pwrite(self, real: Callable[..., int]) -> Callable[..., int]:
        def pwrite(file: int, data: Any, offset: int) -> int:
            whole = bytes(data)
            failing = bool(self._name_of(file)) and self.fails()
            part = whole[: len(whole) // 2] if failing else whole
            if name := self._name_of(file):
                self.steps.append(Write(name, offset, part))
            written = real(file, part, offset)
            if failing:
                raise OSError(errno.ENOSPC, "No space left on device")
            return written

        return pwrite

    def _ftruncate(self, real: Callable[..., None]) -> Callable[..., None]:
        def ftruncate(file: int, size: int) -> None:
            real(file, size)
            if name := self._name_of(file):
                self.steps.append(Truncate(name, size))

        return ftruncate

    def _fdatasync(self, real: Callable[[int], None]) -> Callable[[int], None]:
        return self._fsync(real)

    def _fsync(self, _: Callable[[int], None]) -> Callable[[int], None]:
        def sync(file: int) -> None:
            path = Path(f"/proc/self/fd/{file}").readlink()
            if path == self.folder:
                self.steps.append(FolderSync(self._names()))
            elif self.syncs and path.parent == self.folder:
                self.steps.append(Sync(path.name, path.read_bytes()))

        return sync

    def _acknowledge(self, real: Callable[..., None]) -> Callable[..., None]:
        def acknowledge(group: list[Any], seqs: range) -> None:
            self.steps.append(Acknowledged(tuple(waiting.payload for waiting in group)))
            real(group, seqs)

        return acknowledge


def survived(safe: bytes, waiting: list[Write | Truncate], dice: random.Random) -> bytes:
    """A file after the cut: any of what was waiting to be synced, in any order, torn at sectors."""
    content = bytearray(safe)
    kept = [each for each in waiting if dice.random() < 0.6]
    dice.shuffle(kept)
    for each in kept:
        if isinstance(each, Truncate):
            del content[each.size :]
        else:
            for start, piece in sectors(each):
                if dice.random() < 0.8:
                    put(content, start, piece if dice.random() < 0.95 else dice.randbytes(len(piece)))
    return bytes(content)


def sectors(write: Write) -> Iterator[tuple[int, bytes]]:
    """A write, cut where the disk's sectors part."""
    start, end = write.offset, write.offset + len(write.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield start, write.data[start - write.offset : stop - write.offset]
        start = stop


def put(content: bytearray, start: int, piece: bytes) -> None:
    content.extend(bytes(max(0, start - len(content))))
    content[start : start + len(piece)] = piece
