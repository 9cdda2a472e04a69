"""Who switched back to the old path, and from when until when (R180): whoever knows it offers it by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.kernel.evidence import Question, ask, is_offered

_NAME = "flags.days_back"


@dataclass(frozen=True, slots=True)
class DaysBack:
    """One entry a day back: the person, from when and until when, in ms."""

    people: tuple[str, ...] = ()
    began: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()

    def parameters(self) -> dict[str, Any]:
        return {"back": list(self.people), "back_from": list(self.began), "back_until": list(self.ended)}


def days_back(feature: str, since: datetime, until: datetime) -> DaysBack:
    """Return the days back of a feature in a time; none where nobody keeps them."""
    if not is_offered(_NAME):
        return DaysBack()
    told = ask(_NAME, Question(feature, since, until, frozenset(), frozenset()))
    days = told.details.get("days", ())
    return DaysBack(*(tuple(column) for column in zip(*days, strict=True))) if days else DaysBack()
