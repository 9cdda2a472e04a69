"""The rules and lists that flags of one document share (`$evaluators`, reached by `$ref`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Unparsable(Exception):
    """A rule that is no rule: an unknown operator, or a `$ref` to nothing."""


class Evaluators:
    """The shared rules of a document (`$evaluators`), and the name sets made from its lists."""

    def __init__(self, rules: Mapping[str, Any], referring: frozenset[str]) -> None:
        self._rules = rules
        self._referring = referring
        self._sets: dict[int, tuple[list[str], frozenset[str]]] = {}

    def rule(self, name: Any, path: str) -> Any:
        if not isinstance(name, str) or name not in self._rules:
            raise Unparsable(f"{path}: $evaluators holds no {name!r}")
        if name in self._referring:
            raise Unparsable(f"{path}: {name!r} itself refers to an evaluator, which flagd does not allow")
        return self._rules[name]

    def names(self, node: list[str]) -> frozenset[str]:
        """The set for a list of the document; flags that share the list share the set."""
        known = self._sets.get(id(node))
        if known is None:
            known = self._sets[id(node)] = (node, frozenset(node))  # holding the list keeps its id its own
        return known[1]
