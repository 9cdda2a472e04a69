"""A case type as its file says: form, states in one table with the moves between them, severities, clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from companyos.work.cases.domain.runs import FIX, PLAN, TRIAGE, ClockPolicy, Counts
from companyos.work.cases.domain.types import Phase

_CLOCKS = (TRIAGE, PLAN, FIX)


class BadType(ValueError):
    """The document describes no case type; says why."""


@dataclass(frozen=True, slots=True)
class Status:
    """One row of the table of states. `moves` are the states a case may go to from here."""

    slug: str
    title: str
    phase: Phase
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told when a clock has used up this share of its limit: `owner`, `lead` or `department-head`."""

    at: float
    to: str


@dataclass(frozen=True, slots=True)
class Template:
    """A start for the form."""

    slug: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Definition:
    slug: str
    title: str
    summary: str
    sees: str  # company, tenant or squad: who may read a case beside the people in it
    form: Mapping[str, Any]
    hints: Mapping[str, Mapping[str, Any]]
    severities: tuple[str, ...]
    statuses: tuple[Status, ...]
    clocks: tuple[ClockPolicy, ...]
    escalations: tuple[Escalation, ...]
    templates: tuple[Template, ...]
    version: int = 1

    def status(self, slug: str) -> Status:
        """Return a state by its slug; one that an older version had reads as new."""
        return next((each for each in self.statuses if each.slug == slug), self.statuses[0])

    @property
    def first(self) -> Status:
        return self.statuses[0]

    def may_move(self, here: str, to: str) -> bool:
        return to in self.status(here).moves

    def next_of(self, here: str, *phases: Phase) -> Status | None:
        """Return the first state of these phases to which a case may move from `here`."""
        moves = [self.status(slug) for slug in self.status(here).moves]
        return next((each for phase in phases for each in moves if each.phase is phase), None)


def definition_from(document: Mapping[str, Any], *, version: int = 1) -> Definition:
    """Read a case type. Raises BadType for a table of states that does not hold together."""
    statuses = tuple(
        Status(row["state"], row["title"], Phase(row["phase"]), tuple(row.get("moves", ())))
        for row in document["states"]
    )
    _check_states(statuses)
    sla = document.get("sla", {})
    warn_at = float(sla.get("warn_at", 0.75))
    return Definition(
        slug=document["slug"],
        title=document["title"],
        summary=document.get("summary", ""),
        sees=document.get("sees", "tenant"),
        form=document.get("form", {"type": "object", "properties": {}}),
        hints=document.get("hints", {}),
        severities=tuple(document.get("severities", ())),
        statuses=statuses,
        clocks=tuple(_clock(name, sla[name], warn_at) for name in _CLOCKS if name in sla),
        escalations=tuple(Escalation(float(e["at"]), e["to"]) for e in sla.get("escalate", ())),
        templates=tuple(Template(t["slug"], t["title"], t["body"]) for t in document.get("templates", ())),
        version=version,
    )


def _clock(name: str, says: Mapping[str, Any], warn_at: float) -> ClockPolicy:
    return ClockPolicy(
        name,
        timedelta(hours=says["hours"]),
        Counts(says.get("counts", Counts.WORKING_DAYS)),
        frozenset(says.get("severities", ())),
        bool(says.get("waits_for_reporter", True)),
        warn_at,
    )


def _check_states(statuses: tuple[Status, ...]) -> None:
    slugs = [each.slug for each in statuses]
    if not statuses or statuses[0].phase is not Phase.NEW:
        raise BadType("the first state is where a case begins: its phase is `new`")
    if len(set(slugs)) != len(slugs):
        raise BadType("a state stands twice in the table")
    for each in statuses:
        if unknown := [to for to in each.moves if to not in slugs]:
            raise BadType(
                f"`{each.slug}` moves to `{unknown[0]}`, which is no state; allowed: {', '.join(slugs)}"
            )
    reached = {slugs[0]}
    while more := {to for each in statuses if each.slug in reached for to in each.moves} - reached:
        reached |= more
    if lost := [slug for slug in slugs if slug not in reached]:
        raise BadType(f"no case ever comes to `{lost[0]}`; add it to the moves of a state before it")
    if not any(each.phase.is_over for each in statuses):
        raise BadType("no state is over: a case could never end")


PLAIN = definition_from({
    "slug": "plain",
    "title": "Case",
    "summary": "A case of a type that the programme does not describe.",
    "severities": ["sev1", "sev2", "sev3", "sev4"],
    "states": [
        {"state": "new", "title": "New", "phase": "new", "moves": ["open", "planned", "fixed", "declined"]},
        {"state": "open", "title": "Open", "phase": "accepted", "moves": ["planned", "fixed", "declined"]},
        {"state": "planned", "title": "Planned", "phase": "planned", "moves": ["open", "fixed", "declined"]},
        {"state": "fixed", "title": "Fixed", "phase": "done", "moves": ["released", "open", "declined"]},
        {"state": "released", "title": "Released", "phase": "released", "moves": ["open"]},
        {"state": "declined", "title": "Declined", "phase": "closed", "moves": ["open"]},
    ],
    "sla": {
        "triage": {"hours": 24},
        "plan": {"hours": 72},
        "fix": {"hours": 24, "counts": "wall", "severities": ["sev1", "sev2"], "waits_for_reporter": False},
        "escalate": [{"at": 1.0, "to": "lead"}, {"at": 1.5, "to": "department-head"}],
    },
})  # fmt: skip
"""Carries cases whose type no file describes, so that software can report a bug into an empty instance."""
