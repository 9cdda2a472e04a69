"""Triage and similar cases over the management API, as its callers meet them (R81, R82)."""

from __future__ import annotations

from uuid import UUID

import pytest

from companyos.work.feedback import queries
from surfaces.api.test_approvals_api import Caller, call

__all__ = ["call"]
LEAD, OTHER, STRANGER = "maelle-girard", "kenji-fujimori", "dohyun-bae"
CASE = {
    "feature": "unified-approvals",
    "tenant": "engineering-quality",
    "severity": "sev3",
    "title": "The approval chain is stuck",
    "body": "It waits since Monday.",
}


@pytest.fixture(autouse=True)
def fresh_index() -> None:
    queries.forget_index()


def opened(call: Caller, **changes: str) -> dict[str, object]:
    status, made = call(LEAD, "/cases", CASE | changes)
    assert status == 201
    return dict(made)


def test_R81_R82_a_case_is_triaged_and_its_like_is_named_at_submit(call: Caller) -> None:
    first = opened(call)
    assert first["triage"]["queue"] == "approvals-squad"  # type: ignore[index]
    second = opened(call, title="Approval chains are stuck again")
    assert [each["case"] for each in second["similar"]["cases"]] == [first["id"]]  # type: ignore[index]
    status, waiting = call(OTHER, "/triage")
    assert (status, [each["case"] for each in waiting]) == (200, [first["id"], second["id"]])


def test_P15_the_owning_squad_accepts_and_others_are_told_why_not(call: Caller) -> None:
    case = opened(call)["id"]
    assert call(STRANGER, f"/triage/{case}/accept", {})[0] == 404
    status, said = call(OTHER, f"/triage/{case}/accept", {})
    assert (status, "hand it on" in said["error"]) == (403, True)
    status, settled = call(LEAD, f"/triage/{case}/accept", {})
    assert (status, settled["open"]) == (200, False)
    assert call(OTHER, f"/triage/{case}/accept", {})[0] == 409


def test_R81_a_correction_hands_on_and_bad_ones_are_refused(call: Caller) -> None:
    case = opened(call)["id"]
    said = {"squad": "sre", "type": "incident", "severity": "sev2", "reason": "it pages"}
    assert call(LEAD, f"/triage/{case}/correct", said | {"squad": "nobody"})[0] == 422
    assert call(LEAD, f"/triage/{case}/correct", said | {"reason": "x" * 501})[0] == 422
    status, handed = call(LEAD, f"/triage/{case}/correct", said)
    assert (status, handed["open"], handed["queue"]) == (200, True, "sre")
    assert call(OTHER, f"/triage/{case}/accept", {})[1]["open"] is False
    assert call(LEAD, f"/triage/{UUID(int=1)}/accept", {})[0] == 404
    assert call(LEAD, "/triage/no-id/accept", {})[0] == 422


def test_R81_a_suggestion_is_made_without_keeping_it(call: Caller) -> None:
    status, said = call(LEAD, "/triage/suggest", {"title": "The pager is silent", "body": ""})
    assert (status, said["version"]) == (200, None)
    squad = said["judged"][0]
    assert (squad["guesses"][0]["label"], squad["words"], squad["sure"]) == ("sre", ["pager"], True)
    assert call(LEAD, "/triage")[1] == []
    assert call(LEAD, "/triage/suggest", {"title": "x" * 201})[0] == 422


def test_R82_similar_cases_are_those_of_ones_own_tenants(call: Caller) -> None:
    opened(call)
    asked = {"title": "Approval stuck"}
    assert len(call(OTHER, "/triage/similar", asked)[1]["cases"]) == 1
    assert call(STRANGER, "/triage/similar", asked)[1]["cases"] == []


def test_R81_leads_train_and_choose_and_figures_say_no_data(call: Caller) -> None:
    status, said = call("elif-aksoy", "/triage/trainings", {"reason": "try it"})
    assert (status, "leads a team" in said["error"]) == (403, True)
    assert call(LEAD, "/triage/trainings", {"reason": ""})[0] == 422
    assert call(LEAD, "/triage/trainings", {"reason": "try it"})[0] == 200
    assert call(LEAD, "/triage/trainings", {"reason": "try it"})[0] == 409
    assert call(LEAD, "/triage/models/use", {"version": 7, "reason": "the best"})[0] == 409
    status, found = call(LEAD, "/triage/models")
    assert (status, found["in_use"], found["versions"]) == (200, None, [])
    assert found["standing"]["accuracy"] == {"value": None, "n": 0, "low": 0.0, "high": 1.0}
    assert found["training"]["what"] == "waiting"
