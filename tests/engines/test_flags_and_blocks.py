"""R95: exposures of one flag, when flags were last asked, who was active, what of a block is held: obvious answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.queries import flag_exposures, flags_asked
from companyos.adoption.telemetry.queries.exposures import first_variants
from companyos.analytics.engine import Engine
from engines.histories import BASE, EVALUATION, FEW, HOURS, Ev, Sent, histories, several, store_all

ASKS = {"flag_exposures", "flags_asked", "active_people", "held_events", "first_variants"}
_FROM, _UNTIL = BASE, datetime(2026, 6, 1, tzinfo=UTC)


def _of_own_flags(sent: list[Sent], engine: Engine) -> list[tuple[list[Ev], str, tuple[str, ...]]]:
    """These questions are not asked by tenant, so each history gets flags of its own name."""
    stored = store_all(sent, engine)
    return [(held.history, held.feature, held.tenants) for held in stored]


@FEW
@given(several(histories()), st.sampled_from(["flag-1", "flag-2"]))
def test_a_flags_exposures_equal_the_oracle(engine: Engine, sent: list[Sent], flag: str) -> None:
    for history, _, tenants in _of_own_flags(sent, engine):
        mine = [e for e in history if e.event == EVALUATION and e.kind == flag and e.time < _UNTIL]
        met = flag_exposures(flag, _FROM, _UNTIL)
        people: dict[tuple[str, str], set[str]] = defaultdict(set)
        count: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for each in mine:
            people[each.path, each.tenant].add(each.actor)
            count[each.path, each.tenant].add((each.tenant, each.id))
        found = {(v, t): (p, n) for v, t, p, n in met.rows if t in tenants}
        assert found == {key: (len(people[key]), len(count[key])) for key in people}


@FEW
@given(several(histories()), st.sampled_from(["flag-1", "flag-2"]))
def test_who_met_which_variant_first_equals_the_oracle(engine: Engine, sent: list[Sent], flag: str) -> None:
    asked = ("ada", "ben", "d'Or\\x")
    for history, _, tenants in _of_own_flags(sent, engine):
        mine = [
            e for e in history if e.event == EVALUATION and e.kind == flag and e.path and e.actor in asked
        ]
        first: dict[tuple[str, str], str] = {}
        for each in sorted(mine, key=lambda e: (e.ms, e.path)):
            first.setdefault((each.tenant, each.actor), each.path)
        expected: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (tenant, _actor), path in first.items():
            expected[tenant][path] += 1
        assert first_variants(flag, tenants, asked, _FROM, _UNTIL) == expected


@FEW
@given(several(histories()))
def test_flags_were_last_asked_when_the_latest_history_says(engine: Engine, sent: list[Sent]) -> None:
    stored = _of_own_flags(sent, engine)
    asked = flags_asked(_FROM, _UNTIL)
    for history, _, _ in stored:
        for flag in ("flag-1", "flag-2"):
            times = [e.time for e in history if e.event == EVALUATION and e.kind == flag]
            if times:
                assert datetime.fromisoformat(asked[flag]) >= max(times)


@FEW
@given(several(histories()))
def test_active_people_equal_the_oracle(engine: Engine, sent: list[Sent]) -> None:
    for held in store_all(sent, engine):
        span = held.span(0, 900 * HOURS).parameters()
        ((found,),) = engine.rows("active_people", **span, path="unified")
        done = held.between(0, 900 * HOURS, "task_completed")
        assert found == len({(e.tenant, e.actor) for e in done if e.path == "unified" and e.actor})


@FEW
@given(several(histories()), st.integers(0, 40))
def test_what_of_a_block_is_held_is_what_was_stored(engine: Engine, sent: list[Sent], more: int) -> None:
    for held in store_all(sent, engine):
        ids = sorted({e.id for e in held.history} | {f"never-{n:04d}" for n in range(more)})
        rows = engine.rows(
            "held_events",
            tenants=list(held.tenants),
            ids=ids,
            since=int(BASE.timestamp() * 1000),
            until=int(_UNTIL.timestamp() * 1000),
        )
        assert {tuple(row) for row in rows} == {(e.tenant, e.id) for e in held.history}
