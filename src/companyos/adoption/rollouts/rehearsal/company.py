"""The fictional company as the driver sees it: who is there, in which team, with which role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from companyos.adoption.rollouts.rehearsal.dice import Dice


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `tenant` is where they do approvals; the first person of a team leads it."""

    slug: str
    team: str
    department: str
    role: str  # employee, supervisor, administration, budget_owner, pre_approver, director
    tenant: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A team that is away from one day to another, both included."""

    team: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Company:
    people: tuple[Person, ...]
    absences: tuple[Absence, ...] = ()
    _by_slug: dict[str, Person] = field(init=False, repr=False)
    _by_role: dict[str, tuple[Person, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.people) < 2:
            raise ValueError("a rehearsal needs at least two people: one to ask and one to approve")
        object.__setattr__(self, "_by_slug", {person.slug: person for person in self.people})
        roles = {person.role for person in self.people}
        object.__setattr__(self, "_by_role", {role: self._holders(role) for role in roles})

    def _holders(self, role: str) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.role == role)

    def person(self, slug: str) -> Person:
        return self._by_slug[slug]

    def who_acts_for(self, name: str) -> Person | None:
        """The person called `name`, or the lead of the team called so."""
        return self._by_slug.get(name) or next((p for p in self.people if p.team == name), None)

    def is_there(self, person: Person, day: date) -> bool:
        return not any(a.team == person.team and a.first <= day <= a.last for a in self.absences)

    def someone(self, dice: Dice, day: date, *words: str) -> Person:
        """Anyone who is there on `day`, by hash."""
        return self._pick(self.people, dice, day, words)

    def someone_as(self, role: str, dice: Dice, day: date, *words: str, but: Person) -> Person:
        """A holder of `role` who is there on `day` and is not `but`: nobody approves their own request."""
        holders = self._by_role.get(role) or self._by_role.get("supervisor") or self.people
        others = [person for person in holders if person is not but]
        others = others or [person for person in self.people if person is not but]
        return self._pick(others, dice, day, words)

    def _pick(self, among: Iterable[Person], dice: Dice, day: date, words: tuple[str, ...]) -> Person:
        everyone = among if isinstance(among, tuple | list) else tuple(among)
        drawn = dice.one(*words)
        chosen = everyone[int(drawn * len(everyone))]
        if not self.absences or self.is_there(chosen, day):
            return chosen
        there = [person for person in everyone if self.is_there(person, day)]
        return there[int(drawn * len(there))] if there else chosen
