"""Requests as they are stored: asked, answered, taken back, timed out, and never twice (R9, R14, R58, R130)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions, queries
from companyos.work.approvals.domain.types import ActKind, Status
from companyos.work.approvals.models import Record, RequestAct

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
ASKER, MANAGER = "elif-aksoy", "maelle-girard"  # the Approvals Squad and its lead
HOME = "engineering-quality"
TRIP = {"purpose": "Train to Lyon", "amount": 90.5, "spent_on": "2026-11-02"}


@pytest.fixture(autouse=True)
def _company(db: None, tmp_path: Path) -> Iterator[None]:
    before = instance()
    run_as(Instance(before.clock, load_program(PROGRAM).company.calendar, tmp_path, b"secret"))
    apply(load_program(PROGRAM), now=NOW)
    actions.choose_paths_with(lambda person, tenant: True)
    yield
    actions.choose_paths_with(None)
    run_as(before)


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def ask(kind: str = "expense-declaration", by: str = ASKER, tenant: str = HOME, **fields: Any) -> str:
    return actions.ask(actor=by, type_slug=kind, tenant=tenant, fields={**TRIP, **fields}, now=NOW)


def asked(request: str) -> list[str]:
    found = queries.detail(request)
    assert found
    return sorted(each.person for each in found.asked)


def status(request: str) -> str:
    found = queries.detail(request)
    assert found
    return found.row.status


def to_approval(request: str) -> str:
    clerk = asked(request)[0]
    actions.approve(actor=clerk, request=request, now=later(1))
    actions.approve(actor=MANAGER, request=request, now=later(2))
    return clerk


def test_one_trace_leads_from_the_request_through_its_approvals_to_its_record_R14() -> None:
    request = ask()
    clerk = to_approval(request)
    assert (status(request), asked(request)) == (Status.APPROVED, [])
    actions.carry_out(actor=clerk, request=request, note="paid with the run of the 10th", now=later(3))
    found = queries.detail(request)
    assert found
    report = queries.report_of_trace(found.trace, ASKER)
    assert report
    assert report["request"]["status"] == Status.CARRIED_OUT
    assert [a["kind"] for a in report["approvals"]] == ["approved", "approved", "carried_out"]
    assert report["record"]["trace"] == found.trace == Record.all_rows.get().trace
    assert {m.body["trace"] for m in OutboxMessage.objects.filter(topic__startswith="request.")} == {
        found.trace
    }
    assert queries.report_of_trace(found.trace, "boyu-shen") is None


def test_a_tenant_that_may_not_hold_the_data_refuses_the_request_R9() -> None:
    with pytest.raises(actions.NotAllowed, match=r"may not hold \(R9\)"):
        actions.ask(actor=ASKER, type_slug="leave", tenant=HOME, now=NOW,
                    fields={"kind": "holiday", "from": "2026-12-01", "until": "2026-12-04"})  # fmt: skip
    with pytest.raises(actions.NoSuchRequest):
        ask(tenant="go-to-market")


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"amount": -1}, "amount"),
        ({"purpose": ""}, "purpose"),
        ({"spent_on": "soon"}, "spent_on"),
        ({"amount": "x"}, "amount"),
    ],
)
def test_fields_that_do_not_fit_the_form_name_their_field(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(actions.Unclear) as refusal:
        ask(**wrong)
    assert refusal.value.path == path


def test_the_same_key_sends_a_request_once() -> None:
    sent = {actions.ask(actor=ASKER, type_slug="expense-declaration", tenant=HOME, fields=TRIP, now=later(n), key="k")
            for n in range(3)}  # fmt: skip
    assert len(sent) == 1


def test_a_changed_definition_never_changes_a_running_request() -> None:
    before = ask()
    document = next(d for d in load_program(PROGRAM).requests if d["slug"] == "expense-declaration")
    changed = {**document, "chain": [{"step": "only", "ask": "team:sre"}]}
    assert actions.keep_type(document=changed, now=later(1))
    assert not actions.keep_type(document=changed, now=later(1))
    to_approval(before)
    assert status(before) == Status.APPROVED
    assert asked(ask()) == ["kenji-fujimori"]


def test_a_running_request_stays_on_the_path_it_began_on() -> None:
    actions.choose_paths_with(lambda person, tenant: False)
    old = ask(amount=900)
    actions.choose_paths_with(lambda person, tenant: True)
    new = ask(amount=900)
    for request in (old, new):
        actions.approve(actor=asked(request)[0], request=request, now=later(1))
    titles = {r: {a.title for a in found.asked} for r in (old, new) if (found := queries.detail(r))}
    assert titles == {old: {"Router step 2"}, new: {"Budget owner"}}


def test_returned_changed_and_sent_again_is_answered_anew() -> None:
    request = ask()
    clerk = asked(request)[0]
    with pytest.raises(actions.Refused, match="Say why"):
        actions.give_back(actor=clerk, request=request, note=" ", now=later(1))
    actions.give_back(actor=clerk, request=request, note="the receipt is missing", now=later(1))
    assert asked(request) == [ASKER]
    actions.resubmit(actor=ASKER, request=request, fields={**TRIP, "amount": 80}, now=later(2))
    assert clerk in asked(request)
    found = queries.detail(request)
    assert found
    assert (found.round, found.fields["amount"]) == (2, 80)


def test_nobody_learns_of_a_request_they_have_no_part_in() -> None:
    request = ask()
    for act in (actions.approve, actions.withdraw):
        with pytest.raises(actions.NoSuchRequest):
            act(actor="boyu-shen", request=request, now=later(1))
    with pytest.raises(actions.NoSuchRequest):
        actions.comment(actor="boyu-shen", request=request, note="hello", now=later(1))


def test_withdrawn_is_final_and_an_approval_can_be_cancelled() -> None:
    request = ask()
    clerk = asked(request)[0]
    actions.withdraw(actor=ASKER, request=request, now=later(1))
    with pytest.raises(actions.Refused):
        actions.approve(actor=clerk, request=request, now=later(2))
    approved = ask()
    to_approval(approved)
    actions.withdraw(actor=ASKER, request=approved, note="paid by the client", now=later(3))
    assert (status(request), status(approved)) == (Status.WITHDRAWN, Status.CANCELLED)


def test_a_delegate_answers_until_the_delegation_ends() -> None:
    number = actions.stand_in(actor=MANAGER, to="mingyu-cao", since=NOW, until=later(99), now=NOW)
    request = ask()
    actions.approve(actor=asked(request)[0], request=request, now=later(1))
    assert asked(request) == ["mingyu-cao"]
    actions.end_stand_in(actor=MANAGER, number=number, now=later(2))
    with pytest.raises(actions.Refused):
        actions.approve(actor="mingyu-cao", request=request, now=later(3))
    actions.approve(actor=MANAGER, request=request, now=later(3))
    assert status(request) == Status.APPROVED


def test_clocks_remind_escalate_and_time_out_once_R58() -> None:
    request = ask()
    for days in (2.1, 2.2, 4.1, 7.5, 8, 43, 44):
        actions.look_at_clocks(now=NOW + timedelta(days=days))
        actions.look_at_clocks(now=NOW + timedelta(days=days))
    kinds = list(RequestAct.all_rows.filter(request=request).order_by("n").values_list("kind", flat=True))
    assert kinds == ["asked", "reminded", "reminded", "escalated", "timed_out"]
    assert (status(request), asked(request)) == (Status.TIMED_OUT, [])


def test_many_are_answered_at_once_each_by_itself_and_not_without_end() -> None:
    mine, one = ask(), ask()
    clerk = asked(one)[0]
    actions.withdraw(actor=ASKER, request=mine, now=later(1))
    said = actions.answer_many(actor=clerk, requests=[one, mine], kind=ActKind.APPROVED, now=later(2))
    assert said[one] == ""
    assert "withdrawn" in said[mine]
    with pytest.raises(actions.Refused, match="more than 100"):
        actions.answer_many(actor=clerk, requests=map(str, range(101)), kind=ActKind.APPROVED, now=later(2))


def test_a_link_in_a_mail_answers_once_and_only_what_it_was_made_for() -> None:
    request = ask()
    clerk = asked(request)[0]
    token, spare = (actions.link_for(person=clerk, request=request, now=NOW) for _ in range(2))
    assert actions.linked(token, later(1)).person == clerk
    actions.answer_by_link(token=token, kind=ActKind.APPROVED, now=later(1))
    for used in (token, spare, "made-up"):
        with pytest.raises(actions.LinkRefused):
            actions.answer_by_link(token=used, kind=ActKind.APPROVED, now=later(2))
    late = actions.link_for(person=MANAGER, request=request, now=later(2))
    with pytest.raises(actions.LinkRefused):
        actions.answer_by_link(token=late, kind=ActKind.DECLINED, note="no", now=later(24 * 8))
    assert asked(request) == [MANAGER]


def test_a_preview_names_who_it_goes_to_and_how_long_it_takes() -> None:
    fields = {"item": "A bench", "amount": 6000, "reason": "the old one broke"}
    told = actions.preview(
        actor="dante-pangilinan", type_slug="purchase-request", tenant="corporate", fields=fields, now=NOW
    )
    assert told.sentence.startswith("Will go to ")
    assert ", then any two of " in told.sentence
    assert told.sentence.endswith("then Aiko Shibuya; not enough earlier requests to say how long (n=0).")


def test_drafts_are_kept_sent_and_gone() -> None:
    kind: dict[str, Any] = {"type_slug": "expense-declaration", "tenant": HOME, "now": NOW}
    draft = actions.save_draft(actor=ASKER, fields={"amount": "?"}, **kind)
    with pytest.raises(actions.NoSuchRequest):
        actions.save_draft(actor=MANAGER, fields={}, draft=draft, **kind)
    actions.ask(actor=ASKER, fields=TRIP, draft=draft, **kind)
    with pytest.raises(actions.NoSuchRequest):
        actions.save_draft(actor=ASKER, fields={}, draft=draft, **kind)


def test_files_of_known_kinds_are_kept_for_who_may_read_them() -> None:
    request = ask()
    mine: dict[str, Any] = {"actor": ASKER, "request": request, "now": NOW}
    pdf = b"%PDF-1.7 receipt"
    file = actions.attach(name="../a/receipt.pdf", content_type="application/pdf", content=pdf, **mine)
    found = actions.content_of(actor=asked(request)[0], request=request, file=file)
    assert found == ("receipt.pdf", "application/pdf", pdf)
    with pytest.raises(actions.NoSuchRequest):
        actions.content_of(actor="boyu-shen", request=request, file=file)
    large = b"x" * (5 * 2**20 + 1)
    for kind, content in (("application/pdf", b"MZ"), ("text/html", b"<script>"), ("text/plain", large)):
        with pytest.raises(actions.Refused):
            actions.attach(name="f", content_type=kind, content=content, **mine)
