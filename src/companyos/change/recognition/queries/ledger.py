"""The swag budget of each quarter, and who answers for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from companyos.change.recognition.domain.ledger import Entry, EntryRow, balance_of, state_of
from companyos.change.recognition.domain.types import ClaimRow, LedgerRow
from companyos.change.recognition.models import Claim, LedgerEntry, SwagBudget
from companyos.people.identity import queries as identity


def ledgers() -> tuple[LedgerRow, ...]:
    """Return the budgets of all quarters, the newest first."""
    return tuple(_row(each) for each in SwagBudget.objects.order_by("-quarter"))


def ledger(quarter: str) -> LedgerRow | None:
    found = SwagBudget.objects.filter(pk=quarter).first()
    return _row(found) if found else None


def may_set_budget(person: str) -> bool:
    """Tell whether a person sets a budget: whoever heads a department; where none has a head, whoever leads a team."""
    heads = set(identity.heads().values()) or {team.lead for team in identity.teams()}
    return bool(person) and person in heads


def owners_of(budget: SwagBudget) -> frozenset[str]:
    return frozenset(filter(None, (budget.owner, budget.second)))


def entries_of(budget: SwagBudget) -> tuple[EntryRow, ...]:
    return tuple(_entry(each) for each in LedgerEntry.objects.filter(budget=budget).order_by("n"))


def _row(budget: SwagBudget) -> LedgerRow:
    entries = entries_of(budget)
    by_claim: dict[str, list[EntryRow]] = defaultdict(list)
    for entry in entries:
        by_claim[entry.claim].append(entry)
    claims = Claim.objects.filter(budget=budget).order_by("-at", "-id")
    return LedgerRow(
        budget.pk,
        budget.currency,
        tuple(filter(None, (budget.owner, budget.second))),
        balance_of(entries),
        tuple(_claim(each, by_claim[str(each.pk)]) for each in claims),
        entries,
    )


def _claim(claim: Claim, entries: Iterable[EntryRow]) -> ClaimRow:
    lines = list(entries)
    spent = sum(each.amount for each in lines if each.kind is Entry.SPENT)
    state = state_of([each.kind for each in lines])
    return ClaimRow(
        str(claim.pk), claim.budget_id, claim.team, claim.what, claim.amount, claim.at, claim.by, claim.credit,
        state, spent,
    )  # fmt: skip


def _entry(e: LedgerEntry) -> EntryRow:
    return EntryRow(Entry(e.kind), e.amount, str(e.claim_id or ""), e.by, e.at, e.note)
