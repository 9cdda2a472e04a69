"""A request type as data: its form, who may ask, and the chain of steps. Read from `program/requests/*.yaml`.

A chain is a list of groups; groups follow each other, the steps of one group run side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from companyos.kernel.canonical_json import sha256_of
from companyos.work.approvals.domain.conditions import Conditions

ALL, ANY = "all", "any"
MANAGER, HEAD, BUDGET_OWNER = "manager", "department-head", "budget-owner"
_KINDS = ("role", "team", "members", "person", "field")
_WHO = re.compile(rf"(?:{MANAGER}|{HEAD}|{BUDGET_OWNER}|(?:{'|'.join(_KINDS)}):[A-Za-z0-9_\- ]+)$")


class BadChain(ValueError):
    """A request type cannot be used; says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `needs` is all, any, or how many of those asked; days are working days."""

    slug: str
    title: str
    who: tuple[str, ...]
    needs: str | int = ANY
    why: str = ""
    remind_after_days: tuple[int, ...] = ()
    escalate_after_days: int | None = None
    escalate_to: tuple[str, ...] = (HEAD,)
    time_out_after_days: int | None = None
    not_who_answered: tuple[
        str, ...
    ] = ()  # separation of duties: steps whose answerers may not answer this one
    may_return: bool = True


@dataclass(frozen=True, slots=True)
class Definition:
    """A request type in one version."""

    slug: str
    title: str
    data_domain: str
    groups: tuple[tuple[Step, ...], ...]
    conditions: Conditions
    document: Mapping[str, Any] = field(repr=False)
    form: Mapping[str, Any] = field(repr=False)
    summary: str = ""
    amount_field: str = ""
    may_ask: tuple[str, ...] = ()  # roles, departments or teams as `role:x`; everybody when empty
    carried_out_by: str = ""
    version: int = 1
    internal: bool = False  # opened by CompanyOS itself about something of its own, never from a form

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for group in self.groups for step in group)

    @property
    def naming_fields(self) -> frozenset[str]:
        """The fields that name people for the chain."""
        every = (who for step in self.steps for who in (*step.who, *step.escalate_to))
        return frozenset(who.partition(":")[2] for who in every if who.startswith("field:"))

    @property
    def sha256(self) -> str:
        return sha256_of(self.document)

    @property
    def size(self) -> int:
        """How many rules it has: each step, and each condition on one."""
        return len(self.steps) + len(self.conditions)

    def step(self, slug: str) -> Step:
        return next(step for step in self.steps if step.slug == slug)

    def bound_to(self, fields: Mapping[str, Any]) -> Definition:
        """The chain with `field:x` read from a request: CompanyOS names there who has a say in what it is about.

        Such a field holds people parted by spaces, each alone or behind its role: `program_lead=ana-ruiz grc=zoe`.
        """
        if not self.internal:
            return self
        groups = tuple(tuple(_bound(step, fields) for step in group) for group in self.groups)
        return replace(self, groups=groups)


def definition_from(document: Mapping[str, Any], *, version: int = 1) -> Definition:
    """Read a request type. Raises BadChain."""
    groups = tuple(tuple(_step(each) for each in _together(group)) for group in document["chain"])
    rules = {each["step"]: rule for group in document["chain"] for each in _together(group)
             if (rule := _condition(each)) is not None}  # fmt: skip
    slugs = [step.slug for group in groups for step in group]
    if not slugs:
        raise BadChain("A chain needs a step: nothing is approved by nobody.")
    if twice := {slug for slug in slugs if slugs.count(slug) > 1}:
        raise BadChain(f"The step {min(twice)} is there twice; give each a name of its own.")
    try:
        conditions = Conditions(rules)
    except ValueError as wrong:
        raise BadChain(str(wrong)) from wrong
    _check_separation(groups)
    definition = Definition(
        slug=document["slug"],
        title=document["title"],
        data_domain=document["data_domain"],
        groups=groups,
        conditions=conditions,
        document=document,
        form=document.get("form", {"type": "object", "properties": {}}),
        summary=document.get("summary", ""),
        amount_field=document.get("amount", ""),
        may_ask=tuple(document.get("may_ask", ())),
        carried_out_by=document.get("carried_out_by", ""),
        version=version,
        internal=bool(document.get("internal", False)),
    )
    if definition.naming_fields and not definition.internal:
        raise BadChain("Only an `internal` type asks whom a field names: who asks would choose who approves.")
    return definition


def _bound(step: Step, fields: Mapping[str, Any]) -> Step:
    def read(named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(person for who in named for person in _people_in(who, fields))

    return replace(step, who=read(step.who), escalate_to=read(step.escalate_to))


def _people_in(who: str, fields: Mapping[str, Any]) -> list[str]:
    kind, _, name = who.partition(":")
    if kind != "field":
        return [who]
    return [f"person:{each.rpartition('=')[2]}" for each in str(fields.get(name, "")).split()]


def _together(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(group["together"]) if "together" in group else [group]


def _step(each: Mapping[str, Any]) -> Step:
    who = tuple(each["ask"] if isinstance(each["ask"], list) else [each["ask"]])
    to = each.get("escalate_to", [HEAD])
    to = tuple(to if isinstance(to, list) else [to])
    for name in (*who, *to):
        if not _WHO.match(name):
            raise BadChain(f"The step {each['step']} asks {name!r}; write {', '.join(_examples())}.")
    needs = each.get("needs", ANY)
    if needs not in {ALL, ANY} and not (isinstance(needs, int) and needs >= 1):
        raise BadChain(f"The step {each['step']} needs {needs!r}; write all, any, or a number from 1.")
    return Step(
        slug=each["step"],
        title=each.get("title", each["step"].replace("-", " ").capitalize()),
        who=who,
        needs=needs,
        why=each.get("why", ""),
        remind_after_days=tuple(each.get("remind_after_days", ())),
        escalate_after_days=each.get("escalate_after_days"),
        escalate_to=to,
        time_out_after_days=each.get("time_out_after_days"),
        not_who_answered=tuple(each.get("not_who_answered", ())),
        may_return=bool(each.get("may_return", True)),
    )


def _examples() -> Iterator[str]:
    yield from (
        MANAGER,
        HEAD,
        BUDGET_OWNER,
        "role:administration",
        "team:sre",
        "members:sre",
        "person:ana-ruiz",
    )


def _condition(each: Mapping[str, Any]) -> Any:
    """The condition of a step: `when`, and the thresholds `from_amount` and `below_amount` as the same rule."""
    rules = [each["when"]] if "when" in each else []
    if "from_amount" in each:
        rules.append({">=": [{"var": "amount"}, each["from_amount"]]})
    if "below_amount" in each:
        rules.append({"<": [{"var": "amount"}, each["below_amount"]]})
    return {"and": rules} if len(rules) > 1 else rules[0] if rules else None


def _check_separation(groups: tuple[tuple[Step, ...], ...]) -> None:
    known: set[str] = set()
    for group in groups:
        for step in group:
            if not known.issuperset(step.not_who_answered):
                raise BadChain(f"The step {step.slug} can only be kept apart from steps before it.")
        known |= {step.slug for step in group}
