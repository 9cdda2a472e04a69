"""Two hundred people answer one request at the same moment; prints what came of it as JSON.

COMPANYOS_DATA=… [COMPANYOS_DATABASE_URL=…] python tests/work/approvals/crowd.py NEEDS
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PROGRAM = Path(__file__).parents[3] / "program"
CROWD = 200


def main(needs: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from companyos.platform.models import OutboxMessage
    from companyos.surfaces.program.apply import apply
    from companyos.surfaces.program.load import load_program
    from companyos.work.approvals import actions, queries
    from companyos.work.approvals.domain.types import ActKind
    from companyos.work.approvals.models import Request, RequestAct

    call_command("migrate", verbosity=0)
    program = load_program(PROGRAM)
    apply(program, now=NOW)
    roles = [f"role:{role}" for role in sorted({person.role for person in program.people})]
    form = {"type": "object", "properties": {"what": {"type": "string", "title": "What"}}}
    step = {"step": "crowd", "ask": roles, "needs": needs if needs in {"any", "all"} else int(needs)}
    document = {"slug": "crowd", "title": "Crowd", "data_domain": "finance", "form": form, "chain": [step]}
    actions.keep_type(document=document, now=NOW)
    actions.choose_paths_with(lambda person, tenant: True)
    request = actions.ask(
        actor="elif-aksoy", type_slug="crowd", tenant="engineering-quality", fields={"what": "it"}, now=NOW
    )
    found = queries.detail(request)
    assert found
    people = [asked.person for asked in found.asked][:CROWD]
    start, said, lock = threading.Barrier(CROWD), Counter[str](), threading.Lock()

    def answer(n: int, person: str) -> None:
        kind = ActKind.APPROVED if n % 2 else ActKind.DECLINED
        start.wait()
        try:
            actions.act_on(actor=person, request=request, kind=kind, note="now", now=NOW)
            outcome = str(kind)
        except actions.Refused:
            outcome = "refused"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        with lock:
            said[outcome] += 1
        connection.close()

    threads = [threading.Thread(target=answer, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = Request.all_rows.get(pk=request)
    acts = RequestAct.all_rows.filter(request=row).exclude(kind="asked")
    told = {
        "people": len(people),
        "vendor": connection.vendor,
        "status": row.status,
        "version": row.version,
        "acts": dict(Counter(acts.values_list("kind", flat=True))),
        "decided": OutboxMessage.objects.filter(topic="request.decided").count(),
        "said": dict(said),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
