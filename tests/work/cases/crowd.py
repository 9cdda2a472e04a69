"""Fifty people vote, comment, watch, merge and triage at the same moment; prints what came of it as JSON.

COMPANYOS_DATA=… [COMPANYOS_DATABASE_URL=…] python tests/work/cases/crowd.py
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PROGRAM = Path(__file__).parents[3] / "program"
CROWD, FEW = 50, 5  # all vote and comment; every fifth does the rest too
SQUAD, ENGINEER = "approvals-squad", "elif-aksoy"


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from companyos.platform.models import OutboxMessage
    from companyos.surfaces.program.apply import apply
    from companyos.surfaces.program.load import load_program
    from companyos.work.cases import actions, queries
    from companyos.work.cases.actions.writing import state_from
    from companyos.work.cases.domain.types import Severity
    from companyos.work.cases.models import Case, CaseEvent, Notice, Vote

    call_command("migrate", verbosity=0)
    apply(load_program(PROGRAM), now=NOW)
    squad = sorted(queries.squad_of(SQUAD))

    def bug(title: str) -> str:
        return actions.report_bug(
            actor=ENGINEER, tenant="engineering-quality", feature="unified-approvals", severity=Severity.SEV3,
            title=title, body="", squad=SQUAD, now=NOW,
        ).id  # fmt: skip

    first, second = bug("one"), bug("two")
    start, said, lock = threading.Barrier(CROWD), Counter[str](), threading.Lock()
    late = NOW + timedelta(hours=100)

    def act(n: int) -> None:
        person, case = squad[n % len(squad)], (first, second)[n % 2]
        start.wait()
        doings = (
            ("vote", lambda: actions.vote(actor=person, case=case, now=late)),
            ("comment", lambda: actions.comment(actor=person, case=case, text=f"from {n}", now=late)),
            ("clock", lambda: actions.look_at_clocks(now=late)),
            ("merge", lambda: actions.merge(actor=person, case=second, into=first, now=late)),
            ("open", lambda: bug(f"of {n}")),
        )
        for name, do in doings if n % FEW == 0 else doings[:2]:
            try:
                do()
                outcome = name
            except actions.Refused as refusal:
                outcome = f"{name} refused" if "at once" not in str(refusal) else f"{name} lost"
            except Exception as error:
                outcome = f"{type(error).__name__}: {error}"
            with lock:
                said[outcome] += 1
        connection.close()

    threads = [threading.Thread(target=act, args=(n,)) for n in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kinds = Counter(CaseEvent.all_rows.filter(case_id__in=[first, second]).values_list("case_id", "kind"))
    rows = Case.all_rows.filter(pk__in=[first, second])
    in_step = []
    for row in rows:
        found = queries.detail(str(row.pk), ENGINEER, late)
        assert found
        in_step.append(state_from(row) == found.state and len(found.events) == row.version)
    numbers = list(Case.all_rows.order_by("number").values_list("number", flat=True))
    actions.unmerge(actor=ENGINEER, case=second, now=late)
    file = actions.attach(actor=ENGINEER, case=second, name="a.txt", content=b"words", now=late)
    assert actions.content_of(actor=ENGINEER, case=second, file=file)[2] == b"words"
    told = {
        "vendor": connection.vendor,
        "said": dict(said),
        "squad": len(squad),
        "votes": Vote.all_rows.count(),
        "counted": sum(row.votes for row in rows),
        "comments": sum(n for (_, kind), n in kinds.items() if kind == "commented"),
        "merged": sum(n for (_, kind), n in kinds.items() if kind == "merged"),
        "took_in": sum(n for (_, kind), n in kinds.items() if kind == "took_in"),
        "clock_events": sorted(
            n for (_, kind), n in kinds.items() if kind in {"warned", "breached", "escalated"}
        ),
        "in_step": in_step,
        "numbers": numbers == list(range(1, len(numbers) + 1)) and len(numbers) == CROWD // FEW + 2,
        "outbox": OutboxMessage.objects.filter(topic="case.commented").count(),
        "notices_doubled": Notice.all_rows.count()
        - len(set(Notice.all_rows.values_list("person", "source", "n"))),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
