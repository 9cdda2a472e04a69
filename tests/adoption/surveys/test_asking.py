"""Asking, answering, importing and erasing through the room's own actions and over HTTP (R75, R96, R98, R139)."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from companyos.adoption.surveys import actions, queries, triggers
from companyos.adoption.surveys.domain.importing import Columns
from companyos.adoption.surveys.domain.scores import standing
from companyos.adoption.surveys.domain.types import Audience, Budget, Kind, SurveySpec, Trigger
from companyos.adoption.surveys.evidence import csat, nps, offer_evidence, response_rate, satisfaction
from companyos.kernel.clock import VirtualClock
from companyos.kernel.evidence import Question
from companyos.people.identity import actions as identity
from companyos.platform import erasing
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
DAY = timedelta(days=1)
# the people, tenants and surveys of the program, without what takes long to apply
LEAN = replace(load_program(PROGRAM), plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=())
Caller = Callable[..., tuple[int, Any]]


class Told:
    """Triggers that a test sets."""

    exposed: datetime | None = NOW
    events: dict[str, datetime]

    def __init__(self) -> None:
        self.events = {}

    def first_exposure(self, feature: str, person: str) -> datetime | None:
        return self.exposed

    def last_event(self, feature: str, event: str, person: str) -> datetime | None:
        return self.events.get(event)


@pytest.fixture
def told(db: None, tmp_path: Path) -> Iterator[Told]:
    before, program = instance(), LEAN
    run_as(Instance(VirtualClock(NOW), program.company.calendar, tmp_path, b"secret"))
    apply(program, now=NOW)
    triggers.learn_from(found := Told())
    yield found
    triggers.learn_from(None)
    run_as(before)


@pytest.fixture
def call(told: Told, client: Client) -> Caller:
    keys = identity.issue_personal_keys(actor="test", people=["ana-ruiz", "elif-aksoy"], now=NOW)

    def caller(who: str, path: str, body: dict[str, Any] | None = None, *, at: datetime) -> tuple[int, Any]:
        clock = instance().clock
        assert isinstance(clock, VirtualClock)
        clock.set(at)
        headers = {"authorization": f"Bearer {keys[who]}"}
        if body is None:
            answer = client.get(f"/api/v1{path}", headers=headers)
        else:
            answer = client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    return caller


def ask(person: str, at: datetime) -> str | None:
    return actions.ask_what_is_due(person=person, tenant="corporate", calendar=instance().calendar, now=at)


def test_R139_a_person_is_asked_three_working_days_after_first_use_and_once(call: Caller) -> None:
    assert call("ana-ruiz", "/me/surveys", at=NOW + 2 * DAY) == (200, [])
    _, asked = call("ana-ruiz", "/me/surveys", at=NOW + 3 * DAY)
    assert [each["survey"] for each in asked] == ["usability"]
    assert asked[0]["scores"] == [1, 2, 3, 4, 5]
    _, why = call("ana-ruiz", "/me/surveys/why", at=NOW + 3 * DAY)
    assert {each["survey"]: each["rule"] for each in why}["usability"] == "nobody_is_asked_twice"
    path = f"/surveys/invitations/{asked[0]['invitation']}"
    assert call("elif-aksoy", f"{path}/answer", {"score": 5}, at=NOW + 3 * DAY)[0] == 409
    assert call("ana-ruiz", f"{path}/answer", {"score": 6}, at=NOW + 3 * DAY)[0] == 409
    assert call("ana-ruiz", f"{path}/answer", {"score": 5, "comment": "quick"}, at=NOW + 3 * DAY)[0] == 201
    assert call("ana-ruiz", f"{path}/answer", {"score": 1}, at=NOW + 3 * DAY)[0] == 409
    assert call("ana-ruiz", f"{path}/dismiss", {}, at=NOW + 3 * DAY)[0] == 409
    assert call("ana-ruiz", "/me/surveys", at=NOW + 3 * DAY)[1] == []
    assert queries.tally("usability") == queries.Tally(1, 1, 1, 0)


def test_R98_the_next_survey_waits_for_the_budget(told: Told) -> None:
    first = ask("ana-ruiz", NOW + 14 * DAY)
    assert first
    actions.dismiss(actor="ana-ruiz", invitation=first, now=NOW + 14 * DAY)
    assert ask("ana-ruiz", NOW + 20 * DAY) is None
    second = ask("ana-ruiz", NOW + 21 * DAY)
    assert second
    found = queries.question_of("ana-ruiz", second, now=NOW + 21 * DAY)
    assert found is not None
    assert (found.survey, found.state) == ("recommend", "open")
    assert queries.tally("usability").dismissed == 1


def test_R98_a_widget_shows_a_question_once(call: Caller) -> None:
    at = NOW + 3 * DAY
    _, shown = call("ana-ruiz", "/me/surveys/next", at=at)
    assert shown["question"]["survey"] == "usability"
    assert call("ana-ruiz", "/me/surveys/next", at=at) == (200, {"question": None})
    assert len(call("ana-ruiz", "/me/surveys", at=at)[1]) == 1  # it still waits on the page of questions
    assert call("ana-ruiz", "/me/surveys", at=at + 15 * DAY)[1] != []  # lapsed: the next one is asked


def test_R98_a_survey_of_completions_asks_while_the_task_is_remembered(told: Told) -> None:
    survey = SurveySpec("done", "unified-approvals", "?", kind=Kind.CES, scale=(1, 7), satisfied_from=5,
                        trigger=Trigger.COMPLETION, forgotten_after_days=2, priority=1)  # fmt: skip
    actions.keep_survey(survey)
    assert ask("ana-ruiz", NOW) is None
    told.events["task_completed"] = NOW
    assert ask("ana-ruiz", NOW + 3 * DAY) != ask("elif-aksoy", NOW + timedelta(hours=1))
    asked = queries.open_questions("elif-aksoy", now=NOW + timedelta(hours=1))
    assert [each.survey for each in asked] == ["done"]
    assert [each.survey for each in queries.open_questions("ana-ruiz", now=NOW + 3 * DAY)] == ["usability"]


def test_words_alone_are_an_answer_where_words_are_asked_for(told: Told) -> None:
    actions.keep_survey(SurveySpec("why", "unified-approvals", "Why?", kind=Kind.TEXT, trigger=Trigger.ANY_TIME,
                                   audience=Audience.EVERYONE, priority=1))  # fmt: skip
    asked = ask("ana-ruiz", NOW)
    assert asked
    for score, words in ((3, "x"), (None, "  ")):
        with pytest.raises(actions.AnswerRefused):
            actions.answer(actor="ana-ruiz", invitation=asked, score=score, comment=words, now=NOW)
    actions.answer(actor="ana-ruiz", invitation=asked, score=None, comment="<b>It helps</b>", now=NOW)
    assert [v.words for v in queries.verbatims("why")] == ["<b>It helps</b>"]


def test_a_link_answers_for_its_person_and_no_other(told: Told) -> None:
    asked = ask("ana-ruiz", NOW + 3 * DAY)
    assert asked
    assert actions.linked(actions.link_of(asked)) == ("ana-ruiz", asked)
    for forged in (actions.link_of(asked)[:-1], asked, "", "a:b"):
        with pytest.raises(actions.AnswerRefused):
            actions.linked(forged)


def test_a_mail_s_link_answers_once_without_signing_in(told: Told, client: Client) -> None:
    clock = instance().clock
    assert isinstance(clock, VirtualClock)
    clock.set(NOW + 3 * DAY)
    asked = ask("ana-ruiz", NOW + 3 * DAY)
    assert asked
    address = f"/question/{actions.link_of(asked)}"
    assert "How easy was it" in client.get(address).content.decode()
    assert client.post(address, {"score": "9"}).status_code == 409
    assert "Thank you" in client.post(address, {"score": "4", "comment": "fine"}).content.decode()
    assert client.post(address, {"score": "1"}).status_code == 409
    assert client.post(f"{address}x", {"score": "1"}).status_code == 404
    assert [v.score for v in queries.verbatims("usability")] == [4]


def test_evidence_says_asked_and_answered_beside_every_figure(told: Told) -> None:
    people = [p.slug for p in LEAN.people][:40]
    for n, person in enumerate(people):
        asked = ask(person, NOW + 3 * DAY)
        assert asked
        if n < 20:
            score, at = (5 if n < 17 else 2), NOW + 4 * DAY
            actions.answer(actor=person, invitation=asked, score=score, comment="", now=at)
    everybody = frozenset(people)
    question = Question(
        "unified-approvals", NOW, NOW + 7 * DAY, everybody, everybody, parameters={"survey": "usability"}
    )
    fact = csat(question)
    assert (fact.value, fact.n, fact.details["asked"]) == (17 / 20, 20, 40)
    assert fact.low is not None
    assert 0.62 < fact.low < 0.66
    assert (response_rate(question).value, response_rate(question).n) == (0.5, 40)
    assert satisfaction(question).value == 17 / 20
    assert nps(question).problem == "no nps survey asks about it"
    offer_evidence()


def real(shared: Path) -> list[dict[str, str]]:
    text = gzip.decompress((shared / "data/feedback/nps_verbatims_fr.csv.gz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(text)))


def bring(rows: list[dict[str, str]]) -> actions.Imported:
    return actions.import_answers(
        rows, Columns("nps", "explication", "id"), actor="ana-ruiz", survey="former", tenant="corporate",
        sha256="0" * 64, name="answers.csv", at=NOW, now=NOW,
    )  # fmt: skip


@pytest.fixture
def former(told: Told) -> SurveySpec:
    survey = SurveySpec("former", "unified-approvals", "?", kind=Kind.NPS, scale=(0, 10), satisfied_from=9,
                        trigger=Trigger.IMPORT, audience=Audience.EVERYONE)  # fmt: skip
    actions.keep_survey(survey)
    return survey


def test_thirteen_thousand_real_answers_come_to_an_nps_of_53_4(former: SurveySpec, shared: Path) -> None:
    done = bring(real(shared))
    assert (done.rows, done.left_out) == (13_954, {})
    given = queries.given_to("former")
    told = standing(former, [each for each in given if each.score is not None])
    assert told.score is not None
    assert told.asked == 13_612
    assert (round(told.score.value, 1), round(told.score.low, 1), round(told.score.high, 1)) == (
        53.4,
        52.3,
        54.5,
    )
    assert standing(former, given).asked == 13_954
    with pytest.raises(actions.ImportRefused, match="was imported into former on 09 Nov 2026 already"):
        bring(real(shared)[:5])
    assert len(queries.given_to("former")) == 13_954
    fact = nps(
        Question(
            "unified-approvals",
            NOW - DAY,
            NOW + DAY,
            frozenset(),
            frozenset(),
            parameters={"survey": "former"},
        )
    )
    assert fact.value is not None
    assert round(fact.value, 3) == 0.534


def test_a_file_with_a_wrong_column_imports_nothing(former: SurveySpec) -> None:
    with pytest.raises(actions.ImportRefused, match="no column `explication`"):
        bring([{"nps": "9", "id": "1"}])
    assert queries.given_to("former") == ()


def test_an_erasure_reaches_answers_given_here_and_elsewhere(former: SurveySpec) -> None:
    bring([{"nps": "9", "explication": "mine", "id": "ana-ruiz"}, {"nps": "1", "explication": "", "id": "x"}])
    asked = ask("ana-ruiz", NOW + 3 * DAY)
    assert asked
    actions.answer(actor="ana-ruiz", invitation=asked, score=5, comment="mine too", now=NOW + 3 * DAY)
    erasing.reach("survey answers", actions.forget)
    assert erasing.erase_everywhere(("ana-ruiz", "a pseudonym"))["survey answers"] == 3
    assert erasing.erase_everywhere(("ana-ruiz",))["survey answers"] == 0
    assert queries.verbatims("former") == queries.verbatims("usability") == ()
    assert len(queries.given_to("former")) == 1


def test_the_budget_of_the_program_is_kept(told: Told) -> None:
    assert queries.budget() == Budget(1, 7)
    assert actions.keep_budget(Budget(2, 30))
    assert not actions.keep_budget(Budget(2, 30))
    assert queries.budget() == Budget(2, 30)
