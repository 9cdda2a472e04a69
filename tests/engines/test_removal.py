"""Erasure and retention on each engine, against the obvious oracle; the sums afterwards say what the events say."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companyos.adoption.telemetry.queries import Events
from companyos.adoption.telemetry.queries.funnels import Question, funnel
from companyos.analytics.engine import Engine
from companyos.analytics.removal import Erased, Past

ASKS = {"count_of_subject", "count_past_keeping", "count_refused_past_keeping", "refused_seen"}
_DAY = datetime(2025, 6, 2, 9, tzinfo=UTC)
_ALWAYS = frozenset({0, 4, 6})
_NAMES = ("ana-ruiz", "ana-ruizzo", "p-4f", "o'brien", 'say "hi"', "a.b*c", "back\\slash")


def rows(seed: int, tenant: str) -> list[dict[str, Any]]:
    dice, people = random.Random(seed), [f"{name}{seed}" for name in _NAMES]
    found = []
    for number in range(120):
        props: dict[str, Any] = {"n": number}
        if dice.random() < 0.3:
            props["approver"] = dice.choice(people)
        at = _DAY + timedelta(days=dice.randrange(40), minutes=number)
        found.append(
            {
                "tenant": tenant, "id": f"{tenant}-{number:06d}",
                "event": dice.choice(["task_completed", "survey.answered"]),
                "time": at.isoformat(), "received": at.isoformat(), "actor": dice.choice(people),
                "feature": f"removal-{tenant}", "path": "unified", "by": dice.choice(["", *people]),
                "props": json.dumps(props, separators=(",", ":")),
            }
        )  # fmt: skip
    return found


def ndjson(told: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in told)


def days(engine: Engine, tenant: str) -> int:
    found = engine.rows("overview", first_day="2025-06-01", end_day="2025-08-01")
    return sum(row[4] for row in found if row[0] == tenant)


def held(engine: Engine, tenant: str) -> int:
    where = {"since": 0, "until": 4_000_000_000_000, "tenants": [tenant]}
    ids = [f"{tenant}-{number:06d}" for number in range(120)]
    return len(set(engine.rows("held_events", ids=ids, **where)))


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, id=name, marks=() if seed in _ALWAYS else pytest.mark.slow)
        for seed, name in enumerate(_NAMES)
    ],
)
def test_a_person_goes_and_nobody_else_does(engine: Engine, seed: int) -> None:
    tenant, name = f"gone-{seed}", f"{_NAMES[seed]}{seed}"
    told = rows(seed, tenant)
    engine.insert("events", ndjson(told), token=tenant)
    bodies = (json.dumps({"actor": name}), json.dumps({"actor": name + "o"}), repr({"actor": name}))
    refused = [_refused(tenant, body) for body in bodies]
    engine.insert("quarantine", ndjson(refused), token=f"{tenant}-q")
    engine.order_by_person()
    others = [each for each in told if each["actor"] != name]
    mention = [e for e in others if e["by"] == name or name in json.loads(e["props"]).values()]
    found = engine.erase([name])
    assert found == Erased(len(told) - len(others), len(mention), 2)
    assert held(engine, tenant) == len(others)
    engine.mend_rollups()
    assert days(engine, tenant) == sum(e["event"] == "task_completed" for e in others)
    assert engine.erase([name]) == Erased(), "nothing of them is left"
    span = Events(f"removal-{tenant}", (tenant,), _DAY, _DAY + timedelta(days=40))
    began = funnel(span, Question((("task_completed",),), timedelta(days=1))).began
    assert began == len({e["actor"] for e in others if e["event"] == "task_completed"})


def _refused(tenant: str, body: str) -> dict[str, Any]:
    return {"tenant": tenant, "id": "", "reason": "r", "body": body, "received": _DAY.isoformat()}


def test_what_is_past_goes_domain_by_domain(engine: Engine) -> None:
    engine.drop_events(Past(4_000_000_000_000))  # whatever other tests left
    told = rows(99, "domains") + rows(100, "sandbox")
    engine.insert("events", ndjson(told), token="domains")
    at = round((_DAY + timedelta(days=20)).timestamp() * 1000)

    def old(each: dict[str, Any]) -> bool:
        return datetime.fromisoformat(each["time"]).timestamp() * 1000 < at

    surveys = [e for e in told if e["event"] == "survey.answered" and old(e)]
    rest = [e for e in told if e["event"] != "survey.answered" and e["tenant"] == "domains" and old(e)]
    assert engine.drop_events(Past(at, events=("survey.answered",))) == len(surveys)
    kept = Past(at, other_events=("survey.answered",), other_tenants=("sandbox",))
    assert engine.drop_events(kept) == len(rest)
    assert engine.drop_events(kept) == 0
    assert held(engine, "domains") == 120 - sum(e["tenant"] == "domains" for e in surveys + rest)
    assert held(engine, "sandbox") == 120 - sum(e["tenant"] == "sandbox" for e in surveys)
    assert engine.mend_rollups()
    left = [e for e in told if e not in surveys and e not in rest and e["tenant"] == "domains"]
    assert days(engine, "domains") == sum(e["event"] == "task_completed" for e in left)


def test_refused_events_go_by_their_receipt(engine: Engine) -> None:
    engine.drop_refused(4_000_000_000_000)
    cut = round((_DAY - timedelta(days=5)).timestamp() * 1000)
    told = [
        _refused("past", "{}") | {"received": (_DAY - timedelta(days=n)).isoformat()}
        for n in range(10)
    ]  # fmt: skip
    engine.insert("quarantine", ndjson(told), token="past")
    assert engine.drop_refused(cut) == 4
    assert engine.drop_refused(cut) == 0


def test_what_was_put_aside_is_counted_by_reason_and_no_quoted_word_is_shown(engine: Engine) -> None:
    engine.drop_refused(4_000_000_000_000)
    told = [
        _refused("aside", "{}") | {"reason": reason, "received": (_DAY + timedelta(hours=n)).isoformat()}
        for n, reason in enumerate(
            [
                "its key does not speak for 'ana'",
                "its key does not speak for 'boyu'",
                "the event takes 40000 bytes",
            ]
        )
    ]
    engine.insert("quarantine", ndjson(told), token="aside")
    where = {"since": 0, "until": 4_000_000_000_000}
    assert engine.rows("refused_seen", **where) == [
        ("aside", "its key does not speak for …", 2, _DAY, _DAY + timedelta(hours=1)),
        ("aside", "the event takes … bytes", 1, _DAY + timedelta(hours=2), _DAY + timedelta(hours=2)),
    ]
