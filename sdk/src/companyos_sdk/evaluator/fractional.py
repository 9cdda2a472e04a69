"""`fractional`: assigns a unit (a user, a tenant) to an arm by hash, in proportion to the weights.

Arm i holds the buckets below its cumulative weight, with bucket = (hash * total) >> 32. As the weights are
known beforehand, the bounds are turned round into hash values once: hash < ceil((cumulative << 32) / total).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import Any, NamedTuple

import mmh3

from companyos_sdk.evaluator import cbor
from companyos_sdk.evaluator.code import Code, Rule, Run, items_in, pay_for

LARGEST_WEIGHT = 2**31 - 1  # also of the sum
_SHORT = 256  # characters; hashing a text up to here costs no steps
_PRICE_OF_ITEM = 8  # steps to write one item of an object as CBOR


class Hashing(StrEnum):
    """What is hashed: V2 the text itself (flagd until 2026), V3 its deterministic CBOR."""

    V2 = "v2"
    V3 = "v3"


_murmur: Callable[[bytes], int] = mmh3.mmh3_32_uintdigest


class Arm(NamedTuple):
    variant: Code
    weight: Code


Hasher = Callable[[Any, Run], int | None]  # unit -> unsigned 32 bit, or None when there is nobody to assign


def hash_of(hashing: Hashing) -> Hasher:
    """The hash of a bucketing value given by the rule."""
    return _hash_value if hashing is Hashing.V3 else _hash_text


def hash_of_targeting_key(hashing: Hashing, flag_key: str) -> Hasher:
    """The hash of (flag key, targeting key), for rules that name no bucketing value."""
    salt = b"\x82" + cbor.encode(flag_key) if hashing is Hashing.V3 else cbor.utf8(flag_key)
    encode = cbor.text if hashing is Hashing.V3 else cbor.utf8

    def salted(targeting_key: Any, run: Run) -> int | None:
        if not isinstance(targeting_key, str) or not targeting_key:
            return None
        if len(targeting_key) > _SHORT:
            pay_for(run, targeting_key)
        return _murmur(salt + encode(targeting_key))

    return salted


def _hash_text(value: Any, run: Run) -> int | None:
    if not isinstance(value, str):
        return None
    if len(value) > _SHORT:
        pay_for(run, value)
    return _murmur(cbor.utf8(value))


def _hash_value(value: Any, run: Run) -> int | None:
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, dict):
        run.spend(_PRICE_OF_ITEM * items_in(value))
    elif isinstance(value, str) and len(value) > _SHORT:
        pay_for(run, value)
    try:
        return _murmur(cbor.encode(value))
    except TypeError:
        return None


def whole_weight(value: Any) -> int | None:
    """A weight as the whole number it stands for, never below 0; None when it is no weight."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value > LARGEST_WEIGHT:
        return None
    return max(value, 0)


def bounds(weights: Sequence[int]) -> list[int] | None:
    """The first hash beyond each arm but the last, or None when no arm has any weight (or all too much)."""
    total = sum(weights)
    if not 0 < total <= LARGEST_WEIGHT:
        return None
    return [-(-(reached << 32) // total) for reached in accumulate(weights[:-1])]


# First operands of `fractional` that name its unit; any other operator may answer with an arm. A context
# could hold a list too, but must not supply arms, so `var` counts as a unit.
_NAMES_A_UNIT = frozenset({"var", "cat", "substr", "+", "-", "/", "%"})


def is_a_unit(node: Any) -> bool:
    """Whether a first operand is the bucketing value, and cannot turn out to be an arm."""
    return not isinstance(node, dict) or len(node) != 1 or next(iter(node)) in _NAMES_A_UNIT


def split(unit: Rule, hashed: Hasher, arms: Sequence[Arm]) -> Rule:
    """The rule that picks an arm for a unit."""
    if not all(arm.weight.is_constant for arm in arms):
        return _split_by_weights_of_the_moment(unit, hashed, arms)
    weights = [whole_weight(arm.weight.value) for arm in arms]
    edges = None if None in weights else bounds([weight or 0 for weight in weights])
    if edges is None:
        return _nobody
    if all(arm.variant.is_constant for arm in arms):
        return _split_into_constants(unit, hashed, edges, [arm.variant.value for arm in arms])
    return _split_into_rules(unit, hashed, edges, [arm.variant.run for arm in arms])


def _nobody(_data: Any, _run: Run) -> None:
    return None


def _split_into_constants(unit: Rule, hashed: Hasher, edges: list[int], variants: list[Any]) -> Rule:
    def pick(data: Any, run: Run) -> Any:
        found = hashed(unit(data, run), run)
        return None if found is None else variants[bisect_right(edges, found)]

    return pick


def _split_into_rules(unit: Rule, hashed: Hasher, edges: list[int], variants: list[Rule]) -> Rule:
    def pick(data: Any, run: Run) -> Any:
        found = hashed(unit(data, run), run)
        return None if found is None else variants[bisect_right(edges, found)](data, run)

    return pick


def _split_by_weights_of_the_moment(unit: Rule, hashed: Hasher, arms: Sequence[Arm]) -> Rule:
    def pick(data: Any, run: Run) -> Any:
        found = hashed(unit(data, run), run)
        if found is None:
            return None
        index = _arm_index(found, [arm.weight.run(data, run) for arm in arms])
        return None if index is None else arms[index].variant.run(data, run)

    return pick


def split_into_evaluated(
    first: Rule, targeting_key: Rule, by_value: Hasher, by_targeting_key: Hasher, arms: Sequence[Rule]
) -> Rule:
    """The general form: the first operand may turn out to be an arm, and arms may be computed lists."""

    def pick(data: Any, run: Run) -> Any:
        value = first(data, run)
        rows = [arm(data, run) for arm in arms]
        if isinstance(value, list):
            return _pick_row(by_targeting_key(targeting_key(data, run), run), [value, *rows])
        return _pick_row(by_value(value, run), rows)

    return pick


def _pick_row(found: int | None, rows: list[Any]) -> Any:
    if found is None or not all(isinstance(row, list) and 1 <= len(row) <= 2 for row in rows):
        return None
    index = _arm_index(found, [row[1] if len(row) == 2 else 1 for row in rows])
    return None if index is None else rows[index][0]


def _arm_index(found: int, weights: Sequence[Any]) -> int | None:
    whole = [whole_weight(weight) for weight in weights]
    edges = None if None in whole else bounds([weight or 0 for weight in whole])
    return None if edges is None else bisect_right(edges, found)
