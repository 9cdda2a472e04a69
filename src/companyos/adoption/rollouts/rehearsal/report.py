"""The report of a rehearsal: what went in beside what came out. Two runs of one seed are equal but for `wall`."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.rehearsal.order import Order
from companyos.adoption.rollouts.rehearsal.profile import Profile
from companyos.adoption.rollouts.rehearsal.xes import Log

_OF_THE_SERVER = {
    "final_state": "",
    "stages": [],
    "decisions": [],
    "readiness": [],
    "advanced_without_proof": [],
    "propagation": [],
    "events_counted": 0,
    "bugs_counted": 0,
    "fixes": [],
}
_WALL = (
    "wall",
    "wall_seconds",
    "peak_rss_mb",
    "certificate",
)  # the last is signed with the instance's own key
_ANSWERS, _CRASH = frozenset({"pause", "roll_back"}), "controller-crash"
_WALL_OF_A_CHANGE = ("seconds", "confirmed")


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended."""

    order: Order
    profile: Profile
    log: Log | None
    of_the_server: dict[str, Any]
    ended_because: str
    ended_at: datetime
    acts: list[dict[str, Any]]
    fault: dict[str, Any] | None
    shadow: dict[str, Any] | None
    counts: dict[str, Any]
    reconnects: int


def report_of(ran: Ran, *, wall_seconds: float, peak_rss_mb: float | None) -> dict[str, Any]:
    """Put the report together: the server's part first, then the driver's, then what only the wall clock knows."""
    server = {name: ran.of_the_server.get(name, empty) for name, empty in _OF_THE_SERVER.items()}
    more = {name: value for name, value in ran.of_the_server.items() if name not in server}
    return {
        **server,
        **more,
        **ran.counts,
        "plan": ran.order.plan,
        "seed": ran.order.seed,
        "log": _log_of(ran.log),
        "profile": {"source": ran.profile.source, "sha256": ran.profile.sha256, "cases": ran.profile.cases},
        "starts_at": ran.order.starts_at.isoformat(),
        "ended_at": ran.ended_at.isoformat(),
        "ended_because": ran.ended_because,
        "fault": _with_its_answer(ran.fault, server["decisions"]),
        "shadow": ran.shadow,
        "workforce": ran.order.workforce.as_used(),
        "acts": ran.acts,
        "wall_seconds": wall_seconds,
        "peak_rss_mb": peak_rss_mb,
        "wall": _wall(ran, wall_seconds, peak_rss_mb, server["propagation"]),
    }


def comparable(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what depends on wall time, memory and host: equal for equal seeds."""
    kept = {name: value for name, value in report.items() if name not in _WALL}
    kept["propagation"] = [
        {name: value for name, value in change.items() if name not in _WALL_OF_A_CHANGE}
        for change in report.get("propagation", [])
    ]
    return kept


def _with_its_answer(fault: dict[str, Any] | None, decisions: list[Any]) -> dict[str, Any] | None:
    """Add what the controller did about a fault: its first pause or rollback since; of a crash, what it had written."""
    if fault is None or not fault.get("began_at"):
        return fault
    began, any_move = datetime.fromisoformat(fault["began_at"]), str(fault["fault"]).startswith(_CRASH)
    for each in decisions:
        moved = any_move or each["move"] in _ANSWERS
        if each["actor"] == "controller" and moved and datetime.fromisoformat(each["at"]) >= began:
            return {**fault, "answer": {name: each[name] for name in ("at", "move", "rule", "because")}}
    return {**fault, "answer": None}


def _log_of(log: Log | None) -> dict[str, Any] | None:
    return {"name": log.name, "sha256": log.sha256, "cases": len(log.cases)} if log else None


def _wall(ran: Ran, seconds: float, peak_rss_mb: float | None, changes: list[Any]) -> dict[str, Any]:
    return {
        "wall_seconds": seconds,
        "peak_rss_mb": peak_rss_mb,
        "propagation_seconds": [change.get("seconds") for change in changes if isinstance(change, dict)],
        "provider_reconnects": ran.reconnects,
        "python": platform.python_version(),
        "host": f"{sys.platform} {platform.machine()}",
    }
