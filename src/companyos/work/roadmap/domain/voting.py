"""Whether a person may vote: ordered rules over one frozen situation; the first with an opinion wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companyos.work.roadmap.domain.types import Place


@dataclass(frozen=True, slots=True)
class Ballot:
    """`spent` counts the person's votes for suggestions that are still open."""

    place: Place
    may_see: bool
    has_voted: bool
    spent: int
    budget: int
    is_carried: bool = False


Refusal = str | None


def what_is_private_is_not_there_for_others(b: Ballot) -> Refusal:
    """A private suggestion exists for the members of its tenant alone."""
    return None if b.may_see else "There is no such suggestion that you may see."


def what_is_over_takes_no_votes(b: Ballot) -> Refusal:
    """A suggestion that shipped or was declined takes no more votes."""
    return f"It is {b.place} already, so votes change nothing." if b.place.is_over else None


def what_is_carried_takes_no_votes(b: Ballot) -> Refusal:
    """Votes go to the suggestion that carries it."""
    return "It is merged into another suggestion: vote for that one." if b.is_carried else None


def a_person_votes_once(b: Ballot) -> Refusal:
    """One vote for a suggestion and person."""
    return "You have voted for it already." if b.has_voted else None


def votes_are_scarce(b: Ballot) -> Refusal:
    """A person has so many votes at a time; they come back when a suggestion ships, is declined, or loses the vote."""
    used_up = f"All your {b.budget} votes are in use. Take one back from another suggestion first."
    return used_up if b.spent >= b.budget else None


RULES: tuple[Callable[[Ballot], Refusal], ...] = (
    what_is_private_is_not_there_for_others,
    what_is_over_takes_no_votes,
    what_is_carried_takes_no_votes,
    a_person_votes_once,
    votes_are_scarce,
)


def why_not(ballot: Ballot) -> Refusal:
    """Say why the person may not vote; None when they may."""
    return next((refusal for rule in RULES if (refusal := rule(ballot))), None)
