"""May one suggestion carry another? Ordered rules; the first that objects says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companyos.work.roadmap.domain.types import SuggestionRow


@dataclass(frozen=True, slots=True)
class Pair:
    """A suggestion, and the one that would carry it."""

    one: SuggestionRow
    into: SuggestionRow


Refusal = str


def nothing_carries_itself(pair: Pair) -> Refusal:
    return "Choose another suggestion than itself." if pair.one.id == pair.into.id else ""


def a_merge_is_one_step(pair: Pair) -> Refusal:
    """Chains would hide where votes count."""
    if pair.one.merged_into:
        return "It is merged already. Take that back first."
    if pair.into.merged_into:
        return "That one is merged itself. Merge into the one that carries it."
    return "It carries others. Merge those one by one." if pair.one.carries else ""


def what_is_over_stays(pair: Pair) -> Refusal:
    """Votes for what is decided have been answered."""
    over = next((each for each in (pair.one, pair.into) if each.place.is_over), None)
    return f"“{over.title}” is {over.place} already." if over else ""


def private_stays_private(pair: Pair) -> Refusal:
    """A merge neither shows a private suggestion outside its tenant nor hides public votes."""
    if (pair.one.private, pair.one.tenant if pair.one.private else "") == (
        pair.into.private,
        pair.into.tenant if pair.into.private else "",
    ):
        return ""
    return "One of them is private to a tenant, and the other is not: they stay apart."


RULES: tuple[Callable[[Pair], Refusal], ...] = (
    nothing_carries_itself,
    a_merge_is_one_step,
    what_is_over_stays,
    private_stays_private,
)


def why_not_merge(pair: Pair) -> Refusal:
    """Say why it may not be; empty when it may."""
    return next((refusal for rule in RULES if (refusal := rule(pair))), "")
