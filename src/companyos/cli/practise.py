"""`companyos practise FEATURE`: play the controller against a hidden fault, timed, with a debrief (R45)."""

from __future__ import annotations

import argparse
import secrets
import time

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling.lessons import Play, why_not
from companyos.adoption.rollouts.foretelling.practice import (
    DAYS,
    LATENCY_LIMIT_MS,
    ROSTER_LIMIT,
    Debrief,
    debrief,
    play,
)
from companyos.adoption.rollouts.foretelling.practised_stage import Look
from companyos.adoption.rollouts.foretelling.sources import Source
from companyos.cli.commands import Mistake
from companyos.cli.forecast import declared_source, plan_for
from companyos.cli.program import read_program

_KEYS = {"c": Play.CARRY_ON, "h": Play.HOLD, "r": Play.ROLL_BACK, "a": Play.ADVANCE}
_ASKED = "[c]arry on, [h]old, [r]oll back, [a]dvance: "


def practise(options: argparse.Namespace) -> int:
    """Play one game in the terminal. Nothing real is touched. 0: right or fine; 1: wrong; 2: bad input."""
    program = read_program(options.program)
    plan = plan_for(program, options.feature)
    source = declared_source(options, program, plan)
    index = _stage(plan, source, options.stage)
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    opening = play(plan, source, index, seed, [])
    print(
        f"Practice, game {seed}: {opening.stage} is on for {opening.people} people. Something may be wrong, or nothing."
        f"\nYou are the controller for up to {DAYS} working days. No real flag, person or telemetry is touched.\n"
    )
    began, plays = time.monotonic(), list[Play]()
    game = opening
    while not game.over:
        print(_shown(game.looks[-1]))
        chosen = _ask(game.looks[-1].day)
        if chosen is None:
            print("\nLeft before the end; there is no debrief.")
            return 1
        plays.append(chosen)
        game = play(plan, source, index, seed, plays)
    found = debrief(plan, source, index, seed, plays, seconds=time.monotonic() - began)
    print(_debrief(found))
    return 1 if found.verdict == "wrong" else 0


def _stage(plan: Plan, source: Source, name: str | None) -> int:
    """Return the named stage, or the first one at which a production team joins after another."""
    known = {stage.slug: index for index, stage in enumerate(plan.stages)}
    if name is not None and name not in known:
        raise Mistake(f"there is no stage {name!r}; the plan has {', '.join(known)}.")
    index = known[name] if name is not None else min(2, len(known) - 1)
    if not any(team.joins == index for team in source.teams):
        raise Mistake(f"nobody joins at {plan.stages[index].slug}; choose another stage.")
    return index


def _ask(day: int) -> Play | None:
    """Ask until there is a move that may be made; None at the end of the input."""
    while True:
        try:
            said = input(_ASKED).strip().lower()[:1]
        except EOFError:
            return None
        chosen = _KEYS.get(said)
        refused = why_not(chosen, day) if chosen else "type c, h, r or a"
        if chosen and not refused:
            return chosen
        print(f"  {refused}")


def _shown(look: Look) -> str:
    checked = "today" if not look.checked_days_ago else f"{look.checked_days_ago} days ago"
    return "\n".join(
        (
            f"Day {look.day}{' (held)' if look.held else ''}. Guardrail, checked {checked}:",
            f"  {look.sentence}. {'Harm is ruled out.' if look.safe else 'Harm is not ruled out yet.'}",
            f"  today, exposed: {look.tasks_today} tasks, {look.errors_today} error sessions;"
            f" others: {look.other_tasks_today} tasks, {look.other_errors_today}",
            f"  response p95 {look.p95_ms:.0f} ms (limit {LATENCY_LIMIT_MS:.0f}); tasks from outside the cohort"
            f" {look.outside_cohort:.0%} (limit {ROSTER_LIMIT:.0%})",
        )
    )


def _debrief(found: Debrief) -> str:
    began = f", from day {found.began_on_day} on" if found.began_on_day else ""
    reacted = f"on day {found.reacted_on_day}" if found.reacted_on_day else "never"
    alone = (
        f"took it back on day {found.controller_acts_on_day}"
        if found.controller_acts_on_day
        else "took nothing back"
    )
    return (
        f"\nDebrief. Hidden was: {found.fault}{began}. You were {found.verdict}.\n  {found.says}\n"
        f"  You reacted {reacted}; left alone, the controller {alone}.\n"
        f"  {found.exposed_tasks} tasks of exposed people since, {found.failed_tasks} of them failed."
        f" You took {found.seconds:.0f} s."
    )
