"""Comparisons in shadow against an obvious oracle: repetitions, last runs, fixes, coverage, times, examples."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companyos.analytics.engine import Engine

ASKS = {
    "shadow_by_day",
    "shadow_examples",
    "shadow_features",
    "shadow_latency",
    "shadow_left_out",
    "shadow_variants",
}
_DAY = datetime(2025, 8, 1, 9, tzinfo=UTC)
_FIXED_AT = _DAY + timedelta(hours=3)


def history(seed: int) -> list[dict[str, Any]]:
    dice, found = random.Random(seed), []
    for number in range(400):
        name = dice.choice(["shadow_compared", "shadow_compared", "shadow_noise", "task_started"])
        told = dice.choice(["", "", "one", "two"])
        props: dict[str, Any] = {
            "shadow.workflow": dice.choice(["route", "pay"]),
            "shadow.verdict": "different" if told else dice.choice(["same", "same", "too_large"]),
            "shadow.old_ms": dice.random(),
            "feature_flag.result.variant": dice.choice(["shadow", "dual-run", "reverse-shadow"]),
        }
        if told:
            props |= {"shadow.signature": told, "shadow.severity": 4, "shadow.places": [f"/{told} changed"]}
        if told and dice.random() < 0.2:
            props["shadow.example"] = {"says": str(number)}
        if dice.random() < 0.7:
            props["shadow.new_ms"] = dice.random()
        if dice.random() < 0.1:
            props["shadow.skipped"] = {"full": dice.randrange(1, 4), "resting": 1}
        at = (_DAY + timedelta(seconds=number * 60)).isoformat()
        found.append(
            {
                "tenant": f"t-{seed}-{number % 2}", "id": f"shadow-{number:06d}", "event": name,
                "time": at, "received": at,
                "actor": "", "feature": f"f-{seed}", "path": "existing", "kind": dice.choice(["small", "large", ""]),
                "case": f"c-{dice.randrange(60)}", "task": "t", "value": float(bool(told)), "props": json.dumps(props),
            }
        )  # fmt: skip
    return found


def _new_answered(event: dict[str, Any]) -> bool:
    return bool(event["props"]["feature_flag.result.variant"] == "reverse-shadow")


@pytest.mark.parametrize("seed", range(3))
def test_R118_comparisons_equal_the_oracle(engine: Engine, seed: int) -> None:
    told = history(seed)
    for token, some in ((f"shadow-{seed}", told), (f"shadow-{seed}-again", told[::3])):
        engine.insert("events", b"".join(json.dumps(each).encode() + b"\n" for each in some), token=token)
    since, until = _DAY + timedelta(hours=1), _DAY + timedelta(hours=6)
    span = {"feature": f"f-{seed}", "since": _ms(since), "until": _ms(until)}
    fixed: dict[str, Any] = {"fixed": ["one"], "fixed_at": [_ms(_FIXED_AT)]}
    inside = [{**e, "props": json.loads(e["props"])} for e in told if since <= _time(e) < until]
    compared = [e for e in inside if e["event"] == "shadow_compared"]

    last = {(e["tenant"], e["props"]["shadow.workflow"], e["case"]): e for e in compared}  # in time's order
    counts = Counter(
        (w, e["props"].get("shadow.signature", ""), e["props"]["shadow.verdict"], _new_answered(e))
        for (_, w, _), e in last.items()
        if e["props"].get("shadow.signature") != "one" or _time(e) >= _FIXED_AT
    )
    rows = engine.rows("shadow_by_day", **span, workflow="", event="shadow_compared", **fixed)
    assert {(w, sig, verdict, new): n for w, _, sig, verdict, _, _, n, *_, new in rows} == counts
    assert {row[4] for row in rows} <= {3, 4}
    one = engine.rows("shadow_by_day", **span, workflow="pay", event="shadow_compared", **fixed)
    assert sum(row[6] for row in one) == sum(n for (w, *_), n in counts.items() if w == "pay")

    left_out: Counter[str] = Counter()
    for each in inside:
        if each["event"] != "task_started":
            left_out.update(each["props"].get("shadow.skipped", {}))
    assert dict(engine.rows("shadow_left_out", **span, workflow="")) == dict(left_out)

    both = [e["props"] for e in compared if "shadow.new_ms" in e["props"]]
    n, *figures = engine.rows("shadow_latency", **span, workflow="")[0]
    assert n == len(both)
    assert figures[0] == pytest.approx(sorted(p["shadow.old_ms"] for p in both)[n // 2])

    examples = engine.rows("shadow_examples", **span, signature="two", most=3)
    wanted = [
        e for e in compared if e["props"].get("shadow.signature") == "two" and "shadow.example" in e["props"]
    ]
    says = [e["props"]["shadow.example"]["says"] for e in wanted]
    assert [json.loads(row[6])["says"] for row in examples] == says[::-1][:3]

    rows = engine.rows("shadow_variants", **span, explained=["two"], **fixed)
    for kind in ("small", "large"):
        mine = [e for e in inside if e["kind"] == kind]
        started = {(e["tenant"], e["case"]) for e in mine if e["event"] == "task_started"}
        ran = [e for e in mine if e["event"] == "shadow_compared"]
        known = {(e["tenant"], e["case"]) for e in ran if e["props"]["shadow.verdict"] != "too_large"}
        bad = {
            (e["tenant"], e["case"])
            for e in ran
            if e["props"].get("shadow.signature") == "one" and _time(e) >= _FIXED_AT
        }
        assert (kind, len(started), len(known), len(bad)) in rows

    found = dict(engine.rows("shadow_features", since=span["since"], until=span["until"]))
    assert found[f"f-{seed}"] == len(compared)


def _time(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["time"])


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
