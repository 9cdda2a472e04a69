"""The job that looks at every objective: measure, decide, page. Each turn starts from what is true now."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.actions.alerts import WATCH
from companyos.adoption.telemetry.domain.alerts import Route, Situation, decide
from companyos.adoption.telemetry.domain.openslo import Slo
from companyos.adoption.telemetry.domain.slo import Burn
from companyos.adoption.telemetry.queries import alerts, definitions, objectives
from companyos.adoption.telemetry.queries.alerts import AlertRow
from companyos.people.tenants import queries as tenants

PAGES = "page"
_NEVER = timedelta(days=36500)


def look(*, now: datetime) -> int:
    """Look at every objective and every unanswered page; says how many alerts moved."""
    everywhere, known = tuple(sorted(tenants.titles())), definitions.routes()
    open_now = {(each.slo, each.condition): each for each in alerts.open_alerts() if not each.is_test}
    moved = 0
    for slo in definitions.objectives():
        route = definitions.route_of(slo)
        if route is None:
            continue
        for burn in objectives.burns(slo, tenants=everywhere, now=now):
            moved += _decide(slo, burn, route, open_now.get((slo.name, burn.condition.name)), now)
    tests = [each for each in alerts.open_alerts() if each.is_test and each.route in known]
    return moved + sum(_chase(each, known[each.route], now) for each in tests)


def _decide(slo: Slo, burn: Burn, route: Route, alert: AlertRow | None, now: datetime) -> bool:
    pages = burn.condition.severity == PAGES
    situation = Situation(
        burn.state,
        burn.says,
        now,
        route.escalates_after if pages else _NEVER,
        alert.state if alert else None,
        alerts.silence_of(slo.name, now),
    )
    return _act(situation, slo, burn, route, alert, now)


def _act(
    situation: Situation, slo: Slo, burn: Burn, route: Route, alert: AlertRow | None, now: datetime
) -> bool:
    decision = decide(situation)
    if decision.move == "stay":
        return False
    moved = actions.carry_out(
        actor=WATCH,
        decision=decision,
        slo=slo.name,
        condition=burn.condition.name,
        feature=slo.feature,
        severity=burn.condition.severity,
        route=route,
        alert=alert.id if alert else None,
        level=alert.state.level + 1 if alert else 0,
        now=now,
    )
    return moved is not None


def _chase(alert: AlertRow, route: Route, now: datetime) -> bool:
    """Escalate a test page that nobody answers, as a real one would be."""
    decision = decide(Situation(None, "a test page", now, route.escalates_after, alert.state))
    if decision.move == "stay":
        return False
    moved = actions.carry_out(
        actor=WATCH,
        decision=decision,
        slo="",
        condition="",
        feature="",
        severity=alert.severity,
        route=route,
        alert=alert.id,
        level=alert.state.level + 1,
        now=now,
    )
    return moved is not None
