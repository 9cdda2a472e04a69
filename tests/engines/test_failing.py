"""Failing cases against an obvious oracle: repetitions, ties, people and cases of others."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companyos.adoption.telemetry.queries import Span, failing_cases
from companyos.analytics.engine import Engine

ASKS = {"failing_cases", "case_variants"}
_DAY = datetime(2025, 9, 1, 9, tzinfo=UTC)
_PEOPLE = ("ana", "boyu", "chidi")


def history(seed: int, tenant: str) -> list[dict[str, Any]]:
    dice, found = random.Random(seed), []
    for number in range(300):
        name = dice.choice(["task_failed", "feature_flag.evaluation", "shadow_compared", "task_started"])
        flag = name.startswith("feature")
        at = _DAY + timedelta(seconds=number * 60 + dice.choice([0, 0, 30]))
        found.append(
            {
                "tenant": tenant, "id": f"event-{number:06d}", "event": name, "time": at.isoformat(),
                "received": at.isoformat(), "actor": dice.choice(_PEOPLE), "feature": "" if flag else f"f-{tenant}",
                "path": dice.choice(["on", "off"] if flag else ["unified", "existing"]),
                "kind": dice.choice(["flag-1", "flag-2"] if flag else ["submit", "approve"]),
                "case": f"{tenant}-{dice.randrange(12)}", "task": f"t-{dice.randrange(3)}",
                "value": dice.choice([None, 0, 1.0]),
                "props": json.dumps({"error": dice.choice(["", "timeout"])}, separators=(",", ":")),
            }
        )  # fmt: skip
    return found


def ndjson(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in rows)


@pytest.mark.parametrize("seed", range(3))
def test_failing_cases_equal_the_oracle(engine: Engine, seed: int) -> None:
    tenant, told = f"failing-{seed}", history(seed, f"failing-{seed}")
    engine.insert("events", ndjson(told), token=tenant)
    engine.insert("events", ndjson(told[::3]), token=f"{tenant}-again")
    since, until = _DAY + timedelta(hours=1), _DAY + timedelta(hours=4)
    span = Span(f"f-{tenant}", (tenant,), since, until)
    inside = [e for e in told if since <= datetime.fromisoformat(e["time"]) < until]
    failed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in inside:
        if each["event"] == "task_failed" and each["path"] == "unified" and each["actor"] != "chidi":
            failed[each["case"]].append(each)
    met: dict[str, dict[str, str]] = defaultdict(dict)  # case -> time -> variant; ties may be either
    for each in told:
        if each["kind"] == "flag-1" and datetime.fromisoformat(each["time"]) < until:
            met[each["case"]][each["time"]] = each["path"]
    found = failing_cases(span, flag="flag-1", people=["ana", "boyu"])
    assert {row.case: row.failures for row in found} == {case: len(rows) for case, rows in failed.items()}
    assert [row.failures for row in found] == sorted((len(rows) for rows in failed.values()), reverse=True)
    for row in found:
        rows = failed[row.case]
        assert row.kinds == tuple(sorted({e["kind"] for e in rows}))
        assert row.errors == tuple(sorted({json.loads(e["props"])["error"] for e in rows} - {""}))
        assert row.variant == (met[row.case][max(met[row.case])] if met[row.case] else "")
    assert found
