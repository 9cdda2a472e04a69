"""What a ruleset may hold. A document beyond it is refused when it is loaded, never when it is evaluated.

Two bounds keep an evaluation near one millisecond at worst: how much a rule holds, counted here once, and how much
work it may do over the values it meets, counted by `code.Run` while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from companyos_sdk.evaluator.fractional import LARGEST_WEIGHT, whole_weight
from companyos_sdk.evaluator.paths import Path, shown

DEEPEST = 50  # operators (and bare lists) inside one another
LARGEST_TARGETING = 64 * 1024  # bytes of JSON of one flag's targeting, with its $refs filled in
MOST_NODES = 2_000  # operators and values of one flag's targeting, with its $refs filled in
LONGEST_LIST = 10_000
MOST_ARMS = 1_000

# What an operator costs beyond the values it is given, in nodes.
DEAR = {"sem_ver": 20, "fractional": 4}


class BadRuleset(ValueError):
    """A document that cannot be loaded; `path` is the JSON path of the node that is wrong."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = shown(path)
        self.problem = problem
        super().__init__(f"{self.path}: {problem}")


class Extent(NamedTuple):
    """How much a rule amounts to: bytes of JSON, nodes, levels of nesting, whether it refers to an evaluator."""

    size: int
    nodes: int
    depth: int
    refers: bool = False
    is_names: bool = False  # a bare list of names


def is_membership(node: Any) -> bool:
    """A list of nothing but texts."""
    return isinstance(node, list) and {*map(type, node)} <= {str}


def extent_of(node: Any, path: Path, evaluators: Mapping[str, Extent]) -> Extent:
    """The extent of a rule; `evaluators` holds the extents that `$ref` stands for."""
    ruler = _Ruler(evaluators)
    depth = ruler.depth(node, path, 0)
    return Extent(ruler.size, ruler.nodes, depth, ruler.refers, is_membership(node))


def check_targeting(node: Any, path: Path, evaluators: Mapping[str, Extent]) -> None:
    """Raise BadRuleset when a flag's targeting is too large."""
    ruler = _Ruler(evaluators)
    ruler.depth(node, path, 0)
    if ruler.size > LARGEST_TARGETING:
        raise BadRuleset(
            path,
            f"a flag's targeting holds at most {LARGEST_TARGETING:,} bytes of JSON, "
            f"this one about {ruler.size:,}; lists of names in `in` do not count",
        )
    if ruler.nodes > MOST_NODES:
        raise BadRuleset(
            path,
            f"a flag's targeting holds at most {MOST_NODES:,} operators and values, "
            f"this one {ruler.nodes:,}; lists of names in `in` do not count",
        )


class _Ruler:
    """Walks one rule and adds up what it holds."""

    __slots__ = ("_evaluators", "nodes", "refers", "size")

    def __init__(self, evaluators: Mapping[str, Extent]) -> None:
        self.size, self.nodes, self.refers = 0, 0, False
        self._evaluators = evaluators

    def depth(self, node: Any, path: Path, level: int) -> int:
        """How many levels a node has, after adding it up; `level` is how deep it stands itself."""
        self.nodes += 1
        if isinstance(node, str):
            self._add_text(node)
            return 0
        if isinstance(node, dict):
            return self._object(node, path, level + 1)
        if isinstance(node, list):
            return self._items(node, path, level + 1)
        if node is None or isinstance(node, (bool, int, float)):
            self.size += 9
            return 0
        raise BadRuleset(path, f"a rule is made of JSON values, this is a {type(node).__name__}")

    def _add_text(self, text: str) -> None:
        self.size += 3 + (len(text) if text.isascii() else len(text.encode("utf-8", "replace")))
        if len(text) > 8:
            self.nodes += (len(text) >> 4) + (text.count(".") >> 1)  # a path is walked step by step

    def _object(self, node: dict[Any, Any], path: Path, level: int) -> int:
        if level > DEEPEST:
            raise _too_deep(path)
        if "$ref" in node:
            return self._reference(node["$ref"], path, level)
        deepest = 0
        for name, argument in node.items():
            if not isinstance(name, str):
                raise BadRuleset(path, "names in a rule are texts")
            self.size += len(name) + 6
            if len(node) == 1 and isinstance(argument, list):
                # the operand list of an operator is no level of its own
                return self._operands(name, argument, (path, name), level)
            deepest = max(deepest, self.depth(argument, (path, name), level))
            self.nodes += DEAR.get(name, 0)
        return deepest + 1

    def _operands(self, operator: str, operands: list[Any], path: Path, level: int) -> int:
        self.nodes += DEAR.get(operator, 0)
        if operator == "fractional":
            check_arms(operands, path)
            self.nodes -= 2 * _plain_arms(operands)
        elif operator == "in" and len(operands) == 2 and self._is_names(operands[1]):
            operands = operands[:1]  # compiles to a set, however long it is
        return self._items(operands, path, level)

    def _items(self, items: list[Any], path: Path, level: int) -> int:
        if level > DEEPEST:
            raise _too_deep(path)
        if len(items) > LONGEST_LIST:
            raise BadRuleset(path, f"a list holds at most {LONGEST_LIST:,} items, this one {len(items):,}")
        deepest = 0
        for index, item in enumerate(items):
            if item.__class__ is str:
                self.nodes += 1
                self._add_text(item)
                continue
            depth = self.depth(item, (path, index), level)
            if depth > deepest:
                deepest = depth
        self.size += 2 + len(items)
        return deepest + 1

    def _is_names(self, node: Any) -> bool:
        """Whether a second operand of `in` is a constant list of names, written out or referred to."""
        if isinstance(node, dict):
            found = self._evaluators.get(node["$ref"]) if isinstance(node.get("$ref"), str) else None
            self.refers = self.refers or "$ref" in node
            return found is not None and found.is_names
        return is_membership(node) and len(node) <= LONGEST_LIST

    def _reference(self, name: Any, path: Path, level: int) -> int:
        self.refers = True
        found = self._evaluators.get(name) if isinstance(name, str) else None
        if found is None:  # the flag that refers to it answers PARSE_ERROR
            self.size += 16
            return 1
        if level - 1 + found.depth > DEEPEST:
            raise BadRuleset(path, f"with {name!r} filled in, the rule nests more than {DEEPEST} levels deep")
        self.size += found.size
        self.nodes += found.nodes
        return found.depth


def _too_deep(path: Path) -> BadRuleset:
    return BadRuleset(path, f"a rule nests at most {DEEPEST} levels deep")


def _plain_arms(operands: list[Any]) -> int:
    """How many arms are a constant and its weight: they become one table, looked up by bisection."""
    pairs = [arm for arm in operands if isinstance(arm, list) and len(arm) == 2]
    return sum([not isinstance(variant, (dict, list)) and isinstance(w, int) for variant, w in pairs])


def check_arms(operands: list[Any], path: Path) -> None:
    """Raise BadRuleset for arms no evaluation could use."""
    start = 0 if operands and isinstance(operands[0], list) else 1
    arms = operands[start:]
    if len(arms) > MOST_ARMS:
        raise BadRuleset(path, f"fractional has at most {MOST_ARMS:,} arms, this one {len(arms):,}")
    total = 0
    for index, arm in enumerate(arms, start):
        total += _check_arm(arm, (path, index))
    if total > LARGEST_WEIGHT:
        raise BadRuleset(path, f"the weights add up to at most {LARGEST_WEIGHT:,}, these to {total:,}")


def _check_arm(arm: Any, path: Path) -> int:
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
        raise BadRuleset((path, 1), f"a weight is a whole number of at most {LARGEST_WEIGHT:,}")
    return weight
