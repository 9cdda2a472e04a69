"""Events that wait in a folder until they are in the log: one file an event, and nothing strange is written."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.analytics.events import CheckedEvent
from companyos.analytics.inbox.handed_in import HandedIn


def an_event(number: int) -> CheckedEvent:
    at = datetime(2026, 11, 9, 9, tzinfo=UTC)
    return CheckedEvent(id=f"case-{number:08}", event="problem_reported", time=at, tenant="corporate")


def test_handed_in_twice_it_waits_once_and_is_gone_when_taken(tmp_path: Path) -> None:
    folder = HandedIn(tmp_path / "handed-in")
    for number in (1, 2, 1):
        folder.hand_in(an_event(number))
    waiting = folder.waiting(10)
    assert waiting == [an_event(1), an_event(2)]
    assert folder.waiting(1) == [an_event(1)]
    folder.taken(waiting)
    folder.taken(waiting)
    assert folder.waiting(10) == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"id":"short"}', b"\xff"])
def test_what_is_no_event_is_put_aside_and_holds_nobody_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    folder = HandedIn(tmp_path)
    (tmp_path / "case-00000000.json").write_bytes(content)
    folder.hand_in(an_event(1))
    with caplog.at_level(logging.ERROR):
        assert folder.waiting(10) == [an_event(1)]
    assert "put aside" in caplog.text
    assert (tmp_path / "case-00000000.refused").exists()
    assert folder.waiting(10) == [an_event(1)]


def test_half_a_file_of_a_process_that_died_is_not_looked_at(tmp_path: Path) -> None:
    folder = HandedIn(tmp_path)
    (tmp_path / "case-00000002.4711").write_bytes(b'{"id":')
    assert folder.waiting(10) == []
