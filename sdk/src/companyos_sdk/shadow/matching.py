"""Which element of one list is which of the other, when their order means nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MOST_MATCHED = 300  # beyond, elements that are not equal to the letter are paired in their order
Pairs = list[tuple[int, int]]


def pairs_by_key(left: list[Any], right: list[Any], key: str) -> Pairs:
    """Pair the elements whose field `key` is the same; the second of two with one key goes with the second."""
    waiting: dict[str, list[int]] = {}
    for n, each in enumerate(right):
        waiting.setdefault(_identity(each, key), []).append(n)
    for places in waiting.values():
        places.reverse()
    pairs = []
    for n, each in enumerate(left):
        if found := waiting.get(_identity(each, key)):
            pairs.append((n, found.pop()))
    return pairs


def pairs_without_order(left: list[Any], right: list[Any], is_same: Callable[[Any, Any], bool]) -> Pairs:
    """Pair what is the same, as much of it as can be; what is left over pairs in its order, and so differs.

    Sameness with a tolerance is not transitive, so that the first fit, even an equal one, may take another's only
    partner: augmenting paths (Kuhn 1955) find the largest pairing.
    """
    pairs = _equal_to_the_letter(left, right)
    if len(pairs) < min(len(left), len(right)) and max(len(left), len(right)) <= _MOST_MATCHED:
        pairs = _largest(left, right, is_same)
    rest_left, rest_right = _rest(len(left), {a for a, _ in pairs}), _rest(len(right), {b for _, b in pairs})
    return pairs + list(zip(rest_left, rest_right, strict=False))


def _equal_to_the_letter(left: list[Any], right: list[Any]) -> Pairs:
    waiting: dict[str, list[int]] = {}
    for n, each in enumerate(right):
        waiting.setdefault(repr(each), []).append(n)
    for places in waiting.values():
        places.reverse()
    return [(n, found.pop()) for n, each in enumerate(left) if (found := waiting.get(repr(each)))]


def _largest(left: list[Any], right: list[Any], is_same: Callable[[Any, Any], bool]) -> Pairs:
    fits = [[b for b, other in enumerate(right) if is_same(each, other)] for each in left]
    partner: dict[int, int] = {}

    def place(a: int, tried: set[int]) -> bool:
        for b in fits[a]:
            if b in tried:
                continue
            tried.add(b)
            if b not in partner or place(partner[b], tried):
                partner[b] = a
                return True
        return False

    for a in range(len(left)):
        place(a, set())
    return [(a, b) for b, a in partner.items()]


def _rest(count: int, taken: set[int]) -> list[int]:
    return [n for n in range(count) if n not in taken]


def _identity(element: Any, key: str) -> str:
    return repr(element[key]) if isinstance(element, dict) and key in element else f"={element!r}"
