"""Which readings of a tick are kept: every new verdict, and the others in turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from companyos.adoption.rollouts.actions import Judged
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.adoption.rollouts.kept_readings import AT_ONCE, KeptReadings
from companyos.kernel.evidence import Fact

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PLANS = [f"plan-{n:03d}" for n in range(250)]


def state(plan: str, consecutive: int = 1) -> Any:
    gates = (SimpleNamespace(consecutive=consecutive),)
    described = SimpleNamespace(slug=plan, lead="ana-ruiz", stage=lambda _: SimpleNamespace(gates=gates))
    return SimpleNamespace(plan=described, stage="pilot", attempt=1)


def said(verdict: Verdict = Verdict.PENDING) -> Judged:
    return Judged((Gate("errors", verdict, "because"),), {"errors": Fact("f", 1.0)})


def tick(kept: KeptReadings, at: int, *, failing: str = "", consecutive: int = 1) -> list[str]:
    kept.only(PLANS)
    for plan in PLANS:
        verdict = Verdict.FAILED if plan == failing else Verdict.PENDING
        kept.take(state(plan, consecutive), said(verdict), NOW + timedelta(minutes=at))
    return [each.plan for each in kept.worth_keeping()]


def test_the_first_tick_keeps_all_and_later_ones_a_hundred_in_turn() -> None:
    kept = KeptReadings()
    assert tick(kept, 0) == PLANS
    seen = [tick(kept, at) for at in (1, 2, 3)]
    assert [len(each) for each in seen] == [AT_ONCE] * 3
    assert {plan for each in seen for plan in each} == set(PLANS)


def test_a_new_verdict_is_kept_at_once_signed_and_once() -> None:
    kept = KeptReadings()
    for at in range(3):
        tick(kept, at)
    late = next(plan for plan in PLANS if plan not in tick(kept, 3))
    assert late in tick(kept, 4, failing=late)
    kept_reading = next(each for each in kept.worth_keeping() if each.plan == late)
    assert kept_reading.gates[0].evidence_sha256 == Fact("f", 1.0).sha256


def test_passes_in_a_row_need_every_reading() -> None:
    kept = KeptReadings()
    tick(kept, 0)
    assert tick(kept, 1, consecutive=3) == PLANS
