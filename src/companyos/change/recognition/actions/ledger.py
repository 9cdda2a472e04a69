"""The swag budget: set, claimed, decided, spent. Lines are only added, and nothing goes beyond what remains (R107)."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from uuid import UUID

from django.db import transaction

from companyos.change.recognition.actions.refusals import NoSuch, NotYours, Refused, with_reason
from companyos.change.recognition.actions.telling import team_named, tell, tell_team
from companyos.change.recognition.domain.ledger import (
    ClaimState,
    Deciding,
    Entry,
    balance_of,
    shown,
    state_of,
    why_not_decide,
)
from companyos.change.recognition.domain.quarters import quarter_named, quarter_of
from companyos.change.recognition.models import Claim, LedgerEntry, SwagBudget
from companyos.change.recognition.queries.badges import credits_of
from companyos.change.recognition.queries.ledger import entries_of, may_set_budget, owners_of
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox

LINK = "/recognition/ledger"
_MOST = 999_999_999  # hundredths
_AGAIN = "Somebody wrote to the ledger meanwhile. Nothing was stored; load the page again and decide anew."


def set_budget(
    *,
    actor: str,
    quarter: str,
    amount: int,
    currency: str,
    because: str,
    now: datetime,
    zone: tzinfo,
    second: str = "",
) -> None:
    """Set a quarter's budget; whoever sets it first answers for it, with a second person for claims of their own team.

    It is never set below what is promised or spent. Raises Refused.
    """
    asked, here = quarter_named(quarter), quarter_of(now, zone)
    if asked not in {here, here.following}:
        raise Refused(f"A budget is set for {here} or {here.following}.")
    if not 0 <= amount <= _MOST or not re.fullmatch(r"[A-Z]{3}", currency):
        raise Refused("Give an amount and a currency of three letters, as 500.00 EUR.")
    reason = with_reason(because)
    with transaction.atomic():
        budget = _budget_of(actor, quarter, currency, second)
        balance = balance_of(entries_of(budget))
        change = amount - balance.budget
        if -change > balance.free:
            used = shown(balance.promised + balance.spent)
            raise Refused(f"{used} is promised or spent already; the budget cannot be less.")
        _add(
            budget, Entry.BUDGETED if change >= 0 else Entry.CUT, abs(change), by=actor, note=reason, now=now
        )


def claim(*, actor: str, team: str, what: str, amount: int, now: datetime, zone: tzinfo) -> str:
    """Claim something for a team that has a pilot credit, and return the claim's id. Raises Refused."""
    found, quarter = team_named(team), str(quarter_of(now, zone))
    if found is None or actor not in {*found.people, found.lead}:
        raise NotYours("Somebody of the team claims for it.")
    credit = next(iter(credits_of(team, now)), None)
    if credit is None:
        raise Refused(
            "Teams that were among the first with a risky feature may claim, while their credit lasts."
        )
    if not 3 <= len(what.strip()) <= 200 or not 0 < amount <= _MOST:
        raise Refused("Say what it is, in 3 to 200 characters, and what it costs.")
    with transaction.atomic():
        budget = SwagBudget.objects.select_for_update().filter(pk=quarter).first()
        if budget is None:
            raise Refused(f"There is no budget for {quarter} yet; whoever heads a department sets one.")
        free = balance_of(entries_of(budget)).free
        if amount > free:
            raise Refused(f"{shown(free)} {budget.currency} remain; claim no more.")
        made = Claim.objects.create(
            id=id_of(now, "claim", team, actor, what, amount), budget=budget, team=team, what=what.strip(),
            amount=amount, at=now, by=actor, credit=credit.feature,
        )  # fmt: skip
        outbox.publish("recognition.claimed", {"claim": str(made.pk), "team": team}, at=now)
        tell(
            people=owners_of(budget), key=f"claim/{made.pk}", title=f"{found.title} claims from the swag budget",
            words=f"{shown(amount)} {budget.currency} of {shown(free)} that remain. Approve or decline it.",
            link=LINK, feature="", now=now,
        )  # fmt: skip
    return str(made.pk)


def decide(*, actor: str, claim: str, approves: bool, because: str, now: datetime) -> None:
    """Approve or decline a claim, with a reason; of two at once, none is beyond what remains. Raises Refused."""
    reason = with_reason(because)
    with transaction.atomic():
        row, budget = _locked(claim)
        deciding = Deciding(
            actor, owners_of(budget), _people_of(row.team), row.by, _state_of(row), row.amount,
            balance_of(entries_of(budget)).free, approves,
        )  # fmt: skip
        if said := why_not_decide(deciding):
            is_owner = actor in deciding.owners and actor not in deciding.team_people
            raise (Refused if is_owner else NotYours)(said)
        kind = Entry.APPROVED if approves else Entry.DECLINED
        _add(budget, kind, row.amount if approves else 0, by=actor, note=reason, now=now, claim=row)
        _tell_team(row, "was approved" if approves else "was declined", now)


def spend(*, actor: str, claim: str, amount: int, note: str, now: datetime) -> None:
    """Keep what a claim cost in the end, at most what was approved; the rest is free again. Raises Refused."""
    reason = with_reason(note)
    with transaction.atomic():
        row, budget = _locked(claim)
        if actor not in owners_of(budget) or actor in _people_of(row.team):
            raise NotYours("Those who answer for the budget spend, and nobody for their own team.")
        if _state_of(row) is not ClaimState.APPROVED:
            raise Refused(f"It is {_state_of(row)}: what is approved is spent, once.")
        if not 0 < amount <= row.amount:
            raise Refused(f"{shown(row.amount)} {budget.currency} were approved; spend no more.")
        _add(budget, Entry.SPENT, amount, by=actor, note=reason, now=now, claim=row)
        if rest := row.amount - amount:
            _add(budget, Entry.GIVEN_BACK, rest, by=actor, note="It cost less.", now=now, claim=row)


def _budget_of(actor: str, quarter: str, currency: str, second: str) -> SwagBudget:
    """Return a quarter's budget for its owner to set, made or taken over where nobody answers for it."""
    budget = SwagBudget.objects.select_for_update().filter(pk=quarter).first()
    there = {person.slug: person.team for person in identity.everybody()}
    if budget and budget.owner in there and actor != budget.owner:
        raise NotYours(f"{identity.name_of(budget.owner)} answers for this budget.")
    if (budget is None or actor != budget.owner) and not may_set_budget(actor):
        raise NotYours("Whoever heads a department sets the budget.")
    if second and (second not in there or there[second] == there.get(actor)):
        raise Refused("The second person is somebody of another team, for claims of your own.")
    if budget and budget.currency != currency:
        raise Refused(f"This budget is in {budget.currency}; it stays so.")
    if budget is None:
        return SwagBudget.objects.create(quarter=quarter, currency=currency, owner=actor, second=second)
    budget.owner, budget.second = actor, second or budget.second
    budget.save(update_fields=["owner", "second"])
    return budget


def _locked(claim: str) -> tuple[Claim, SwagBudget]:
    try:
        row = Claim.objects.filter(pk=UUID(claim)).first()
    except ValueError:
        row = None
    if row is None:
        raise NoSuch("There is no such claim.")
    return row, SwagBudget.objects.select_for_update().get(pk=row.budget_id)


def _add(
    budget: SwagBudget,
    kind: Entry,
    amount: int,
    *,
    by: str,
    note: str,
    now: datetime,
    claim: Claim | None = None,
) -> None:
    """Add a line after swapping the version that the balance was judged by."""
    if not SwagBudget.objects.filter(pk=budget.pk, version=budget.version).update(version=budget.version + 1):
        raise Refused(_AGAIN)
    budget.version += 1
    LedgerEntry.objects.create(
        budget=budget, n=budget.version, kind=kind, amount=amount, claim=claim, by=by, at=now, note=note
    )
    outbox.publish("recognition.ledger", {"quarter": budget.pk, "kind": str(kind)}, at=now)


def _state_of(row: Claim) -> ClaimState:
    kinds = LedgerEntry.objects.filter(claim=row).values_list("kind", flat=True)
    return state_of([Entry(kind) for kind in kinds])


def _people_of(team: str) -> frozenset[str]:
    found = team_named(team)
    return frozenset({*found.people, found.lead} - {""}) if found else frozenset()


def _tell_team(row: Claim, became: str, now: datetime) -> None:
    if team := team_named(row.team):
        tell_team(
            team=team, key=f"claim/{row.pk}/decided", title=f"A claim of {team.title} {became}",
            words="What was claimed, and the reason, stand in the ledger.", link=LINK, feature="", now=now,
        )  # fmt: skip
