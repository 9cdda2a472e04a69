"""What named people decide about a rollout is a request in their inbox, and the rollout acts on its event (R58)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.gates import the_named_roles_approve
from companyos.adoption.rollouts.domain.requests import only_approval_is_missing
from companyos.adoption.rollouts.domain.types import Gate, Move, Verdict
from companyos.adoption.rollouts.evidence import approvals as fact_of
from companyos.adoption.rollouts.queries.stage_approvals import asked_of_people, stage_request
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions as approvals_actions
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import Status
from end_to_end.hearing import hear_what_was_decided

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
PLAN, GATE = "unified-approvals", "publish-runbook-done"
LEAD, SQUAD, GRC = "ana-ruiz", "maelle-girard", "zeynep-yilmaz"
SPEC = GateSpec("prep-approved", "Prep approved", GateKind.APPROVAL, roles=("program_lead", "grc"))


@pytest.fixture
def prep(db: None, tmp_path: Path) -> None:
    """A rollout in Prep, which asks two roles before it is left, and whose runbook two roles may pass over."""
    folder = tmp_path / "program"
    shutil.copytree(PROGRAM, folder)
    plan = folder / "plans" / f"{PLAN}.yaml"
    line = "      - {name: internal-ga-entry,"
    asks = "      - {name: prep-approved, title: Prep approved, kind: approval, roles: [program_lead, grc]}\n"
    text = plan.read_text().replace(line, asks + line, 1)
    plan.write_text(text.replace(f"name: {GATE}, ", f"name: {GATE}, overrides: [program_lead, grc], ", 1))
    program = load_program(folder)
    apply(program, now=NOW)
    version = queries.version_of(PLAN)
    assert version is not None
    actions.person_moves(
        actor=LEAD, plan=PLAN, wanted=Move.START, reason="as planned", version=version, judged=actions.Judged(),
        calendar=program.company.calendar, now=NOW,
    )  # fmt: skip


def asked() -> requests.RequestAbout:
    found = stage_request(PLAN, "prep", 1)
    assert found
    return found


def verdict() -> tuple[Verdict, str]:
    return the_named_roles_approve(SPEC, fact_of(stage_request(PLAN, "prep", 1)), NOW, NOW)


def test_a_stage_is_approved_on_its_button_and_in_the_inbox_under_one_trace_R14(prep: None) -> None:
    first = actions.ask_for_approval(plan=PLAN, gates=(), now=NOW)
    assert actions.ask_for_approval(plan=PLAN, gates=(), now=NOW) == first, "once an attempt"
    [(line, _)] = [(row, row.why) for row in requests.inbox(GRC)[0] if row.request.id == first]
    assert "Leave the stage Prep" in line.request.title
    detail = requests.detail(first)
    assert detail
    assert (detail.link, detail.row.requester, detail.definition.slug) == (
        f"/rollouts/{PLAN}", "companyos", "stage-approval")  # fmt: skip
    with pytest.raises(actions.NotYours):
        actions.approve(actor=SQUAD, plan=PLAN, role="grc", note="", now=NOW)
    for _ in range(2):
        actions.approve(actor=LEAD, plan=PLAN, role="program_lead", note="go", now=NOW)
    assert verdict()[0] is Verdict.PENDING
    approvals_actions.approve(actor=GRC, request=first, now=NOW)  # in the inbox, by mail, in Slack
    assert verdict()[0] is Verdict.PASSED
    for _ in range(2):  # an event may be heard again
        hear_what_was_decided(NOW)
    assert asked().status is Status.CARRIED_OUT
    report = requests.report_of_trace(asked().trace, SQUAD)
    assert report
    assert report["record"]["note"] == f"{PLAN} may leave the stage prep"
    told = OutboxMessage.objects.get(topic="rollout.approved").body
    assert told == {"rollout": PLAN, "stage": "prep", "trace": asked().trace}


def test_a_page_lists_what_is_asked_about_it_with_who_answers_since_when(prep: None) -> None:
    assert requests.requests_linked_to([f"/rollouts/{PLAN}"]) == ()
    first = actions.ask_for_approval(plan=PLAN, gates=(), now=NOW)
    [line] = requests.requests_linked_to([f"/rollouts/{PLAN}", "/features/unified-approvals"])
    assert (line.id, line.requester, set(line.people), line.waits_since) == (
        first,
        "companyos",
        {LEAD, GRC},
        NOW,
    )
    approvals_actions.decline(actor=GRC, request=first, note="no drill yet", now=NOW)
    [line] = requests.requests_linked_to([f"/rollouts/{PLAN}"])
    assert (line.status, line.people, line.waits_since, line.decided_at) == (Status.DECLINED, (), None, NOW)
    from companyos.surfaces.console.readiness.gather import feature_page

    page = feature_page("unified-approvals", "", LEAD, NOW)
    assert page
    assert [(each.request.id, each.requester) for each in page.asked] == [(first, "CompanyOS")]


def test_a_no_fails_the_gate_until_the_roles_are_asked_again(prep: None) -> None:
    request = actions.ask_for_approval(plan=PLAN, gates=(), now=NOW)
    actions.approve(actor=LEAD, plan=PLAN, role="program_lead", note="", now=NOW)
    approvals_actions.decline(actor=GRC, request=request, note="no drill yet", now=NOW)
    assert verdict() == (Verdict.FAILED, "Zeynep Yılmaz said no: no drill yet")
    assert actions.ask_for_approval(plan=PLAN, gates=(), now=NOW) == request, "the controller does not insist"
    with pytest.raises(actions.NotYours):
        actions.ask_again(actor="elif-aksoy", plan=PLAN, now=NOW)
    plan = queries.plan_of(PLAN)
    assert plan
    assert asked_of_people(plan, "prep", 1)[0].may_be_asked_again
    later = NOW + timedelta(days=1)
    assert actions.ask_again(actor=SQUAD, plan=PLAN, now=later) != request
    assert verdict()[0] is Verdict.PENDING
    for role, person in (("program_lead", LEAD), ("grc", GRC)):
        actions.approve(actor=person, plan=PLAN, role=role, note="", now=later)
    assert verdict()[0] is Verdict.PASSED


def test_an_exemption_never_asks_its_author_and_a_no_leaves_the_gate_as_it_is(prep: None) -> None:
    until = NOW + timedelta(days=3)
    told = {"actor": LEAD, "plan": PLAN, "gate": GATE, "because": "in review", "until": until, "now": NOW}
    exemption = actions.ask_exemption(**told)  # type: ignore[arg-type]
    found = requests.request_about(f"rollout.exemption:{exemption}")
    assert found
    assert found.asked == (GRC,)
    approvals_actions.decline(actor=GRC, request=found.id, note="write it first", now=NOW)
    hear_what_was_decided(NOW)
    assert queries.exemptions(PLAN, "prep", 1, NOW) == {}
    with pytest.raises(actions.NoSuch):
        actions.grant_exemption(actor=GRC, plan=PLAN, exemption_id=exemption, now=NOW)


def test_nobody_opens_such_a_request_from_a_form_and_names_who_approves(prep: None) -> None:
    fields = {"because": "x", "until": "2026-11-30", "approvers": SQUAD}
    with pytest.raises(approvals_actions.NoSuchRequest):
        approvals_actions.ask(actor=LEAD, type_slug="exemption", tenant="corporate", fields=fields, now=NOW)
    assert not any(each.internal for each in requests.latest_types())


APPROVAL = Gate("prep-approved", Verdict.PENDING, "not yet", kind="approval")
PROOF = Gate("settled", Verdict.PASSED, "a week", kind="dwell")


@pytest.mark.parametrize(
    ("gates", "missing"),
    [
        ((), False),
        ((PROOF,), False),
        ((PROOF, APPROVAL), True),
        ((replace(PROOF, verdict=Verdict.PENDING), APPROVAL), False),
        ((replace(PROOF, verdict=Verdict.FAILED, dry_run=True), APPROVAL), True),
        ((PROOF, replace(APPROVAL, verdict=Verdict.FAILED)), False),
    ],
)
def test_people_are_asked_once_nothing_else_is_missing(gates: tuple[Gate, ...], missing: bool) -> None:
    assert only_approval_is_missing(gates) is missing
