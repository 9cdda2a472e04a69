"""What a stage compares with what (R181): each comparison on a stream, its signals, its restart, its draw."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from guarded_world import (
    BEFORE,
    EXPOSED,
    MONDAY,
    STAGE,
    STAGE_DAYS,
    book_of,
    day_of,
    drawn,
    failure,
    report,
    stream,
    taken,
    task,
    watch,
)

from companyos.adoption.telemetry.domain.comparison import Compares, Comparison
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.rules import RandomisedSplit, Sides
from companyos.adoption.telemetry.domain.signals import Pairs
from companyos.adoption.telemetry.domain.symptoms import Limits, Seen, Symptoms, place_of
from companyos.adoption.telemetry.domain.watch import Watch
from companyos.kernel.stats.merge import WEIGHTS, Signal
from companyos.kernel.stats.pair_evidence import pair_evidence

SWITCHBACK = drawn(0.5, Compares.SWITCHBACK)
SIGNALS = Comparison(signals=(Signal.ERROR, Signal.LATENCY, Signal.ABANDONMENT), slow_after_ms=1000.0)


def a_large_draw() -> tuple[Who, Comparison]:
    """Eighty people, half of them on by lot: enough for a draw."""
    comparison, everybody = drawn(0.5), [f"q{n}" for n in range(80)]
    on = frozenset(p for p in everybody if comparison.draws("plan", p))
    return Who(on, frozenset(everybody) - on, dict.fromkeys(everybody, "one"), on, "plan"), comparison


def drawn_stream(who: Who, *, failing_on: int, failing_off: int) -> list[Seen]:
    rows = []
    for place, person in enumerate(sorted(who.exposed | who.others)):
        path = "unified" if person in who.exposed else "existing"
        rows.append(task(person, 28, 0, path=path, hour=8 + place / 100))
    for people, path, failing in (
        (who.exposed, "unified", failing_on),
        (who.others, "existing", failing_off),
    ):
        rows += [
            failure(p, 28, 0, path=path, hour=10 + n / 100) for n, p in enumerate(sorted(people)[:failing])
        ]
    return sorted(rows, key=place_of)


def test_drawn_people_are_compared_by_whose_first_error_comes_next() -> None:
    who, comparison = a_large_draw()
    harmed = taken(watch(who=who, comparison=comparison), drawn_stream(who, failing_on=25, failing_off=3))
    assert harmed.breached
    assert harmed.reading().expected_sessions == pytest.approx(28 * len(who.exposed) / 80, abs=0.2)
    even = taken(watch(who=who, comparison=comparison), drawn_stream(who, failing_on=10, failing_off=10))
    assert not even.breached
    twice = [*drawn_stream(who, failing_on=5, failing_off=5)]
    again = [failure(p, 29, 0, path="unified") for p in sorted(who.exposed)[:5]]
    made = taken(watch(who=who, comparison=comparison), twice)
    before = made.reading().evidence
    taken(made, again)
    assert made.reading().evidence == before  # a person counts once a stage


def test_a_draw_is_safe_to_leave_only_from_a_hundred_tasks_on() -> None:
    rule = RandomisedSplit()
    for n in range(60):  # all errors are of people who are off
        rule.take(person=f"q{n}", day=day_of(28), on=False, sides=Sides(1.0, 1.0, 40, 40))
    assert rule.safe(baseline=0.01, tasks=100, harm=0.02).safe
    assert not rule.safe(baseline=0.01, tasks=99, harm=0.02).safe


def test_a_draw_needs_twenty_five_people_on() -> None:
    made = taken(watch(comparison=drawn(0.4)), stream(2, days=STAGE_DAYS, harm=10.0))
    assert made.reading().problem == "no comparison group: 10 people are on, a draw needs 25"
    assert not made.breached


def test_people_who_are_not_split_as_drawn_suspend_decisions() -> None:
    who, comparison = a_large_draw()
    rows = [
        task(p, 28, 0, path="unified", hour=8 + n / 100)
        for n, p in enumerate(sorted(who.exposed | who.others))
    ]
    made = taken(watch(who=who, comparison=comparison), rows)
    assert made.reading().roster
    assert not made.breached


def test_a_ramp_whose_people_are_all_where_they_were_drawn_is_no_mismatch() -> None:
    """From 25 to 50 %: a third of those still compared are on, and that is as drawn (R117)."""
    on = frozenset(f"r{n}" for n in range(100, 200))
    others = frozenset(f"r{n}" for n in range(200, 400))
    who = Who(on, others, {}, on | {f"r{n}" for n in range(100)}, "plan")
    rows = [
        task(p, 28, 0, path="unified" if p in on else "existing", hour=8 + n / 100)
        for n, p in enumerate(sorted(on | others))
    ]
    assert not taken(watch(who=who, comparison=drawn(0.5)), rows).reading().roster


@pytest.mark.parametrize(("harm", "taken_back"), [(1.0, False), (8.0, True)])
def test_a_switchback_compares_each_person_with_themselves_day_by_day(harm: float, taken_back: bool) -> None:
    def on(person: str, day: int) -> bool:
        return day >= 28 and person in EXPOSED and SWITCHBACK.draws_on("plan", person, day_of(day))

    rows = stream(5, days=[*STAGE_DAYS, 35, 36, 37, 38, 39], rate=0.05, harm=harm, on=on)
    made = taken(watch(comparison=SWITCHBACK), rows)
    assert made.breached is taken_back
    assert not made.reading().roster
    without_others = [seen for seen in rows if seen.actor in EXPOSED]
    assert taken(watch(comparison=SWITCHBACK), without_others).reading().evidence == made.reading().evidence


def test_signals_are_merged_by_weight_and_a_missing_one_keeps_its_last() -> None:
    made = taken(watch(comparison=SIGNALS), stream(2, days=STAGE_DAYS, harm=6.0))
    reading = made.reading()
    total = sum(WEIGHTS[each.signal] for each in reading.signals)
    mean = sum(WEIGHTS[each.signal] / total * each.evidence for each in reading.signals)
    assert reading.evidence == pytest.approx(mean)
    assert all(each.evidence != 1.0 for each in reading.signals)
    assert reading.evidence < max(each.evidence for each in reading.signals)


WITH_PAIRS = Comparison(signals=(Signal.ERROR, Signal.SHADOW_MISMATCH))


def test_R118_a_shadow_s_mismatch_is_merged_by_its_weight() -> None:
    made = taken(watch(comparison=WITH_PAIRS), stream(2, days=STAGE_DAYS, harm=1.0))
    before = made.reading()
    assert before.signals[1].problem == "no pair was compared in shadow in this stage"
    assert not made.breached
    made.hear(Pairs(12, 100))
    after = made.reading()
    error, pairs = after.signals
    assert (pairs.exposed_sessions, pairs.expected_sessions, pairs.problem) == (12, 2.0, "")
    assert pairs.evidence == pair_evidence(12, 100)
    weight = WEIGHTS[Signal.SHADOW_MISMATCH] / (WEIGHTS[Signal.ERROR] + WEIGHTS[Signal.SHADOW_MISMATCH])
    assert after.evidence == pytest.approx((1 - weight) * error.evidence + weight * pairs.evidence)
    assert made.breached  # twelve in a hundred, where two may
    made.hear(Pairs(0, 88))  # explained, or fixed
    assert not made.breached


def test_R118_pairs_survive_a_restart_and_a_recount_and_others_do_not_hear_them() -> None:
    rows = stream(2, days=STAGE_DAYS, harm=1.0)
    made = taken(watch(comparison=WITH_PAIRS), rows)
    made.hear(Pairs(12, 100))
    again = watch(comparison=WITH_PAIRS)
    again.restore(json.loads(json.dumps(made.state())), lambda: rows)
    assert again.reading() == made.reading()
    again.recount(rows)
    assert again.reading() == made.reading()
    plain = taken(watch(), rows)
    reading = plain.reading()
    plain.hear(Pairs(50, 50))
    assert plain.reading() == reading


def test_without_a_pair_the_signal_takes_its_weight_and_says_nothing() -> None:
    made = taken(watch(comparison=WITH_PAIRS), stream(2, days=STAGE_DAYS, harm=10.0))
    assert made.reading().signals[1].evidence == 1.0
    assert made.breached


def test_people_s_reports_count_wherever_they_were_made() -> None:
    reports = Comparison(signals=(Signal.HUMAN_REPORTS,))
    before = [report(f"p{n}", day) for day in BEFORE[:12] for n in (3, 13)]
    history = [*stream(1, days=BEFORE), *(seen.__class__(seen.time, seen.id, seen.actor, "", "existing", seen.event) for seen in before)]  # fmt: skip  # noqa: E501
    rows = sorted(
        [*stream(2, days=STAGE_DAYS), *(report(f"p{n}", d, 12) for d in STAGE_DAYS for n in range(8))],
        key=place_of,
    )
    made = taken(watch(book_of(history), comparison=reports), rows)
    assert made.breached


def test_the_slow_limit_is_that_of_the_week_before_and_does_not_move() -> None:
    history = stream(1, days=BEFORE, slow=0.5)
    latency = Comparison(signals=(Signal.LATENCY,))
    made = watch(book_of(history), comparison=latency)
    assert made.limits.slow_ms == 5000.0
    fixed = watch(comparison=Comparison(signals=(Signal.LATENCY,), slow_after_ms=1000.0))
    assert fixed.limits.slow_ms == 1000.0
    assert taken(fixed, stream(2, days=STAGE_DAYS, harm=10.0, slow=0.06, given_up=0.0)).breached


def test_without_a_slow_limit_the_signal_says_so() -> None:
    made = watch(book_of(stream(1, days=BEFORE[-1:])), comparison=Comparison(signals=(Signal.LATENCY,)))
    assert "state an objective instead" in made.reading().signals[0].problem


def test_a_task_is_given_up_when_its_limit_passes_and_not_when_it_is_done() -> None:
    symptoms = Symptoms(STAGE.tzinfo, [Signal.ABANDONMENT], Limits(None, timedelta(hours=4)))  # type: ignore[arg-type]
    begun = [task("p0", 28, 0, path="unified"), task("p1", 28, 0, path="unified")]
    done = Seen(
        MONDAY + timedelta(days=28, hours=10), "d", "p1", "approve", "unified", "task_completed", begun[1].id
    )
    assert [symptoms.take(seen) for seen in (*begun, done)] == [[], [], []]
    (given_up,) = symptoms.take(task("p2", 28, 0, path="unified", hour=14.0))
    assert (given_up.person, given_up.at) == ("p0", begun[0].time + timedelta(hours=4))


@pytest.mark.parametrize("comparison", [Comparison(), SIGNALS, SWITCHBACK, Comparison(Compares.NONE)])
def test_a_restart_goes_on_exactly_where_it_stopped(comparison: Comparison) -> None:
    """Streaming = replay = restart, to the last digit, whatever came before and comes late after."""
    on = (lambda p, d: d >= 28 and p in EXPOSED and SWITCHBACK.draws_on("plan", p, day_of(d))) if comparison is SWITCHBACK else None  # fmt: skip  # noqa: E501
    rows = stream(9, days=STAGE_DAYS, rate=0.08, harm=3.0, on=on)
    for stop in (0, 1, len(rows) // 3, len(rows) // 2, len(rows) - 1):
        whole = taken(watch(comparison=comparison), rows[:stop])
        state = json.loads(json.dumps(whole.state()))
        again = watch(book_of([]), comparison=comparison)  # a new process that has no history at hand
        again.restore(state, lambda stop=stop: iter(rows[:stop]))  # type: ignore[misc]
        assert again.reading() == whole.reading()
        recounted = watch(book_of([]), comparison=comparison)  # the weeks before are those that were kept
        recounted.restore(state, lambda: ())
        recounted.recount(rows[:stop])
        assert recounted.reading() == whole.reading()
        late, rest = rows[stop + 5 : stop + 6], [*rows[stop : stop + 5], *rows[stop + 6 :]]
        for made in (whole, again):
            taken(made, [*rest, *late])
        assert again.reading() == whole.reading()
        replayed = watch(comparison=comparison)
        replayed.recount(each for each in sorted(rows, key=place_of) for _ in range(2))
        assert replayed.reading() == whole.reading()
        assert len(json.dumps(state)) < 400_000


def test_what_a_stage_compares_is_said_in_plain_words() -> None:
    assert "each against its own four weeks before" in Comparison().says()
    assert "(20% are on)" in drawn(0.2).says()
    assert "never takes back by itself" in Comparison(Compares.NONE).says()


def test_a_larger_share_keeps_everybody_whom_a_smaller_one_drew_R117() -> None:
    people = [f"person-{n}" for n in range(2000)]
    small, large = ({p for p in people if drawn(share).draws("plan", p)} for share in (0.1, 0.4))
    assert small < large
    assert len(small) / 2000 == pytest.approx(0.1, abs=0.02)
    days = [sum(SWITCHBACK.draws_on("plan", "p", day_of(d)) for d in range(400)) / 400]
    assert days[0] == pytest.approx(0.5, abs=0.08)


def test_a_comparison_is_read_as_it_is_written() -> None:
    for each in (Comparison(), SIGNALS, drawn(0.3), SWITCHBACK):
        assert Comparison.from_document(each.to_document()) == each
    assert not Comparison().to_document()


def test_the_state_of_an_unknown_class_is_refused() -> None:
    with pytest.raises(TypeError, match="not meant to be stored"):
        Watch.restore(watch(), {"counters": {"_roster": {"$": "Popen", "v": {}}}, "signals": {}}, list)
