"""What each of the two paths answers about one request, in words that both share: for a comparison in shadow. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.approvals.domain.chain import Definition, definition_from
from companyos.work.approvals.domain.judge import Situation, judge, open_steps, situation_with
from companyos.work.approvals.domain.legacy import route_of
from companyos.work.approvals.domain.org import Org
from companyos.work.approvals.domain.types import Act, ActKind, Request


@dataclass(frozen=True, slots=True)
class BothPaths:
    """The existing router and the unified chain of one request type, in one organisation."""

    definition: Definition
    org: Org
    calendar: WorkingCalendar

    def existing(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Say what the plain router of the department would do with a request."""
        one = self.org.people.get(request["requester"])
        route = route_of(one.department if one else "", self.definition)
        org = Org(self.org.people, self.org.leads, self.org.heads)  # nobody stands in for anybody there
        return answered(replace(self._situation(route, request), org=org))

    def unified(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Say what the chain would do with it."""
        return answered(self._situation(self.definition, request))

    def with_step(self, step: str, **changed: Any) -> BothPaths:
        """Return the same with one step of the chain written differently. Raises KeyError for a step it has not."""
        document = dict(self.definition.document)
        if all(each.slug != step for each in self.definition.steps):
            raise KeyError(f"{self.definition.slug} has no step {step!r}")
        document["chain"] = [
            {**each, **changed} if each.get("step") == step else each for each in document["chain"]
        ]
        return BothPaths(definition_from(document), self.org, self.calendar)

    def _situation(self, chain: Definition, request: Mapping[str, Any]) -> Situation:
        at = datetime.fromisoformat(request["at"])
        asked = Request(request["requester"], request["fields"], request["tenant"])
        return Situation(chain, asked, (Act(ActKind.ASKED, asked.requester, at),), self.org, self.calendar)


def answered(s: Situation) -> dict[str, Any]:
    """Walk a chain as if each step were approved by the first who may: who is asked as what, who last, what then."""
    asked: dict[str, list[str]] = {}
    last = ""
    while (opened := open_steps(s)) and not any(each.is_stuck for each in opened):
        step = opened[0]
        last = " or ".join(step.step.who)
        asked[last] = sorted({person for _, person, _ in step.asked})
        enough = islice(step.asked, step.missing)
        s = situation_with(s, [_approval(s, step.step.slug, seat, person) for seat, person, _ in enough])
    return {
        "asked": asked,
        "last": last,
        "ends": str(judge(s).status),
        "carried_out_by": s.definition.carried_out_by,
    }


def _approval(s: Situation, step: str, seat: str, person: str) -> Act:
    return Act(ActKind.APPROVED, person, s.acts[0].at, step, seat, s.round)
