"""`companyos forecast FEATURE`: the course of its plan in many worlds, in minutes and without a server."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.page import LIMITS, data_of, days_in_words, page_of
from companyos.adoption.rollouts.foretelling.sources import Source, of_a_profile, of_telemetry
from companyos.adoption.rollouts.foretelling.worlds import PlanForecast, foretell
from companyos.adoption.rollouts.rehearsal.profile import fit, stored_profile
from companyos.adoption.rollouts.rehearsal.workforce import BadWorkforce, Workforce, load_workforce
from companyos.adoption.rollouts.rehearsal.xes import BadLog, read_log
from companyos.analytics.engine import open_engine
from companyos.cli.commands import Mistake
from companyos.cli.ground import stand_on
from companyos.cli.plans import people_of_program
from companyos.cli.program import read_program
from companyos.kernel.clock import WallClock
from companyos.kernel.stats.forecast import band_of
from companyos.surfaces.program.types import Program, TenantClass

_BAR = 30


def forecast_feature(options: argparse.Namespace) -> int:
    """Print what a plan has ahead, and write the page where asked. 0: done; 2: bad input."""
    program = read_program(options.program)
    plan = plan_for(program, options.feature)
    if options.worlds < 20:
        raise Mistake("fewer than 20 worlds say nothing; --worlds 400 is usual.")
    source = declared_source(options, program, plan)
    with ProcessPoolExecutor(options.processes or os.cpu_count() or 1) as pool:
        found = foretell(plan, source, worlds=options.worlds, seed=options.seed, pool=pool, say=_progress)
    print("\n".join(_lines(found)))
    if options.report:
        options.report.write_text(page_of(found))
        options.report.with_suffix(".json").write_text(json.dumps(data_of(found), indent=1) + "\n")
        print(f"Written: {options.report}, {options.report.with_suffix('.json')}")
    return 0


def declared_source(options: argparse.Namespace, program: Program, plan: Plan) -> Source:
    """Return what the options say to draw from. Raises Mistake."""
    try:
        workforce = load_workforce(options.workforce or options.program / "workforce.yaml")
        return _source(options, program, plan, workforce)
    except (BadWorkforce, BadLog, ValueError) as error:
        raise Mistake(str(error)) from None


def plan_for(program: Program, name: str) -> Plan:
    found = next((plan for plan in program.plans if name in {plan.feature, plan.slug}), None)
    if found is None:
        raise Mistake(
            f"no plan is for {name!r}; there are plans for {', '.join(p.feature for p in program.plans)}."
        )
    return found


def _source(options: argparse.Namespace, program: Program, plan: Plan, workforce: Workforce) -> Source:
    people = people_of_program(program)
    production = frozenset(t.slug for t in program.tenants if t.tenant_class is TenantClass.PRODUCTION)
    company = program.company
    if options.telemetry:
        measured, days, today = _measured(options, program, plan.feature)
        return of_telemetry(
            plan, people, production, workforce, measured,
            days=days, starts=today, sprint_anchor=company.sprint_anchor,
        )  # fmt: skip
    log = read_log(options.log) if options.log else None
    return of_a_profile(
        plan,
        people,
        production,
        workforce,
        fit(log, source=log.name) if log else stored_profile(),
        cases=options.cases,
        starts=company.plan_starts.date(),
        sprint_anchor=company.sprint_anchor,
    )


def _measured(
    options: argparse.Namespace, program: Program, feature: str
) -> tuple[dict[str, tuple[float, float]], int, date]:
    """Read the instance's own telemetry; no other process may hold its data directory."""
    lock = stand_on(options.data)
    try:
        from django.conf import settings

        from companyos.adoption.rollouts.foretelling.measured import lately
        from companyos.adoption.telemetry.queries import connect

        engine = open_engine(options.data / "engine", settings.CLICKHOUSE_URL)
        try:
            connect(engine)
            now = WallClock().now()
            team_of = {person.slug: person.team for person in program.people}
            measured, days = lately(feature, team_of, program.company.calendar, now)
            return measured, days, now.date()
        finally:
            engine.close()
    finally:
        lock.release()


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        filled = _BAR * done // total
        end = "\n" if done == total else ""
        print(
            f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {done} of {total}",
            end=end,
            file=sys.stderr,
            flush=True,
        )


def _lines(found: PlanForecast) -> list[str]:
    lines = [
        f"{found.title}: {found.worlds} worlds, seed {found.seed}, drawn from {found.source}",
        f"Done in the {found.planned_days} planned working days: {band_of(found.on_time)}."
        f" {days_in_words(found.days)} A false rollback on the way: {band_of(found.any_false_rollback)}.",
        f"\n{'stage':<24}{'days (80 %)':>14}{'planned':>9}  {'in time':<9} held up by",
    ]
    for stage in found.stages:
        interval = stage.days.interval(0.8) if stage.days else None
        days = f"{interval.value:.0f} ({interval.low:.0f}-{interval.high:.0f})" if interval else "never"
        held = f"{stage.bottleneck}, {stage.bottleneck_share:.0%}" if stage.bottleneck else "nothing"
        lines.append(f"{stage.slug:<24}{days:>14}{stage.planned_days:>9}  {stage.band:<9} {held}")
    lines.append(f"\n{'a fault in':<24}{'more failures':>15}{'found':>8}{'days':>7}{'exposed tasks':>15}")
    for fault in found.faults:
        days = "" if fault.days is None else f"{fault.days:.1f}"
        tasks = "" if fault.exposed_tasks is None else f"{fault.exposed_tasks:.0f}"
        lines.append(f"{fault.stage:<24}{fault.harm:>15}{fault.found:>8.0%}{days:>7}{tasks:>15}")
    return [*lines, "", LIMITS]
