"""Which teams sit in the next council: no team has a second turn before each has had one (R88).

A turn is a turn, also when the team skips it: the skip is recorded with its reason, and stops nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def next_teams(teams: Iterable[str], turns: Sequence[str], seats: int) -> tuple[str, ...]:
    """Return who sits next. `turns` are all past turns, the oldest first, in the order they were given.

    Teams that wait for their turn in this round come first, the one that waits longest before the others; a team that
    joined later waits from the start of the round. When a round ends with seats to spare, the next begins with them.
    """
    known = sorted(set(teams))
    had = _had_a_turn(known, turns)
    last = {team: place for place, team in enumerate(turns)}

    def waits(team: str) -> tuple[int, str]:
        return last.get(team, -1), team

    first = sorted((team for team in known if team not in had), key=waits)
    then = sorted((team for team in known if team in had), key=waits)
    return tuple([*first, *then][:seats])


def _had_a_turn(teams: Sequence[str], turns: Sequence[str]) -> frozenset[str]:
    """Return which teams have had their turn in the round that runs now."""
    had: set[str] = set()
    for team in turns:
        if team in had:
            had = set()
        had.add(team)
    return frozenset() if had.issuperset(teams) else frozenset(had)
