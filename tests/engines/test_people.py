"""R93, R95, R99: first value, actives, retention, bounce and exposures against slow, obvious oracles."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.queries.actives import daily_actives, weekly_actives, weekly_retention
from companyos.adoption.telemetry.queries.exposures import crossed_exposures, exposures
from companyos.adoption.telemetry.queries.first_value import Value, time_to_value
from companyos.adoption.telemetry.queries.outcomes import bounce
from companyos.adoption.telemetry.queries.tasks import last_event
from companyos.analytics.engine import Engine
from engines.histories import EVALUATION, FEW, HOURS, ZONE, Ev, Held, Sent, histories, several, store_all

ASKS = {
    "time_to_value",
    "actives_by_week",
    "actives_by_day",
    "retention",
    "bounce",
    "exposures",
    "exposures_crossed",
    "last_event_of",
}
_MINUTE, _DAY, _WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
_SPANS = st.sampled_from([(0, 900 * HOURS), (1, 400 * HOURS), (1000, 30 * HOURS), (168 * HOURS, 340 * HOURS)])
_ASKED = several(st.tuples(histories(), _SPANS))
Asked = list[tuple[Sent, tuple[int, int]]]
_VALUES = st.builds(
    Value,
    st.sampled_from([(EVALUATION,), ("case_started", "task_started")]),
    st.sampled_from([("task_completed",), ("task_completed", "task_started")]),
    st.sampled_from(["", "on"]),
    st.sampled_from(["", "unified"]),
)


@FEW
@given(several(st.tuples(histories(), _SPANS, _VALUES)))
def test_time_to_value_equals_the_product_limit(
    engine: Engine, asked: list[tuple[Sent, tuple[int, int], Value]]
) -> None:
    stored = store_all([sent for sent, *_ in asked], engine)
    for held, (_, span, value) in zip(stored, asked, strict=True):
        found = time_to_value(held.span(*span), value)
        waits = _waits(held, span, value)
        assert (found.people, found.open) == (len(waits), sum(not reached for _, reached in waits))
        assert (found.p50, found.p90) == (_level(waits, Fraction(1, 2)), _level(waits, Fraction(9, 10)))


@FEW
@given(_ASKED, st.sampled_from(["", "unified"]))
def test_actives_equal_the_oracle(engine: Engine, asked: Asked, path: str) -> None:
    stored = store_all([sent for sent, _ in asked], engine)
    for held, (_, span) in zip(stored, asked, strict=True):
        _check_actives(held, span, path)


def _check_actives(held: Held, span: tuple[int, int], path: str) -> None:
    events = ("task_completed", "task_failed")
    whole = held.span(*span)
    done = [each for each in _of_people(held.between(*span, *events)) if path in ("", each.path)]
    for found, start_of, step in (
        (daily_actives(whole, ZONE, events=events, path=path), _day, _DAY),
        (weekly_actives(whole, ZONE, events=events, path=path), _monday, _WEEK),
    ):
        wanted = {(start_of(each.time), each.tenant, each.actor) for each in done}
        assert {p.start: p.people for p in found if p.people} == Counter(start for start, _, _ in wanted)
        assert [p.start for p in found] == [found[0].start + n * step for n in range(len(found))]
        assert found[0].start <= _day(whole.since) < found[0].start + step
        assert found[-1].start <= _day(whole.until - timedelta(milliseconds=1)) < found[-1].start + step
        for period in found:
            begins, ends = (
                datetime.combine(d, datetime.min.time(), ZONE) for d in (period.start, period.start + step)
            )
            assert period.complete == (whole.since <= begins and ends <= whole.until)


@FEW
@given(_ASKED)
def test_retention_equals_the_oracle(engine: Engine, asked: Asked) -> None:
    stored = store_all([sent for sent, _ in asked], engine)
    for held, (_, span) in zip(stored, asked, strict=True):
        _check_retention(held, span)


def _check_retention(held: Held, span: tuple[int, int]) -> None:
    whole = held.span(*span)
    found = weekly_retention(whole, ZONE, path="unified")
    used = [
        each for each in _of_people(held.between(-1, span[1], "task_completed")) if each.path == "unified"
    ]
    weeks: dict[tuple[str, str], set[date]] = {}
    for each in used:
        weeks.setdefault((each.tenant, each.actor), set()).add(_monday(each.time))
    wanted: Counter[tuple[date, int]] = Counter()
    for own in weeks.values():
        if min(own) >= _monday(whole.since):
            wanted.update((min(own), (week - min(own)).days // 7) for week in own)
    assert {(cell.cohort, cell.later): cell.people for cell in found if cell.people} == wanted
    for cell in found:
        ends = datetime.combine(cell.cohort + (cell.later + 1) * _WEEK, datetime.min.time(), ZONE)
        assert cell.complete == (ends <= whole.until)
        assert cell.of == wanted[cell.cohort, 0]


@FEW
@given(
    several(st.tuples(histories(), st.sampled_from([(0, 900 * HOURS), (1, 2 * HOURS), (1000, 60 * HOURS)])))
)
def test_bounce_equals_the_oracle(engine: Engine, asked: Asked) -> None:
    stored = store_all([sent for sent, _ in asked], engine)
    for held, (_, span) in zip(stored, asked, strict=True):
        found = bounce(held.span(*span))
        outcomes = Counter(_bounced(own, span) for own in _by_person(held, span))
        assert (found.people, found.bounced, found.open) == (
            outcomes["bounced"] + outcomes["open"] + outcomes["stayed"],
            outcomes["bounced"],
            outcomes["open"],
        )


@FEW
@given(_ASKED, st.sampled_from(["", "flag-1"]))
def test_exposures_equal_the_oracle(engine: Engine, asked: Asked, flag: str) -> None:
    stored = store_all([sent for sent, _ in asked], engine)
    for held, (_, span) in zip(stored, asked, strict=True):
        met = [each for each in _of_people(held.between(*span, EVALUATION)) if flag in ("", each.kind)]
        whole = held.span(*span)
        found = exposures(held.tenants, whole.since, whole.until, flag=flag)
        assert [(e.flag, e.variant, e.tenant) for e in found] == sorted(
            {(e.kind, e.path, e.tenant) for e in met}
        )
        for row in found:
            own = [e for e in met if (e.kind, e.path, e.tenant) == (row.flag, row.variant, row.tenant)]
            assert (row.people, row.evaluations) == (len({e.actor for e in own}), len(own))
            assert (row.first, row.last) == (min(e.time for e in own), max(e.time for e in own))
        variants: dict[tuple[str, str, str], set[str]] = {}
        for each in met:
            variants.setdefault((each.kind, each.tenant, each.actor), set()).add(each.path)
        crossed = crossed_exposures(held.tenants, whole.since, whole.until, flag=flag)
        assert [(c.flag, c.people, c.crossed) for c in crossed] == [
            (f, len(own), sum(len(seen) > 1 for seen in own))
            for f in sorted({key[0] for key in variants})
            for own in [[seen for key, seen in variants.items() if key[0] == f]]
        ]


def _of_people(rows: list[Ev]) -> list[Ev]:
    return [each for each in rows if each.actor]


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _monday(moment: datetime) -> date:
    return _day(moment) - timedelta(days=_day(moment).weekday())


def _waits(held: Held, span: tuple[int, int], value: Value) -> list[tuple[int, bool]]:
    """How long each newcomer of the span waited, and whether value came."""
    waits = []
    rows = [each for each in held.history if each.at < span[1]]
    for who in {(each.tenant, each.actor) for each in _of_people(rows)}:
        own = [each for each in rows if (each.tenant, each.actor) == who]
        starts = [e.at for e in own if e.event in value.starts and value.start_path in ("", e.path)]
        values = [
            e.at
            for e in own
            if e.event in value.values and value.path in ("", e.path) and not _starts(e, value)
        ]
        if starts and min(starts) >= span[0]:
            waits.append(
                (max(0, min(values) - min(starts)), True) if values else (span[1] - min(starts), False)
            )
    return waits


def _starts(each: Ev, value: Value) -> bool:
    return each.event in value.starts and value.start_path in ("", each.path)


def _level(waits: list[tuple[int, bool]], share: Fraction) -> timedelta | None:
    """The first wait by which the estimated share still waiting has fallen to 1 - share."""
    still = Fraction(1)
    for took in sorted({took for took, reached in waits if reached}):
        at_risk = sum(other >= took for other, _ in waits)
        still *= 1 - Fraction(waits.count((took, True)), at_risk)
        if still <= 1 - share:
            return timedelta(milliseconds=took)
    return None


def _by_person(held: Held, span: tuple[int, int]) -> list[list[Ev]]:
    rows = [each for each in _of_people(held.history) if each.at < span[1]]
    people = {(each.tenant, each.actor) for each in rows}
    return [[each for each in rows if (each.tenant, each.actor) == who] for who in sorted(people)]


def _bounced(own: list[Ev], span: tuple[int, int]) -> str:
    used = sorted(each.at for each in own if each.path == "unified")
    if not used or used[0] < span[0]:
        return "no newcomer"
    session = [used[0]]
    for at in used[1:]:
        if at - session[-1] > 30 * 60_000:
            break
        session.append(at)
    done = [e for e in own if e.path == "unified" and e.event == "task_completed" and e.at <= session[-1]]
    day = used[0] + 24 * HOURS
    back = [e for e in own if e.path == "existing" and e.event == "task_started" and used[0] < e.at <= day]
    runs = span[1] - session[-1] <= 30 * 60_000
    if back or (not done and not runs):
        return "bounced"
    return "open" if runs or span[1] <= day else "stayed"


@FEW
@given(several(histories()))
def test_when_a_person_last_did_something_equals_the_oracle(engine: Engine, sent: list[Sent]) -> None:
    for held in store_all(sent, engine):
        last: dict[tuple[str, str], datetime] = {}
        for e in held.history:
            last[e.event, e.actor] = max(e.time, last.get((e.event, e.actor), e.time))
        for (event, actor), at in last.items():
            assert last_event(held.feature, event, actor) == at
        assert last_event(held.feature, "task_completed", "nobody-of-that-name") is None
