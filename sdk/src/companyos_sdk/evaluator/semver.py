"""`sem_ver`: compares semantic versions (https://semver.org), leniently as flagd does.

A "v" in front, one or two numbers instead of three and plain JSON numbers are all accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

LONGEST_VERSION = 256

# (major, minor, patch, pre-release); a pre-release sorts before the release it leads to
Version = tuple[int, int, int, tuple[Any, ...]]

_NUMBER = r"(0|[1-9]\d*)"
_IDENTIFIER = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = re.compile(
    rf"[vV]?{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?",
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
    return int(major), int(minor or 0), int(patch or 0), _precedence(prerelease)


def _precedence(prerelease: str | None) -> tuple[Any, ...]:
    """Numbers before words, numbers by size, fewer identifiers first (semver.org, item 11)."""
    if not prerelease:
        return _RELEASE
    return (0, *(_rank(identifier) for identifier in prerelease.split(".")))


def _rank(identifier: str) -> tuple[int, int, str]:
    return (0, int(identifier), "") if identifier.isdigit() else (1, 0, identifier)


def compare(values: list[Any]) -> bool | None:
    """`sem_ver` on [version, operator, version]; None when any of the three makes no sense."""
    if len(values) != 3 or not isinstance(values[1], str):
        return None
    comparison = COMPARISONS.get(values[1])
    left, right = version_of(values[0]), version_of(values[2])
    if comparison is None or left is None or right is None:
        return None
    return comparison(left, right)
