"""How a log's words become requests and acts: a mapping file, applied to one case at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from companyos.work.approvals.domain.logs import Trace
from companyos.work.approvals.domain.types import SOFTWARE, Act, ActKind, Status

LEAVE_OUT = "leave_out"
FINAL = "final"
_ENDS = {ActKind.CARRIED_OUT: Status.CARRIED_OUT, ActKind.DECLINED: Status.DECLINED,
         ActKind.WITHDRAWN: Status.WITHDRAWN}  # fmt: skip
_BACK = frozenset({ActKind.RETURNED, ActKind.TAKEN_BACK})


class BadMapping(ValueError):
    """The mapping file cannot be used; says what is wrong."""


@dataclass(frozen=True, slots=True)
class ActRule:
    """What a step of the log is. Rules are asked in order; the first whose pattern is found wins."""

    pattern: re.Pattern[str]
    act: ActKind | None  # none leaves it out, with the reason
    is_final: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class LogMapping:
    tenant: str
    type: str
    title: str
    case: str
    name: str
    time: str
    role: str
    resource: str
    software: frozenset[str]
    fields: Mapping[str, str]
    numbers: frozenset[str]
    acts: tuple[ActRule, ...]


@dataclass(frozen=True, slots=True)
class ImportedCase:
    name: str
    title: str
    requester: str
    fields: dict[str, Any]
    acts: tuple[Act, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that was not imported, and why."""

    case: str
    event: str
    at: str
    because: str


def mapping_from(document: Any) -> LogMapping:
    """Read a mapping file. Raises BadMapping."""
    try:
        event = document["event"]
        return LogMapping(
            tenant=str(document["tenant"]),
            type=str(document["type"]),
            title=str(document.get("title", "")),
            case=str(document["case"]),
            name=str(event["name"]),
            time=str(event["time"]),
            role=str(event.get("role", "")),
            resource=str(event.get("resource", "")),
            software=frozenset(map(str, event.get("software", ()))),
            fields={str(k): str(v) for k, v in document.get("fields", {}).items()},
            numbers=frozenset(map(str, document.get("numbers", ()))),
            acts=tuple(_rule(each) for each in document["acts"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise BadMapping(
            f"it lacks {error}, or has it in another shape; docs/approvals.md shows one"
        ) from error


def _rule(each: Mapping[str, Any]) -> ActRule:
    act = str(each["act"])
    known = {*map(str, ActKind), LEAVE_OUT}
    if act not in known:
        raise BadMapping(f"there is no act {act!r}; there are {', '.join(sorted(known))}")
    if act == LEAVE_OUT and not each.get("because"):
        raise BadMapping(f"{each['match']!r} is left out without a `because`; every event is accounted for")
    try:
        pattern = re.compile(str(each["match"]))
    except re.error as error:
        raise BadMapping(f"the pattern {each['match']!r} cannot be read ({error})") from error
    kind = None if act == LEAVE_OUT else ActKind(act)
    return ActRule(pattern, kind, bool(each.get(FINAL)), str(each.get("because", "")))


def case_of(trace: Trace, mapping: LogMapping) -> tuple[ImportedCase | None, tuple[LeftOut, ...]]:
    """Turn a case of the log into a request with its acts, and say of every other event why it was left out."""
    name = trace.attributes.get(mapping.case) or (
        trace.events[0].get(mapping.case, "") if trace.events else ""
    )
    if trace.stray_because or not name:
        because = trace.stray_because or "its case has no name"
        return None, tuple(_left_out(mapping, name, event, because) for event in trace.events)
    left: list[LeftOut] = []
    acts = tuple(_acts(trace, mapping, name, left))
    asked = next((act for act in acts if act.kind is ActKind.ASKED), None)
    if asked is None:
        never = "the case was never sent: it has no act of asking"
        left += [LeftOut(name, act.note, act.at.isoformat(), never) for act in acts]
        return None, tuple(left)
    first = next(e for e in trace.events if e.get(mapping.name))
    fields = {ours: _value(mapping, ours, v) for ours, theirs in mapping.fields.items()
              if (v := trace.attributes.get(theirs) or first.get(theirs)) is not None}  # fmt: skip
    title = f"{mapping.title} {name}".strip()
    return ImportedCase(name, title[:200], asked.by, fields, acts, _status(acts)), tuple(left)


def _acts(trace: Trace, mapping: LogMapping, case: str, left: list[LeftOut]) -> Iterator[Act]:
    number, has_asked = 1, False
    for at, event in sorted(_timed(trace, mapping, case, left), key=lambda pair: pair[0]):
        rule = next((rule for rule in mapping.acts if rule.pattern.search(event[mapping.name])), None)
        if rule is None or rule.act is None:
            because = rule.because if rule else f"no rule of the mapping fits {event[mapping.name]!r}"
            left.append(_left_out(mapping, case, event, because))
            continue
        kind = rule.act
        if kind is ActKind.ASKED and has_asked:
            kind, number = ActKind.RESUBMITTED, number + 1
        has_asked = has_asked or kind is ActKind.ASKED
        role = event.get(mapping.role, "")
        by = SOFTWARE if role in mapping.software or event.get(mapping.resource) in mapping.software else role
        to = FINAL if rule.is_final else ""
        yield Act(kind, by[:120], at, by.lower()[:64], by[:120], number, event[mapping.name], to)


def _timed(
    trace: Trace, mapping: LogMapping, case: str, left: list[LeftOut]
) -> Iterator[tuple[datetime, dict[str, str]]]:
    for event in trace.events:
        at = _moment(event.get(mapping.time, ""))
        if at is None or not event.get(mapping.name):
            because = (
                "it has no name" if at else f"its time {event.get(mapping.time, '')!r} is no ISO 8601 moment"
            )
            left.append(_left_out(mapping, case, event, because))
        else:
            yield at, event


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _value(mapping: LogMapping, ours: str, value: str) -> Any:
    if ours not in mapping.numbers:
        return value
    try:
        return round(float(value), 2)
    except ValueError:
        return value


def _status(acts: tuple[Act, ...]) -> Status:
    """Where the record ends: by its last act, looking through payments ordered and comments."""
    for act in reversed(acts):
        if act.kind in _ENDS:
            return _ENDS[act.kind]
        if act.kind in _BACK:
            return Status.RETURNED
        if act.kind is ActKind.APPROVED:
            return Status.APPROVED if act.to == FINAL else Status.OPEN
        if act.kind is not ActKind.COMMENTED:
            return Status.OPEN
    return Status.OPEN


def _left_out(mapping: LogMapping, case: str, event: Mapping[str, str], because: str) -> LeftOut:
    return LeftOut(case, event.get(mapping.name, ""), event.get(mapping.time, ""), because)
