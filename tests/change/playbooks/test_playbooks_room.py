"""Playbooks, drills and support packs through the room's own actions, pages and API (R22, R119, R120, R121)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from companyos.adoption.features.models import Feature
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, Missing
from companyos.adoption.rollouts.domain.gates import fact_asked_by, judge
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.change.playbooks import actions, evidence, queries
from companyos.change.playbooks.domain.types import ItemKind, Kind, Result, Step, Target
from companyos.kernel.clock import Clock
from companyos.kernel.evidence import Question
from companyos.people.identity import actions as identity_actions
from companyos.people.identity import queries as identity
from companyos.platform import instance
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import BadProgram, load_program
from companyos.work.cases import queries as cases

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LEAN = replace(load_program(PROGRAM), plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=())
BACK, RECOVER, APPROVALS = "take-unified-approvals-back", "recover-the-whole-system", "unified-approvals"
SRE, LEAD, MEMBER, STRANGER = "kenji-fujimori", "ana-ruiz", "mert-kaplan", "boyu-shen"


@pytest.fixture
def program(db: None) -> None:
    apply(LEAN, now=NOW)


def _outsider() -> str:
    """Somebody who leads nothing, and is in no team that has to do with it."""
    away = {"sre", "approvals-squad", "people-ops", "platform-engineering"}
    return next(
        person
        for team in identity.teams()
        if team.slug not in away
        for person in team.people
        if person != team.lead
    )


def _held(
    playbook: str = BACK,
    *,
    began: datetime = NOW,
    step: timedelta = SECOND,
    holds: bool = True,
    lost: float | None = None,
    feature: str | None = None,
) -> str:
    drill = actions.begin_drill(
        actor=SRE, playbook=playbook, scenario="Errors climb", roles={}, feature=feature, now=began
    )
    row = queries.find_drill(drill)
    assert row is not None
    for n in range(1, len(row.steps) + 1):
        actions.tick_step(actor=SRE, drill=drill, step=n, holds=holds, now=began + n * step)
    actions.end_drill(actor=SRE, drill=drill, lost_minutes=lost, now=began + 90 * step)
    return drill


def _asked(now: datetime, task: str = "drill-rollback", **gate: object) -> tuple[Verdict, str]:
    """Ask a gate as a plan writes it, through the judge of gates."""
    spec = GateSpec("drill", "Drill", GateKind.DRILL, task=task, **gate)  # type: ignore[arg-type]
    assert fact_asked_by(spec) == "playbooks.drill"
    question = Question(
        APPROVALS, NOW, now, frozenset(), frozenset(), parameters={"task": task} if task else {}
    )
    judged = judge(spec, evidence.drill(question), now=now, due_at=now - DAY)
    return judged.verdict, judged.because


def test_R120_a_gate_waits_fails_and_passes_by_the_drill(program: None) -> None:
    assert _asked(NOW) == (Verdict.PENDING, "rollback drill: none was held")
    assert _asked(NOW, missing=Missing.FAIL)[0] is Verdict.FAILED
    assert _asked(NOW, missing=Missing.HOLD)[0] is Verdict.INCONCLUSIVE

    _held(step=60 * SECOND)
    late = NOW + DAY
    assert _asked(late) == (Verdict.FAILED, "rollback drill: failed: 360 s of at most 300 s")

    _held(began=late)
    assert _asked(late + DAY) == (Verdict.PASSED, "1 of 1 done, last by Kenji Fujimori")
    assert _asked(late + 95 * DAY) == (Verdict.PENDING, "rollback drill: passed 95 days ago; at most 90")

    Feature.objects.filter(pk=APPROVALS).update(version="1.1")
    assert _asked(late + DAY) == (Verdict.PENDING, "rollback drill: was for version 1.0, now 1.1")


def test_R120_without_a_task_every_drill_is_asked_for(program: None) -> None:
    _held()
    _held(RECOVER, lost=30)
    verdict, because = _asked(NOW + DAY, task="")
    assert (verdict, because) == (Verdict.PENDING, "recovery drill of this plan: none was held")
    assert _asked(NOW + DAY, task="drill-recovery")[0] is Verdict.PASSED
    _held(RECOVER, feature=APPROVALS, lost=30)
    assert _asked(NOW + DAY, task="")[0] is Verdict.PASSED
    _held(RECOVER, began=NOW + SECOND, lost=5000)
    assert _asked(NOW + DAY, task="")[0] is Verdict.FAILED


def test_R120_an_earlier_moment_does_not_know_of_a_later_drill(program: None) -> None:
    _held(began=NOW + DAY)
    assert _asked(NOW)[0] is Verdict.PENDING


def test_R120_a_drill_keeps_its_own_steps_and_is_ticked_in_order(program: None) -> None:
    drill = actions.begin_drill(
        actor=SRE, playbook=BACK, scenario="Errors climb", roles={"Tester": MEMBER}, now=NOW
    )
    row = queries.find_playbook(BACK)
    assert row is not None
    book = replace(row.playbook, steps=(Step("Only this", "SRE"),))
    assert actions.write_playbook(actor=SRE, book=book, because="Shorter", version=1, now=NOW) == 2
    running = queries.find_drill(drill)
    assert running is not None and (len(running.steps), running.version) == (6, 1)
    assert [len(each.playbook.steps) for each in queries.versions(BACK)] == [1, 6], "no version is changed"

    with pytest.raises(actions.Refused, match="Step 1 comes first"):
        actions.tick_step(actor=MEMBER, drill=drill, step=2, holds=True, now=NOW)
    with pytest.raises(actions.NotYours):
        actions.tick_step(actor=_outsider(), drill=drill, step=1, holds=True, now=NOW)
    with pytest.raises(actions.Refused, match="no step 9"):
        actions.tick_step(actor=SRE, drill=drill, step=9, holds=True, now=NOW)
    with pytest.raises(actions.Refused, match="A link begins with"):
        actions.tick_step(actor=SRE, drill=drill, step=1, holds=True, link="javascript:alert(1)", now=NOW)
    actions.tick_step(actor=MEMBER, drill=drill, step=1, holds=False, now=NOW + SECOND)
    actions.tick_step(actor=SRE, drill=drill, step=1, holds=True, evidence="<b>off</b>", now=NOW + 2 * SECOND)
    judged = actions.end_drill(actor=SRE, drill=drill, abandoned="a real incident", now=NOW + DAY)
    assert (judged.result, judged.because) == (
        Result.ABANDONED, "broken off after 1 of 6 steps: a real incident"
    )  # fmt: skip
    assert [(each.by, each.holds) for each in queries.ticks(drill)] == [(MEMBER, False), (SRE, True)]
    with pytest.raises(actions.Refused, match="has ended"):
        actions.tick_step(actor=SRE, drill=drill, step=2, holds=True, now=NOW + DAY)
    with pytest.raises(actions.Refused, match="has ended"):
        actions.end_drill(actor=SRE, drill=drill, now=NOW + DAY)


def test_R120_who_begins_a_drill_and_with_what(program: None) -> None:
    def begin(actor: str = SRE, playbook: str = BACK, scenario: str = "x", **more: object) -> str:
        roles = more.pop("roles", {})
        return actions.begin_drill(
            actor=actor, playbook=playbook, scenario=scenario, roles=roles, now=NOW, **more
        )  # type: ignore[arg-type]

    for error, refused in (
        (actions.NotYours, lambda: begin(_outsider())),
        (actions.NoSuch, lambda: begin(playbook="nothing")),
        (actions.Refused, lambda: begin(scenario=" ")),
        (actions.Refused, lambda: begin(roles={"Cook": SRE})),
        (actions.Refused, lambda: begin(roles={"SRE": "nobody"})),
        (actions.Refused, lambda: begin(feature="")),  # a rollback is of its own feature
        (actions.Refused, lambda: begin(playbook=RECOVER, feature="nothing")),
    ):
        with pytest.raises(error):
            refused()
    assert queries.drills() == ()
    begin(LEAD)
    with pytest.raises(actions.Refused, match="already"):
        begin(LEAD)


def test_R120_a_finding_opens_a_case_for_the_owning_team(program: None) -> None:
    drill = _held()
    for says, owner, due, why in (
        ("", MEMBER, NOW.date(), "Say what"),
        ("Mend it", "nobody", NOW.date(), "one person"),
        ("Mend it", MEMBER, NOW.date() - DAY, "still to come"),
    ):
        with pytest.raises(actions.Refused, match=why):
            actions.add_finding(actor=SRE, drill=drill, says=says, owner=owner, due_on=due, now=NOW)
    due = date(2026, 11, 20)
    case = actions.add_finding(
        actor=SRE, drill=drill, says="Show who lags", owner=MEMBER, due_on=due, now=NOW
    )
    (found,) = queries.findings(drill)
    assert (found.case, found.owner, found.due_on) == (case, MEMBER, due)
    opened = cases.detail(case, SRE, NOW)
    assert opened is not None and opened.line.title == "Show who lags"
    with pytest.raises(actions.NotYours):
        actions.add_finding(actor=_outsider(), drill=drill, says="x", owner=MEMBER, due_on=due, now=NOW)


def test_R121_files_and_console_write_versions_and_nobody_overwrites_another(program: None) -> None:
    assert not [line for line in apply(LEAN, now=NOW + DAY) if line.startswith("playbook")]
    row = queries.find_playbook(BACK)
    assert row is not None and row.by == "program"
    changed = replace(row.playbook, title="Take it back")
    for actor, version, because, error in (
        (_outsider(), 1, "why", actions.NotYours),
        (SRE, 0, "why", actions.Refused),
        (SRE, 1, " ", actions.Refused),
    ):
        with pytest.raises(error):
            actions.write_playbook(actor=actor, book=changed, because=because, version=version, now=NOW)
    with pytest.raises(actions.Refused, match="no team"):
        actions.write_playbook(
            actor=LEAD, book=replace(changed, owner="nobody"), because="why", version=1, now=NOW
        )
    assert actions.write_playbook(actor=SRE, book=changed, because="Plainer", version=1, now=NOW) == 2
    assert [line for line in apply(LEAN, now=NOW + DAY) if line.startswith("playbook")] == [
        f"playbook {BACK}"
    ]
    assert [(each.by, each.playbook.title) for each in queries.versions(BACK)][:2] == [
        ("program", "Take unified approvals back"), (SRE, "Take it back"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "mistakes",
    [
        (
            ("owner: sre", "owner: sree", "there is no team `sree`"),
            ("feature: unified-approvals", "feature: approvals", "there is no feature `approvals`"),
            ("kind: rollback", "kind: recovery", "A recovery says how long"),
            ("playbook: take-unified-approvals-back", "playbook: take-back", "rename the file"),
        ),
        (("review_on: 2027-02-26", 'review_on: "2027-02-30"', "no day of the calendar"),),
        (("link: /requests}", "link: ftp://x}", "Step 4: a link begins with"),),
        (("who: Tester", "by: Tester", "`by`"),),
    ],
)
def test_R121_a_mistake_in_a_file_is_told_with_its_line(
    mistakes: tuple[tuple[str, str, str], ...], tmp_path: Path
) -> None:
    for path in PROGRAM.rglob("*.yaml"):
        copy = tmp_path / path.relative_to(PROGRAM)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    file = tmp_path / f"playbooks/{BACK}.yaml"
    text = plain = file.read_text()
    for before, after, _ in mistakes:
        text = (
            text.replace(before, after, 1)
            if f"\n{before}" not in text
            else text.replace(f"\n{before}", f"\n{after}", 1)
        )
    file.write_text(text)
    with pytest.raises(BadProgram) as bad:
        load_program(tmp_path)
    told = [each for each in bad.value.problems if each.file == f"playbooks/{BACK}.yaml"]
    for before, _, says in mistakes:
        at = plain.find(f"\n{before}") + 1 or plain.index(before)
        line = plain[:at].count("\n") + 1
        assert any(says in each.message and each.line == line for each in told), told


def _piece(kind: ItemKind, title: str = "One", now: datetime = NOW, **more: object) -> str:
    after = 30 if kind is ItemKind.ESCALATION else None
    said = {"words": "Hello {{customer}}", "after_minutes": after, **more}
    return actions.keep_item(
        actor=SRE, feature=APPROVALS, kind=kind, title=title, owner="sre", now=now, **said
    )  # type: ignore[arg-type]


def test_R119_a_pack_grows_stales_and_is_looked_at_again(program: None) -> None:
    def ready(now: datetime) -> tuple[Verdict, str]:
        spec = GateSpec("support", "Support", GateKind.SUPPORT_PACK)
        fact = evidence.pack(Question(APPROVALS, NOW, now, frozenset(), frozenset()))
        return judge(spec, fact, now=now, due_at=now).verdict, fact.problem

    assert ready(NOW) == (Verdict.PENDING, "nothing is in the support pack yet")
    slugs = [_piece(kind) for kind in ItemKind]
    assert ready(NOW) == (Verdict.PASSED, "")
    verdict, because = ready(NOW + 94 * DAY)
    assert (
        verdict is Verdict.PENDING and "Response macros: One was reviewed 94 days ago; at most 90" in because
    )
    for slug in slugs:
        actions.review_item(actor=SRE, feature=APPROVALS, slug=slug, now=NOW + 94 * DAY)
    assert ready(NOW + 94 * DAY)[0] is Verdict.PASSED
    actions.take_out_item(actor=SRE, feature=APPROVALS, slug=slugs[0], now=NOW + 95 * DAY)
    assert ready(NOW + 95 * DAY) == (Verdict.PENDING, "Runbooks: nothing is there")
    with pytest.raises(actions.NoSuch):
        actions.review_item(actor=SRE, feature=APPROVALS, slug=slugs[0], now=NOW)
    for kind, more, why in (
        (ItemKind.MACRO, {"words": "{{password}}"}, "no variable"),
        (ItemKind.FAQ, {"words": ""}, "Say what is answered"),
        (ItemKind.ESCALATION, {"after_minutes": None}, "after how many minutes"),
        (ItemKind.RUNBOOK, {"link": "javascript:alert(1)"}, "A link begins"),
        (ItemKind.FAQ, {}, "one of this name already"),
    ):
        with pytest.raises(actions.Refused, match=why):
            _piece(kind, **more)
    with pytest.raises(actions.NotYours):
        actions.review_item(actor=_outsider(), feature=APPROVALS, slug=slugs[1], now=NOW)
    assert _piece(ItemKind.FAQ, "Anew", slug=slugs[1]) == slugs[1]
    found = queries.find_item(APPROVALS, slugs[1])
    assert found is not None and (found.title, found.version) == ("Anew", 3)


def test_an_erased_person_leaves_no_name(program: None) -> None:
    drill = actions.begin_drill(actor=SRE, playbook=BACK, scenario="x", roles={"SRE": MEMBER}, now=NOW)
    actions.tick_step(actor=SRE, drill=drill, step=1, holds=True, now=NOW)
    actions.add_finding(actor=SRE, drill=drill, says="x", owner=MEMBER, due_on=NOW.date(), now=NOW)
    actions.end_drill(actor=SRE, drill=drill, abandoned="x", now=NOW)
    _piece(ItemKind.FAQ)

    assert actions.forget([SRE, MEMBER]) == 7
    row, (finding,) = queries.find_drill(drill), queries.findings(drill)
    assert row is not None
    named = (
        row.began_by,
        row.ended_by,
        *row.roles[0][1:],
        finding.by,
        finding.owner,
        queries.ticks(drill)[0].by,
    )
    assert set(named) == {"somebody"}
    assert actions.forget([SRE, MEMBER]) == 0


def test_over_http_a_drill_is_begun_ticked_and_ended_and_the_server_measures(
    program: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    outsider = _outsider()
    keys = identity_actions.issue_personal_keys(actor="test", people=[SRE, outsider], now=NOW)
    moments = iter([NOW + n * SECOND for n in range(40)])

    class Ticking(Clock):
        def now(self) -> datetime:
            return next(moments)

    monkeypatch.setattr(instance.instance(), "clock", Ticking())

    def post(path: str, person: str = SRE, **body: object) -> tuple[int, dict[str, object]]:
        answer = client.post(
            f"/api/v1{path}", body, content_type="application/json",
            headers={"authorization": f"Bearer {keys[person]}"},
        )  # fmt: skip
        return answer.status_code, answer.json()

    def get(path: str) -> dict[str, object]:
        found = client.get(f"/api/v1{path}", headers={"authorization": f"Bearer {keys[SRE]}"})
        return {"status": found.status_code, "body": found.json()}

    assert post(f"/playbooks/{BACK}/drills", outsider, scenario="x")[0] == 403
    assert post("/playbooks/nothing/drills", scenario="x")[0] == 404
    status, made = post(f"/playbooks/{BACK}/drills", scenario="Errors climb", roles={"SRE": SRE})
    assert status == 201
    drill = made["id"]
    assert post(f"/drills/{drill}/ticks", outsider, step=1, holds=True)[0] == 403
    assert post(f"/drills/{drill}/ticks", step=3, holds=True)[0] == 409
    for n in range(1, 7):
        assert post(f"/drills/{drill}/ticks", step=n, holds=True)[0] == 201
    assert post("/drills/x/end")[0] == 404
    status, judged = post(f"/drills/{drill}/end")
    assert (status, judged["result"], judged["rule"]) == (200, "passed", "done_in_time_passes")
    told = get(f"/drills/{drill}")["body"]
    assert isinstance(told, dict)
    assert (told["seconds"], len(told["ticks"]), told["running"]) == (8.0, 6, False)
    assert post(f"/drills/{drill}/findings", says="x", owner="nobody", due_on="2026-12-01")[0] == 409
    listed = get("/playbooks")["body"]
    assert isinstance(listed, list) and {each["playbook"] for each in listed} == {BACK, RECOVER}
    assert get(f"/playbooks/{BACK}")["status"] == 200
    assert get("/playbooks/nothing")["status"] == get("/drills/nothing")["status"] == 404
    macro = _piece(ItemKind.MACRO)
    status, filled = post(f"/support/{APPROVALS}/macros/{macro}/filled", values={"customer": "<Ada>"})
    assert (status, filled["text"], filled["html"]) == (200, "Hello <Ada>", "Hello &lt;Ada&gt;")
    assert post(f"/support/{APPROVALS}/macros/{macro}/filled", values={"password": "x"})[0] == 422
    assert get(f"/support/{APPROVALS}")["status"] == 200


def test_a_console_form_writes_a_playbook_and_keeps_what_was_typed(program: None, client: Client) -> None:
    _sign_in(client, SRE)
    plain = {
        "title": "Rotate the signing key", "kind": "runbook", "owner": "sre", "review_on": "2027-01-05", "version": "0",
        "title-1": "Second", "who-1": "SRE", "order-1": "2", "title-2": "First", "who-2": "SRE", "order-2": "1",
        "title-3": "", "because": "We had none",
    }  # fmt: skip
    wrong = client.post("/playbooks/new", plain | {"review_on": "soon"})
    assert wrong.status_code == 409
    assert b"Write the day as" in wrong.content and b"Rotate the signing key" in wrong.content
    assert client.post("/playbooks/new", plain).headers["Location"] == "/playbooks/rotate-the-signing-key"
    row = queries.find_playbook("rotate-the-signing-key")
    assert row is not None
    assert [step.title for step in row.playbook.steps] == ["First", "Second"]
    assert (row.playbook.kind, row.playbook.target) == (Kind.RUNBOOK, Target())
    assert b"playbook: rotate-the-signing-key" in client.get("/playbooks/rotate-the-signing-key/yaml").content
    _sign_in(client, _outsider())
    assert (
        client.post("/playbooks/rotate-the-signing-key/change", plain | {"version": "1"}).status_code == 403
    )
    for path in ("/playbooks/nothing", "/drills/01a1cefc-3e80-724b-8d2b-23047b05fbb4", "/support/nothing"):
        assert client.get(path).status_code == 404


def _sign_in(client: Client, person: str) -> None:
    link = identity_actions.make_sign_in_link(person=person, now=instance.now())
    assert client.get(f"/sign-in/{link}").status_code == 302
