"""What a flag compiles to: the evaluator's answer is the oracle's, for any flags, segments and prerequisites."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import flag_oracle as oracle
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import DIRECTORY, PEOPLE, SET, TEAMS, release, world

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain.documents import flag_from, plain, segment_from
from companyos.adoption.flags.domain.reach import who_is_on
from companyos.adoption.flags.domain.types import (
    EVERYBODY,
    MAIN_SET,
    Arm,
    Audience,
    Comparison,
    Condition,
    FlagSpec,
    FlagState,
    Hashing,
    Killed,
    Kind,
    Lifecycle,
    SegmentSpec,
    Slice,
    World,
    people_of,
)
from companyos_sdk.evaluator import BadRuleset

KILLED = Killed("squad-1", datetime(2026, 11, 9, tzinfo=UTC), "it floods people")
some = lambda names: st.lists(st.sampled_from(sorted(names)), max_size=2, unique=True).map(tuple)  # noqa: E731

conditions = st.builds(
    Condition,
    attribute=st.sampled_from(["role", "team", "department", "tenant", "appVersion"]),
    test=st.sampled_from([Comparison.IS, Comparison.IS_NOT, Comparison.STARTS_WITH, Comparison.ENDS_WITH]),
    values=st.lists(st.sampled_from(["supervisor", "eng", "sales", "ops", "e"]), min_size=1, max_size=2).map(
        tuple
    ),
)
segments = st.lists(
    st.builds(
        SegmentSpec,
        slug=st.sampled_from(["s1", "s2"]),
        title=st.just("S"),
        tenants=some(DIRECTORY.tenants),
        teams=some(TEAMS),
        departments=some(DIRECTORY.departments),
        people=some(PEOPLE),
        conditions=st.lists(conditions, max_size=2).map(tuple),
    ),
    min_size=2,
    max_size=2,
    unique_by=lambda segment: segment.slug,
).map(tuple)
slices = st.builds(
    Slice,
    tenant=st.sampled_from(["", *sorted(DIRECTORY.tenants)]),
    teams=some(TEAMS),
    departments=some(DIRECTORY.departments),
    people=some(PEOPLE),
    segments=some(["s1", "s2"]),
    percent=st.sampled_from([100.0, 100.0, 50.0, 12.34, 0.0]),
)


@st.composite
def worlds(draw: Any) -> World:
    """Flags a to d; each may require those before it, so there is no circle."""
    flags: list[FlagState] = []
    for key in "abcd":
        kind = draw(st.sampled_from(list(Kind)))
        spec = FlagSpec(
            key,
            key,
            kind,
            lifecycle=draw(st.sampled_from([Lifecycle.LIVE, Lifecycle.LIVE, *Lifecycle])),
            arms=(Arm("x", 3), Arm("y", 1)) if kind is Kind.EXPERIMENT else (),
            audience=Audience(
                tuple(draw(st.lists(slices, max_size=2))),
                tuple(draw(st.lists(slices, max_size=1))),
                draw(some([each.spec.key for each in flags])) if flags else (),
            ),
        )
        flags.append(FlagState(spec, 1, KILLED if draw(st.integers(0, 7)) == 0 else None))
    return world(*flags, segments=draw(segments))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
@given(worlds())
def test_everybody_gets_what_the_oracle_says_R117(any_world: World) -> None:
    flags = compiler.load_all(any_world)[MAIN_SET]
    for key, state in any_world.flags.items():
        if state.spec.lifecycle is Lifecycle.ARCHIVED:
            assert key not in flags.keys()  # noqa: SIM118
            continue
        for member in DIRECTORY.members:
            answer = flags.evaluate(key, member.context, now=0.0)
            assert (answer.error_code, answer.variant) == (None, oracle.variant(any_world, key, member)), (
                key,
                member,
            )


@settings(max_examples=200, deadline=None, print_blob=True)
@given(
    st.floats(0, 100),
    st.floats(0, 100),
    st.text("abcdef.", min_size=1, max_size=12),
    st.sampled_from(Hashing),
)
def test_a_larger_percentage_contains_a_smaller_one_R117(
    a: float, b: float, key: str, hashing: Hashing
) -> None:
    small, large = sorted(round(each, 2) for each in (a, b))
    on = []
    for percent in (small, large):
        here = world(release(key, Slice(percent=percent)), chosen=replace(SET, fractional=hashing))
        on.append(people_of(who_is_on(compiler.load_all(here)[MAIN_SET], key, DIRECTORY)))
    assert on[0] <= on[1]


def test_a_bucket_is_kept_where_the_flag_stands_behind_another_R117() -> None:
    behind, front = release("behind", Slice(percent=40)), release("front", Slice(), requires=("behind",))
    flags = compiler.load_all(world(behind, front))[MAIN_SET]
    on = who_is_on(flags, "behind", DIRECTORY)
    assert who_is_on(flags, "front", DIRECTORY) == on
    assert 0 < len(people_of(on)) < len(PEOPLE)


def test_without_a_key_nobody_falls_into_a_bucket() -> None:
    flags = compiler.load_all(world(release("a", Slice(percent=99.99))))[MAIN_SET]
    assert flags.evaluate("a", {"tenant": "eng"}).variant == "off"


def test_a_prerelease_is_on_nowhere_but_in_the_tenants_that_show_it_R42() -> None:
    spec = release("a", lifecycle=Lifecycle.PRERELEASE, audience=EVERYBODY)
    flags = compiler.load_all(world(spec))[MAIN_SET]
    assert set(who_is_on(flags, "a", DIRECTORY)) == {"lab"}
    forged = {"targetingKey": "sales-1", "tenant": "corp", "team": "quality", "department": "engineering"}
    assert flags.evaluate("a", forged).variant == "off"


@pytest.mark.parametrize("kind", list(Kind))
def test_a_killed_flag_has_no_rule_and_so_no_bucket_R159(kind: Kind) -> None:
    arms = (Arm("x"), Arm("y")) if kind is Kind.EXPERIMENT else ()
    spec = FlagSpec("a", "A", kind, arms=arms, audience=Audience((Slice(percent=50),)))
    document = compiler.document_of(world(FlagState(spec, 3, KILLED)), SET)
    assert "targeting" not in document["flags"]["a"]
    assert "fractional" not in json.dumps(document["flags"])
    answer = compiler.load(document).evaluate("a", DIRECTORY.members[0].context)
    assert (answer.variant, answer.reason, answer.metadata["killed"]) == ("off", "STATIC", True)


def test_what_is_behind_a_killed_flag_is_off() -> None:
    behind = FlagState(release("behind", Slice()), 1, KILLED)
    flags = compiler.load_all(world(behind, release("front", Slice(), requires=("behind",))))[MAIN_SET]
    assert who_is_on(flags, "front", DIRECTORY) == {}


def test_an_experiment_divides_those_in_it_and_tells_the_others_apart_R18() -> None:
    spec = FlagSpec(
        "a",
        "A",
        Kind.EXPERIMENT,
        arms=(Arm("plain", 1), Arm("bold", 1)),
        audience=Audience((Slice(tenant="eng"),)),
    )
    flags = compiler.load_all(world(spec))[MAIN_SET]
    inside = {flags.evaluate("a", m.context).variant for m in DIRECTORY.members if m.tenant == "eng"}
    outside = [flags.evaluate("a", m.context) for m in DIRECTORY.members if m.tenant != "eng"]
    assert inside == {"plain", "bold"}
    assert {(each.variant, each.value) for each in outside} == {("off", "plain")}
    assert outside[0].metadata["exposure"] is True


def test_twenty_flags_deep_and_wide_stay_small() -> None:
    """Prerequisites are flattened: a diamond of twenty floors would be a million conditions if it were spelled out."""
    flags = [release("f0", Slice())]
    for n in range(1, 20):
        flags.append(release(f"f{n}", Slice(), requires=tuple(f.key for f in flags[-2:])))
    flags_loaded = compiler.load_all(world(*flags))[MAIN_SET]
    assert len(people_of(who_is_on(flags_loaded, "f19", DIRECTORY))) == len(PEOPLE)


def deep(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"==": [1, 1]}
    for _ in range(levels):
        rule = {"!": [rule]}
    return rule


BOMBS = {
    "too deep": (deep(80), "nests at most 50"),
    "too many": ({"or": [{"==": [n, 1]} for n in range(10_001)]}, "at most 10,000 items"),
    "too large": ({"or": [{"==": ["x" * 40, str(n)]} for n in range(2_000)]}, "65,536 bytes"),
    "no operator": ({"iff": [True]}, "no operator 'iff'"),
    "refers on": ({"$ref": "cohort of a"}, "refers to an evaluator"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_rule_bomb_is_refused_with_its_path(name: str) -> None:
    rule, said = BOMBS[name]
    segment = segment_from({"slug": "bomb", "title": "B", "rule": rule})
    with pytest.raises(BadRuleset, match=said) as refused:
        compiler.load_all(world(release("a", Slice()), segments=(segment,)))
    assert "segment" in refused.value.path or "bomb" in refused.value.path


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
@given(worlds())
def test_documents_are_read_back_as_they_were_written(any_world: World) -> None:
    for state in any_world.flags.values():
        assert flag_from(json.loads(json.dumps(plain(state.spec)))) == state.spec
    for segment in any_world.segments.values():
        assert segment_from(json.loads(json.dumps(plain(segment)))) == segment
