"""Requests over the management API, as its callers meet them (R14, R58, R130)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from companyos.people.identity import actions as identity
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
TRIP = {"purpose": "Train to Lyon", "amount": 90.5, "spent_on": "2026-11-02"}
ASK = {"type": "expense-declaration", "tenant": "engineering-quality", "fields": TRIP}
Caller = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(db: None, client: Client, tmp_path: Path) -> Iterator[Caller]:
    before = instance()
    program = load_program(PROGRAM)
    run_as(Instance(before.clock, program.company.calendar, tmp_path, b"secret"))
    apply(program, now=NOW)
    actions.choose_paths_with(lambda person, tenant: True)
    keys = identity.issue_personal_keys(actor="test", people=[p.slug for p in program.people], now=NOW)

    def caller(who: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {keys[who]}"}
        if body is None:
            answer = client.get(f"/api/v1{path}", headers=headers)
        else:
            answer = client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    yield caller
    actions.choose_paths_with(None)
    run_as(before)


def test_a_request_goes_from_asking_to_its_record(call: Caller) -> None:
    status, made = call("elif-aksoy", "/requests", ASK)
    assert (status, made["path"], made["status"]) == (201, "unified", "open")
    clerk = made["asked"][0]["person"]
    assert call(clerk, "/me/inbox")[1]["longest"][0]["request"] == made["id"]
    status, stands = call(clerk, f"/requests/{made['id']}/approve", {})
    assert [each["person"] for each in stands["asked"]] == ["maelle-girard"]
    assert call("maelle-girard", f"/requests/{made['id']}/approve", {})[1]["status"] == "approved"
    assert call(clerk, f"/requests/{made['id']}/carry-out", {"note": "paid"})[1]["status"] == "carried_out"
    status, report = call("elif-aksoy", f"/traces/{made['trace']}")
    assert (status, report["record"]["note"]) == (200, "paid")
    assert call("elif-aksoy", "/me/requests")[1][0]["status"] == "carried_out"


def test_refusals_say_what_is_wrong_and_give_nothing_away(call: Caller) -> None:
    _, made = call("elif-aksoy", "/requests", ASK)
    path = f"/requests/{made['id']}"
    assert call("elif-aksoy", f"{path}/approve", {})[0] == 409
    for other in ("", "/approve"):
        status, said = call("boyu-shen", path + other, {} if other else None)
        assert (status, said["error"]) == (404, "There is no such request that you may see.")
    status, said = call("elif-aksoy", "/requests", {**ASK, "fields": {**TRIP, "amount": -3}})
    assert (status, said["field"]) == (422, "amount")
    leave = {"type": "leave", "tenant": "engineering-quality", "fields": {"kind": "holiday", "from": "2026-12-01",
             "until": "2026-12-02"}}  # fmt: skip
    assert call("elif-aksoy", "/requests", leave)[0] == 403
    assert call("elif-aksoy", "/requests/not-an-id")[0] == 404
    assert call("elif-aksoy", f"{path}/shred", {})[0] == 404
    assert call("elif-aksoy", f"/traces/{'0' * 32}")[0] == 404


def test_the_flag_chooses_the_path_and_not_the_caller(call: Caller) -> None:
    actions.choose_paths_with(lambda person, tenant: person == "elif-aksoy")
    assert call("elif-aksoy", "/requests", {**ASK, "path": "existing"})[1]["path"] == "unified"
    assert call("mingyu-cao", "/requests", {**ASK, "path": "unified"})[1]["path"] == "existing"


def test_preview_return_and_bulk(call: Caller) -> None:
    told = call("elif-aksoy", "/requests/preview", ASK)[1]
    assert told["sentence"].startswith("Will go to any one of")
    assert told["can_be_answered"]
    requests = [call("elif-aksoy", "/requests", ASK)[1] for _ in range(3)]
    clerk = requests[0]["asked"][0]["person"]
    call(clerk, f"/requests/{requests[0]['id']}/return", {"note": "which train?"})
    _, said = call(clerk, "/requests/answers", {"requests": [r["id"] for r in requests], "act": "approve"})
    assert said["done"] == [r["id"] for r in requests[1:]]
    assert "returned" in said["refused"][requests[0]["id"]]
    again = call("elif-aksoy", f"/requests/{requests[0]['id']}/resubmit", {"fields": {**TRIP, "amount": 80}})[
        1
    ]
    assert (again["status"], again["round"]) == ("open", 2)
