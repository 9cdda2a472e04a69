"""On which path a person's new request begins, and who hears of it to compare both. The flag lies in a room above;
the process wires both in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.approvals.domain.both_paths import BothPaths
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.org import Org
from companyos.work.approvals.domain.types import Path, Request

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was just sent, with what both paths would do with it."""

    id: str
    asked: Request
    path: Path
    both: BothPaths
    at: datetime


Chooser = Callable[[str, str], bool]
Compares = Callable[[Sent], None]


def _everybody_on_the_existing_path(person: str, tenant: str) -> bool:
    return False


def _nobody_compares(sent: Sent) -> None:
    return None


_CHOOSER: list[Chooser] = [_everybody_on_the_existing_path]
_COMPARES: list[Compares] = [_nobody_compares]


def choose_paths_with(is_unified: Chooser | None) -> None:
    """Ask `is_unified(person, tenant)` for each new request; None puts everybody on the existing path."""
    _CHOOSER[:] = [is_unified or _everybody_on_the_existing_path]


def compare_paths_with(compares: Compares | None) -> None:
    """Tell `compares` of each request that was sent; None tells nobody."""
    _COMPARES[:] = [compares or _nobody_compares]


def path_of(person: str, tenant: str) -> Path:
    return Path.UNIFIED if _CHOOSER[0](person, tenant) else Path.EXISTING


def was_sent(
    request: str,
    asked: Request,
    path: Path,
    definition: Definition,
    org: Org,
    calendar: WorkingCalendar,
    at: datetime,
) -> None:
    """Say that a request is stored. What goes wrong in comparing is logged: the request was sent all the same."""
    try:
        _COMPARES[0](Sent(request, asked, path, BothPaths(definition, org, calendar), at))
    except Exception:
        _log.exception("the request %s was not compared", request)
