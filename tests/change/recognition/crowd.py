"""Twenty claims are approved at the same moment, and four have room; prints what came of it as JSON.

COMPANYOS_DATA=… [COMPANYOS_DATABASE_URL=…] python tests/change/recognition/crowd.py
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
CROWD, EACH, BUDGET = 20, 2_000, 9_000


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from companyos.change.recognition import actions, queries
    from companyos.change.recognition.models import Claim, LedgerEntry, SwagBudget
    from companyos.platform.new_database import make_every_table

    make_every_table()
    budget = SwagBudget.objects.create(quarter="2026-Q4", currency="EUR", owner="owner", version=1)
    LedgerEntry.objects.create(
        budget=budget, n=1, kind="budgeted", amount=BUDGET, by="owner", at=NOW, note="For pilots"
    )
    claims = [
        Claim.objects.create(
            id=f"00000000-0000-7000-8000-{n:012}", budget=budget, team="a-team", what="Mugs", amount=EACH, at=NOW,
            by="somebody-else", credit="a-feature",
        ).pk
        for n in range(CROWD)
    ]  # fmt: skip
    start, said, lock = threading.Barrier(CROWD), Counter[str](), threading.Lock()

    def approve(claim: object) -> None:
        start.wait()
        try:
            actions.decide(
                actor="owner", claim=str(claim), approves=True, because="now", now=NOW + timedelta(hours=1)
            )
            outcome = "approved"
        except actions.Refused:
            outcome = "refused"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        with lock:
            said[outcome] += 1
        connection.close()

    threads = [threading.Thread(target=approve, args=(each,)) for each in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = queries.ledger("2026-Q4")
    assert row
    told = {
        "said": dict(said), "free": row.balance.free, "promised": row.balance.promised, "entries": len(row.entries),
    }  # fmt: skip
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
