"""Shadow runs over the management API, as their callers meet them (R118, P9)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from companyos.adoption.shadow import queries
from companyos.analytics.engine import Engine, open_engine
from companyos.kernel.clock import VirtualClock
from companyos.people.identity import actions as identity
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos_sdk import events as sdk_events
from companyos_sdk.shadow import Inline, Shadow

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
SQUAD, LEAD, OTHER = "maelle-girard", "ana-ruiz", "boyu-shen"
FEATURE = "/shadow/unified-approvals"
Caller = Callable[..., tuple[int, Any]]


class _Mail:
    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def send(self, name: str, *, at: datetime, **parts: Any) -> None:
        tenant, at = parts["context"]["tenant"], NOW - timedelta(hours=3)
        self.rows.append(sdk_events.reported(name, tenant=tenant, at=at, **parts))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Sixty pairs of which six differ, as the SDK tells them."""
    opened, mail = open_engine(tmp_path_factory.mktemp("engine")), _Mail()
    shadow = Shadow("approvals.route", feature="unified-approvals", telemetry=mail, pool=Inline())
    for n in range(60):
        about = {
            "tenant": "engineering-quality",
            "targetingKey": "ada",
            "case": f"c-{n}",
            "variant": "submit",
        }
        shadow.call(
            lambda n: {"to": "cfo"}, lambda n: {"to": "lead" if n % 10 == 0 else "cfo"}, n, about=about
        )
    blank = {"latency_ms": None, "by": "", "actor": "", "path": "", "value": None}
    rows = [{**blank, **row, "received": row["time"], "props": json.dumps(row["props"])} for row in mail.rows]
    opened.insert("events", "".join(json.dumps(row) + "\n" for row in rows).encode(), token="api")
    yield opened
    opened.close()


@pytest.fixture
def call(db: None, engine: Engine, client: Client, tmp_path: Path) -> Iterator[Caller]:
    before, program = instance(), load_program(PROGRAM)
    run_as(Instance(VirtualClock(NOW), program.company.calendar, tmp_path, b"secret"))
    queries.connect(engine)
    apply(program, now=NOW)
    keys = identity.issue_personal_keys(actor="test", people=[SQUAD, LEAD, OTHER], now=NOW)

    def caller(who: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {keys[who]}"}
        if body is None:
            answer = client.get(f"/api/v1{path}", headers=headers)
        else:
            answer = client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    yield caller
    run_as(before)


def _class(call: Caller) -> str:
    (found,) = call(SQUAD, FEATURE)[1]["classes"]
    return f"{FEATURE}/approvals.route/{found['signature']}"


def test_what_comparisons_come_to_with_figures_and_without_values(call: Caller) -> None:
    status, told = call(OTHER, f"{FEATURE}?days=7&workflow=approvals.route")
    assert (status, told["compared"], told["same"], told["unexplained"]) == (200, 60, 54, 6)
    assert told["unexplained_low"] < 0.1 < told["unexplained_high"]
    (found,) = told["classes"]
    assert (found["places"], found["count"], found["mark"]) == (["/to changed"], 6, None)
    assert "cfo" not in json.dumps(told)
    assert told["latency"]["n"] == 60
    for query in ("?days=0", "?days=-3", "?days=9999", "?workflow=%27%3B%20DROP", "?workflow=none"):
        status, told = call(OTHER, FEATURE + query)
        assert (status, told["compared"] in (0, 60)) == (200, True), query
    assert call(OTHER, f"{FEATURE}?days=soon")[0] == 422
    status, told = call(OTHER, "/shadow/no-such-feature")
    assert (status, told["compared"], told["unexplained_high"], told["coverage"]) == (200, 0, None, None)


def test_the_squad_and_the_lead_team_say_what_a_difference_is(call: Caller) -> None:
    path = f"{_class(call)}/marks"
    for who in (SQUAD, LEAD):
        body = {"kind": "expected", "reason": f"meant so, says {who}"}
        assert call(who, path, body) == (200, {"kind": "expected"})
        told = call(who, FEATURE)[1]
        assert (told["explained"], told["unexplained"]) == (6, 0)
        assert (told["classes"][0]["mark"]["by"], told["classes"][0]["is_explained"]) == (who, True)
    assert call(SQUAD, path, {"kind": "open", "reason": "said too soon"})[0] == 200
    assert call(SQUAD, FEATURE)[1]["unexplained"] == 6
    assert call(SQUAD, path, {"kind": "ignored", "reason": "known", "until": TOMORROW})[0] == 200
    assert call(SQUAD, FEATURE)[1]["unexplained"] == 0


def test_a_class_becomes_a_case_once(call: Caller) -> None:
    status, case = call(SQUAD, f"{_class(call)}/case", {"reason": "the wrong approver"})
    assert (status, case["tenant"]) == (200, "engineering-quality")
    assert call(SQUAD, FEATURE)[1]["classes"][0]["mark"]["case"] == case["case"]
    status, again = call(SQUAD, f"{_class(call)}/case", {"reason": "the wrong approver"})
    assert (status, "already" in again["error"]) == (409, True)


def test_whoever_may_not_is_refused_and_nothing_is_written(call: Caller) -> None:
    path = _class(call)
    for verb in ("marks", "case"):
        status, said = call(OTHER, f"{path}/{verb}", {"kind": "expected", "reason": "because"})
        assert (status, "Only the teams" in said["error"]) == (403, True)
    elsewhere = f"/shadow/no-such-feature/approvals.route/{'0' * 16}/marks"
    assert call(SQUAD, elsewhere, {"kind": "expected", "reason": "because"})[0] == 403
    for unseen in (f"{FEATURE}/approvals.route/{'0' * 16}", f"{FEATURE}/other/{'0' * 16}"):
        assert call(SQUAD, f"{unseen}/marks", {"kind": "expected", "reason": "because"})[0] == 404
        assert call(SQUAD, f"{unseen}/case", {"reason": "because"})[0] == 404
    assert call(OTHER, FEATURE)[1]["classes"][0]["mark"] is None


TOMORROW, FAR = (NOW + timedelta(days=1)).isoformat(), (NOW + timedelta(days=31)).isoformat()
BAD: dict[str, tuple[dict[str, Any], int]] = {
    "no kind": ({"reason": "because"}, 422),
    "an unknown kind": ({"kind": "fine", "reason": "because"}, 422),
    "no reason": ({"kind": "expected"}, 422),
    "an empty reason": ({"kind": "expected", "reason": " "}, 409),
    "a long reason": ({"kind": "expected", "reason": "x" * 501}, 422),
    "no day": ({"kind": "ignored", "reason": "because"}, 409),
    "too far a day": ({"kind": "ignored", "reason": "because", "until": FAR}, 409),
    "a past day": ({"kind": "ignored", "reason": "because", "until": "2026-01-01T00:00:00Z"}, 409),
    "no moment": ({"kind": "ignored", "reason": "because", "until": "soon"}, 422),
}


def test_bad_input_is_refused_in_words_and_nothing_is_written(call: Caller) -> None:
    path = f"{_class(call)}/marks"
    for case, (body, expected) in BAD.items():
        status, said = call(SQUAD, path, body)
        assert (status, bool(said)) == (expected, True), case
    assert call(SQUAD, f"{_class(call)}/case", {})[0] == 422
    assert call(SQUAD, FEATURE)[1]["classes"][0]["mark"] is None
