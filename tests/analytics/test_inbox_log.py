"""The inbox log: what is acknowledged is there after any end of the process, and nothing torn ever is."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.analytics.folder_lock import FolderInUse
from companyos.analytics.inbox import FrameKind, InboxDamaged, InboxLog, LogUnwritable
from companyos.analytics.inbox.frames import Frame, packed
from companyos.analytics.inbox.segments import Segment, recover

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def write(log: InboxLog, *payloads: bytes) -> list[int]:
    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(log.append(FrameKind.EVENTS, p, received=NOW) for p in payloads))

    return asyncio.run(all_at_once())


def payloads(log: InboxLog, after: int = 0) -> list[bytes]:
    return [frame.payload for frame in log.frames(after=after)]


def three_frames() -> list[bytes]:
    return [packed(Frame(FrameKind.EVENTS, seq, 1000 * seq, b'{"n":%d}\n' % seq)) for seq in (1, 2, 3)]


def test_frames_come_back_in_order_with_kind_and_time(tmp_path: Path) -> None:
    log = InboxLog(tmp_path)
    assert write(log, b"a\n", b"b\n") == [1, 2]
    frames = list(log.frames(after=0))
    assert [(f.kind, f.seq, f.received, f.payload) for f in frames] == [
        (FrameKind.EVENTS, 1, NOW, b"a\n"),
        (FrameKind.EVENTS, 2, NOW, b"b\n"),
    ]
    assert payloads(log, after=1) == [b"b\n"]
    assert payloads(log, after=2) == []
    log.close()


def test_a_tail_torn_at_any_byte_is_cut_and_the_log_goes_on(tmp_path: Path) -> None:
    frames = three_frames()
    whole = len(frames[0] + frames[1])
    for torn in range(len(frames[2])):
        folder = tmp_path / str(torn)
        folder.mkdir()
        path = folder / f"{1:016d}.log"
        path.write_bytes(b"".join(frames)[: whole + torn])
        log = InboxLog(folder)
        assert (log.synced_seq, path.stat().st_size) == (2, whole), f"torn after {torn} bytes"
        assert write(log, b"again\n") == [3]
        assert payloads(log) == [b'{"n":1}\n', b'{"n":2}\n', b"again\n"]
        log.close()


def test_a_frame_with_any_byte_changed_is_not_a_frame(tmp_path: Path) -> None:
    frames = three_frames()
    path = tmp_path / f"{1:016d}.log"
    for place in range(len(frames[2])):
        changed = bytearray(frames[2])
        changed[place] ^= 0x41
        path.write_bytes(frames[0] + frames[1] + changed)
        assert recover(Segment(path, 1)) == 2, f"byte {place} changed"
        assert path.stat().st_size == len(frames[0] + frames[1])


def test_a_frame_out_of_order_is_cut(tmp_path: Path) -> None:
    path = tmp_path / f"{1:016d}.log"
    path.write_bytes(three_frames()[0] + three_frames()[2])
    assert recover(Segment(path, 1)) == 1


def test_the_log_goes_on_over_many_files_and_reads_from_anywhere(tmp_path: Path) -> None:
    written = [b"%04d\n" % n for n in range(40)]
    log = InboxLog(tmp_path, segment_bytes=200)
    for payload in written[:30]:
        write(log, payload)
    log.close()
    log = InboxLog(tmp_path, segment_bytes=200)
    for payload in written[30:]:
        write(log, payload)
    assert len(list(tmp_path.glob("*.log"))) > 5
    assert all(payloads(log, after=after) == written[after:] for after in range(41))
    log.close()


def test_an_empty_newest_file_is_a_good_start(tmp_path: Path) -> None:
    (tmp_path / f"{1:016d}.log").write_bytes(b"".join(three_frames()))
    (tmp_path / f"{4:016d}.log").write_bytes(b"")
    log = InboxLog(tmp_path)
    assert log.synced_seq == 3
    assert write(log, b"x\n") == [4]
    assert len(payloads(log)) == 4
    log.close()


def test_damage_in_what_was_safe_is_said_not_skipped(tmp_path: Path) -> None:
    frames = three_frames()
    (tmp_path / f"{1:016d}.log").write_bytes(frames[0] + b"?" * len(frames[1]) + frames[2])
    (tmp_path / f"{4:016d}.log").write_bytes(b"")
    log = InboxLog(tmp_path)
    with pytest.raises(InboxDamaged, match="does not read back at byte"):
        payloads(log)
    log.close()


def test_a_second_opener_is_told_plainly(tmp_path: Path) -> None:
    log = InboxLog(tmp_path)
    with pytest.raises(FolderInUse, match="in use by another process"):
        InboxLog(tmp_path)
    log.close()
    InboxLog(tmp_path).close()


@pytest.mark.parametrize("broken", ["pwrite", "fdatasync"])
@pytest.mark.parametrize("mendable", [True, False])
def test_a_failed_write_leaves_nothing_and_the_log_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, mendable: bool
) -> None:
    """A partial write, or one that does not reach the disk, is cut away: at once, or before the next write."""
    log = InboxLog(tmp_path)
    write(log, b"first\n")
    path = tmp_path / f"{1:016d}.log"
    size, pwrite = path.stat().st_size, os.pwrite

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def half_then_full(file: int, view: memoryview, offset: int) -> int:
        return pwrite(file, view[: len(view) // 2], offset) if offset == size else full()

    monkeypatch.setattr(os, broken, half_then_full if broken == "pwrite" else full)
    if not mendable:
        monkeypatch.setattr(os, "ftruncate", full)
    with pytest.raises(LogUnwritable, match="No space left") as refused:
        write(log, b"second, a good deal longer than the third\n")
    assert refused.value.disk_full
    assert (path.stat().st_size == size) is mendable
    assert payloads(log) == [b"first\n"]
    monkeypatch.undo()
    assert write(log, b"third\n") == [2]
    log.close()
    log = InboxLog(tmp_path)
    assert payloads(log) == [b"first\n", b"third\n"]
    log.close()


def test_whoever_waits_is_woken_by_a_frame_or_by_the_end(tmp_path: Path) -> None:
    log = InboxLog(tmp_path)
    assert log.wait_beyond(0, timeout=0.0) is False
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(log.wait_beyond(0, timeout=30)))
    waiter.start()
    write(log, b"x\n")
    waiter.join(timeout=10)
    assert woken == [True]
    waiter = threading.Thread(target=lambda: woken.append(log.wait_beyond(1, timeout=30)))
    waiter.start()
    log.close()
    waiter.join(timeout=10)
    assert woken == [True, False]
    with pytest.raises(LogUnwritable, match="closing"):
        write(log, b"too late\n")


def test_a_group_is_synced_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = InboxLog(tmp_path)
    syncs: list[int] = []
    gate, real = threading.Event(), os.fdatasync

    def slow_sync(file: int) -> None:
        gate.wait(10)
        syncs.append(file)
        real(file)

    monkeypatch.setattr(os, "fdatasync", slow_sync)

    async def burst() -> list[int]:
        waiting = [
            asyncio.ensure_future(log.append(FrameKind.EVENTS, b"x\n", received=NOW)) for _ in range(200)
        ]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(burst()) == list(range(1, 201))
    assert len(syncs) <= 2  # whatever the writer caught first, then all the rest
    log.close()
