"""The job that looks at objectives: it pages once, escalates, respects people's word, and every line has an author."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from companyos.adoption.telemetry import actions, paging
from companyos.adoption.telemetry.domain.alerts import AlertMove
from companyos.adoption.telemetry.domain.baseline import Baseline, Part
from companyos.adoption.telemetry.operating_evidence import OperatingEvidence, baseline_of
from companyos.adoption.telemetry.queries import alerts, connection, definitions
from companyos.kernel.evidence import Question, ask
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.surfaces.program.types import Program

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Madrid")
MINUTES = timedelta(minutes=1)
SLO = "approvals-success"
pytestmark = pytest.mark.django_db


class PretendedEngine:
    """Says what it is told to say about tasks, and nothing about anything else."""

    def __init__(self) -> None:
        self.tasks: list[tuple[datetime, int, int]] = []

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        if query != "slo_tasks":
            return []
        since, until = parameters["since"] / 1000, parameters["until"] / 1000
        return [
            (int(at.timestamp()) // 300 * 300, n, bad)
            for at, n, bad in self.tasks
            if since <= at.timestamp() < until
        ]


@cache
def program() -> Program:
    return load_program(Path(__file__).parents[3] / "program")


@pytest.fixture
def engine(db: None) -> Iterator[PretendedEngine]:
    apply(program(), now=NOW - timedelta(days=1))
    pretended = PretendedEngine()
    before = list(connection._engine)
    connection.connect(pretended)  # type: ignore[arg-type]
    yield pretended
    connection._engine[:] = before


def look(minutes: int) -> int:
    return paging.look(now=NOW + minutes * MINUTES)


def mine() -> alerts.AlertRow:
    (found,) = [each for each in alerts.alerts() if each.condition == "within-hours"]
    return found


def moves() -> list[tuple[str, str]]:
    return [(entry.move.value, entry.person) for entry in mine().history]


def test_a_burn_pages_once_and_climbs_until_somebody_answers_R62(engine: PretendedEngine) -> None:
    engine.tasks = [(NOW - 10 * MINUTES, 100, 40), (NOW, 100, 40), (NOW + 30 * MINUTES, 100, 40)]
    look(1)
    assert look(2) == 0, "the same burn opens nothing twice"
    assert moves() == [("page", "kenji-fujimori")]
    look(17)
    look(33)
    assert moves()[1:] == [("escalate", "maelle-girard"), ("escalate", "ana-ruiz")]
    route = definitions.routes()["approvals-on-call"]
    actions.acknowledge(
        actor="ana-ruiz", alert=mine().id, route=route, note="looking", now=NOW + 34 * MINUTES
    )
    assert mine().id not in {each.id for each in alerts.paged("ana-ruiz")}
    assert look(34) == 0
    assert mine().state.acknowledged_by == "ana-ruiz"
    engine.tasks.append((NOW + 90 * MINUTES, 500, 0))
    look(120)
    assert mine().history[-1].move is AlertMove.RESOLVE
    assert all(entry.by and entry.because for entry in mine().history)
    topics = set(OutboxMessage.objects.values_list("topic", flat=True))
    assert topics >= {"alerts.paged", "alerts.acknowledged", "alerts.resolved"}


def test_a_handful_of_requests_pages_nobody_R94(engine: PretendedEngine) -> None:
    engine.tasks = [(NOW - 5 * MINUTES, 4, 2)]
    assert look(0) == 0
    assert alerts.alerts() == ()


def test_a_silence_holds_pages_back_until_it_ends_R62(engine: PretendedEngine) -> None:
    engine.tasks = [(NOW + k * MINUTES, 50, 20) for k in range(0, 120, 5)]
    route = definitions.routes()["approvals-on-call"]
    actions.silence(
        actor="kenji-fujimori",
        slo=SLO,
        route=route,
        because="planned work",
        until=NOW + 60 * MINUTES,
        now=NOW,
    )
    assert look(10) == 0
    assert look(61) > 0
    assert moves()[0][0] == "page"


@pytest.mark.parametrize(
    ("actor", "because", "days", "refusal", "says"),
    [
        ("aiko-shibuya", "because I can", 1, actions.NotYours, "Only those whom"),
        ("ana-ruiz", " ", 1, actions.Refused, "Say why"),
        ("ana-ruiz", "for ever", 8, actions.Refused, "7 days at most"),
    ],
)
def test_a_silence_without_right_reason_or_end_is_refused(
    engine: PretendedEngine, actor: str, because: str, days: int, refusal: type[Exception], says: str
) -> None:
    route = definitions.routes()["approvals-on-call"]
    with pytest.raises(refusal, match=says):
        actions.silence(
            actor=actor, slo=SLO, route=route, because=because, until=NOW + timedelta(days=days), now=NOW
        )


def test_an_acknowledged_test_page_is_evidence_for_ninety_days_R158(engine: PretendedEngine) -> None:
    OperatingEvidence(ZONE).offer_evidence()
    route = definitions.routes()["approvals-on-call"]

    def asked(days: int) -> Any:
        now = NOW + timedelta(days=days)
        return ask(
            "telemetry.paging_tested", Question("unified-approvals", now, now, frozenset(), frozenset())
        )

    assert asked(0).problem.startswith("no acknowledged test page of approvals-on-call")
    with pytest.raises(actions.NotYours):
        actions.send_test_page(actor="aiko-shibuya", route=route, now=NOW)
    page = actions.send_test_page(actor="mert-kaplan", route=route, now=NOW)
    assert asked(0).value is None, "a page that nobody answered proves nothing"
    with pytest.raises(actions.NotYours):
        actions.acknowledge(actor="aiko-shibuya", alert=page, route=route, note="", now=NOW)
    actions.acknowledge(actor="kenji-fujimori", alert=page, route=route, note="", now=NOW + 3 * MINUTES)
    assert asked(1).details["approvals-on-call"]["by"] == "kenji-fujimori"
    assert asked(89).value == 1.0
    assert asked(91).value is None
    with pytest.raises(actions.Refused, match="acknowledged already"):
        actions.acknowledge(actor="ana-ruiz", alert=page, route=route, note="", now=NOW + 5 * MINUTES)


def test_an_unanswered_test_page_escalates_as_a_real_one_R158(engine: PretendedEngine) -> None:
    route = definitions.routes()["approvals-on-call"]
    page = actions.send_test_page(actor="ana-ruiz", route=route, now=NOW)
    assert look(14) == 0
    assert look(15) == 1
    found = alerts.alert(page)
    assert found is not None
    assert [entry.person for entry in found.history] == ["kenji-fujimori", "maelle-girard"]


def test_the_error_budget_is_a_fact_with_its_n_R94(engine: PretendedEngine) -> None:
    OperatingEvidence(ZONE).offer_evidence()
    engine.tasks = [(NOW - 10 * MINUTES, 1_000, 4)]
    question = Question("unified-approvals", NOW, NOW, frozenset(), frozenset())
    fact = ask("telemetry.error_budget", question)
    assert fact.details["approvals-success"]["left"] == pytest.approx(0.6)
    assert "no request in the window" in fact.problem, "an objective without data is not passed over"


def test_a_feature_without_a_baseline_says_so_R66(engine: PretendedEngine) -> None:
    OperatingEvidence(ZONE).offer_evidence()
    fact = ask("telemetry.baseline", Question("unified-approvals", NOW, NOW, frozenset(), frozenset()))
    assert (fact.value, fact.problem, len(fact.details["cannot_judge"])) == (None, "no baseline", 2)


def test_the_baseline_that_counts_is_from_before_people_had_it_R66(engine: PretendedEngine) -> None:
    for days in (3, 10):
        until = NOW + timedelta(days=days)
        whole = Part("", 100 + days, 90, 30)
        kept = Baseline("unified-approvals", "", until - timedelta(days=28), until, 20, whole, (), ())
        actions.keep_baseline(actor="ana-ruiz", baseline=kept, now=until)
    newest = baseline_of("unified-approvals")
    assert newest is not None
    assert newest.baseline.whole.tasks == 110, "nobody has it yet: the newest one"
    met = [
        ("experimental-qa", "unified-approvals", "someone", NOW),
        ("corporate", "unified-approvals", "aiko-shibuya", NOW + timedelta(days=5)),
    ]
    actions.record_exposures(met=met)
    counts = baseline_of("unified-approvals")
    assert counts is not None
    assert counts.baseline.whole.tasks == 103, "a sandbox is nobody; the later one has the feature in it"
