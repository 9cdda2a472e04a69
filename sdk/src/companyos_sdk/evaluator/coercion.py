"""JavaScript's coercions, which JsonLogic is defined by: what is true, which number, which text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from companyos_sdk.evaluator.code import TooMuchWork

LONGEST_TEXT = 64 * 1024
EXACT = 2**53  # beyond this a number is a double, as in JavaScript; it also keeps integers from growing

_DECIMAL = r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_FLOAT_PREFIX = re.compile(_DECIMAL, re.ASCII)
_NUMBER = re.compile(_DECIMAL + r"|0[xX][0-9a-fA-F]{1,200}", re.ASCII)

Number = int | float


def truthy(value: Any) -> bool:
    """JsonLogic's truth: 0, NaN, "", null and [] are false; "0" and {} are true."""
    if value is True or value is False:
        return bool(value)
    if value is None:
        return False
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    if isinstance(value, (str, int, list, tuple)):
        return bool(value)
    return True


def to_number(value: Any) -> Number:
    """JavaScript's Number(value); a list is the number its text is, so only one of a single item is any."""
    if isinstance(value, (list, tuple)):
        value = _only_item(value)
    if isinstance(value, (int, float)):
        return settled(value)
    if value is None:
        return 0
    return _number_in(value) if isinstance(value, str) else math.nan


def _only_item(items: Sequence[Any]) -> Any:
    """What stands for a list where a number is wanted: "" for an empty one, its only item, or NaN."""
    value: Any = items
    while isinstance(value, (list, tuple)):
        if len(value) > 1:
            return math.nan
        value = value[0] if value else ""
    return to_text(value) if isinstance(value, bool) else value


def to_text(value: Any, room: int = LONGEST_TEXT) -> str:
    """JavaScript's String(value); a list may not take more room than this many characters."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value)
    if isinstance(value, (list, tuple)):
        pieces: list[str] = []
        _collect(value, pieces, room)
        return "".join(pieces)
    return "[object Object]"


def _collect(items: Sequence[Any], pieces: list[str], room: int) -> int:
    """Append the texts of nested lists; a list can hold itself twice over, so the room is counted down."""
    for index, item in enumerate(items):
        if index:
            pieces.append(",")
            room -= 1
        if isinstance(item, (list, tuple)):
            room = _collect(item, pieces, room)
        elif item is not None:
            pieces.append(to_text(item))
            room -= len(pieces[-1])
        if room < 0:
            raise TooMuchWork("the text of a list grew too long")
    return room


def is_text_of(text: str, items: Sequence[Any]) -> bool:
    """Whether a list's text is this one; stops reading the list as soon as it is longer."""
    try:
        return to_text(items, room=len(text)) == text
    except TooMuchWork:
        return False


def settled(number: Number) -> Number:
    if isinstance(number, float):
        return number
    return int(number) if -EXACT <= number <= EXACT else _double(number)


def _double(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _number_in(text: str) -> Number:
    text = text.strip()
    if not text:
        return 0
    if not _NUMBER.fullmatch(text):
        return math.nan
    return settled(int(text, 16)) if text[1:2] in ("x", "X") else float(text)


def leading_number(value: Any) -> Number:
    """JavaScript's parseFloat: the number a text begins with."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return settled(value)
    while isinstance(value, (list, tuple)) and value:  # what follows the first item begins with a comma
        value = "" if value[0] is None else value[0]
    found = _FLOAT_PREFIX.match(to_text(value).lstrip())
    return float(found[0]) if found else math.nan


def _number_text(number: Number) -> str:
    if isinstance(number, int):
        return str(number) if abs(number) < 10**21 else _number_text(_double(number))
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number.is_integer() and abs(number) < 1e21:
        return str(int(number))
    if 1e-6 <= abs(number) < 1e-4:  # JavaScript still writes these without an exponent
        return format(Decimal(repr(number)), "f")
    return repr(number).replace("e-0", "e-")
