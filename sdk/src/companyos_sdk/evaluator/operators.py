"""JsonLogic operators that only look at the values of their operands.

They follow the reference implementation (https://jsonlogic.com), and so JavaScript's coercions: every
operator answers for every JSON value and none raises, except `TooMuchWork` for outgrown texts and lists.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from companyos_sdk.evaluator.code import TooMuchWork
from companyos_sdk.evaluator.coercion import (
    LONGEST_TEXT,
    Number,
    is_text_of,
    leading_number,
    settled,
    to_number,
    to_text,
)

LONGEST_LIST = 10_000

# -- comparisons -----------------------------------------------------------------------------------------


def loosely_equal(a: Any, b: Any) -> bool:
    """`==`: "1" equals 1 and true equals 1; null equals only null; two lists or objects only themselves."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if a is None or b is None:
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    a_is_plain, b_is_plain = isinstance(a, (str, int, float)), isinstance(b, (str, int, float))
    if not a_is_plain and not b_is_plain:
        return a is b
    plain, other = (a, b) if a_is_plain else (b, a)
    if not isinstance(plain, str):
        return to_number(plain) == to_number(other)
    if isinstance(other, (list, tuple)):
        return is_text_of(plain, other)
    return plain == to_text(other) if isinstance(other, dict) else to_number(plain) == to_number(other)


def strictly_equal(a: Any, b: Any) -> bool:
    """`===`: the same type and the same value."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    return a is b


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(a: Any, b: Any) -> bool:
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            return compare(a, b)
        if isinstance(a, (list, tuple, dict)):
            a = to_text(a)
        if isinstance(b, (list, tuple, dict)):
            b = to_text(b)
        if isinstance(a, str) and isinstance(b, str):
            return compare(a, b)
        return compare(to_number(a), to_number(b))

    return ordered


def contains(needle: Any, haystack: Any) -> bool:
    """`in` for a haystack only known when the rule runs: an item of a list, or a part of a text."""
    if isinstance(haystack, (list, tuple)):
        return any(strictly_equal(needle, item) for item in haystack)
    if not isinstance(haystack, str) or not haystack:
        return False
    # JavaScript would find a missing attribute in "nullable"; nobody means that.
    return needle is not None and to_text(needle) in haystack


# -- numbers ---------------------------------------------------------------------------------------------


def _add(values: list[Any]) -> Number:
    total: Number = 0
    for value in values:
        total = settled(total + leading_number(value))
    return total


def _multiply(values: list[Any]) -> Any:
    if len(values) == 1:
        return values[0]
    product: Number = 1
    for value in values:
        product = settled(product * leading_number(value))
    return product if values else None


def _subtract(values: list[Any]) -> Number:
    if not values:
        return math.nan
    first = to_number(values[0])
    return -first if len(values) == 1 else settled(first - to_number(values[1]))


def _divide(values: list[Any]) -> Number:
    if len(values) < 2:
        return math.nan
    dividend, divisor = to_number(values[0]), to_number(values[1])
    if divisor != 0:
        return dividend / divisor
    if dividend == 0 or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1, divisor)


def _remainder(values: list[Any]) -> Number:
    """The remainder with the sign of the dividend, as in JavaScript."""
    if len(values) < 2:
        return math.nan
    dividend, divisor = to_number(values[0]), to_number(values[1])
    if divisor == 0 or math.isinf(dividend):
        return math.nan
    left = math.fmod(dividend, divisor)
    return int(left) if isinstance(dividend, int) and isinstance(divisor, int) else left


def _greatest(values: list[Any]) -> Number:
    numbers = [to_number(value) for value in values]
    return math.nan if any(map(math.isnan, numbers)) else max(numbers, default=-math.inf)


def _least(values: list[Any]) -> Number:
    numbers = [to_number(value) for value in values]
    return math.nan if any(map(math.isnan, numbers)) else min(numbers, default=math.inf)


# -- texts and lists -------------------------------------------------------------------------------------


def _concatenate(values: list[Any]) -> str:
    text = "".join([value if isinstance(value, str) else _joined(value) for value in values])
    if len(text) > LONGEST_TEXT:
        raise TooMuchWork(f"a text grew beyond {LONGEST_TEXT} characters")
    return text


def _joined(value: Any) -> str:
    return "" if value is None else to_text(value)


def _substring(values: list[Any]) -> str:
    """From a start (negative: from the end), a length (negative: leave that many off the end)."""
    text = to_text(values[0] if values else None)
    start = _position(values[1], len(text)) if len(values) > 1 else 0
    text = text[max(len(text) + start, 0) if start < 0 else start :]
    if len(values) < 3 or values[2] is None:
        return text
    length = _position(values[2], len(text))
    return text[: max(len(text) + length, 0) if length < 0 else length]


def _position(value: Any, longest: int) -> int:
    number = to_number(value)
    if math.isnan(number):
        return 0
    return int(max(-longest, min(longest, number)))


def _merge(values: list[Any]) -> list[Any]:
    merged: list[Any] = []
    for value in values:
        if isinstance(value, (list, tuple)):
            merged.extend(value)
        else:
            merged.append(value)
        if len(merged) > LONGEST_LIST:
            raise TooMuchWork(f"a list grew beyond {LONGEST_LIST} items")
    return merged


def _first(values: list[Any]) -> Any:
    """`log` hands its operand on. It writes nothing: a rule must not copy a context into a log."""
    return values[0] if values else None


def _differ_loosely(a: Any, b: Any) -> bool:
    return not loosely_equal(a, b)


def _differ_strictly(a: Any, b: Any) -> bool:
    return not strictly_equal(a, b)


less, at_most = _ordering(operator.lt), _ordering(operator.le)

EQUALITIES: dict[str, Callable[[Any, Any], bool]] = {
    "==": loosely_equal,
    "===": strictly_equal,
    "!=": _differ_loosely,
    "!==": _differ_strictly,
}

ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": less,
    "<=": at_most,
    ">": _ordering(operator.gt),
    ">=": _ordering(operator.ge),
}

AFFIXES: dict[str, Callable[[str, str], bool]] = {"starts_with": str.startswith, "ends_with": str.endswith}

OPERATORS: dict[str, Callable[[list[Any]], Any]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
    "max": _greatest,
    "min": _least,
    "cat": _concatenate,
    "substr": _substring,
    "merge": _merge,
    "log": _first,
}
