"""What a guardrail does when its ground gives way (statistics, section 2): each failure holds."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from guarded_world import (
    BEFORE,
    EXPOSED,
    OTHERS,
    STAGE_DAYS,
    TEAM_OF,
    at,
    book_of,
    failure,
    served,
    stream,
    taken,
    task,
    watch,
)

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.rules import Sides, TeamSplit
from companyos.adoption.telemetry.domain.symptoms import place_of
from companyos.kernel.stats.did_split import ROLL_BACK_AT

BROKEN = stream(2, days=STAGE_DAYS, harm=10.0)


def test_a_harmful_stage_is_taken_back_and_a_harmless_one_is_not() -> None:
    assert taken(watch(), BROKEN).breached
    assert not taken(watch(), stream(2, days=STAGE_DAYS)).breached


def test_with_fewer_than_five_days_before_nothing_is_taken_back() -> None:
    few = book_of(stream(1, days=BEFORE[-4:]))
    reading = taken(watch(few), BROKEN).reading()
    assert reading.problem == "no comparison group: 4 days before exposure, 5 are needed"
    assert not taken(watch(few), BROKEN).breached
    assert reading.own_evidence > 1  # it still watches people against themselves: it may hold and page


def test_with_fewer_than_ten_errors_before_nothing_is_taken_back() -> None:
    quiet = book_of(stream(1, days=BEFORE, rate=0.002))
    reading = taken(watch(quiet), BROKEN).reading()
    assert "errors before exposure, 10 are needed" in reading.problem
    assert not taken(watch(quiet), BROKEN).breached


def test_with_fewer_than_three_unexposed_people_nothing_is_taken_back() -> None:
    nearly_all = Who(frozenset(TEAM_OF) - {"p23", "p24"}, frozenset({"p23", "p24"}), TEAM_OF)
    rows = stream(2, days=STAGE_DAYS, harm=10.0, who=nearly_all)
    made = taken(watch(who=nearly_all), rows)
    assert made.reading().problem == "no comparison group: nearly everybody is on"
    assert not made.breached


def test_sessions_wait_until_three_unexposed_people_are_at_work_that_day() -> None:
    made = watch()
    rows = [task(p, 28, 0, path="unified") for p in sorted(EXPOSED)]
    rows += [failure(p, 28, 0, path="unified") for p in sorted(EXPOSED)]
    taken(made, sorted(rows, key=place_of))
    assert made.reading().exposed_sessions == 0
    others = sorted(OTHERS)[:3]
    taken(made, [task(p, 28, 0, path="existing", hour=11.0 + n / 10) for n, p in enumerate(others)])
    assert made.reading().exposed_sessions == len(EXPOSED)


def test_an_offset_that_is_no_number_is_refused_and_changes_nothing() -> None:
    rule = TeamSplit([[(True, 0.0), (False, 0.0)]] * 10)
    rule.take(person="p0", day=at(28).date(), on=True, sides=Sides(1.0, 1.0, 1, 1))
    before = rule.evidence, rule.exposed_sessions, rule.diary()
    with pytest.raises(ValueError, match="no comparison is possible"):
        rule.take(person="p0", day=at(28).date(), on=True, sides=Sides(float("nan"), 1.0, 1, 1))
    assert (rule.evidence, rule.exposed_sessions, rule.diary()) == before


@pytest.mark.parametrize(("side", "who"), [(EXPOSED, "exposed"), (OTHERS, "unexposed")])
def test_lost_telemetry_of_either_side_is_said_and_leaves_the_state(side: frozenset[str], who: str) -> None:
    rows = [seen for seen in stream(3, days=STAGE_DAYS) if seen.actor not in side or seen.time < at(29, 9)]
    made = taken(watch(), rows)
    before = made.reading()

    said = made.silent_sides(lambda start, end: end - start, at(32, 17))
    assert f"nothing was heard of the {who} people" in said
    assert "telemetry is lost or has stalled" in said
    assert made.reading() == before
    assert not made.silent_sides(lambda *_: timedelta(minutes=30), at(29, 17))  # a pause is no silence


def test_late_data_are_put_where_they_belong() -> None:
    dice = random.Random(7)
    whole = taken(watch(), BROKEN)
    shuffled = list(BROKEN)
    dice.shuffle(shuffled)
    assert taken(watch(), shuffled).reading() == whole.reading()
    assert taken(watch(), [*BROKEN, *BROKEN[:200]]).reading() == whole.reading()  # and twice counts once


def test_tasks_from_outside_the_cohort_suspend_decisions() -> None:
    outside = [task("p20", 30, n, path="unified", hour=9 + n / 100) for n in range(30)]
    made = taken(watch(), sorted([*BROKEN, *outside], key=place_of))
    assert "by people outside the cohort; 2% are allowed" in made.reading().roster
    assert not made.breached
    assert made.reading().evidence >= ROLL_BACK_AT  # the evidence stands; it is not acted on


def test_people_of_the_cohort_seen_off_suspend_decisions_until_they_are_on() -> None:
    made = taken(watch(), sorted([*BROKEN, served("p0", 28, "off")], key=place_of))
    assert made.reading().roster == "1 people of the cohort were served the old path"
    assert not made.breached
    made.take(served("p0", 33, "on"))
    assert made.breached


def test_who_is_served_the_old_path_in_the_first_minutes_is_no_fault() -> None:
    made = watch()
    made.take(served("p0", 28, "off", hour=0.1))
    assert not made.reading().roster


def test_another_definition_of_errors_makes_the_baseline_void() -> None:
    recent = watch(errors_defined_on=at(25).date())
    reading = taken(recent, BROKEN).reading()
    assert reading.problem.startswith("no comparison group: 1 days since errors are counted as now (27 Mar)")
    assert not recent.breached


def test_a_shared_incident_without_a_group_holds_and_never_takes_back() -> None:
    alone = Comparison(Compares.NONE)
    made = taken(watch(comparison=alone), stream(4, days=STAGE_DAYS, rate=0.4))
    assert made.reading().own_evidence >= ROLL_BACK_AT
    assert not made.breached
    assert "compares this stage with nobody" in made.reading().problem


def test_retries_of_a_task_are_no_new_tasks_and_their_errors_one_session() -> None:
    made = watch()
    first = task("p0", 28, 0, path="unified")
    rows = [first]
    for retry in range(5):
        again = first.__class__(
            first.time + timedelta(minutes=retry + 1),
            f"again{retry}",
            "p0",
            "approve",
            "unified",
            task=first.id,
        )
        rows.append(again)
    others = [task(p, 28, 0, path="existing", hour=8.5) for p in sorted(OTHERS)[:3]]
    errors = [failure("p0", 28, n, path="unified", hour=10 + n / 10) for n in range(5)]
    reading = taken(made, [*others, *rows, *errors]).reading()
    assert (reading.exposed_tasks, reading.exposed_sessions) == (1, 1)


def test_before_the_stage_nothing_counts() -> None:
    made = watch()
    made.take(failure("p0", 27, 0, path="unified"))
    assert made.last_seen is None
    assert made.reading().exposed_tasks == 0
