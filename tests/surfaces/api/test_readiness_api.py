"""Documents, the hold and test pages over the management API, as a pipeline or a phone meets them (R70, R158)."""

from __future__ import annotations

import pytest

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.links import Found, Standing
from companyos.adoption.features.jobs import Documents
from companyos.platform.instance import now
from surfaces.api.test_approvals_api import Caller, call

__all__ = ["call"]
SRE, OTHER, OWNER = "kenji-fujimori", "dohyun-bae", "maelle-girard"
FEATURE = "/features/unified-approvals"
pytestmark = pytest.mark.django_db(transaction=True)


def test_R158_a_test_page_is_sent_and_acknowledged_by_those_whom_it_pages(call: Caller) -> None:
    status, routes = call(OTHER, "/alerts/routes")
    assert status == 200
    assert SRE in routes[0]["people"]
    path = f"/alerts/routes/{routes[0]['slug']}/test"
    assert call(OTHER, path, {})[0] == 403
    assert call(SRE, "/alerts/routes/nothing-such/test", {})[0] == 404
    status, sent = call(SRE, path, {})
    assert status == 200
    answer = f"/alerts/{sent['alert']}/acknowledge"
    assert call(SRE, answer, {"note": "it arrived"})[0] == 200
    assert call(SRE, answer, {})[0] == 409


def test_R70_a_document_is_named_looked_at_and_dropped(call: Caller) -> None:
    runbook = {"what": "runbook", "link": "https://wiki.example.com/runbook", "review_by": None}
    assert call(OTHER, f"{FEATURE}/documents", runbook)[0] == 403
    assert call(OWNER, f"{FEATURE}/documents", {**runbook, "link": "somewhere"})[0] == 409
    assert call(OWNER, f"{FEATURE}/documents", runbook)[0] == 200
    assert Documents(lambda link: Found(Standing.BROKEN, "answers 404")).look(now()) == 1
    status, told = call(OTHER, f"{FEATURE}/documents")
    assert (status, told[0]["link"]["standing"], told[0]["link"]["says"]) == (200, "broken", "answers 404")
    _, judged = call(OTHER, f"{FEATURE}/readiness")
    rows = {row["row"]: row for card in judged["cards"] for row in card["rows"]}
    assert rows["first-runbooks"]["verdict"] == rows["runbooks"]["verdict"] == "failed"
    assert call(OWNER, f"{FEATURE}/documents/drop", runbook)[0] == 200
    assert call(OTHER, f"{FEATURE}/documents")[1] == []


def test_paging_and_dashboards_take_no_word_while_they_are_measured_here(call: Caller) -> None:
    for row in ("paging", "three-dashboards", "dashboards"):
        known = features.row_of("unified-approvals", row)
        assert known is not None
        assert not known.attest
        word = {"version": "1.0", "note": "it is fine"}
        status, told = call(OWNER, f"{FEATURE}/rows/{row}/words", word)
        assert (status, "nobody's word counts" in told["error"]) == (409, True)
