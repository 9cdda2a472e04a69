"""What a person types about a company, and the games that they play, read with limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.core import signing

from companyos.adoption.rollouts.foretelling.lessons import Play
from companyos.adoption.rollouts.foretelling.practice import DAYS

_FIELDS = {  # name: (lowest, highest, per cent?)
    "headcount": (1.0, 100_000.0, False),
    "cases_a_week": (1.0, 10_000_000.0, False),
    "response": (1.0, 100.0, True),
    "error_rate": (0.01, 90.0, True),
}


def told(given: Mapping[str, str]) -> tuple[dict[str, float], str]:
    """Read the figures that were given; a figure out of its limits is left out, and the problem is said."""
    read: dict[str, float] = {}
    problems = []
    for name, (low, high, is_share) in _FIELDS.items():
        text = given.get(name, "").strip()
        if not text:
            continue
        value = _number(text)
        if value is None or not low <= value <= high:
            problems.append(f"{name.replace('_', ' ')} is a number from {low:g} to {high:g}")
        else:
            read[name] = value / 100 if is_share else value
    return read, "; ".join(problems)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class GameTicket:
    """A game of practice as it travels with its page: nothing of it is kept. Signed, so that its fault stays hidden."""

    plan: str
    stage: int
    seed: int
    tasks_a_day: float
    error_rate: float
    began: float  # wall time, seconds
    ended: float = 0.0
    plays: tuple[Play, ...] = ()

    @property
    def signed(self) -> str:
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


_SALT, _LONGEST = "practice", 2_000


def ticket(text: str, plan: str) -> GameTicket | None:
    """Read a game's ticket; None for one that is not ours, or of another plan."""
    try:
        told = signing.loads(text[:_LONGEST], salt=_SALT)
        plays = tuple(Play(each) for each in told["plays"])[:DAYS]
        game = GameTicket(**{**told, "plays": plays})
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    return game if game.plan == plan else None
