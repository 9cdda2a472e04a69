"""Where two answers differ: a structural comparison with JSON pointers.

Three promises, each a property test: nothing differs from itself; swapping the sides mirrors each difference (added
becomes missing, everything else stays); a tolerance forgives exactly what it says and no more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Any

from companyos_sdk.shadow.matching import pairs_by_key, pairs_without_order
from companyos_sdk.shadow.plain import Bag, TooDeep, TooMuch, plain
from companyos_sdk.shadow.rules import Path, Rules, Tolerance, path_of, pointer_of

MOST_DIFFERENCES = 100


class Kind(StrEnum):
    CHANGED = "changed"
    TYPE = "type"  # another type of value: a text for a number
    MISSING = "missing"  # control has it, the candidate has not
    ADDED = "added"  # the candidate has it, control has not
    TOO_LARGE = "too_large"  # more than is compared: neither the same nor different


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which the answers differ: `pointer` in control's answer, `candidate_pointer` in the other.

    They part only inside lists without order. One that is missing or added has a pointer on its own side alone;
    the other is empty text with `None` as its value.
    """

    kind: Kind
    pointer: str
    candidate_pointer: str
    control: Any
    candidate: Any
    severity: int = 3

    @property
    def place(self) -> str:
        """The pointer with positions in lists left open, as `/lines/*/amount`: what a class of differences shares."""
        return self.pointer if self.kind is not Kind.ADDED else self.candidate_pointer


NO_RULES = Rules()
_Number = (int, float, Decimal)


def compare(control: Any, candidate: Any, rules: Rules = NO_RULES) -> tuple[Difference, ...]:
    """Return where the two differ, at most a hundred places."""
    try:
        left, right = plain(control), plain(candidate)
    except (TooDeep, TooMuch, RecursionError):
        return (Difference(Kind.TOO_LARGE, "", "", None, None),)
    return tuple(islice(_compared(left, right, (), (), rules), MOST_DIFFERENCES))


def _compared(left: Any, right: Any, here: Path, there: Path, rules: Rules) -> Iterator[Difference]:
    if rules.ignores(here):
        return
    normalise = rules.normaliser_at(here)
    if normalise is not None:
        left, right = plain(normalise(left)), plain(normalise(right))
    own = rules.comparator_at(here)
    if own is not None:
        if not own(left, right):
            yield _difference(Kind.CHANGED, here, there, left, right, rules)
    elif isinstance(left, dict) and isinstance(right, dict):
        yield from _objects(left, right, here, there, rules)
    elif isinstance(left, list) and isinstance(right, list):
        yield from _lists(left, right, here, there, rules)
    elif _family(left) != _family(right):
        yield _difference(Kind.TYPE, here, there, left, right, rules)
    elif not _is_same(left, right, rules.tolerance_at(here)):
        yield _difference(Kind.CHANGED, here, there, left, right, rules)


def _objects(
    left: dict[str, Any], right: dict[str, Any], here: Path, there: Path, rules: Rules
) -> Iterator[Difference]:
    for key in sorted(left.keys() | right.keys()):
        if key not in right:
            yield from _alone(Kind.MISSING, left[key], (*here, key), rules)
        elif key not in left:
            yield from _alone(Kind.ADDED, right[key], (*there, key), rules)
        else:
            yield from _compared(left[key], right[key], (*here, key), (*there, key), rules)


def _lists(left: list[Any], right: list[Any], here: Path, there: Path, rules: Rules) -> Iterator[Difference]:
    key = rules.order_key_at(here)
    if key is None and isinstance(left, Bag) and isinstance(right, Bag):
        key = ""
    if key is None:
        pairs = [(n, n) for n in range(min(len(left), len(right)))]
    elif key:
        pairs = pairs_by_key(left, right, key)
    else:
        step = (*here, "*")
        pairs = pairs_without_order(
            left, right, lambda a, b: next(_compared(a, b, step, step, rules), None) is None
        )
    for a, b in pairs:
        yield from _compared(left[a], right[b], (*here, str(a)), (*there, str(b)), rules)
    paired_left, paired_right = {a for a, _ in pairs}, {b for _, b in pairs}
    for a in range(len(left)):
        if a not in paired_left:
            yield from _alone(Kind.MISSING, left[a], (*here, str(a)), rules)
    for b in range(len(right)):
        if b not in paired_right:
            yield from _alone(Kind.ADDED, right[b], (*there, str(b)), rules)


def _alone(kind: Kind, value: Any, path: Path, rules: Rules) -> Iterator[Difference]:
    if rules.ignores(path):
        return
    pointer, severity = pointer_of(path), rules.severity_at(path)
    if kind is Kind.MISSING:
        yield Difference(kind, pointer, "", value, None, severity)
    else:
        yield Difference(kind, "", pointer, None, value, severity)


def _difference(kind: Kind, here: Path, there: Path, left: Any, right: Any, rules: Rules) -> Difference:
    return Difference(kind, pointer_of(here), pointer_of(there), left, right, rules.severity_at(here))


def _family(value: Any) -> str:
    """Numbers are one family whatever holds them; a truth is no number."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, _Number):
        return "number"
    return "list" if isinstance(value, list) else type(value).__name__


def _is_same(left: Any, right: Any, tolerance: Tolerance) -> bool:
    if isinstance(left, _Number) and not isinstance(left, bool):
        return _numbers_are_close(left, right, tolerance)
    if isinstance(left, datetime | date | time | timedelta):
        return _times_are_close(left, right, tolerance.seconds)
    if isinstance(left, str) and tolerance.seconds:
        return left == right or _texts_are_close_times(left, right, tolerance.seconds)
    return bool(left == right)


def _numbers_are_close(left: Any, right: Any, tolerance: Tolerance) -> bool:
    if left != left or right != right:  # NaN differs from all but NaN
        return bool(left != left and right != right)
    if left == right:
        return True
    if math.isinf(left) or math.isinf(right):
        return False
    a, b = _as_written(left), _as_written(right)
    allowed = max(_as_written(tolerance.absolute), _as_written(tolerance.relative) * max(abs(a), abs(b)))
    return abs(a - b) <= allowed


def _as_written(number: Any) -> Decimal:
    """A float as people write it: 1.1 and 1.0 lie 0.1 apart, not 0.10000000000000009."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _times_are_close(left: Any, right: Any, seconds: float) -> bool:
    if left == right:
        return True
    try:
        return bool(abs(left - right) <= timedelta(seconds=seconds))
    except TypeError:  # with and without a zone, or times of day
        return False


def _texts_are_close_times(left: str, right: str, seconds: float) -> bool:
    try:
        return _times_are_close(datetime.fromisoformat(left), datetime.fromisoformat(right), seconds)
    except ValueError:
        return False


def resolve(value: Any, pointer: str) -> Any:
    """Return what a difference's pointer leads to. Raises LookupError."""
    found = plain(value)
    for step in path_of(pointer):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found
