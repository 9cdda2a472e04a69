"""Internal GA opens a week for comments, which may hold external GA (R91)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from companyos.adoption.features import queries as features
from companyos.adoption.rollouts import queries as rollouts
from companyos.work.roadmap import actions as roadmap

_ENTERS = frozenset({"start", "advance"})


def open_at_internal_ga(moved: Mapping[str, str], now: datetime) -> int | None:
    """Open the feature's window when a rollout has moved into its last stage but one; return the RFC's number.

    `moved` is the body of the event `rollout.moved`. Hearing it twice opens one window.
    """
    state = rollouts.state(moved["rollout"]) if moved["move"] in _ENTERS else None
    if state is None or [each.slug for each in state.plan.stages[-2:-1]] != [state.stage]:
        return None
    row = features.feature(state.feature)
    return roadmap.open_window(feature=state.feature, title=row.title if row else state.feature, now=now)
