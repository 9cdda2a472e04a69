"""R118: the comparison tells differences field by field. Properties: reflexive, mirrored, tolerant exactly as declared,
pointers resolve."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos_sdk.shadow import Difference, Rules, Tolerance, compare
from companyos_sdk.shadow.comparing import Kind, resolve
from companyos_sdk.shadow.rules import fits, path_of, pointer_of

KEYS = st.text(st.sampled_from("ab/~*0é"), max_size=3)
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.decimals(allow_nan=True).filter(lambda d: not d.is_snan())
    | st.datetimes()
    | st.binary(max_size=4)
)
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
RULES = st.sampled_from(
    [
        Rules(),
        Rules(unordered={"/**": ""}),
        Rules(tolerance={"/**": Tolerance(absolute=0.5, relative=0.1)}),
        Rules(unordered={"/**": ""}, tolerance={"/**": Tolerance(absolute=1)}),
        Rules(unordered={"/**": "a"}, ignore=("/b", "/*/b")),
    ]
)


@given(VALUES, RULES)
def test_R118_nothing_differs_from_itself(value: Any, rules: Rules) -> None:
    assert compare(value, copy.deepcopy(value), rules) == ()


@given(VALUES, VALUES, RULES)
def test_R118_swapping_the_sides_mirrors_every_difference(left: Any, right: Any, rules: Rules) -> None:
    there, back = compare(left, right, rules), compare(right, left, rules)
    if any(rules.unordered):  # which leftovers of a list pair up may differ; how many do not
        assert bool(there) == bool(back)
        return
    assert sorted(map(_shape, there)) == sorted(_shape(_mirrored(each)) for each in back)


@given(VALUES, VALUES, RULES)
def test_R118_pointers_resolve(left: Any, right: Any, rules: Rules) -> None:
    for each in compare(left, right, rules):
        if each.kind is not Kind.ADDED:
            assert compare(resolve(left, each.pointer), each.control) == ()
        if each.kind is not Kind.MISSING:
            assert compare(resolve(right, each.candidate_pointer), each.candidate) == ()


@given(st.lists(VALUES, max_size=6), st.randoms(use_true_random=False))
def test_R118_a_list_without_order_may_be_shuffled(values: list[Any], draw: Any) -> None:
    shuffled = copy.deepcopy(values)
    draw.shuffle(shuffled)
    assert compare(values, shuffled, Rules(unordered={"": ""})) == ()


@given(
    st.decimals(-1000, 1000, places=3),
    st.decimals(-10, 10, places=3),
    st.decimals(0, 10, places=3),
    st.decimals(0, 1, places=3),
)
def test_R118_numbers_are_tolerated_exactly_as_declared(
    number: Decimal, off: Decimal, absolute: Decimal, relative: Decimal
) -> None:
    other = number + off
    rules = Rules(tolerance={"": Tolerance(absolute=float(absolute), relative=float(relative))})
    allowed = abs(off) <= max(absolute, relative * max(abs(number), abs(other)))
    assert (compare(number, other, rules) == ()) is allowed
    assert (compare(float(number), float(other), rules) == ()) is allowed


@given(st.integers(-5_000, 5_000), st.integers(0, 5_000))
def test_R118_times_are_tolerated_exactly_as_declared(off_ms: int, allowed_ms: int) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    later = noon + timedelta(milliseconds=off_ms)
    rules = Rules(tolerance={"": Tolerance(seconds=allowed_ms / 1000)})
    same = abs(off_ms) <= allowed_ms
    assert (compare(noon, later, rules) == ()) is same
    assert (compare(noon.isoformat(), later.isoformat(), rules) == ()) is same


@given(st.lists(KEYS, max_size=4).map(tuple))
def test_R118_a_pointer_is_read_as_it_is_written(path: tuple[str, ...]) -> None:
    assert path_of(pointer_of(path)) == path


def test_R118_a_tolerant_pairing_is_the_largest_there_is() -> None:
    rules = Rules(unordered={"": ""}, tolerance={"/*": Tolerance(absolute=1)})
    assert compare([0, -1], [0, 1], rules) == ()  # the equal pair would leave -1 and 1, two apart


CENTS = Rules(tolerance={"/*/amount": Tolerance(0.005)})
BY_ID = Rules(unordered={"": "id"})


@dataclass
class Line:
    id: str
    amount: float


@pytest.mark.parametrize(
    ("left", "right", "rules", "told"),
    [
        ({"a": 1}, {"a": 2}, Rules(), [("/a", Kind.CHANGED)]),
        ({"a": 1}, {"a": "1"}, Rules(), [("/a", Kind.TYPE)]),
        ({"a": True}, {"a": 1}, Rules(), [("/a", Kind.TYPE)]),
        ({"a": 1}, {"a": 1.0}, Rules(), []),
        ({"a": 1}, {}, Rules(), [("/a", Kind.MISSING)]),
        ([1], [1, 2], Rules(), [("/1", Kind.ADDED)]),
        ({1, 2}, {2, 1}, Rules(), []),
        ([Line("x", 1.0)], [{"id": "x", "amount": 1.004}], CENTS, []),
        ([Line("x", 1.0)], [Line("x", 1.006)], CENTS, [("/0/amount", Kind.CHANGED)]),
        ([Line("x", 1), Line("y", 2)], [Line("y", 3), Line("x", 1)], BY_ID, [("/1/amount", Kind.CHANGED)]),
        ({"at": 1, "b": {"c": 1}}, {"at": 2, "b": {"c": 3}}, Rules(ignore=("/at", "/b/**")), []),
        ({"n": " Ada "}, {"n": "ada"}, Rules(normalise={"/n": lambda v: v.strip().lower()}), []),
        ({"n": 7}, {"n": 17}, Rules(same={"/n": lambda a, b: a % 10 == b % 10}), []),
        ({"a~/b": 1}, {"a~/b": 2}, Rules(), [("/a~0~1b", Kind.CHANGED)]),
        (float("nan"), float("nan"), Rules(), []),
        (float("inf"), 1.0, Rules(tolerance={"": Tolerance(relative=1)}), [("", Kind.CHANGED)]),
    ],
)  # fmt: skip
def test_R118_what_counts_as_a_difference(left: Any, right: Any, rules: Rules, told: list[Any]) -> None:
    found = compare(left, right, rules)
    assert [(each.pointer or each.candidate_pointer, each.kind) for each in found] == told


def test_R118_what_is_endless_is_not_compared() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert [each.kind for each in compare(endless, [1])] == [Kind.TOO_LARGE]


@pytest.mark.parametrize(
    ("pattern", "pointer", "does"),
    [
        ("/a/*", "/a/b", True),
        ("/a/*", "/a", False),
        ("/a/**", "/a/b/c", True),
        ("/a/**", "/a", True),
        ("", "", True),
        ("", "/a", False),
    ],
)
def test_R118_patterns(pattern: str, pointer: str, does: bool) -> None:
    assert fits(pattern, path_of(pointer)) is does


def _shape(each: Difference) -> tuple[str, str, str, str, str]:
    return each.kind, each.pointer, each.candidate_pointer, repr(each.control), repr(each.candidate)


_MIRROR = {Kind.ADDED: Kind.MISSING, Kind.MISSING: Kind.ADDED}


def _mirrored(each: Difference) -> Difference:
    kind = _MIRROR.get(each.kind, each.kind)
    return Difference(kind, each.candidate_pointer, each.pointer, each.candidate, each.control)
