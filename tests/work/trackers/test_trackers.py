"""R187: cases and issues are kept alike, over real HTTP, with each tracker; whatever fails, or comes twice or late."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.cases.domain.types import EventKind
from companyos.work.cases.queries.one import Detail
from companyos.work.trackers import actions, queries
from companyos.work.trackers.domain.settling import rank, settle
from companyos.work.trackers.domain.types import Change, Field, Side
from companyos.work.trackers.domain.wording import comment_of, mark_of
from companyos.work.trackers.jobs import sync_due
from companyos.work.trackers.models import FieldChange, Issue
from work.trackers.tracker_server import REPOSITORY, SECRET, US, TrackerServer, tracker

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
SQUAD, ENGINEER, REPORTER, HOME = "approvals-squad", "elif-aksoy", "kenji-fujimori", "engineering-quality"
KINDS = tuple(REPOSITORY)
SOME = ("github", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS if kind != "github"))


@cache
def program() -> Any:
    nothing: dict[str, Any] = dict.fromkeys(
        ("features", "plans", "surveys", "flags", "segments", "requests"), ()
    )
    return replace(load_program(PROGRAM), measures={}, **nothing)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


class Connected:
    """A squad's tracker and one of its cases."""

    def __init__(self, there: TrackerServer, connection: str) -> None:
        self.there, self.connection, self._heard = there, connection, 0
        self.case = cases.open_case(
            actor=REPORTER, type_slug="bug", tenant=HOME, title="It breaks, @everybody", now=NOW,
            fields={"actual": "an error"}, squad=SQUAD,
        )  # fmt: skip
        cases.accept_triage(
            actor=ENGINEER, case=self.case, type_slug="bug", severity="sev3", squad=SQUAD, owner=ENGINEER, now=later(1)
        )  # fmt: skip

    def sync(self, minutes: float) -> int:
        """Pass on what happened, and send what is due."""
        for message in OutboxMessage.objects.filter(pk__gt=self._heard).order_by("pk"):
            actions.hear(message.topic, message.body, now=later(minutes))
            self._heard = message.pk
        return sync_due(now=later(minutes))

    def hear(self, what: str, by: str, minutes: float, *, heard_at: float = 0, **more: Any) -> str:
        headers, body = self.there.message(what, by, later(minutes), **more)
        return self.take(headers, body, heard_at or minutes)

    def take(self, headers: dict[str, str], body: bytes, minutes: float) -> str:
        return actions.receive(connection=self.connection, headers=headers, body=body, now=later(minutes))

    @property
    def now(self) -> Detail:
        found = case_queries.detail(self.case, ENGINEER, later(999))
        assert found is not None
        return found

    @property
    def comments(self) -> list[str]:
        return [str(each.body["text"]) for each in self.now.events if each.kind is EventKind.COMMENTED]


@pytest.fixture
def connect(db: None, tmp_path: Path, settings: Any) -> Iterator[Any]:
    case_queries.forget_definitions()
    apply(program(), now=NOW)
    servers = []

    def of_kind(kind: str) -> Connected:
        served = tracker(kind)
        there = served.__enter__()
        servers.append(served)
        account = {"kind": kind, "url": there.url, "token": "t", "secret": SECRET, "login": US}
        path = tmp_path / "trackers.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"accounts": {kind: account}}))
        settings.TRACKERS_FILE = str(path)
        made = actions.connect(
            actor=ENGINEER, account_name=kind, repository=REPOSITORY[kind], tenant=HOME, squad=SQUAD,
            takes_issues=True, now=NOW,
        )  # fmt: skip
        return Connected(there, made)

    yield of_kind
    for each in servers:
        each.__exit__(None, None, None)
    case_queries.forget_definitions()


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_and_its_issue_are_kept_alike_both_ways(connect: Any, kind: str) -> None:
    here = connect(kind)
    there = here.there
    assert here.sync(2) == 1
    assert "engineering-quality-1" in there.only.body
    assert "@everybody" not in there.only.title, "nobody is called by our words"
    assert {"sev3"} <= there.only.labels
    assert [link.target for link in here.now.links] == [Issue.all_rows.get().url]

    cases.comment(actor=REPORTER, case=here.case, text="Since Monday", now=later(3))
    cases.set_severity(actor=ENGINEER, case=here.case, severity="sev2", because="more people", now=later(3))
    here.sync(4)
    assert "Since Monday" in there.only.comments[0]
    assert "sev2" in there.only.labels
    assert "sev3" not in there.only.labels

    there.only.labels = (there.only.labels - {"sev2"}) | {"sev1"}
    here.hear("severity", "octocat", 5)
    there.only.status = "done"
    assert here.hear("status", "octocat", 6) == "status done"
    here.hear("comment", "octocat", 7, text="Fixed @elif-aksoy")
    assert (here.now.line.severity, here.now.line.phase) == ("sev1", "done")
    assert here.now.state.resolved_by == ENGINEER, "with the rights of whoever connected it"
    assert "octocat" in here.now.state.resolution
    assert here.comments[-1].startswith("octocat on ")
    before = len(there.only.comments)
    here.sync(8)
    assert len(there.only.comments) == before, "what was said there is not said back"

    cases.reopen(actor=REPORTER, case=here.case, because="It still breaks", now=later(9))
    here.sync(10)
    assert there.only.status == "open"
    there.only.status = "declined"
    there.only.labels |= {"declined"} if kind == "gitlab" else set()
    here.hear("status", "octocat", 11)
    assert here.now.line.phase == "closed"


@pytest.mark.parametrize("kind", SOME)
def test_what_comes_twice_is_taken_once_and_a_strangers_message_never(connect: Any, kind: str) -> None:
    here = connect(kind)
    here.sync(2)
    headers, body = here.there.message("comment", "octocat", later(3), text="Once")
    assert here.take(headers, body, 3) == "a comment"
    assert here.take(headers, body, 3).startswith("heard before")
    assert len(here.comments) == 1
    forged = {
        name: "0" * len(value) if "ign" in name or "oken" in name else value
        for name, value in headers.items()
    }
    with pytest.raises(actions.NotSigned):
        here.take(forged, body, 3)
    page = Client().post(
        f"/hooks/trackers/{here.connection}", body, "application/json",
        headers=dict(forged),
    )  # fmt: skip
    assert page.status_code == 401
    assert here.hear("comment", US, 4, text="Ours") == "what we did there ourselves"
    marked = comment_of("Elif Aksoy", "engineering-quality-1", 7, "Ours too")
    assert here.hear("comment", "octocat", 5, text=marked) == "what we did there ourselves"
    assert len(here.comments) == 1
    assert here.hear("status", "octocat", 6, text="{}") == "nothing new"


def test_an_old_replay_of_linear_is_refused_by_its_age(connect: Any) -> None:
    here = connect("linear")
    here.sync(2)
    headers, body = here.there.message("comment", "octocat", later(3), text="Old")
    with pytest.raises(actions.NotSigned):
        here.take(headers, body, 5)


@pytest.mark.parametrize("kind", SOME)
def test_a_crash_between_doing_and_knowing_doubles_nothing(connect: Any, kind: str) -> None:
    here = connect(kind)
    here.there.fails_after = 1
    assert here.sync(2) == 0
    (row,) = queries.issues(queries.connections(ENGINEER)[0])
    assert "502" in row.problem
    assert sync_due(now=later(60)) == 1
    assert len(here.there.issues) == 1
    cases.comment(actor=REPORTER, case=here.case, text="Once", now=later(61))
    here.there.fails_after = 1
    assert here.sync(62) == 0
    assert sync_due(now=later(120)) == 1
    assert len(here.there.only.comments) == 1


def test_an_unreachable_tracker_is_tried_again_and_a_refusal_waits_for_a_person(connect: Any) -> None:
    here = connect("github")
    here.there.fails_before = 2
    assert [here.sync(2), sync_due(now=later(2.5)), sync_due(now=later(20)), sync_due(now=later(60))] == [
        0,
        0,
        0,
        1,
    ]
    row = queries.connections(ENGINEER)[0]
    assert (row.issues, row.failing, row.waiting) == (1, 0, 0)
    here.there.refuses = 410
    cases.comment(actor=REPORTER, case=here.case, text="More", now=later(61))
    assert [here.sync(62), sync_due(now=later(9_000))] == [0, 0]
    (given_up,) = queries.issues(row)
    assert ("410" in given_up.problem, given_up.try_at) == (True, None)
    here.there.refuses = 0
    actions.try_again(actor=ENGINEER, issue=given_up.number, now=later(9_001))
    assert sync_due(now=later(9_001)) == 1
    assert len(here.there.only.comments) == 1


def test_the_last_change_by_a_person_holds_and_both_stay_in_the_history(connect: Any) -> None:
    here = connect("github")
    here.sync(2)
    cases.resolve(actor=ENGINEER, case_id=here.case, resolution="Done", now=later(10))
    here.sync(11)
    here.there.only.status = "open"
    assert "ours holds" in here.hear("status", "triage-robot", 20, program=True)
    assert here.now.line.phase == "done"
    here.sync(21)
    assert here.there.only.status == "done", "and it is put right there"
    here.there.only.status = "open"
    assert "ours holds" in here.hear("status", "octocat", 5, heard_at=22), "an earlier change that comes late"
    here.sync(23)
    assert here.hear("status", "octocat", 30) == "nothing new"
    here.there.only.status = "open"
    assert here.hear("status", "octocat", 31) == "status open"
    assert here.now.line.phase not in {"done", "closed"}
    told = list(
        FieldChange.all_rows.filter(field="status").order_by("id").values_list("value", "side", "wins")
    )
    assert told == [
        ("open", "here", True), ("done", "here", True), ("open", "there", False), ("open", "there", False),
        ("open", "there", True),
    ]  # fmt: skip


def test_an_issue_that_somebody_opens_there_becomes_a_case_once(connect: Any) -> None:
    here = connect("github")
    here.sync(2)
    new = here.there._new("The export is empty", "Since the update", ["bug", "severity: sev2"])
    assert "a case was opened" in here.hear("opened", "octocat", 3, issue=new)
    here.hear("opened", "octocat", 4, issue=new)
    case = case_queries.detail(str(Issue.all_rows.order_by("-id")[0].case), ENGINEER, later(5))
    assert case is not None
    assert (case.line.title, case.line.type, case.line.severity, case.line.squad) == (
        "The export is empty", "bug", "sev2", SQUAD,
    )  # fmt: skip
    here.sync(6)
    assert len(here.there.issues) == 2, "no issue is made for an issue"
    assert new.comments == []


def test_who_may_connect_what(connect: Any, settings: Any) -> None:
    connect("github")
    said = {
        "account_name": "github",
        "repository": "a/b",
        "tenant": HOME,
        "squad": SQUAD,
        "takes_issues": True,
        "now": NOW,
    }
    for changed, what in (
        ({"actor": "boyu-shen"}, "people of the squad"),
        ({"actor": ENGINEER}, "has a tracker"),
        ({"actor": ENGINEER, "repository": "../x"}, "as owner/repository"),
        ({"actor": ENGINEER, "tenant": "corporate"}, "that you are in"),
        ({"actor": ENGINEER, "account_name": "elsewhere"}, "is not in"),
    ):
        with pytest.raises(actions.Refused, match=what):
            actions.connect(**{**said, **changed})
    Path(settings.TRACKERS_FILE).chmod(0o644)
    with pytest.raises(actions.Refused, match="chmod 600"):
        actions.connect(actor=ENGINEER, **said)


CHANGE = st.builds(
    Change, st.just(Field.STATUS), st.sampled_from(["open", "done", "declined"]),
    st.integers(0, 5).map(later), st.sampled_from(["ann", "robot"]), st.booleans(), st.sampled_from(Side),
)  # fmt: skip


@given(st.lists(CHANGE, min_size=1, max_size=5))
def test_the_order_in_which_changes_are_heard_of_does_not_matter(changes: list[Change]) -> None:
    ends = set()
    for order in itertools.permutations(changes):
        holds: Change | None = None
        for change in order:
            if settle(change, holds).wins:
                holds = change
        assert holds is not None
        ends.add(holds.value)
    assert ends == {max(changes, key=rank).value}


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Elif Aksoy in CompanyOS (corporate-7#3):\n\nhi", "corporate-7#3"),
        ("Reported in CompanyOS (corporate-7): https://x\n\nhi", "corporate-7"),
        ("> Elif Aksoy in CompanyOS (corporate-7#3):\n\nI think so too", ""),
        ("In CompanyOS it is otherwise", ""),
    ],
)
def test_our_own_words_are_known_and_a_quote_of_them_is_not_ours(text: str, mark: str) -> None:
    assert mark_of(text) == mark
