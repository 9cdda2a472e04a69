"""People are asked by many requests at once, week after week; prints what came of it as JSON.

COMPANYOS_DATA=… [COMPANYOS_DATABASE_URL=…] python tests/adoption/surveys/racing.py PEOPLE WEEKS RACERS
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PROGRAM = Path(__file__).parents[3] / "program"
SURVEYS, DAYS = 6, 7


def main(people: int, weeks: int, racers: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from companyos.adoption.surveys import actions
    from companyos.adoption.surveys.domain.types import Audience, Budget, SurveySpec, Trigger
    from companyos.adoption.surveys.models import AskingBudget, Invitation, Survey
    from companyos.surfaces.program.apply import apply
    from companyos.surfaces.program.load import load_program

    call_command("migrate", verbosity=0)
    program = load_program(PROGRAM)  # its people and tenants; the rest takes long to apply
    apply(replace(program, plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=()), now=NOW)
    Survey.objects.all().delete()
    actions.keep_budget(Budget(1, DAYS))
    for n in range(SURVEYS):
        actions.keep_survey(
            SurveySpec(f"s{n}", "approvals", "?", trigger=Trigger.ANY_TIME, audience=Audience.EVERYONE,
                       again_after_days=1, priority=n + 1)
        )  # fmt: skip
    calendar = program.company.calendar
    persons = [p.slug for p in program.people][:people]
    dice, turn, done = random.Random(7), threading.Barrier(racers), threading.Lock()
    moments = [NOW + timedelta(days=DAYS * week, hours=dice.uniform(0, 90)) for week in range(weeks)]
    problems: list[str] = []

    def race(racer: int) -> None:
        mine = random.Random(racer)
        for moment in moments:
            turn.wait()
            for person in mine.sample(persons, len(persons)) if racer % 2 else persons:
                try:
                    if asked := actions.ask_what_is_due(
                        person=person, tenant="corporate", calendar=calendar, now=moment
                    ):
                        actions.dismiss(actor=person, invitation=asked, now=moment)
                except Exception as error:
                    with done:
                        problems.append(f"{type(error).__name__}: {error}")
        connection.close()

    threads = [threading.Thread(target=race, args=(n,)) for n in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = Invitation.all_rows.order_by("person_id", "asked_at").values_list("person_id", "asked_at")
    pairs = pairwise(rows)
    told = {
        "vendor": connection.vendor,
        "person_weeks": len(persons) * weeks,
        "asked": len(rows),
        "beyond": sum(
            a == b and later - earlier < timedelta(days=DAYS) for (a, earlier), (b, later) in pairs
        ),
        "versions": sum(AskingBudget.objects.values_list("version", flat=True)),
        "problems": problems[:5],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
