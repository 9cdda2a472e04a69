"""The organisation as approvals see it: who manages whom, who holds which role, who is away, who answers for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from companyos.work.approvals.domain.chain import BUDGET_OWNER, HEAD, MANAGER
from companyos.work.approvals.domain.types import SOFTWARE, SOFTWARE_NAME


@dataclass(frozen=True, slots=True)
class Colleague:
    slug: str
    name: str
    team: str
    department: str
    role: str


@dataclass(frozen=True, slots=True)
class Org:
    """`delegates` and `away` hold for the moment that is judged."""

    people: Mapping[str, Colleague]
    leads: Mapping[str, str] = field(default_factory=dict)  # team -> person
    heads: Mapping[str, str] = field(default_factory=dict)  # department -> person
    delegates: Mapping[str, str] = field(default_factory=dict)
    away: frozenset[str] = frozenset()

    def name(self, slug: str) -> str:
        found = self.people.get(slug)
        return found.name if found else SOFTWARE_NAME if slug == SOFTWARE else slug

    def manager_of(self, person: str) -> str:
        """The lead of their team; the head of their department for whoever leads a team themselves."""
        one = self.people.get(person)
        if one is None:
            return ""
        lead = self.leads.get(one.team, "")
        return lead if lead and lead != person else self.head_over(person)

    def head_over(self, person: str) -> str:
        """The head of their department; the head of another for a head, so that there always is somebody."""
        one = self.people.get(person)
        head = self.heads.get(one.department, "") if one else ""
        if head and head != person:
            return head
        return next((each for _, each in sorted(self.heads.items()) if each != person), "")

    def resolve(self, who: str, requester: str) -> tuple[str, ...]:
        """Who is meant by `manager`, `role:administration`, … for somebody's request; in order, nobody twice."""
        kind, _, name = who.partition(":")
        one = self.people.get(requester)
        match kind:
            case "manager":
                found = [self.manager_of(requester)]
            case "department-head":
                found = [self.head_over(requester)]
            case "budget-owner":
                found = self._budget_owners(one.department if one else "")
            case "role":
                found = self._holding(name)
            case "team":
                found = [self.leads.get(name, "")]
            case "members":
                found = sorted(p.slug for p in self.people.values() if p.team == name)
            case _:
                found = [name]
        return tuple(dict.fromkeys(each for each in found if each in self.people))

    def said(self, who: str) -> str:
        """The role in words: "manager", "administration"."""
        kind, _, name = who.partition(":")
        words = {MANAGER: "manager of who asks", HEAD: "head of the department", BUDGET_OWNER: "budget owner",
                 "role": name.replace("_", " "), "team": f"lead of {name.replace('-', ' ')}",
                 "members": f"member of {name.replace('-', ' ')}"}  # fmt: skip
        return words.get(kind, "the person named for it")

    def _holding(self, role: str) -> list[str]:
        return sorted(person.slug for person in self.people.values() if person.role == role)

    def _budget_owners(self, department: str) -> list[str]:
        owners = self._holding("budget_owner")
        return [each for each in owners if self.people[each].department == department] or owners
