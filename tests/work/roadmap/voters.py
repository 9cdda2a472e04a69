"""Fifty people vote at the same moment, each twice, and one person for everything; prints what came of it as JSON.

COMPANYOS_DATA=… [COMPANYOS_DATABASE_URL=…] python tests/work/roadmap/voters.py
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PROGRAM = Path(__file__).parents[3] / "program"
CROWD, BUDGET, WANTED = 50, 10, 20


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from companyos.surfaces.program.apply import apply
    from companyos.surfaces.program.load import load_program
    from companyos.work.roadmap import actions, queries
    from companyos.work.roadmap.domain.types import Place
    from companyos.work.roadmap.models import Vote, VoterAnswer

    call_command("migrate", verbosity=0)
    program = load_program(PROGRAM)  # its people and tenants; the rest takes long to apply
    apply(replace(program, plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=()), now=NOW)
    tenant_of = {team.slug: team.tenant for team in program.teams}
    people = [(p.slug, tenant_of[p.team]) for p in program.people]
    greedy, home = people[CROWD]
    lead = program.teams[0].lead
    author = next((slug, tenant) for slug, tenant in people if slug == lead)

    def suggest(n: int) -> str:
        return actions.suggest(actor=author[0], tenant=author[1], title=f"Suggestion {n}", body="", now=NOW)

    popular, many = suggest(0), [suggest(n) for n in range(1, WANTED + 1)]
    votes = [(*person, popular) for person in people[:CROWD] for _ in range(2)]
    votes += [(greedy, home, each) for each in many]
    start, said, lock = threading.Barrier(len(votes)), Counter[str](), threading.Lock()

    def vote(person: str, tenant: str, suggestion: str) -> None:
        start.wait()
        try:
            actions.vote(actor=person, tenant=tenant, suggestion=suggestion, now=NOW)
            outcome = "voted"
        except actions.Refused as refusal:
            outcome = str(refusal)
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        with lock:
            said[outcome] += 1
        connection.close()

    threads = [threading.Thread(target=vote, args=each) for each in votes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = queries.find(popular, reader=author[0])
    assert row
    told = actions.place(actor=lead, suggestion=popular, to=Place.NOW, because="Most wanted", now=NOW)
    sys.stdout.write(
        json.dumps(
            {
                "vendor": connection.vendor,
                "said": dict(said),
                "votes": row.votes,
                "greedy": Vote.all_rows.filter(person=greedy).count(),
                "told": told,
                "answers": VoterAnswer.all_rows.count(),
            }
        )
    )


if __name__ == "__main__":
    main()
