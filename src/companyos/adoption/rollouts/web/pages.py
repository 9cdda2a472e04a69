"""The rollouts pages as frozen values. Context name: `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.plan_check import PlanCheck


@dataclass(frozen=True, slots=True)
class PlanPage:
    """What a plan can learn; `source` says where the company's figures come from."""

    plan: str
    check: PlanCheck
    source: str
    problem: str
    now: datetime

    @property
    def cases(self) -> str:
        return f"{self.check.setting.cases_a_week:.0f}"

    @property
    def response_percent(self) -> str:
        return f"{100 * self.check.setting.response:.3g}"

    @property
    def error_percent(self) -> str:
        return f"{100 * self.check.setting.error_rate:.3g}"
