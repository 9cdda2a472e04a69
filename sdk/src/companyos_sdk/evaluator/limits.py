"""What a ruleset may hold. A document beyond it is refused when it is loaded, never when it is evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from companyos_sdk.evaluator.fractional import LARGEST_WEIGHT, whole_weight

DEEPEST = 50  # operators (and bare lists) inside one another
LARGEST_TARGETING = 64 * 1024  # bytes of JSON of one flag's targeting, with its $refs filled in
LONGEST_LIST = 10_000
MOST_ARMS = 1_000

_PLAIN_NAME = re.compile(r"[\w$-]+")


class BadRuleset(ValueError):
    """A document that cannot be loaded; `path` is the JSON path of the node that is wrong."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a node amounts to: bytes of JSON, levels of nesting, whether it refers to an evaluator."""

    size: int
    depth: int
    refers: bool = False
    is_names: bool = False  # a bare list of names


def at(path: str, step: str | int) -> str:
    """The JSON path one step further down."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    is_plain = step.isidentifier() or _PLAIN_NAME.fullmatch(step)
    return f"{path}.{step}" if is_plain else f"{path}[{json.dumps(step)}]"


def is_membership(node: Any) -> bool:
    """A list of nothing but texts."""
    return isinstance(node, list) and all(isinstance(item, str) for item in node)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures rules against the limits. `evaluators` holds the extents that `$ref` stands for."""

    evaluators: Mapping[str, Extent]

    def targeting(self, node: Any, path: str) -> None:
        """Raise BadRuleset when a flag's targeting is too large."""
        extent = self.measure(node, path)
        if extent.size > LARGEST_TARGETING:
            raise BadRuleset(
                path,
                f"a flag's targeting holds at most {LARGEST_TARGETING:,} bytes of JSON, "
                f"this one about {extent.size:,}; lists of names in `in` do not count",
            )

    def evaluator(self, node: Any, path: str) -> Extent:
        """The extent of one shared rule."""
        extent = self.measure(node, path)
        return replace(extent, is_names=is_membership(node))

    def measure(self, node: Any, path: str, level: int = 0) -> Extent:
        if isinstance(node, list):
            _check_length(node, path)
            return self._inside(list(enumerate(node)), path, level + 1)
        if isinstance(node, dict):
            return self._object(node, path, level + 1)
        if node is None or isinstance(node, (bool, int, float)):
            return Extent(8, 0)
        if isinstance(node, str):
            return Extent(len(node.encode("utf-8", "replace")) + 2, 0)
        raise BadRuleset(path, f"a rule is made of JSON values, this is a {type(node).__name__}")

    def _object(self, node: dict[Any, Any], path: str, level: int) -> Extent:
        if any(not isinstance(name, str) for name in node):
            raise BadRuleset(path, "names in a rule are texts")
        if "$ref" in node:
            return self._reference(node, path, level)
        if len(node) != 1:
            return self._inside(list(node.items()), path, level)
        ((name, argument),) = node.items()
        if name == "fractional" and isinstance(argument, list):
            check_arms(argument, at(path, name))
        if name == "in" and isinstance(argument, list) and self._is_names(argument[1:]):
            argument = argument[:1]  # compiles to a set, however long it is
        return self._inside([(name, argument)], path, level)

    def _is_names(self, haystack: list[Any]) -> bool:
        """Whether a second operand of `in` is a constant list of names, written out or referred to."""
        if len(haystack) != 1:
            return False
        node = haystack[0]
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            found = self.evaluators.get(node["$ref"])
            return found is not None and found.is_names
        return is_membership(node) and len(node) <= LONGEST_LIST

    def _inside(self, parts: list[tuple[Any, Any]], path: str, level: int) -> Extent:
        """The extent of a container; the operand list of an operator is no level of its own."""
        if level > DEEPEST:
            raise BadRuleset(path, f"a rule nests at most {DEEPEST} levels deep")
        size, depth, refers = 2, 0, False
        for step, part in parts:
            where = at(path, step)
            if isinstance(step, str) and isinstance(part, list):
                _check_length(part, where)
                extent = self._inside(list(enumerate(part)), where, level)
                extent = Extent(extent.size, extent.depth - 1, extent.refers)
            else:
                extent = self.measure(part, where, level)
            size += extent.size + 1 + (len(step) + 3 if isinstance(step, str) else 0)
            depth, refers = max(depth, extent.depth), refers or extent.refers
        return Extent(size, depth + 1, refers)

    def _reference(self, node: dict[Any, Any], path: str, level: int) -> Extent:
        name = node["$ref"]
        found = self.evaluators.get(name) if isinstance(name, str) else None
        if found is None:  # the flag that refers to it answers PARSE_ERROR
            return Extent(16, 1, refers=True)
        if level - 1 + found.depth > DEEPEST:
            raise BadRuleset(path, f"with {name!r} filled in, the rule nests more than {DEEPEST} levels deep")
        return Extent(found.size, found.depth, refers=True)


def _check_length(node: list[Any], path: str) -> None:
    if len(node) > LONGEST_LIST:
        raise BadRuleset(path, f"a list holds at most {LONGEST_LIST:,} items, this one {len(node):,}")


def check_arms(operands: list[Any], path: str) -> None:
    """Raise BadRuleset for arms no evaluation could use."""
    start = 0 if operands and isinstance(operands[0], list) else 1
    arms = operands[start:]
    if len(arms) > MOST_ARMS:
        raise BadRuleset(path, f"fractional has at most {MOST_ARMS:,} arms, this one {len(arms):,}")
    total = 0
    for index, arm in enumerate(arms, start):
        total += _check_arm(arm, at(path, index))
    if total > LARGEST_WEIGHT:
        raise BadRuleset(path, f"the weights add up to at most {LARGEST_WEIGHT:,}, these to {total:,}")


def _check_arm(arm: Any, path: str) -> int:
    """The constant weight of an arm; 0 for a computed one, which is only known when the rule runs."""
    if isinstance(arm, dict):
        return 0
    if not isinstance(arm, list) or not 1 <= len(arm) <= 2:
        raise BadRuleset(path, "an arm is [variant] or [variant, weight]")
    if len(arm) == 1:
        return 1
    if isinstance(arm[1], dict):
        return 0
    weight = whole_weight(arm[1])
    if weight is None:
        raise BadRuleset(at(path, 1), f"a weight is a whole number of at most {LARGEST_WEIGHT:,}")
    return weight
