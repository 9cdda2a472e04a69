"""Where a case stands, from what happened to it: the events in order, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from companyos.work.cases.domain.types import Event, EventKind, Phase

_ENDS = frozenset({EventKind.RESOLVED, EventKind.MOVED})


@dataclass(frozen=True, slots=True)
class State:
    """The columns of a case that its events decide."""

    type: str = ""
    status: str = ""
    phase: str = Phase.NEW
    severity: str = ""
    squad: str = ""
    owner: str = ""
    triaged_at: datetime | None = None
    plan: int = 0  # the plan that was accepted; none is 0
    planned_at: datetime | None = None
    waiting_since: datetime | None = None  # for its reporter
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution: str = ""
    released_at: datetime | None = None
    release: str = ""
    confirmed: str = ""  # what its reporter answered to "did this fix it?"
    merged_into: str = ""
    votes: int = 0
    reopened: int = 0


def state_of(events: Iterable[Event]) -> State:
    """Fold a whole history."""
    state = State()
    for event in events:
        state = after(state, event)
    return state


def after(state: State, event: Event) -> State:
    """Return where the case stands once this happened too."""
    said = {name: event.body[name] for name in _SAYS.get(event.kind, ()) if name in event.body}
    return replace(state, **said, **_follows(state, event))


_PLACE = ("status", "phase")
_SAYS: dict[EventKind, tuple[str, ...]] = {
    EventKind.OPENED: ("type", "severity", "squad", "owner", *_PLACE),
    EventKind.TRIAGED: ("type", "severity", "squad", "owner", *_PLACE),
    EventKind.ASSIGNED: ("squad", "owner"),
    EventKind.SEVERITY_SET: ("severity",),
    EventKind.PLAN_ACCEPTED: ("plan", *_PLACE),
    EventKind.MOVED: _PLACE,
    EventKind.RESOLVED: ("resolution", *_PLACE),
    EventKind.RELEASED: ("release", *_PLACE),
    EventKind.REOPENED: _PLACE,
    EventKind.FIX_CONFIRMED: ("confirmed",),
}


def _follows(state: State, event: Event) -> dict[str, Any]:
    if event.kind in _ENDS and Phase(event.body["phase"]).is_over:
        return {"resolved_at": event.at, "resolved_by": event.by, "waiting_since": None}
    change = _FOLLOWS.get(event.kind)
    return change(state, event) if change else {}


def _released(state: State, event: Event) -> dict[str, Any]:
    return {
        "released_at": event.at,
        "waiting_since": None,
        "resolved_at": state.resolved_at or event.at,
        "resolved_by": state.resolved_by or event.by,
    }


def _opened_again(state: State, event: Event) -> dict[str, Any]:
    return {
        "resolved_at": None,
        "resolved_by": "",
        "resolution": "",
        "released_at": None,
        "release": "",
        "confirmed": "",
        "reopened": state.reopened + 1,
    }


_FOLLOWS: dict[EventKind, Callable[[State, Event], dict[str, Any]]] = {
    EventKind.TRIAGED: lambda state, event: {"triaged_at": state.triaged_at or event.at},
    EventKind.PLAN_ACCEPTED: lambda state, event: {"planned_at": state.planned_at or event.at},
    EventKind.ASKED_REPORTER: lambda state, event: {"waiting_since": state.waiting_since or event.at},
    EventKind.REPORTER_ANSWERED: lambda state, event: {"waiting_since": None},
    EventKind.RELEASED: _released,
    EventKind.REOPENED: _opened_again,
    EventKind.MERGED: lambda state, event: {"merged_into": event.body["into"]},
    EventKind.UNMERGED: lambda state, event: {"merged_into": ""},
    EventKind.VOTED: lambda state, event: {"votes": state.votes + 1},
    EventKind.UNVOTED: lambda state, event: {"votes": state.votes - 1},
}
