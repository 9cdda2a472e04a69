"""Who is on when a stage draws people or days by lot: nobody leaves, the rest waits, a held-out team is apart."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.cohorts import cohort_at, decided_by_lot, held_back_at, on_today
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.people.identity.domain.types import PersonRow

PEOPLE = [PersonRow(f"p{n:03d}", f"P {n}", f"team{n // 20}", "all", "sales", "employee") for n in range(200)]
EVERYONE = {"tenant": "sales", "everyone": True}


def plan(*comparisons: dict[str, Any], **more: Any) -> Plan:
    stages = [
        {
            "slug": f"s{n}",
            "title": "S",
            "week": n,
            "working_days": 5,
            "cohort": [EVERYONE],
            "comparison": each,
            **more,
        }
        for n, each in enumerate(comparisons)
    ]
    return Plan.from_document({"plan": "p", "title": "P", "feature": "f", "lead": "ana", "stages": stages})


def test_a_ramp_keeps_everybody_and_ends_with_all_R117() -> None:
    shares = [{"kind": "randomised", "share": share} for share in (0.05, 0.25, 0.5)]
    ramp = plan(*shares, {"kind": "teams"})
    on = [people_of(cohort_at(ramp, n, PEOPLE)) for n in range(4)]
    assert on[0] < on[1] < on[2] < on[3]
    assert len(on[3]) == 200
    held = [held_back_at(ramp, n, PEOPLE) for n in range(4)]
    assert all(len(on[n] | held[n]) == 200 and not on[n] & held[n] for n in range(3))
    assert not held[3]


def test_the_lot_of_a_ramp_decides_about_everybody_but_those_who_were_on_without_one() -> None:
    shares = [{"kind": "randomised", "share": share} for share in (0.05, 0.25, 0.5)]
    ramp = plan(*shares, {"kind": "teams"})
    assert [len(decided_by_lot(ramp, n, PEOPLE)) for n in range(4)] == [200, 200, 200, 0]
    for n in range(3):
        on = people_of(cohort_at(ramp, n, PEOPLE))
        assert decided_by_lot(ramp, n, PEOPLE) == on | held_back_at(ramp, n, PEOPLE)
    pilot = {"slug": "pilot", "title": "P", "week": 0, "working_days": 5}
    pilot |= {"cohort": [{"tenant": "sales", "teams": ["team3"]}], "comparison": {"kind": "teams"}}
    document = ramp.to_document()
    after = Plan.from_document({**document, "stages": [pilot, *document["stages"]]})
    assert {p.slug for p in PEOPLE} - decided_by_lot(after, 1, PEOPLE) == {
        p.slug for p in PEOPLE if p.team == "team3"
    }


def test_a_team_that_is_held_out_is_not_drawn_and_not_compared() -> None:
    out = {"team": "team3", "until": "s1", "why": "moving"}
    held = plan({"kind": "randomised", "share": 0.5}, {"kind": "teams"}, **{"except": [out]})
    team = {p.slug for p in PEOPLE if p.team == "team3"}
    assert not team & held_back_at(held, 0, PEOPLE)
    assert not team & people_of(cohort_at(held, 0, PEOPLE))


def test_a_switchback_changes_daily_and_leaves_people_of_earlier_stages_on() -> None:
    first = {"kind": "randomised", "share": 0.2}
    two = plan(first, {"kind": "switchback", "share": 0.5})
    stay = people_of(cohort_at(two, 0, PEOPLE))
    days = [people_of(on_today(two, 1, PEOPLE, date(2026, 11, 9) + timedelta(n))) for n in range(5)]
    assert len(set(days)) == 5
    assert all(stay <= day for day in days)
    assert people_of(on_today(two, 0, PEOPLE, date(2026, 11, 9))) == stay
    assert people_of(on_today(two, -1, PEOPLE, date(2026, 11, 9))) == frozenset()


def test_a_plan_with_comparisons_is_read_as_it_is_written() -> None:
    written = plan(
        {"kind": "switchback", "share": 0.5, "signals": ["error", "shadow_mismatch"]}, {"kind": "teams"}
    )
    assert Plan.from_document(written.to_document()) == written
