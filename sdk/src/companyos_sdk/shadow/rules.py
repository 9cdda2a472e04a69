"""What counts as the same: paths to ignore, tolerances, lists without order, normalisers, comparators of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Normalise = Callable[[Any], Any]
IsSame = Callable[[Any, Any], bool]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two numbers or two times may lie apart and still be the same.

    Numbers: at most `absolute`, or at most `relative` times the larger of both magnitudes. Times: `seconds`.
    """

    absolute: float = 0.0
    relative: float = 0.0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 <= each < float("inf") for each in (self.absolute, self.relative, self.seconds)):
            raise ValueError("a tolerance is finite and not negative")


EXACT = Tolerance()


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of comparison, by pattern.

    A pattern is a JSON pointer in which `*` stands for any one step and a last `**` for everything below:
    `/lines/*/id`, `/meta/**`. The first pattern that fits a path is taken.

    `unordered` names lists whose order means nothing; its value is the name of the field that identifies an element,
    or "" where elements have none. `same_error` says when two errors are the same; without it, when their classes are.
    """

    ignore: tuple[str, ...] = ()
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)
    unordered: Mapping[str, str] = field(default_factory=dict)
    normalise: Mapping[str, Normalise] = field(default_factory=dict)
    same: Mapping[str, IsSame] = field(default_factory=dict)
    same_error: Callable[[BaseException, BaseException], bool] | None = None
    severity: Mapping[str, int] = field(
        default_factory=dict
    )  # 1 (trifle) to 5 (harm); 3 where nothing is said

    def ignores(self, path: Path) -> bool:
        return any(fits(pattern, path) for pattern in self.ignore)

    def tolerance_at(self, path: Path) -> Tolerance:
        return _at(self.tolerance, path) or EXACT

    def order_key_at(self, path: Path) -> str | None:
        found: str | None = _at(self.unordered, path)
        return found

    def normaliser_at(self, path: Path) -> Normalise | None:
        found: Normalise | None = _at(self.normalise, path)
        return found

    def comparator_at(self, path: Path) -> IsSame | None:
        found: IsSame | None = _at(self.same, path)
        return found

    def severity_at(self, path: Path) -> int:
        return min(5, max(1, _at(self.severity, path) or 3))


def _at(by_pattern: Mapping[str, Any], path: Path) -> Any:
    for pattern, found in by_pattern.items():
        if fits(pattern, path):
            return found
    return None


def fits(pattern: str, path: Path) -> bool:
    """Tell whether a path is one that the pattern means."""
    steps, open_ended = _steps(pattern)
    if len(path) != len(steps) and not (open_ended and len(path) > len(steps)):
        return False
    return all(step in ("*", each) for step, each in zip(steps, path, strict=False))


@lru_cache(maxsize=4096)
def _steps(pattern: str) -> tuple[Path, bool]:
    steps = path_of(pattern)
    return (steps[:-1], True) if steps and steps[-1] == "**" else (steps, False)


def path_of(pointer: str) -> Path:
    """Return the steps of a JSON pointer (RFC 6901). Raises ValueError."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON pointer: it begins with '/', or is empty for the whole")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def pointer_of(path: Path) -> str:
    """Return the JSON pointer of a path (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
