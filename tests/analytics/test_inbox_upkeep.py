"""Old files of the inbox log: people are taken out without moving a frame; drained ones go when their time is over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from companyos.analytics.events import Event, stored_body, stored_events, stored_line
from companyos.analytics.inbox import DuplicateWindow, FrameKind, InboxLog, Sight, upkeep
from companyos.analytics.inbox.frames import epoch_ms
from companyos.analytics.inbox.segments import InboxDamaged, segments_in
from companyos.kernel.clock import VirtualClock

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def event(number: int, actor: str, **more: object) -> Event:
    told = {"id": f"event-{number:04d}", "event": "task_completed", "time": NOW, "tenant": "sales"}
    return msgspec.convert(told | {"actor": actor} | more, Event)


def line(each: Event, received: datetime = NOW) -> bytes:
    return stored_line(stored_body(each, now=received), received=received) + b"\n"


def refused(body: str) -> bytes:
    row = {
        "tenant": "sales",
        "id": "",
        "reason": "it is a test",
        "body": body,
        "received": "2026-03-02T09:00:00Z",
    }
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def fill(log: InboxLog, *frames: tuple[FrameKind, bytes], received: datetime = NOW) -> None:
    async def append() -> None:
        for kind, payload in frames:
            await log.append(kind, payload, received=received)

    asyncio.run(append())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files: two closed ones with people in them, and the newest with nobody's name."""
    log = InboxLog(tmp_path, segment_bytes=1)  # a file for each group
    fill(
        log,
        (FrameKind.EVENTS, line(event(1, "ana-ruiz", props={"latency_ms": 5})) + line(event(2, "boyu-shen"))),
        (FrameKind.QUARANTINE, refused('{"actor":"ana-ruiz"}') + refused("nobody")),
        (
            FrameKind.EVENTS,
            line(event(3, "boyu-shen", props={"by": "ana-ruiz", "note": "seen by 'ana-ruizzo'"})),
        ),
        (FrameKind.SERVING, b'{"provider":"ana-ruiz","version":1}'),
        (FrameKind.EVENTS, line(event(4, "boyu-shen"))),
    )
    log.close()
    return tmp_path


def test_a_person_is_taken_out_of_closed_files_and_no_frame_moves(folder: Path) -> None:
    before = [(path.name, path.stat().st_size) for path in sorted(folder.glob("*.log"))]
    found = upkeep.blank(folder, ["ana-ruiz"], drained=5)
    assert (found.lines, found.remains) == (3, False)
    assert [(path.name, path.stat().st_size) for path in sorted(folder.glob("*.log"))] == before
    log = InboxLog(folder)
    frames = list(log.frames(after=0))
    assert [frame.seq for frame in frames] == [1, 2, 3, 4, 5]
    kept = [
        each for frame in frames if frame.kind is FrameKind.EVENTS for each in stored_events(frame.payload)
    ]
    assert [(each.id, each.actor, each.by, each.props) for each in kept] == [
        ("event-0001", "", "", "{}"),
        ("event-0002", "boyu-shen", "", "{}"),
        ("event-0003", "", "", "{}"),
        ("event-0004", "boyu-shen", "", "{}"),
    ]
    bodies = [json.loads(row)["body"] for row in frames[1].payload.splitlines()]
    assert bodies == ["", "nobody"]
    log.close()
    assert upkeep.blank(folder, ["ana-ruiz"], drained=5).lines == 0, "a second time there is nothing"


def test_an_id_stays_known_so_that_the_window_is_rebuilt(folder: Path) -> None:
    upkeep.blank(folder, ["ana-ruiz"], drained=5)
    log = InboxLog(folder)
    window = DuplicateWindow.rebuilt(log, VirtualClock(NOW))
    untouched = event(2, "boyu-shen")
    assert window.sees("sales", "event-0002", stored_body(untouched, now=NOW)) is Sight.DUPLICATE
    again = event(1, "ana-ruiz", props={"latency_ms": 5})
    assert window.sees("sales", "event-0001", stored_body(again, now=NOW)) is Sight.CONFLICT, (
        "it does not come back"
    )
    log.close()


@pytest.mark.parametrize(("drained", "lines", "remains"), [(5, 3, False), (1, 1, True), (0, 0, True)])
def test_what_is_not_drained_is_left_and_said_to_remain(
    folder: Path, drained: int, lines: int, remains: bool
) -> None:
    found = upkeep.blank(folder, ["ana-ruiz"], drained=drained)
    assert (found.lines, found.remains) == (lines, remains)


def test_the_newest_file_is_left_alone_and_said_to_remain(folder: Path) -> None:
    before = sorted(folder.glob("*.log"))[-1].read_bytes()
    assert upkeep.blank(folder, ["boyu-shen"], drained=5).remains
    assert sorted(folder.glob("*.log"))[-1].read_bytes() == before


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-3], lambda whole: whole[:60] + b"?" + whole[61:]])
def test_a_damaged_file_is_left_as_it_is(folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = sorted(folder.glob("*.log"))[0]
    path.write_bytes(spoil(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(InboxDamaged):
        upkeep.blank(folder, ["ana-ruiz"], drained=5)
    assert path.read_bytes() == before
    assert not list(folder.glob("*.blanked"))


def test_files_go_when_all_of_them_is_drained_and_old(tmp_path: Path) -> None:
    log = InboxLog(tmp_path, segment_bytes=1)
    for day in range(4):
        received = NOW + timedelta(days=day)
        fill(log, (FrameKind.EVENTS, line(event(day, "boyu-shen"), received)), received=received)
    firsts = [segment.first_seq for segment in segments_in(tmp_path)]

    def trim(drained: int, before: datetime) -> list[int]:
        upkeep.trim(tmp_path, drained=drained, before_ms=epoch_ms(before))
        return [segment.first_seq for segment in segments_in(tmp_path)]

    assert trim(4, NOW) == firsts, "nothing is old"
    assert trim(1, NOW + timedelta(days=9)) == firsts, "its end is not known to be drained"
    assert trim(2, NOW + timedelta(days=9)) == firsts[1:], "no more than is drained"
    assert trim(4, NOW + timedelta(days=2, hours=1)) == firsts[2:]
    assert trim(4, NOW + timedelta(days=99)) == firsts[3:], "the newest file stays"
    fill(log, (FrameKind.EVENTS, line(event(9, "boyu-shen"))))
    assert [frame.seq for frame in log.frames(after=3)] == [4, 5]
    log.close()
    again = InboxLog(tmp_path)
    assert again.synced_seq == 5
    again.close()


def test_a_new_file_is_begun_when_one_is_old_however_small(tmp_path: Path) -> None:
    log = InboxLog(tmp_path, segment_seconds=0.0)
    for number in range(3):
        fill(log, (FrameKind.EVENTS, line(event(number, "boyu-shen"))))
    assert [segment.first_seq for segment in segments_in(tmp_path)] == [1, 2, 3]
    log.close()
