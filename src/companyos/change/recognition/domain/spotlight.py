"""Which suggestion gets the spotlight of a quarter, and who may vote for which (R105)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Nomination:
    """A suggestion that shipped in the quarter. `voters` wanted it before it did; `by` made it, or one like it."""

    suggestion: str
    title: str
    shipped_at: datetime
    voters: int
    by: frozenset[str]
    fix: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Won:
    """The suggestion that won; empty: none. `votes` has each nomination's, the most first."""

    suggestion: str
    because: str
    votes: tuple[tuple[str, int], ...]


def winner(nominations: Sequence[Nomination], votes: Iterable[str]) -> Won:
    """Return what won: most votes; then more people who wanted it before it shipped; then what shipped earlier."""
    given = Counter(votes)
    ranked = sorted(nominations, key=lambda n: (-given[n.suggestion], -n.voters, n.shipped_at, n.suggestion))
    tally = tuple((each.suggestion, given[each.suggestion]) for each in ranked)
    cast = sum(n for _, n in tally)
    if not ranked:
        return Won("", "Nothing shipped in it.", ())
    if not cast:
        return Won("", f"Nobody voted for any of {len(ranked)}.", tally)
    first, rest = ranked[0], ranked[1:]
    said = f"{given[first.suggestion]} of {cast} vote{'' if cast == 1 else 's'}, {len(ranked)} nominated"
    level = [each for each in rest if given[each.suggestion] == given[first.suggestion]]
    return Won(first.suggestion, f"{said}{_how_parted(first, level)}.", tally)


def why_not_vote(nomination: Nomination | None, person: str, *, is_open: bool) -> str | None:
    """Say why a person may not vote for it; None when they may."""
    if not is_open:
        return "The vote about this quarter is not open. It opens when the quarter ends, for two weeks."
    if nomination is None:
        return "It is not nominated: nominated is what shipped in the quarter and everybody may see."
    if person in nomination.by:
        return "It is your own suggestion; vote for another one."
    return None


def _how_parted(first: Nomination, level: Sequence[Nomination]) -> str:
    if not level:
        return ""
    most = max(each.voters for each in level)
    if first.voters > most:
        return f"; level with {len(level)}, and {first.voters} wanted it before it shipped, {most} the next"
    alike = [each for each in level if each.voters == first.voters]
    if any(each.shipped_at == first.shipped_at for each in alike):
        return f"; level with {len(level)} also by who wanted it and when it shipped, so by its number"
    return f"; level with {len(level)} also by who wanted it, and it shipped earlier"
