"""From an owner's word to every room: whoever is erased is out of what people wrote to each other, too (R74)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from edge_client import event
from edge_instance import Instance
from edge_server import NOW

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.queries import erasures
from companyos.cli.erasures import let_erasures_reach
from companyos.platform import attachments
from companyos.platform.instance import Instance as Here
from companyos.platform.instance import instance as here
from companyos.platform.instance import run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.cases.actions.writing import state_from
from companyos.work.cases.domain.erasing import ERASED
from companyos.work.cases.domain.state import state_of
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import Case, CaseEvent
from companyos.work.feedback import actions as triage
from companyos.work.feedback import queries as triage_queries
from companyos.work.roadmap import actions as roadmap

LEAN = replace(
    load_program(Path(__file__).parents[3] / "program"),
    plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=(),
)  # fmt: skip
GONE, STAYS, SQUAD, HOME = "kenji-fujimori", "elif-aksoy", "approvals-squad", "engineering-quality"
ROOMS = ("cases", "feedback", "roadmap", "surveys", "telemetry")


def test_whoever_is_erased_is_out_of_what_people_wrote(instance: Instance, tmp_path: Path) -> None:
    before = here()
    run_as(Here(before.clock, LEAN.company.calendar, tmp_path, b"secret"))
    case_queries.forget_definitions()
    try:
        apply(LEAN, now=NOW)
        let_erasures_reach()
        own, other = _report(GONE), _report(STAYS)
        file = _talk(own, other)
        actions.ask_for_erasure(
            actor="ana-ruiz", subject=GONE, because="he asked", owners={"ana-ruiz"}, now=NOW
        )
        instance.send(event("event-0001", actor=STAYS, feature="approvals"))
        assert instance.turn()
        _nothing_is_left(own, other, file)
        (row,) = erasures.erasures()
        removed = dict(row.removed)
        assert (removed["cases"], removed["triage"]) == (12, 1), "7 events, a case, 2 notices, a vote, a file"
        assert removed["suggestions, votes and comments"] == 3, "a suggestion, a vote, a voter"
    finally:
        run_as(before)
        case_queries.forget_definitions()
        triage_queries.forget_index()


def _report(by: str) -> str:
    case = cases.open_case(
        actor=by, type_slug="bug", tenant=HOME, title=f"Secret words of {by}", body="secret words", squad=SQUAD,
        feature="unified-approvals", fields={"actual": "secret words"}, now=NOW,
    )  # fmt: skip
    triage.read_new_case(case=case, now=NOW)
    return case


def _talk(own: str, other: str) -> str:
    """Both speak in both cases, one attaches a file, votes and suggests something; returns the file's hash."""
    for case in (own, other):
        cases.comment(actor=GONE, case=case, text="my secret words", now=NOW + timedelta(minutes=1))
        cases.comment(actor=STAYS, case=case, text=f"I agree, @{GONE}", now=NOW + timedelta(minutes=2))
    cases.vote(actor=GONE, case=other, now=NOW)
    cases.attach(actor=GONE, case=other, name="secret.txt", content=b"secret words", now=NOW)
    key = roadmap.suggest(
        actor=GONE, tenant=HOME, title="My secret words", body="secret words", now=NOW, private=False
    )
    roadmap.vote(actor=GONE, tenant=HOME, suggestion=key, now=NOW)
    return attachments.keep(b"secret words")


def _nothing_is_left(own: str, other: str, file: str) -> None:
    for room in ROOMS:
        for table in apps.get_app_config(room).get_models():
            for row in table._base_manager.values():
                text = str(row)
                assert GONE not in text, (table, text)
                assert str(other) in text or "secret" not in text.lower(), (table, text)
    assert not (here().folder / "attachments" / file).exists()
    row = Case.all_rows.get(pk=own)
    assert (row.title, row.body, row.fields, row.reporter_id) == ("Erased", "", {}, ERASED)
    assert Case.all_rows.get(pk=other).votes == 1, "what he voted for stays counted"
    for case in (own, other):
        rows = CaseEvent.all_rows.filter(case_id=case).order_by("n")
        said = [(each.by, each.body["text"]) for each in rows if each.kind == EventKind.COMMENTED]
        assert said == [(ERASED, ""), (STAYS, f"I agree, @{ERASED}")]
        events = (Event(EventKind(each.kind), each.by, each.at, each.body) for each in rows)
        assert state_from(Case.all_rows.get(pk=case)) == state_of(events), (
            "the columns follow from what is left"
        )
    page = case_queries.detail(own, STAYS, NOW)
    assert page is not None
    assert page.line.title == "Erased"
