"""The rules and lists that flags of one document share (`$evaluators`, reached by `$ref`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from companyos_sdk.evaluator.code import Code
from companyos_sdk.evaluator.limits import extent_of
from companyos_sdk.evaluator.paths import Path, shown

Place = tuple[str, bool]  # an evaluator's name, and whether it is read inside a loop


class Shared(NamedTuple):
    """A compiled evaluator."""

    code: Code
    needs_run: bool


class Unparsable(Exception):
    """A rule that is no rule: an unknown operator, or a `$ref` to nothing."""


class Evaluators:
    """The shared rules of a document (`$evaluators`), and the name sets made from its lists."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self._rules = rules
        self.extents = {name: extent_of(rule, ("$.$evaluators", name), {}) for name, rule in rules.items()}
        self._sets: dict[int, tuple[list[str], frozenset[str]]] = {}
        self.compiled: dict[Place, Shared] = {}  # of the rules that are the same for every flag

    def rule(self, name: Any, path: Path) -> Any:
        if not isinstance(name, str) or name not in self._rules:
            raise Unparsable(f"{shown(path)}: $evaluators holds no {name!r}")
        if self.extents[name].refers:
            raise Unparsable(
                f"{shown(path)}: {name!r} itself refers to an evaluator, which flagd does not allow"
            )
        return self._rules[name]

    def names(self, node: list[str]) -> frozenset[str]:
        """The set for a list of the document; flags that share the list share the set."""
        known = self._sets.get(id(node))
        if known is None:
            known = self._sets[id(node)] = (node, frozenset(node))  # holding the list keeps its id its own
        return known[1]
