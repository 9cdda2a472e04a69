"""Every route of a case over HTTP: closed without a key, and silent to somebody who may not read the case (R8)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from companyos.kernel.clock import VirtualClock
from companyos.people.identity import actions as identity
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.api.case_acts import router
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.cases import actions, queries
from work.cases.test_cases import (
    ENGINEER,
    FEATURE,
    HOME,
    LEAD,
    NOW,
    PROGRAM,
    REPORTER,
    SQUAD,
    STRANGER,
    check_in_step,
    later,
    look,
    report,
)

BODIES: dict[str, dict[str, Any]] = {
    "triage": {"type": "bug", "severity": "sev3", "squad": "support", "owner": STRANGER},
    "assign": {"squad": "support"},
    "severity": {"severity": "sev1", "because": "because"},
    "plans": {"owner": STRANGER, "steps": ["x"], "due": "2026-12-01"},
    "move": {"to": "declined", "note": "because"},
    "resolve": {"resolution": "x"},
    "release": {"release": "x"},
    "answer": {"fixed": False},
    "comments": {"text": "x"},
    "ask-reporter": {"text": "x"},
    "reword": {"title": "x", "body": "x"},
    "merge": {"into": "x"},
    "links": {"kind": "related", "target": "x"},
}


@pytest.fixture
def company(db: None, tmp_path: Path) -> Iterator[None]:
    before, program = instance(), load_program(PROGRAM)
    run_as(Instance(VirtualClock(later(1)), program.company.calendar, tmp_path, b"secret"))
    queries.forget_definitions()
    apply(program, now=NOW)
    yield
    queries.forget_definitions()
    run_as(before)


def caller(person: str) -> Callable[..., Any]:
    key = identity.issue_personal_keys(actor="test", people=[person], now=NOW)[person]

    def call(method: str, path: str, body: Any = None) -> Any:
        return getattr(Client(), method)(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    return call


def test_no_route_tells_a_stranger_that_the_case_is_there(company: None) -> None:
    case = report()
    stranger = caller(STRANGER)
    for path, view in router.path_operations.items():
        address = path.replace("{case_id}", case).replace("{plan}", "1").replace("{number}", "1")
        for method in (m.lower() for operation in view.operations for m in operation.methods):
            body = BODIES.get(address.rsplit("/", 1)[1], {})
            assert Client().generic(method.upper(), f"/api/v1{address}").status_code == 401, address
            answer = stranger(method, address, body)
            assert answer.status_code == 404, (method, address, answer.content)
    for address in (f"/cases/{case}", f"/cases/{case}/clocks/triage/1"):
        assert stranger("get", address).status_code == 404
    assert stranger("get", "/cases?scope=all").json() == {"n": 0, "cases": []}
    assert len(look(case).events) == 1


def test_a_case_goes_from_report_to_release_over_http(company: None) -> None:
    reporter, engineer, lead = caller(REPORTER), caller(ENGINEER), caller(LEAD)
    body = {
        "type": "bug",
        "feature": FEATURE,
        "tenant": HOME,
        "title": "It breaks",
        "fields": {"actual": "an error"},
    }
    wrong = reporter("post", "/cases", body | {"fields": {}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "actual")
    made = reporter("post", "/cases", body)
    assert made.status_code == 201
    at = f"/cases/{made.json()['id']}"
    asked = {"type": "bug", "severity": "sev3", "squad": SQUAD, "owner": ENGINEER}
    assert engineer("post", f"{at}/triage", asked).json()["clocks"][0]["state"] == "kept"
    plan = {"owner": ENGINEER, "steps": ["mend it"], "due": "2099-01-01"}
    assert engineer("post", f"{at}/plans", plan).status_code == 200
    assert reporter("post", f"{at}/plans/1/accept").status_code == 403
    assert lead("post", f"{at}/plans/1/accept").json()["status"] == "Planned"
    assert engineer("post", f"{at}/move", {"to": "released"}).status_code == 409
    assert engineer("post", f"{at}/resolve", {"resolution": "mended"}).json() == {"resolved": True}
    assert engineer("post", f"{at}/release", {"release": "46"}).json()["status"] == "Released"
    assert [n["kind"] for n in reporter("get", "/me/reports").json()["notices"]][::-1] == [
        "triaged", "plan_accepted", "resolved", "released",
    ]  # fmt: skip
    explained = reporter("get", f"{at}/clocks/triage/1").json()
    assert (explained["state"], explained["zone"]) == ("kept", "Europe/Madrid")
    told = reporter("get", "/promises").json()
    assert (told["attainment"]["n"], told["fixes"]["n"], told["origins"]) == (2, 1, {"internal_feedback": 1})
    software = {
        "type": "bug",
        "feature": FEATURE,
        "tenant": HOME,
        "severity": "sev1",
        "title": "From a program",
    }
    assert reporter("post", "/cases", software).status_code == 201  # no form is asked of a program


def test_whatever_people_do_the_columns_follow_from_the_log_and_merges_come_apart(company: None) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)  # noqa: T201  # shown when it fails
    dice = random.Random(seed)
    cases = [report(f"case {n}") for n in range(4)]
    people = (ENGINEER, LEAD, REPORTER)
    for hour in range(120):
        case, other, person = dice.choice(cases), dice.choice(cases), dice.choice(people)
        at: dict[str, Any] = {"case": case, "now": later(hour)}
        squad = {"actor": ENGINEER, **at}
        doing = dice.choice([
            lambda p=person, a=at: actions.vote(actor=p, **a),
            lambda p=person, a=at: actions.unvote(actor=p, **a),
            lambda p=person, a=at: actions.comment(actor=p, text="words", **a),
            lambda s=squad, o=other: actions.merge(into=o, **s),
            lambda s=squad: actions.unmerge(**s),
            lambda s=squad: actions.ask_reporter(text="which?", **s),
            lambda s=squad: actions.accept_triage(
                type_slug="bug", severity=dice.choice(["sev1", "sev3"]), squad=SQUAD, owner=LEAD, **s),
            lambda s=squad: actions.move(to=dice.choice(["open", "fixed", "declined"]), note="so it is", **s),
            lambda a=at: actions.reopen(actor=REPORTER, **a),
            lambda a=at: actions.look_at_clocks(now=a["now"]),
        ])  # fmt: skip
        try:
            doing()
        except actions.Refused:
            continue
    for case in cases:
        try:
            actions.unmerge(actor=ENGINEER, case=case, now=later(200))
        except actions.Refused:
            continue
    check_in_step()
    for case in cases:
        found = look(case, later(201))
        mine = {e.by for e in found.events if e.kind == "voted"}
        assert found.line.votes == len(found.voters) <= len(mine)
        assert (found.merged, found.carrier) == ((), None)
