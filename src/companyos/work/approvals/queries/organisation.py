"""The organisation as approvals see it, read at most every few seconds: every answer asks for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from companyos.people.identity import queries as identity
from companyos.work.approvals.domain.org import Colleague, Org
from companyos.work.approvals.models import StandIn

STALE_AFTER_SECONDS = 5.0
_LOCK = threading.Lock()


@dataclass(slots=True)
class _Kept:
    org: Org | None = None
    stand_ins: tuple[tuple[str, str, datetime, datetime], ...] = ()
    read_at: float = 0.0


_KEPT = _Kept()


def organisation(now: datetime) -> Org:
    """Return the directory with the delegations and absences that hold at `now`."""
    with _LOCK:
        if _KEPT.org is None or time.monotonic() - _KEPT.read_at > STALE_AFTER_SECONDS:
            _KEPT.org, _KEPT.stand_ins, _KEPT.read_at = _directory(), _stand_ins(now), time.monotonic()
        org, stand_ins = _KEPT.org, _KEPT.stand_ins
    holding = [(person, to) for person, to, since, until in stand_ins if since <= now < until]
    if not holding:
        return org
    return replace(
        org,
        delegates={person: to for person, to in holding if to},
        away=frozenset(person for person, to in holding if not to),
    )


def forget_organisation() -> None:
    """Read it anew at the next question: something about it has just changed."""
    with _LOCK:
        _KEPT.org = None


def _directory() -> Org:
    people: Mapping[str, Colleague] = {
        p.slug: Colleague(p.slug, p.name, p.team, p.department, p.job_role) for p in identity.everybody()
    }
    return Org(people, {team.slug: team.lead for team in identity.teams()}, identity.heads())


def _stand_ins(now: datetime) -> tuple[tuple[str, str, datetime, datetime], ...]:
    rows = StandIn.objects.filter(until__gt=now, ended_at=None).order_by("id")
    return tuple(rows.values_list("person", "to", "since", "until"))
