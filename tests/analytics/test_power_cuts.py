"""What an acknowledgement is worth when the power goes, at any step of writing."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.power_cut import Disk
from companyos.analytics.inbox import FrameKind, InboxDamaged, InboxLog, LogUnwritable

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CUTS = 2_000
CUTS_A_DISK = 50
LIVES = 4  # how often a log goes on from a cut before a new one is begun
SEGMENT_BYTES = 6_000


def test_nothing_acknowledged_is_lost_by_2000_power_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each disk is cut at many steps; the next disk goes on from what one of the cuts left behind."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # this machine's own disk is not what is tested
    before, cuts, lost_tails = tmp_path / "none", 0, 0
    for number in range(CUTS // CUTS_A_DISK):
        if number % LIVES == 0:
            shutil.rmtree(before, ignore_errors=True)
        earlier = frames_in(before)
        disk = written(tmp_path / f"disk-{number}", before, dice, monkeypatch)
        for _ in range(CUTS_A_DISK):
            step = dice.randrange(disk.begins, len(disk.steps) + 1)
            before = cut(disk, step, tmp_path / "cut", dice)
            found = read_back(before, earlier + disk.acknowledged_by(step))
            lost_tails += len(found) < number_written(disk, earlier)
            cuts += 1
        shutil.rmtree(disk.folder)
    assert cuts == CUTS
    assert lost_tails > CUTS // 10  # the cuts did cut


def test_without_syncing_the_same_cuts_do_lose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a disk that lies about syncing must make the test above fail, and often."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    dice, losses = random.Random(seed), 0
    for number in range(4):
        disk = written(tmp_path / f"disk-{number}", tmp_path / "none", dice, monkeypatch, syncs=False)
        for _ in range(10):
            step = dice.randrange(len(disk.steps) // 2, len(disk.steps) + 1)
            folder = cut(disk, step, tmp_path / "cut", dice)
            with suppress(AssertionError, InboxDamaged):
                read_back(folder, disk.acknowledged_by(step))
                continue
            losses += 1
    assert losses > 20


def written(
    folder: Path, before: Path, dice: random.Random, patch: pytest.MonkeyPatch, *, syncs: bool = True
) -> Disk:
    """A disk on which a log was opened, over what was there before, and written in groups, some of them failing."""
    if before.exists():
        shutil.copytree(before, folder)
    is_open = False
    disk = Disk(folder, fails=lambda: is_open and dice.random() < 0.05, syncs=syncs)
    with disk.watching(patch):
        log = InboxLog(folder, segment_bytes=SEGMENT_BYTES)
        is_open = True
        asyncio.run(send(log, dice))
        log.close()
    return disk


async def send(log: InboxLog, dice: random.Random) -> None:
    for _ in range(12):
        payloads = [
            dice.randbytes(dice.randrange(1, 1500)).hex().encode() for _ in range(dice.randrange(1, 5))
        ]
        waiting = [
            asyncio.ensure_future(log.append(FrameKind.EVENTS, each, received=NOW)) for each in payloads
        ]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(outcome, int | LogUnwritable) for outcome in outcomes), outcomes


def cut(disk: Disk, step: int, folder: Path, dice: random.Random) -> Path:
    """A folder as it is when the machine comes up again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in disk.after_a_cut(step, dice).items():
        (folder / name).write_bytes(content)
    return folder


def read_back(folder: Path, acknowledged: list[bytes]) -> list[bytes]:
    """What the log holds after the cut: all that was acknowledged, in order, and it can be written again."""
    log = InboxLog(folder, segment_bytes=SEGMENT_BYTES)
    try:
        found = [frame.payload for frame in log.frames(after=0)]
        assert found[: len(acknowledged)] == acknowledged
        assert log.synced_seq == len(found)
    finally:
        log.close()
    return found


def frames_in(folder: Path) -> list[bytes]:
    return read_back(folder, []) if folder.exists() else []


def number_written(disk: Disk, earlier: list[bytes]) -> int:
    return len(earlier) + len(disk.acknowledged_by(len(disk.steps)))
