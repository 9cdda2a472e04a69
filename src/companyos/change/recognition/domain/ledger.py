"""The swag budget: each entry moves an amount from one account to another, and balances are sums (R107)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Entry(StrEnum):
    BUDGETED = "budgeted"
    CUT = "cut"
    APPROVED = "approved"
    DECLINED = "declined"
    SPENT = "spent"
    GIVEN_BACK = "given_back"  # what was approved and not spent


class Account(StrEnum):
    COMPANY = "company"
    FREE = "free"
    PROMISED = "promised"
    SPENT = "spent"


MOVES = {
    Entry.BUDGETED: (Account.COMPANY, Account.FREE),
    Entry.CUT: (Account.FREE, Account.COMPANY),
    Entry.APPROVED: (Account.FREE, Account.PROMISED),
    Entry.DECLINED: (Account.FREE, Account.FREE),
    Entry.SPENT: (Account.PROMISED, Account.SPENT),
    Entry.GIVEN_BACK: (Account.PROMISED, Account.FREE),
}


class ClaimState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    SPENT = "spent"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line. Amounts are in hundredths of the currency and never negative."""

    kind: Entry
    amount: int
    claim: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Balance:
    budget: int
    free: int  # what remains
    promised: int
    spent: int


def balance_of(entries: Iterable[EntryRow]) -> Balance:
    held: Counter[Account] = Counter()
    for entry in entries:
        source, target = MOVES[entry.kind]
        held[source] -= entry.amount
        held[target] += entry.amount
    return Balance(-held[Account.COMPANY], held[Account.FREE], held[Account.PROMISED], held[Account.SPENT])


def state_of(kinds: Collection[Entry]) -> ClaimState:
    """Say where a claim stands, from its entries."""
    for entry, state in (
        (Entry.SPENT, ClaimState.SPENT),
        (Entry.DECLINED, ClaimState.DECLINED),
        (Entry.APPROVED, ClaimState.APPROVED),
    ):
        if entry in kinds:
            return state
    return ClaimState.ASKED


@dataclass(frozen=True, slots=True)
class Deciding:
    """Somebody is about to approve or decline a claim. `owners` decide; nobody does about their own team."""

    actor: str
    owners: frozenset[str]
    team_people: frozenset[str]
    asked_by: str
    state: ClaimState
    amount: int
    free: int
    approves: bool


def why_not_decide(d: Deciding) -> str | None:
    """Say why not, as ordered rules; None when it may be decided so."""
    if d.actor not in d.owners:
        return "Only those who answer for the budget decide about claims."
    if d.actor in d.team_people or d.actor == d.asked_by:
        return (
            "Nobody decides about a claim of their own team; the other one who answers for the budget does."
        )
    if d.state is not ClaimState.ASKED:
        return f"It is {d.state} already."
    if d.approves and d.amount > d.free:
        return f"{shown(d.amount)} is more than the {shown(d.free)} that remain. Raise the budget first, or decline."
    return None


def hundredths(text: str) -> int:
    """Read `120`, `120.5` or `120,50`. Raises ValueError."""
    whole, _, part = text.strip().replace(",", ".").partition(".")
    digits = whole + part
    if not (digits.isascii() and digits.isdecimal() and 1 <= len(whole) <= 7 and len(part) <= 2):
        raise ValueError(text)
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


def shown(amount: int) -> str:
    """Spell an amount: `1,240.50`."""
    return f"{amount / 100:,.2f}"
