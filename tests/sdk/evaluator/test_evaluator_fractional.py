"""Bucketing: the hash inputs of both schemes, and how weights divide the hashes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import mmh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos_sdk.evaluator import FlagSet, Hashing
from companyos_sdk.evaluator.cbor import encode
from companyos_sdk.evaluator.fractional import bounds

BUCKETS = [f"bucket{number}" for number in range(1, 26)]


def flags(rule: Any, variants: list[str], hashing: Hashing = Hashing.V2) -> FlagSet:
    flag = {"state": "ENABLED", "variants": {name: name for name in variants}, "targeting": rule}
    return FlagSet.load({"flags": {"flag": flag}}, hashing=hashing)


@pytest.mark.parametrize(
    ("value", "expected"),
    [  # RFC 8949, appendix A, but for what flagd's decision adds: whole floats are integers
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1000, "1903e8"),
        (1_000_000, "1a000f4240"),
        (2**64 - 1, "1bffffffffffffffff"),
        (-1, "20"),
        (-1000, "3903e7"),
        (-(2**63), "3b7fffffffffffffff"),
        (1.5, "f93e00"),
        (5.960464477539063e-8, "f90001"),
        (1.1, "fb3ff199999999999a"),
        (3.4028234663852886e38, "fa7f7fffff"),
        (1.0e300, "fb7e37e43c8800759c"),
        (-0.0, "00"),
        (1.0, "01"),
        (2**64, "fa5f800000"),
        (math.nan, "f97e00"),
        (math.inf, "f97c00"),
        (10**400, "f97c00"),
        (False, "f4"),
        (True, "f5"),
        (None, "f6"),
        ("", "60"),
        ("ü", "62c3bc"),
        ("\ud800", "63efbfbd"),
        ([1, [2, 3]], "8201820203"),
        ({}, "a0"),
        ({"b": [2, 3], "a": 1}, "a26161016162820203"),
        ({"aa": 1, "z": 2}, "a2617a0262616101"),
        ("a" * 24, "7818" + "61" * 24),
    ],
)
def test_deterministic_cbor(value: Any, expected: str) -> None:
    assert encode(value).hex() == expected


@pytest.mark.parametrize(
    ("value", "bucket"),
    [  # the answers flagd's own scenarios for the third scheme give
        (True, 5),
        ("user1", 22),
        (123, 20),
        (1.23, 14),
        ("123", 22),
        (9007199254740992.0, 10),
        (-25, 16),
        ("", 4),
        ({"c": 3, "a": 1, "b": 2}, 18),
        ({"a": [1, "two", True, [], None]}, 23),
    ],
)
def test_v3_agrees_with_flagd(value: Any, bucket: int) -> None:
    rule = {"fractional": [{"var": "unit"}, *([name, 1] for name in BUCKETS)]}

    assert flags(rule, BUCKETS, Hashing.V3).evaluate("flag", {"unit": value}).variant == f"bucket{bucket}"


HALVES = [["on", 50], ["off", 50]]


@pytest.mark.parametrize("hashing", list(Hashing))
@pytest.mark.parametrize(
    ("operands", "context"),
    [
        (HALVES, {}),
        (HALVES, {"targetingKey": ""}),
        (HALVES, {"targetingKey": 7}),
        ([{"var": "unit"}, *HALVES], {"targetingKey": "ada"}),
        ([{"var": "unit"}, *HALVES], {"unit": [["on", 100]]}),
        ([{"var": "unit"}, ["on", 0], ["off", -1]], {"unit": "ada"}),
        ([{"var": "unit"}, ["on", {"var": "weight"}], ["off", 1]], {"unit": "ada", "weight": 1.5}),
        ([{"var": "unit"}, ["on", {"var": "weight"}], ["off", 1]], {"unit": "ada", "weight": 2**31 - 1}),
        ([{"var": "unit"}], {"unit": "ada"}),
        ([], {"targetingKey": "ada"}),
    ],
)
def test_nobody_is_assigned(hashing: Hashing, operands: list[Any], context: dict[str, Any]) -> None:
    resolution = flags({"fractional": operands}, ["on", "off"], hashing).evaluate("flag", context)

    assert (resolution.reason, resolution.variant) == ("DEFAULT", None)


@pytest.mark.parametrize("hashing", list(Hashing))
def test_the_general_form_assigns_as_the_fast_one(hashing: Hashing) -> None:
    """Computed arms, computed weights and a computed first arm change nothing about who gets what."""
    unit = {"var": "targetingKey"}
    fixed = flags({"fractional": [unit, ["on", 30], ["off", 70]]}, ["on", "off"], hashing)
    same = [
        {"fractional": [unit, ["on", {"-": [{"var": "hundred"}, 70]}], ["off", 70]]},
        {"fractional": [unit, {"merge": [{"var": "on"}, 30]}, ["off", 70]]},
        {"fractional": [{"if": [True, unit, "x"]}, ["on", 30], ["off", 70]]},
        {"fractional": [unit, [{"var": "on"}, 30], ["off", 70]]},
    ]
    by_key = flags({"fractional": [["on", 30], ["off", 70]]}, ["on", "off"], hashing)
    by_computed_arm = flags({"fractional": [{"merge": ["on", 30]}, ["off", 70]]}, ["on", "off"], hashing)
    for number in range(200):
        context = {"targetingKey": f"user-{number}", "hundred": 100, "on": "on"}
        expected = fixed.evaluate("flag", context).variant
        for rule in same:
            assert flags(rule, ["on", "off"], hashing).evaluate("flag", context).variant == expected
        assert by_computed_arm.evaluate("flag", context).variant == by_key.evaluate("flag", context).variant


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8), st.text(max_size=20))
def test_bounds_divide_as_the_formula_does(weights: list[int], unit: str) -> None:
    edges = bounds(weights)
    if edges is None:
        assert sum(weights) == 0
        return
    found = mmh3.hash(unit.encode("utf-8", "replace"), signed=False)
    bucket, reached = (found * sum(weights)) >> 32, 0
    for index, weight in enumerate(weights):
        reached += weight
        if bucket < reached:
            assert sum(found >= edge for edge in edges) == index
            return
    raise AssertionError("the weights cover every bucket")


def test_a_larger_share_keeps_everybody_it_had() -> None:
    def members(share: int) -> set[str]:
        ruleset = flags({"fractional": [["on", share], ["off", 100 - share]]}, ["on", "off"])
        users = [f"user-{number}" for number in range(1000)]
        return {user for user in users if ruleset.evaluate("flag", {"targetingKey": user}).variant == "on"}

    cohorts = [members(share) for share in (1, 5, 25, 50, 100)]

    assert all(smaller < larger for smaller, larger in pairwise(cohorts))
    assert 200 < len(cohorts[2]) < 300
