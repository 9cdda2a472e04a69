"""What an evaluation answers: value, variant, reason, or an error with its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

# Beyond this a double no longer holds every integer, so a conversion could change the value.
EXACT_INTEGER = 2**53 - 1


class Reason(StrEnum):
    """Why a flag has its value, written as OFREP writes it. flagd answers TARGETING_MATCH for a split too."""

    STATIC = "STATIC"
    TARGETING_MATCH = "TARGETING_MATCH"
    SPLIT = "SPLIT"
    DEFAULT = "DEFAULT"
    DISABLED = "DISABLED"
    ERROR = "ERROR"


class ErrorCode(StrEnum):
    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
    PARSE_ERROR = "PARSE_ERROR"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
    INVALID_CONTEXT = "INVALID_CONTEXT"
    GENERAL = "GENERAL"


class FlagType(StrEnum):
    BOOLEAN = "boolean"
    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer for one flag. Without a variant (disabled, no default, error) the caller's default holds.

    A flag set returns the same object every time a flag lands on the same variant, so a server may keep
    the encoded answer beside it.
    """

    key: str
    value: Any
    variant: str | None
    reason: str
    error_code: str | None
    error_message: str | None
    metadata: Mapping[str, Any]


def typed(resolution: Resolution, expected: FlagType) -> Resolution:
    """The resolution as the type the caller asked for; TYPE_MISMATCH when its value is of another type.

    Numbers convert between integer and float only where nothing is lost (up to 2^53 - 1).
    """
    if resolution.variant is None:
        return resolution
    value = _as_type(resolution.value, expected)
    if value is None:
        return _mismatch(resolution, expected)
    return resolution if value is resolution.value else replace(resolution, value=value)


def _as_type(value: Any, expected: FlagType) -> Any:
    match expected:
        case FlagType.BOOLEAN:
            return value if isinstance(value, bool) else None
        case FlagType.STRING:
            return value if isinstance(value, str) else None
        case FlagType.OBJECT:
            return value if isinstance(value, dict | list) else None
        case FlagType.INTEGER:
            return _as_integer(value)
        case FlagType.FLOAT:
            return _as_float(value)


def _as_integer(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT_INTEGER:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _as_float(value: Any) -> float | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT_INTEGER:
        return float(value)
    return value if isinstance(value, float) else None


def _mismatch(resolution: Resolution, expected: FlagType) -> Resolution:
    actual = type(resolution.value).__name__
    return Resolution(
        key=resolution.key,
        value=None,
        variant=None,
        reason=Reason.ERROR,
        error_code=ErrorCode.TYPE_MISMATCH,
        error_message=f"{resolution.key} was asked for as {expected} but is {actual}",
        metadata=resolution.metadata,
    )
