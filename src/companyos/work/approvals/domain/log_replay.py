"""A chain against a log: at each act of each case, whom the chain would ask, and who really acted next.

The chain reads the request's fields, the roles and the acts so far, through the same judgement that runs requests.
Exactly the roles that acted count as right: one asked in vain is a mismatch. Each mismatch has a named class.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.judge import Situation, judge
from companyos.work.approvals.domain.log_mapping import ImportedCase
from companyos.work.approvals.domain.org import Colleague, Org
from companyos.work.approvals.domain.types import ANSWERS, SOFTWARE, Act, ActKind, Request, Status

Roles = frozenset[str]
NOBODY: Roles = frozenset()
_LOST = "MISSING"


class Class(StrEnum):
    """Why a chain and a log may differ at one act."""

    AUTHOR_GAVE_UP = "the author did not send it again"
    AUTHOR_TOOK_IT_BACK = "the author took it back before anybody answered"
    NOT_CALLED_FOR = "somebody answered whom no field of the request calls for"
    ASKED_IN_VAIN = "the chain asks for an answer that was not given"
    ROLE_LOST = "the log lost the role (MISSING), after the approval"
    RECORD_STOPS = "the record stops while somebody is asked"
    AFTER_THE_END = "the log goes on after the chain's end"
    OUT_OF_ORDER = "an answer came out of the chain's order"
    UNNAMED = "unnamed"


@dataclass(slots=True)
class Judged:
    """What came of a log. `points` are acts of people, at each of which somebody is asked next."""

    points: int = 0
    mismatches: int = 0
    cases: int = 0
    cases_right: int = 0
    rounds_right: int = 0
    outcomes_right: int = 0
    classes: Counter[Class] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Mismatches by act of a person, 0 to 1."""
        return self.mismatches / self.points if self.points else 0.0


def replayed(cases: Iterable[ImportedCase], definition: Definition, calendar: WorkingCalendar) -> Judged:
    """Judge a chain on cases of a log."""
    found = Judged()
    org = org_of_roles(definition)
    for case in cases:
        _replay(case, definition, org, calendar, found)
    return found


def majority(earlier: Iterable[ImportedCase]) -> Mapping[str, Roles]:
    """The baseline: after each step of the log, the role that most often acted next in the earlier cases."""
    seen: dict[str, Counter[Roles]] = defaultdict(Counter)
    for case in earlier:
        for n, act in enumerate(case.acts):
            seen[act.note][_next(case, n)] += 1
    return {note: roles.most_common(1)[0][0] for note, roles in seen.items()}


def baseline(later: Iterable[ImportedCase], says: Mapping[str, Roles]) -> Judged:
    """Judge the baseline on cases of a log, at the same points as a chain."""
    found = Judged()
    for case in later:
        wrong = [n for n in _points(case) if says.get(case.acts[n].note, NOBODY) != _next(case, n)]
        found.cases += 1
        found.cases_right += not wrong
        found.points += len(_points(case))
        found.mismatches += len(wrong)
    return found


def org_of_roles(definition: Definition) -> Org:
    """An organisation of roles: each role of the chain is one person called as the log calls the role."""
    names = {who.partition(":")[2] for step in definition.steps for who in step.who}
    return Org({name: Colleague(name, name, "log", "log", name) for name in names})


def _points(case: ImportedCase) -> range | list[int]:
    return [n for n, act in enumerate(case.acts) if act.by != SOFTWARE]


def _next(case: ImportedCase, n: int) -> Roles:
    return frozenset({case.acts[n + 1].by}) if n + 1 < len(case.acts) else NOBODY


def _replay(
    case: ImportedCase, definition: Definition, org: Org, calendar: WorkingCalendar, found: Judged
) -> None:
    s = Situation(definition, Request(case.requester, case.fields), (), org, calendar)
    right, points = True, set(_points(case))
    for n, act in enumerate(case.acts):
        s = replace(s, acts=(*s.acts, _on_a_seat(s, act)))
        if n not in points:
            continue
        found.points += 1
        asked, acted = _asked(s), _next(case, n)
        if asked != acted:
            right = False
            found.mismatches += 1
            found.classes[_class_of(s, asked, acted)] += 1
    found.cases += 1
    found.cases_right += right
    found.rounds_right += s.round == 1 + sum(a.kind is ActKind.RESUBMITTED for a in case.acts)
    found.outcomes_right += judge(s).status == case.status


def _asked(s: Situation) -> Roles:
    standing = judge(s)
    if standing.status is Status.APPROVED:
        return frozenset({SOFTWARE})  # which pays
    return frozenset(asked.person for asked in standing.asked)


def _on_a_seat(s: Situation, act: Act) -> Act:
    """Put an act of the log on the step of the chain that its role answers."""
    if act.kind not in ANSWERS or not s.acts:
        return replace(act, step="", seat="")
    open_now = judge(s).ask_of(act.by)
    own = [step.slug for step in s.definition.steps if f"role:{act.by}" in step.who]
    step = open_now.step if open_now and open_now.step else own[0] if own else ""
    return replace(act, step=step, seat=act.by)


def _class_of(s: Situation, asked: Roles, acted: Roles) -> Class:
    last, author = s.acts[-1], frozenset({s.request.requester})
    roles = {who.partition(":")[2] for step in s.definition.steps for who in step.who}
    checks = (
        (Class.ROLE_LOST, acted == {_LOST} or last.by == _LOST),
        (Class.AUTHOR_GAVE_UP, asked == author and not acted),
        (Class.AUTHOR_TOOK_IT_BACK, acted == author and bool(asked & roles)),
        (Class.RECORD_STOPS, bool(asked) and not acted),
        (Class.AFTER_THE_END, not asked and bool(acted)),
        (Class.ASKED_IN_VAIN, acted == {SOFTWARE} or (bool(asked & roles) and _is_later(s, asked, acted))),
        (Class.NOT_CALLED_FOR, bool(acted - asked) and not acted <= author | {SOFTWARE}),
        (Class.OUT_OF_ORDER, bool(acted - asked)),
    )
    return next((name for name, holds in checks if holds), Class.UNNAMED)


def _is_later(s: Situation, asked: Roles, acted: Roles) -> bool:
    """Tell whether whoever acted belongs to a step that comes after those the chain asks."""
    order = [who.partition(":")[2] for step in s.definition.steps for who in step.who]
    places = {name: n for n, name in enumerate(order)}
    first = min((places[a] for a in asked if a in places), default=-1)
    return any(places.get(a, -1) > first >= 0 for a in acted)
