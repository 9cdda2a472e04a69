"""`sem_ver`: compares semantic versions (https://semver.org), leniently as flagd does.

A "v" in front, one or two numbers instead of three and plain JSON numbers are all accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

LONGEST_VERSION = 128

# (major, minor, patch, pre-release); a pre-release sorts before the release it leads to
Version = tuple[int, int, int, tuple[Any, ...]]

_NUMBER = r"(0|[1-9]\d*)"
_IDENTIFIERS = r"[0-9a-zA-Z-]++(?:\.[0-9a-zA-Z-]++)*+"  # possessive: no text makes it try twice
_VERSION = re.compile(
    rf"[vV]?{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?"
    rf"(?:-({_IDENTIFIERS}))?(?:\+{_IDENTIFIERS})?",
    re.ASCII,
)
_RELEASE = (1,)


def _same_major(a: Version, b: Version) -> bool:
    return a[0] == b[0]


def _same_minor(a: Version, b: Version) -> bool:
    return a[:2] == b[:2]


COMPARISONS: dict[str, Callable[[Version, Version], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "^": _same_major,
    "~": _same_minor,
}


def version_of(value: Any) -> Version | None:
    """The version a JSON value stands for, or None when it stands for none."""
    if isinstance(value, str):
        return parse(value) if len(value) <= LONGEST_VERSION else None
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return parse(repr(value)) if abs(value) < 1e15 else None
    return None


@lru_cache(maxsize=1024)
def parse(text: str) -> Version | None:
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    major, minor, patch, prerelease = found.groups()
    if prerelease and any(map(_has_a_leading_zero, prerelease.split("."))):
        return None
    return int(major), int(minor or 0), int(patch or 0), _precedence(prerelease)


def _has_a_leading_zero(identifier: str) -> bool:
    return len(identifier) > 1 and identifier[0] == "0" and identifier.isdigit()


def _precedence(prerelease: str | None) -> tuple[Any, ...]:
    """Numbers before words, numbers by size, fewer identifiers first (semver.org, item 11)."""
    if not prerelease:
        return _RELEASE
    return (0, *(_rank(identifier) for identifier in prerelease.split(".")))


def _rank(identifier: str) -> tuple[int, int, str]:
    return (0, int(identifier), "") if identifier.isdigit() else (1, 0, identifier)


def compare(left: Any, operator: Any, right: Any) -> bool | None:
    """`sem_ver` on version, operator, version; None when any of the three makes no sense."""
    comparison = COMPARISONS.get(operator) if isinstance(operator, str) else None
    a, b = version_of(left), version_of(right)
    return None if comparison is None or a is None or b is None else comparison(a, b)


def against(operator: str, right: Version) -> Callable[[Any], bool | None]:
    """`sem_ver` where only the left version is yet to come."""
    comparison = COMPARISONS.get(operator)
    if comparison is None:
        return lambda _left: None

    def judge(left: Any) -> bool | None:
        version = parse(left) if left.__class__ is str and len(left) <= LONGEST_VERSION else version_of(left)
        return None if version is None else comparison(version, right)

    return judge
