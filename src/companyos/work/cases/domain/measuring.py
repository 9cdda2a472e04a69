"""How much of a clock's time counts: what lies in working time and outside its pauses, and why the rest does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from companyos.kernel.business_time import WHOLE_DAY, WorkingCalendar
from companyos.work.cases.domain.runs import Pause, Run

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a clock's time and whether it counts."""

    start: datetime
    end: datetime
    counts: bool
    why: str

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def elapsed(run: Run, calendar: WorkingCalendar, until: datetime) -> timedelta:
    """Add up the time that counts, from the start to `until`."""
    pieces = (calendar.working_time_between(start, end or until) for start, end in _active(run, until))
    return sum(pieces, timedelta())


def moment_of(run: Run, calendar: WorkingCalendar, length: timedelta) -> datetime | None:
    """Return when `length` has counted if the clock runs on; None when a pause that nobody has ended stands before."""
    for start, end in _active(run, None):
        if end is None:
            return calendar.add_working_time(start, length)
        counted = calendar.working_time_between(start, end)
        if counted >= length:
            return calendar.add_working_time(start, length)
        length -= counted
    return None


def stretches(run: Run, calendar: WorkingCalendar, until: datetime) -> tuple[Stretch, ...]:
    """Explain a clock: every piece of its time, whether it counts, and why not."""
    end = run.ended or until
    told: list[Stretch] = []
    for piece in sorted(_pieces(run, calendar, end), key=lambda piece: piece.start):
        if told and (told[-1].counts, told[-1].why, told[-1].end) == (piece.counts, piece.why, piece.start):
            told[-1] = replace(told[-1], end=piece.end)
        else:
            told.append(piece)
    return tuple(told)


def _pieces(run: Run, calendar: WorkingCalendar, end: datetime) -> Iterator[Stretch]:
    for start, stop in _active(run, end):
        for since, to, works in calendar.spans(start, stop or end):
            yield Stretch(since, to, works, "counts" if works else closed_because(calendar, since, to))
    for pause in _joined(run.pauses, end):
        if pause.since < end and pause.until and pause.since < pause.until:
            yield Stretch(max(pause.since, run.started), pause.until, False, pause.why)


def closed_because(calendar: WorkingCalendar, since: datetime, to: datetime) -> str:
    """Say why no time counts: a holiday by its date, else a day or hour off."""
    first, last = (
        since.astimezone(calendar.zone).date(),
        (to - timedelta(seconds=1)).astimezone(calendar.zone).date(),
    )
    holidays = sorted(day for day in calendar.holidays if first <= day <= last)
    if holidays:
        return f"holiday on {', '.join(f'{day.day} {day:%b}' for day in holidays)}"
    return "no working day" if calendar.hours == WHOLE_DAY else "outside working hours"


def _active(run: Run, until: datetime | None) -> Iterator[tuple[datetime, datetime | None]]:
    """Cut the pauses out of a run. The last piece ends with `until`, and is open when there is none."""
    at = run.started
    for pause in _joined(run.pauses, until):
        if pause.since > at:
            yield at, pause.since
        if pause.until is None:
            return
        at = max(at, pause.until)
    if until is None or at < until:
        yield at, until


def _joined(pauses: tuple[Pause, ...], until: datetime | None) -> Iterator[Pause]:
    """Join pauses that overlap, end what is open with `until`, and leave out what begins after it."""
    current: Pause | None = None
    begun = [p for p in pauses if until is None or p.since < until]
    for pause in sorted(begun, key=lambda p: p.since):
        ended = replace(pause, until=_earlier(pause.until, until))
        if current is None or current.until is None or ended.since > current.until:
            if current is not None:
                yield current
            if current is not None and current.until is None:
                return
            current = ended
        else:
            current = replace(current, until=_later(current.until, ended.until))
    if current is not None:
        yield current


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return b if a is None else a if b is None else min(a, b)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return None if a is None or b is None else max(a, b)


def hours(length: timedelta) -> str:
    """`24 h`, `31.5 h`."""
    return f"{length / _HOUR:.1f}".removesuffix(".0") + " h"
