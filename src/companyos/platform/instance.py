"""What the running instance is: its clock, its calendar, its folder. Set once by the process that wires everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.clock import Clock, WallClock
from companyos.platform.own_figures import OwnFigure


@dataclass(slots=True)
class Instance:
    """`rehearsal` marks every page; `live_secret` signs the tickets of live pages; `figures` are for `/metrics`.

    `edge_addresses` are what the edge answers: the register of surfaces lists them beside the pages.
    """

    clock: Clock
    calendar: WorkingCalendar
    folder: Path
    live_secret: bytes
    rehearsal: bool = False
    figures: Callable[[], Iterable[OwnFigure]] = tuple
    edge_addresses: tuple[str, ...] = ()

    def now(self) -> datetime:
        return self.clock.now()


_running = [Instance(WallClock(), WorkingCalendar(ZoneInfo("UTC")), Path("var"), b"unset")]


def run_as(instance: Instance) -> None:
    _running[:] = [instance]


def instance() -> Instance:
    return _running[0]


def now() -> datetime:
    return _running[0].now()
