"""Flags as they are stored: versions, schedules, two editors, the outbox, what a rollout and a directory change do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.flags import actions, queries
from companyos.adoption.flags.domain.documents import flag_from, segment_from
from companyos.adoption.flags.domain.refusals import NotYours, Overtaken, Refused, Unclear
from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.flags.jobs import apply_due, publish_latest
from companyos.people.identity import actions as identity
from companyos.platform.models import OutboxMessage
from companyos.surfaces.edge.published import Published
from companyos.surfaces.program.apply import apply, preview
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
OWNER = "maelle-girard"  # leads the approvals squad
KEY = "approvals.reminders"
SALES = {"slices": [{"tenant": "go-to-market", "teams": ["sales"]}]}
GTM = {"slices": [{"tenant": "go-to-market"}]}


@pytest.fixture
def company(db: None) -> None:
    apply(load_program(PROGRAM), now=NOW)


@pytest.fixture
def flag(company: None) -> str:
    document = {"key": KEY, "title": "Reminders", "kind": "release", "owner": "approvals-squad"}
    actions.create(actor=OWNER, spec=flag_from(document), because="a new idea", now=NOW)
    return KEY


def change(
    key: str, version: int, actor: str = OWNER, because: str = "as agreed", **changes: Any
) -> actions.Saved:
    return actions.change(
        actor=actor,
        key=key,
        changes=changes,
        version=version,
        because=because,
        now=NOW + timedelta(minutes=version),
    )


def told(topic: str) -> list[dict[str, Any]]:
    return list(OutboxMessage.objects.filter(topic=topic).order_by("id").values_list("body", flat=True))


def test_the_program_is_applied_once_and_plan_sees_what_drifted(company: None) -> None:
    program = load_program(PROGRAM)
    assert apply(program, now=NOW) == ()
    change("approvals.mail-out", 1, actor="ana-ruiz", title="Another title")
    assert preview(program, now=NOW) == ("flag approvals.mail-out",)
    assert apply(program, now=NOW) == ("flag approvals.mail-out",)
    state = queries.state_of("approvals.mail-out")
    assert state is not None
    assert (state.spec.title, state.version) == ("Mail about approvals", 3)


def test_a_new_flag_is_off_then_some_get_it_and_every_step_is_a_version_R116(flag: str) -> None:
    assert people_of(queries.cohort_of(flag)) == frozenset()
    with pytest.raises(Refused, match="some people before") as skipped:
        change(flag, 1, audience={"slices": [{}]})
    assert skipped.value.rule == "off_then_staged_then_everybody"
    saved = change(flag, 1, because="sales first", audience=SALES)
    assert (saved.version, saved.reach.sentence) == (2, "20 people in 1 tenant; 20 new")
    assert change(flag, 2, audience={"slices": [{}]}).version == 3
    rows = queries.versions(flag)
    assert [(r.version, r.author, r.because, r.change) for r in rows] == [
        (3, OWNER, "as agreed", "changed"), (2, OWNER, "sales first", "changed"), (1, OWNER, "a new idea", "created"),
    ]  # fmt: skip
    assert [c.sentence for c in rows[1].changes] == ["slice go-to-market, teams: sales, new"]


def test_of_two_editors_the_second_is_told_who_changed_what(flag: str) -> None:
    change(flag, 1, actor="ana-ruiz", because="sales asked for it", audience=SALES)
    with pytest.raises(
        Overtaken, match=r"Ana Ruiz changed it \(version 2: sales asked for it\): slice go-to-market"
    ):
        change(flag, 1, audience=GTM)
    assert queries.cohort_of(flag).keys() == {"go-to-market"}
    assert len(people_of(queries.cohort_of(flag))) == 20


def test_who_does_not_own_it_may_not_and_says_so(flag: str) -> None:
    with pytest.raises(NotYours, match="belongs to the team approvals-squad"):
        change(flag, 1, actor="boyu-shen", title="Mine")
    with pytest.raises(NotYours):
        actions.kill(actor="boyu-shen", key=flag, because="I do not like it", now=NOW)
    with pytest.raises(Unclear, match="Say why"):
        change(flag, 1, because=" ", title="B")


def test_kill_is_one_action_and_a_revert_does_not_undo_it_R159(flag: str) -> None:
    change(flag, 1, audience=SALES)
    saved = actions.kill(actor="ana-ruiz", key=flag, because="it floods people", now=NOW)
    assert (len(saved.reach.lose), people_of(queries.cohort_of(flag))) == (20, frozenset())
    with pytest.raises(Refused, match="killed already"):
        actions.kill(actor=OWNER, key=flag, because="again", now=NOW)
    with pytest.raises(Refused, match="would switch it on again"):
        actions.revert(actor=OWNER, key=flag, to=2, version=3, because="back", now=NOW)
    actions.unkill(actor=OWNER, key=flag, version=3, because="fixed in 1.4", now=NOW)
    assert len(people_of(queries.cohort_of(flag))) == 20


def test_a_revert_is_a_new_version_and_history_stays(flag: str) -> None:
    change(flag, 1, audience=SALES)
    change(flag, 2, audience=GTM)
    before = [(r.version, r.because) for r in queries.versions(flag)]
    saved = actions.revert(actor=OWNER, key=flag, to=2, version=3, because="too many at once", now=NOW)
    assert (saved.version, saved.reach.on) == (4, 20)
    assert [(r.version, r.because) for r in queries.versions(flag)][1:] == before
    assert queries.versions(flag)[0].because == "back to version 2: too many at once"


def test_a_change_is_told_with_what_whom_and_when_R112(flag: str) -> None:
    change(flag, 1, because="sales first", audience=SALES)
    change(flag, 2, title="A better title")
    created, widened, renamed = [each for each in told("flag.changed") if each["flag"] == flag]
    assert created["what"] == ["a new flag"]
    assert (widened["affected"], widened["alters_what_people_see"], widened["at"]) == (
        20, True, (NOW + timedelta(minutes=1)).isoformat(),
    )  # fmt: skip
    assert widened["what"] == ["slice go-to-market, teams: sales, new"]
    assert (renamed["affected"], renamed["alters_what_people_see"]) == (0, False)
    assert widened["ruleset"] in {each["version"] for each in told("ruleset.changed")}


def test_whoever_stands_behind_a_flag_counts_as_affected_R112(flag: str) -> None:
    change(flag, 1, audience=SALES)
    document = {
        "key": "approvals.digest",
        "title": "Digest",
        "owner": "approvals-squad",
        "audience": {**GTM, "requires": [flag]},
    }
    actions.create(actor=OWNER, spec=flag_from(document), because="needs reminders", now=NOW)
    assert len(people_of(queries.cohort_of("approvals.digest"))) == 20
    actions.kill(actor=OWNER, key=flag, because="it floods people", now=NOW)
    assert people_of(queries.cohort_of("approvals.digest")) == frozenset()
    assert told("flag.changed")[-1]["affected"] == 20


def test_a_change_to_come_is_made_in_time_by_its_author(flag: str) -> None:
    at = NOW + timedelta(hours=3)
    actions.schedule(
        actor=OWNER, key=flag, at=at, changes={"audience": SALES}, because="after lunch", now=NOW
    )
    assert apply_due(at - timedelta(seconds=1)) == 0
    assert people_of(queries.cohort_of(flag)) == frozenset()
    assert (apply_due(at), apply_due(at)) == (1, 0)
    assert len(people_of(queries.cohort_of(flag))) == 20
    assert queries.scheduled(flag)[0].outcome == "applied"
    newest_version = queries.versions(flag)[0]
    assert (newest_version.author, newest_version.because, newest_version.at) == (
        OWNER,
        "as scheduled: after lunch",
        at,
    )


def test_a_change_to_come_that_no_longer_applies_says_why(flag: str) -> None:
    at = NOW + timedelta(hours=3)
    actions.schedule(
        actor=OWNER, key=flag, at=at, changes={"audience": SALES}, because="after lunch", now=NOW
    )
    change(flag, 1, actor="ana-ruiz", because="support needs it sooner", audience=GTM)
    assert apply_due(at) == 1
    row = queries.scheduled(flag)[0]
    assert row.outcome == "refused"
    assert "Ana Ruiz changed it (version 2: support needs it sooner)" in row.told
    assert len(people_of(queries.cohort_of(flag))) == 64
    assert told("flag.changed")[-1]["change"] == "schedule_refused"


def test_a_change_to_come_can_be_cancelled_once(flag: str) -> None:
    at = NOW + timedelta(hours=3)
    planned = actions.schedule(
        actor=OWNER, key=flag, at=at, changes={"kill": True}, because="end of trial", now=NOW
    )
    actions.cancel(actor=OWNER, key=flag, scheduled=planned, because="extended", now=NOW)
    with pytest.raises(Refused, match="cancelled already"):
        actions.cancel(actor=OWNER, key=flag, scheduled=planned, because="extended", now=NOW)
    assert apply_due(at) == 0
    with pytest.raises(Unclear, match="lies in the future"):
        actions.schedule(actor=OWNER, key=flag, at=NOW, changes={"kill": True}, because="now", now=NOW)


def test_what_is_scheduled_is_proved_to_add_people_or_shown_to_take_it_away(flag: str) -> None:
    change(flag, 1, audience=SALES)
    actions.schedule(
        actor=OWNER,
        key=flag,
        at=NOW + timedelta(days=1),
        changes={"audience": GTM},
        because="all of it",
        now=NOW,
    )
    detail = queries.flag_detail(flag, NOW)
    assert detail is not None and detail.to_come is not None
    assert detail.to_come.verdict == "proved"
    support = {"slices": [{"tenant": "go-to-market", "teams": ["support"]}]}
    actions.schedule(
        actor=OWNER,
        key=flag,
        at=NOW + timedelta(days=2),
        changes={"audience": support},
        because="less",
        now=NOW,
    )
    detail = queries.flag_detail(flag, NOW)
    assert detail is not None and detail.to_come is not None
    assert (detail.to_come.verdict, len(detail.to_come.losses[0].people)) == ("broken", 42)


def test_a_flag_that_a_rollout_drives_is_not_edited_around_it(company: None) -> None:
    key = "approvals.unified"
    on = {"experimental-qa": frozenset({"rodrigo-oropeza"})}
    actions.put_on(
        actor="ana-ruiz", flag=key, cohort=on, because="Prep begins", now=NOW, driver="unified-approvals"
    )
    with pytest.raises(Refused, match="/rollouts/unified-approvals"):
        change(key, 2, audience=GTM)
    change(key, 2, title="A better title")
    with pytest.raises(Refused, match="would take it over"):
        actions.revert(actor=OWNER, key=key, to=1, version=3, because="back", now=NOW)
    actions.kill(actor=OWNER, key=key, because="it floods people", now=NOW)
    wider = {**on, "corporate": frozenset({"ana-ruiz"})}
    with pytest.raises(Refused, match="killed by maelle-girard"):
        actions.put_on(
            actor="controller", flag=key, cohort=wider, because="on", now=NOW, driver="unified-approvals"
        )
    actions.put_on(
        actor="controller", flag=key, cohort={}, because="a breach", now=NOW, driver="unified-approvals"
    )


def test_a_bomb_in_a_segment_is_refused_with_its_path_and_nothing_is_stored(company: None) -> None:
    rule: dict[str, Any] = {"==": [1, 1]}
    for _ in range(80):
        rule = {"!": [rule]}
    before = queries.latest_version()
    spec = segment_from({"slug": "bomb", "title": "B", "owner": "approvals-squad", "rule": rule})
    with pytest.raises(Unclear, match="nests at most 50") as refused:
        actions.save_segment(actor=OWNER, spec=spec, version=0, because="a try", now=NOW)
    assert refused.value.path.startswith('$.$evaluators["segment bomb"]')
    assert (queries.segment_row("bomb"), queries.latest_version()) == (None, before)


def test_a_segment_reaches_every_flag_that_uses_it(flag: str) -> None:
    change(flag, 1, audience={"slices": [{"segments": ["customer-facing"]}]})
    assert len(people_of(queries.cohort_of(flag))) == 64
    row = queries.segment_row("customer-facing")
    assert row is not None and row.used_by == (flag,)
    spec = segment_from({"slug": "customer-facing", "title": "C", "owner": "sales-ops", "teams": ["support"]})
    with pytest.raises(NotYours):
        actions.save_segment(actor="kenji-fujimori", spec=spec, version=1, because="only support", now=NOW)
    actions.save_segment(actor="fergus-doyle", spec=spec, version=1, because="only support", now=NOW)
    assert len(people_of(queries.cohort_of(flag))) == 22
    with pytest.raises(Overtaken, match="Fergus Doyle changed it: only support"):
        actions.save_segment(actor="fergus-doyle", spec=spec, version=1, because="again", now=NOW)


def test_whoever_joins_a_team_gets_what_the_team_has_with_the_next_ruleset(flag: str) -> None:
    change(flag, 1, audience=SALES)
    identity.keep_person(
        slug="ana-ruiz",
        name="Ana Ruiz",
        email="ana.ruiz@meridian.example",
        team="sales",
        job_role="supervisor",
    )
    actions.new_ruleset(actor="program", because="somebody moved", now=NOW)
    document = queries.latest_document()
    assert document is not None
    assert "ana-ruiz" in str(document["flag_sets"]["companyos"]["$evaluators"][f"cohort of {flag}"])


def test_the_published_file_answers_as_the_preview_said(flag: str, tmp_path: Path) -> None:
    saved = change(flag, 1, audience={"slices": [{"tenant": "go-to-market", "percent": 40}]})
    assert 0 < saved.reach.on < 64
    publish_latest(tmp_path)
    ruleset = Published(tmp_path).newest()
    assert ruleset.version == saved.ruleset
    asked = [m for m in queries.directory().members if m.tenant == "go-to-market"]
    on = {m.person for m in asked if ruleset.sets["companyos"].flags.evaluate(flag, m.context).value is True}
    assert on == set(saved.reach.new)


def test_a_decisions_evidence_tells_ruleset_and_hashing(company: None) -> None:
    fact = queries.cohort_fact("approvals.unified", 42)
    assert (fact.details["ruleset"], fact.details["hashing"]) == (42, "v2")


def test_stale_flags_are_listed_with_their_reasons(flag: str) -> None:
    later = NOW + timedelta(days=40)
    rows = {row.state.spec.key: row for row in queries.flag_rows(later)}
    assert [mark.rule for mark in rows[flag].marks] == ["the_same_for_everybody"]
    assert rows["approvals.mail-out"].marks == ()
