"""A feature on its way in the database: words, work, states, exemptions, meetings, certificates (R3, R64-R78, R178)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.features import actions, queries
from companyos.adoption.features.domain.certificate import problems_of
from companyos.adoption.features.domain.links import Found, Standing
from companyos.adoption.features.domain.types import FeatureState, Verdict, Way
from companyos.adoption.features.domain.work import pipelines, records
from companyos.adoption.features.evidence import offer_evidence
from companyos.adoption.features.jobs import Documents
from companyos.adoption.features.models import Feature, RefusedMove
from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.flags.domain.documents import flag_from
from companyos.adoption.flags.domain.refusals import Refused as FlagRefused
from companyos.adoption.telemetry import actions as telemetry
from companyos.kernel import evidence as registry
from companyos.kernel.evidence import Fact, offer
from companyos.people.identity import actions as identity
from companyos.platform.models import OutboxMessage, Tenant
from companyos.surfaces.console.readiness import adoption_plan
from companyos.surfaces.program.apply import _readiness
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from end_to_end.hearing import hear_what_was_decided

PROGRAM = load_program(Path(__file__).parents[3] / "program")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FEATURE, SEED = "fast-lane", bytes(range(32))
TEAMS = {
    "approvals-squad": "mia", "people-ops": "ana", "security-grc": "zoe", "sre": "ken", "legal-compliance": "pal",
    "data-insights": "tho", "support": "boy", "enablement": "lak", "quality-engineering": "rod",
}  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a registry of its own."""
    monkeypatch.setattr(registry, "_OFFERS", {})
    monkeypatch.setattr(registry, "_PREPARES", {})
    offer_evidence()
    yield


@pytest.fixture
def company(db: None) -> None:
    Tenant.objects.create(slug="engineering", title="Engineering", tenant_class="production")
    identity.keep_department(slug="all", title="All")
    for team, lead in TEAMS.items():
        identity.keep_team(
            slug=team,
            title=team.title(),
            department="all",
            home_tenant="engineering",
            works_in="engineering",
            lead=lead,
        )
        for person in (lead, f"{lead}-2"):
            identity.keep_person(
                slug=person, name=person.title(), email=f"{person}@example.org", team=team, job_role=""
            )
    actions.keep_area(slug="approvals", title="Approvals", lead="people-ops")
    list(_readiness(PROGRAM, NOW))
    for document in PROGRAM.requests:
        approvals.keep_type(document=document, now=NOW)


def proposal(**more: Any) -> actions.Proposal:
    told: dict[str, Any] = {
        "slug": FEATURE, "title": "Fast lane", "summary": "Small amounts pass at once.", "area": "approvals",
        "owner": "approvals-squad", "flag": "approvals.fast-lane", "size": "major", "risk": "high",
        "data_domains": ("finance",), "success_metrics": ("task-success",),
        "rollback_plan": "The flag goes off; cases begun are finished by hand.",
    }  # fmt: skip
    return actions.Proposal(**{**told, **more})


@pytest.fixture
def taken_in(company: None) -> None:
    actions.take_in(actor="mia", proposal=proposal(), now=NOW)


def verdict(row: str, now: datetime = NOW) -> Any:
    return actions.look_at(FEATURE, now=now).rows[row]


def vouch(row: str, by: str = "mia", **more: Any) -> str:
    told = {
        "actor": by,
        "feature": FEATURE,
        "row": row,
        "version": "1",
        "link": "/docs",
        "note": "",
        "now": NOW,
    }
    return actions.attest(**{**told, **more})


def test_a_feature_is_taken_in_once_and_says_all_that_is_missing(company: None) -> None:
    with pytest.raises(actions.NotTakenIn) as told:
        actions.take_in(actor="mia", proposal=actions.Proposal("", "", "", "", "", "", "", ""), now=NOW)
    assert set(told.value.problems) == {
        "slug", "title", "summary", "area", "owner", "flag", "size", "risk", "data_domains", "success_metrics",
        "rollback_plan",
    }  # fmt: skip
    with pytest.raises(actions.NotYours):
        actions.take_in(actor="zoe", proposal=proposal(), now=NOW)
    actions.take_in(actor="mia", proposal=proposal(), now=NOW)
    with pytest.raises(actions.NotTakenIn, match="already"):
        actions.take_in(actor="mia", proposal=proposal(), now=NOW)
    kept = queries.intake_of(FEATURE)
    assert kept is not None
    assert (kept.size, kept.risk, kept.templates["external-ga"]) == ("major", "high", 1)
    actions.keep_feature(
        slug=FEATURE, title="Fast lane", summary="x", area="approvals", lead_team="people-ops",
        owner="approvals-squad", flag="approvals.fast-lane", critical=False, size="minor", risk="low",
    )  # fmt: skip
    assert queries.tier_for(FEATURE) == "full"  # frozen at intake (P6, P7)


REFUSED = (
    ("privacy", "mia", {}, "a reviewer from outside the owning squad"),
    ("privacy", "pal", {"author": "pal"}, "pal is the author"),
    ("privacy", "pal", {"version": "0"}, "the feature is at 1"),
    ("privacy", "pal", {"expires_at": NOW}, "It would hold until"),
    ("privacy", "pal", {"expires_at": NOW + timedelta(days=900)}, "It would hold until"),
    ("privacy", "pal", {"link": " "}, "Give a link"),
    ("no-severe-bugs", "mia", {}, "this is measured, nobody's word counts"),
    ("privacy", "lak", {}, "legal compliance vouches for this row"),
    ("nothing-such", "mia", {}, "has the row"),
)


@pytest.mark.parametrize(("row", "by", "more", "says"), REFUSED)
def test_a_word_that_is_none_is_refused_and_the_verdict_stands(
    taken_in: None, row: str, by: str, more: dict[str, Any], says: str
) -> None:
    vouch("privacy", "pal")
    with pytest.raises(actions.Refused, match=says):
        vouch(row, by, **more)
    assert verdict("privacy").verdict is Verdict.PASSED
    assert len(queries.words_of(FEATURE)) == 1


def test_a_word_runs_out_and_a_new_version_makes_it_stale(taken_in: None) -> None:
    vouch("privacy", "pal")
    assert verdict("privacy").way is Way.ATTESTED
    assert verdict("privacy", NOW + timedelta(days=366)).verdict is Verdict.STALE
    actions.new_version(actor="mia", feature=FEATURE, version="2", because="a fix", now=NOW)
    stale = verdict("privacy")
    assert (stale.verdict, "is for version 1, the feature is at 2" in stale.because) == ("stale", True)


def test_evidence_from_work_takes_over_from_a_word(taken_in: None) -> None:
    vouch("load", "rod")
    assert verdict("load").measured_later == "features.load_test"
    body = {"metrics": [{"name": "p95", "value": 900, "target": 800, "better": "lower", "unit": "ms"}]}
    told = {"actor": "rod", "feature": FEATURE, "version": "1", "link": "/ci/7", "now": NOW}
    actions.keep_work(fact=pipelines.benchmark(json.dumps(body).encode()), **told)
    assert (verdict("load").verdict, verdict("load").way) == ("failed", "measured")
    body["metrics"][0]["value"] = 700
    later = NOW + timedelta(minutes=1)
    actions.keep_work(fact=pipelines.benchmark(json.dumps(body).encode()), **{**told, "now": later})
    assert verdict("load", later).verdict is Verdict.PASSED
    with pytest.raises(actions.Refused, match="the feature is at 1"):
        actions.keep_work(fact=Fact("features.load_test", 1.0), **{**told, "version": "9"})
    fact, author = records.review(
        json.dumps({"what": "threat_model", "author": "rod", "open_findings": 0}).encode(), NOW
    )
    for actor in ("mia", "rod"):
        with pytest.raises(actions.Refused, match="outside the owning squad"):
            actions.keep_work(fact=fact, author=author, **{**told, "actor": actor})
    actions.keep_work(fact=fact, author=author, **{**told, "actor": "zoe"})
    assert verdict("threat-model").way is Way.MEASURED


def test_R3_external_ga_without_internal_ga_is_refused_audited_and_opened_by_two_for_a_while(
    taken_in: None,
) -> None:
    asked = {"feature": FEATURE, "wanted": FeatureState.EXTERNAL_GA, "because": "customers ask", "now": NOW}
    with pytest.raises(actions.Refused, match="External GA comes after internal GA"):
        actions.person_moves(actor="mia", **asked)
    assert RefusedMove.objects.get().wanted == "external_ga"
    assert queries.moves_of(FEATURE)[0].refused or queries.moves_of(FEATURE)[1].refused
    until = NOW + timedelta(days=7)
    told = {
        "actor": "mia",
        "feature": FEATURE,
        "what": "external-ga",
        "because": "a pilot customer",
        "until": until,
    }
    exemption = actions.ask_exemption(**told, now=NOW)
    for actor in ("mia", "mia-2", "zoe-2"):  # who asked, the squad, somebody who leads nothing
        with pytest.raises(actions.NotYours):
            actions.grant_exemption(actor=actor, exemption=exemption, now=NOW)
    with pytest.raises(actions.Refused):
        actions.person_moves(actor="mia", **asked)
    actions.grant_exemption(actor="zoe", exemption=exemption, now=NOW)
    hear_what_was_decided(NOW)
    assert "passed over by Mia and Zoe" in queries.in_force(FEATURE, NOW)["external-ga"]
    assert queries.in_force(FEATURE, until) == {}
    actions.person_moves(actor="mia", **asked)
    assert Feature.objects.get().state == "external_ga"


def test_entry_is_passed_when_its_scorecard_is_met_and_killing_says_what_was_learnt(taken_in: None) -> None:
    asked = {
        "actor": "mia",
        "feature": FEATURE,
        "wanted": FeatureState.ENTRY_PASSED,
        "because": "all there",
        "now": NOW,
    }
    with pytest.raises(actions.Refused, match="0 of 8 rows met; not yet: The flag is on"):
        actions.person_moves(**asked)
    offer("features.flag_on", lambda q: Fact("features.flag_on", 8.0, n=8, unit="people"))
    offer("telemetry.baseline", lambda q: Fact("telemetry.baseline", 28.0, n=900, unit="days"))
    for row in ("parity", "rollback-plan", "data-model-version", "first-docs", "first-runbooks"):
        vouch(row)
    with pytest.raises(actions.Refused, match="nobody's word counts"):
        vouch("dashboards", "tho")
    outside = {"what": "dashboards", "link": "https://grafana.example.com", "why": "one place for all"}
    assert actions.keep_elsewhere(rows=[outside])
    assert not actions.keep_elsewhere(rows=[outside])
    vouch("dashboards", "tho")
    actions.person_moves(**asked)
    assert queries.feature(FEATURE).state == "entry_passed"  # type: ignore[union-attr]
    with pytest.raises(actions.Refused, match="what was learnt"):
        actions.person_moves(**{**asked, "wanted": FeatureState.KILLED, "because": ""})
    actions.person_moves(**{**asked, "wanted": FeatureState.HELD, "because": "year end"})
    with pytest.raises(actions.Refused, match="goes on from entry passed"):
        actions.person_moves(**{**asked, "wanted": FeatureState.INTAKE})
    actions.person_moves(**asked)
    actions.person_moves(
        **{**asked, "wanted": FeatureState.KILLED, "because": "nobody asked for small amounts"}
    )
    made = [move for move in queries.moves_of(FEATURE) if not move.refused]
    assert made[0].because == "nobody asked for small amounts"


def test_a_flag_of_a_killed_feature_is_not_un_killed_until_it_is_taken_in_anew(taken_in: None) -> None:
    told: dict[str, Any] = {"actor": "program", "now": NOW}
    flag = queries.feature(FEATURE).flag  # type: ignore[union-attr]
    spec = flag_from(
        {"key": flag, "title": "The flag", "kind": "release", "owner": "approvals-squad", "feature": FEATURE}
    )
    flags.create(spec=spec, because="it begins", **told)
    flags.kill(key=flag, because="first by hand", **told)
    actions.person_moves(
        actor="mia", feature=FEATURE, wanted=FeatureState.KILLED, because="nobody asked for it", now=NOW
    )
    with pytest.raises(FlagRefused) as refused:
        flags.unkill(key=flag, version=2, because="once more", **told)
    for says in ("was killed by", "nobody asked for it", "stay off", "take the feature in anew"):
        assert says in str(refused.value)
    tried = queries.moves_of(FEATURE)[0]
    assert (tried.refused, tried.actor, tried.after) == (True, "program", "flag_unkilled")
    assert flag_queries.killed_because(flag)
    actions.person_moves(
        actor="mia", feature=FEATURE, wanted=FeatureState.INTAKE, because="a customer did", now=NOW
    )
    flags.unkill(key=flag, version=2, because="once more", **told)
    assert not flag_queries.killed_because(flag)


def everything_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer a good figure for each row, of every rule."""
    good: dict[str, Fact] = {}
    for card in queries.scorecards_of(FEATURE):
        for row in card.rows(queries.tier_for(FEATURE)):
            if row.evidence and row.rule is not None:
                good[row.evidence] = good_fact(row)
    for name, fact in good.items():
        offer(name, lambda question, fact=fact: fact)


def good_fact(row: Any) -> Fact:
    plain = Fact(row.evidence, row.limit, n=2000, unit=row.unit)
    halves = {"first": [[1, 30], [1, 30]], "last": [[0, 30], [0, 30]], "open_sev1": 0, "open_sev2": 0}
    return {
        "stability": replace(plain, value=1.0),
        "satisfaction": replace(plain, value=0.95, n=100, details={"satisfied": 95, "asked": 110}),
        "incidents": replace(plain, details=halves),
        "trend": replace(plain, value=0.02, low=0.0, high=0.04),
        "time_trend": replace(plain, value=-0.1, low=-0.2, high=0.0),
    }.get(row.rule, replace(plain, value=3.0 if row.unit in {"teams", "dashboards"} else row.limit))


def test_R178_a_meeting_freezes_two_roles_sign_and_the_certificate_verifies(
    taken_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert queries.roles_of(FEATURE) == {
        "program_lead": "ana",
        "squad_lead": "mia",
        "grc": "zoe",
        "sre": "ken",
    }
    early = actions.open_meeting(actor="mia", feature=FEATURE, now=NOW)
    actions.sign_off(
        actor="zoe", meeting=early, role="grc", go=False, words="nothing is reviewed yet", now=NOW
    )
    hear_what_was_decided(NOW)
    with pytest.raises(actions.Refused, match="rows of the snapshot do not pass"):
        actions.certify(actor="mia", meeting=early, seed=SEED, now=NOW)
    everything_passes(monkeypatch)
    for row, by in (
        ("rollback-plan", "mia"),
        ("security-review", "zoe"),
        ("privacy-review", "pal"),
        ("privacy", "pal"),
    ):
        vouch(row, by)
    later = NOW + timedelta(hours=1)
    meeting = actions.open_meeting(actor="mia", feature=FEATURE, now=later)
    with pytest.raises(actions.NotYours):
        actions.sign_off(actor="mia", meeting=meeting, role="grc", go=True, words="", now=later)
    with pytest.raises(actions.Refused, match="what speaks against it"):
        actions.sign_off(actor="ken", meeting=meeting, role="sre", go=False, words="", now=later)
    actions.sign_off(actor="mia", meeting=meeting, role="squad_lead", go=True, words="", now=later)
    hear_what_was_decided(later)
    with pytest.raises(actions.Refused, match="at least 2 roles"):
        actions.certify(actor="mia", meeting=meeting, seed=SEED, now=later)
    actions.sign_off(actor="zoe", meeting=meeting, role="grc", go=True, words="", now=later)
    actions.sign_off(
        actor="ken", meeting=meeting, role="sre", go=False, words="one more load test", now=later
    )
    hear_what_was_decided(later)
    certificate = actions.certify(actor="mia", meeting=meeting, seed=SEED, now=later)
    body = queries.certificate(certificate)
    assert body is not None
    assert problems_of(body) == ()
    assert problems_of(body, key="00" * 32) != ()
    assert [each["words"] for each in body["document"]["dissent"]] == ["one more load test"]
    for change in ("snapshot_sha256", "issued_at", "id"):
        forged = json.loads(json.dumps(body))
        forged["document"][change] = "2020-01-01T00:00:00+00:00"
        assert "something was changed" in problems_of(forged)[0]
    assert all(problems_of(odd) for odd in ({"document": 1}, [], None))
    Feature.objects.update(state="internal_ga")
    actions.person_moves(
        actor="ana", feature=FEATURE, wanted=FeatureState.EXTERNAL_GA, because="decided", now=later
    )
    offer("cases.open_severe_bugs", lambda q: Fact("cases.open_severe_bugs", 1.0, n=1, unit="bugs"))
    actions.recompute(None, now=later + timedelta(days=1))
    told = [m.body["row"] for m in OutboxMessage.objects.filter(topic="feature.regressed")]
    assert sorted(told) == ["no-severe-bugs", "score-checklist", "score-severe-bugs"]
    assert {each.row for each in queries.regressions()} == set(told)


def test_definitions_and_templates_are_versions_and_a_feature_keeps_its_own(taken_in: None) -> None:
    with pytest.raises(actions.NotYours):
        actions.change_definition(actor="mia-2", name="P1", means="three members", because="we grew", now=NOW)
    actions.change_definition(actor="mia", name="P1", means="three members", because="we grew", now=NOW)
    assert [each.version for each in queries.history_of("P1")] == [2, 1]
    document = dict(PROGRAM.scorecards[0])
    document["groups"] = document["groups"][:3]
    assert actions.keep_scorecard(document=document, now=NOW)
    assert not actions.keep_scorecard(document=document, now=NOW)
    kept = {card.slug: card.version for card in queries.scorecards_of(FEATURE)}
    assert kept[document["scorecard"]] == 1
    actions.take_in(actor="mia", proposal=proposal(slug="next", flag="approvals.next"), now=NOW)
    assert {c.slug: c.version for c in queries.scorecards_of("next")}[document["scorecard"]] == 2


def test_R122_the_adoption_plan_has_the_eight_sections_and_shows_what_changed(
    taken_in: None, shared: Path
) -> None:
    actions.look_at(FEATURE, now=NOW)
    outline = (shared / "seed.md").read_text().split("v0 Outline")[1].split("### Example")[0]
    wanted = [
        line.partition(". ")[2].rstrip(".").partition(" (")[0]
        for line in outline.splitlines()
        if line[:1].isdigit()
    ]
    for subject in (FEATURE, ""):
        sections = adoption_plan.sections_of(subject, NOW)
        assert [each.title.partition(" (")[0] for each in sections] == wanted
        text = adoption_plan.to_markdown(subject, sections)
        assert all(f"## {n}. " in text for n in range(1, 9))
        assert "<script" not in adoption_plan.to_html(subject, sections)
    text = adoption_plan.to_markdown(FEATURE, adoption_plan.sections_of(FEATURE, NOW))
    with pytest.raises(actions.NotYours):
        actions.approve_plan(actor="mia-2", subject=FEATURE, text=text, now=NOW)
    assert actions.approve_plan(actor="mia", subject=FEATURE, text=text, now=NOW) == 1
    hear_what_was_decided(NOW)
    with pytest.raises(actions.Refused, match="Nothing changed since version 1"):
        actions.approve_plan(actor="mia", subject=FEATURE, text=text, now=NOW)
    vouch("rollback-plan")
    actions.look_at(FEATURE, now=NOW)
    page = adoption_plan.page_of(FEATURE, adoption_plan.sections_of(FEATURE, NOW), NOW)
    assert [line[0] for line in page.changed] == ["-", "+"]
    assert "passed" in page.changed[1]


def test_R76_gaps_of_metrics_that_a_feature_is_not_measured_by_are_not_its_own(taken_in: None) -> None:
    for kind, documents in PROGRAM.measures.items():
        telemetry.keep_definitions(kind=kind, documents=documents)
    gaps = ["NPS: not connected", "Incidents: not connected"]
    told = Fact("telemetry.coverage", 0.8, n=13, unit="share", details={"gaps": gaps})
    offer("telemetry.coverage", lambda question: told)
    assert verdict("telemetry-coverage").verdict is Verdict.PASSED
    gaps.append("Tasks without an error: never seen")
    assert verdict("telemetry-coverage").verdict is Verdict.FAILED
    gaps[-1] = "corporate: 3 of 9 cases have both start and end"
    assert verdict("telemetry-coverage").verdict is Verdict.FAILED


def test_P6_anyone_raises_a_size_at_once_and_only_a_second_person_lowers_it(taken_in: None) -> None:
    before = queries.size_of(FEATURE)
    to = {"minor": "major", "major": "minor"}
    if before == "minor":
        actions.change_size(
            actor="tho-2", feature=FEATURE, to="major", because="it moves who approves", now=NOW
        )
        hear_what_was_decided(NOW)
    assert queries.size_of(FEATURE) == "major"
    lower = {"feature": FEATURE, "to": "minor", "because": "the step was left out"}
    request = actions.change_size(actor="mia", **lower, now=NOW)
    with pytest.raises(actions.Refused, match="already"):
        actions.change_size(actor="mia-2", **lower, now=NOW)
    with pytest.raises(approvals.Refused):
        approvals.approve(actor="mia", request=request, now=NOW)
    hear_what_was_decided(NOW)
    assert queries.size_of(FEATURE) == "major"
    approvals.approve(actor="zoe", request=request, now=NOW)
    hear_what_was_decided(NOW)
    assert queries.size_of(FEATURE) == to["major"]
    found = requests.request_about(f"feature.size:{FEATURE}")
    assert found
    report = requests.report_of_trace(found.trace, "mia")
    assert report
    assert report["record"]["note"] == "the feature is minor"
    actions.change_size(actor="ken-2", feature=FEATURE, to="major", because="it is back", now=NOW)
    hear_what_was_decided(NOW)
    assert queries.size_of(FEATURE) == "major"


def test_documents_are_named_looked_at_and_judged_anew_R70_R165(taken_in: None) -> None:
    for what, link in (("runbook", "docs/runbook.md"), ("faq", "https://wiki.example/faq")):
        actions.name_document(
            actor="mia",
            feature=FEATURE,
            what=what,
            link=link,
            review_by=(NOW + timedelta(days=90)).date(),
            now=NOW,
        )
    with pytest.raises(actions.Refused, match="Give a link"):
        actions.name_document(actor="mia", feature=FEATURE, what="faq", link="soon", review_by=None, now=NOW)
    with pytest.raises(actions.NotYours):
        actions.name_document(actor="zoe", feature=FEATURE, what="faq", link="/x", review_by=None, now=NOW)
    assert verdict("runbooks").verdict is Verdict.PENDING  # not looked at yet
    vouch("quick-starts", "boy", link="https://wiki.example/start")
    answers = {
        "docs/runbook.md": Found(Standing.FINE, "is in the project", NOW - timedelta(days=3)),
        "https://wiki.example/faq": Found(Standing.BROKEN, "answers 404"),
        "https://wiki.example/start": Found(Standing.FINE, "answers", sha256="a"),
    }
    documents = Documents(lambda link: answers[link.link])
    assert documents.look(NOW) == 3
    assert documents.look(NOW) == 0
    assert (verdict("runbooks").verdict, verdict("runbooks").way) == (Verdict.PASSED, Way.MEASURED)
    assert "answers 404" in verdict("faqs").because
    assert verdict("quick-starts").verdict is Verdict.PASSED
    answers["https://wiki.example/start"] = Found(Standing.BROKEN, "answers 410")
    answers["https://wiki.example/faq"] = Found(Standing.FINE, "answers", sha256="b")
    assert documents.look(NOW + timedelta(days=1)) == 3
    later = NOW + timedelta(days=1)
    assert verdict("faqs", later).verdict is Verdict.PASSED
    assert verdict("quick-starts", later).verdict is Verdict.FAILED
    assert verdict("runbooks", NOW + timedelta(days=92)).verdict is Verdict.STALE  # to be read again
    actions.drop_document(actor="mia", feature=FEATURE, what="runbook", link="docs/runbook.md", now=NOW)
    assert verdict("runbooks").verdict is Verdict.NO_DATA
