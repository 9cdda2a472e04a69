"""Conditions over the fields of a request: JsonLogic, compiled once by the SDK's own evaluator.

They read `amount`, `field.<name>`, `requester.department`, `requester.team`, `requester.role`, `round`, and
`answered_before`: the steps that said yes in earlier rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companyos_sdk.evaluator import BadRuleset, FlagSet

_FIXED = 1_700_000_000.0  # no condition may depend on the time of day


class Conditions:
    """The conditions of one definition by step. A condition that fails to evaluate holds: no approver is skipped."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        """Compile them. Raises ValueError for a rule that makes no sense."""
        try:
            self._flags = FlagSet.load({"flags": {step: _as_flag(rule) for step, rule in rules.items()}})
        except BadRuleset as bad:
            raise ValueError(f"a condition cannot be read: {bad}") from bad
        if problems := self._flags.problems:
            step, why = next(iter(problems.items()))
            raise ValueError(f"the condition of {step} cannot be read: {why}")
        self._rules = dict(rules)

    def hold(self, step: str, context: Mapping[str, Any]) -> bool:
        """Tell whether a step is needed; one without a condition always is."""
        if step not in self._rules:
            return True
        found = self._flags.evaluate(step, context, now=_FIXED)
        return found.value is not False or found.error_code is not None

    def said(self, step: str) -> str:
        """Return the condition in words."""
        return in_words(self._rules[step]) if step in self._rules else ""

    def __len__(self) -> int:
        return len(self._rules)


def _as_flag(rule: Any) -> dict[str, Any]:
    return {
        "state": "ENABLED",
        "variants": {"needed": True, "skipped": False},
        "defaultVariant": "needed",
        "targeting": {"if": [rule, "needed", "skipped"]},
    }


_WORDS = {">=": "is at least", ">": "is above", "<": "is below", "<=": "is at most", "==": "is", "!=": "is not",
          "in": "is one of"}  # fmt: skip


def in_words(rule: Any) -> str:
    """Put a rule into words for the page that says why somebody was asked."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return _value(rule)
    ((operator, operands),) = rule.items()
    parts = operands if isinstance(operands, list) else [operands]
    if operator == "var":
        return str(parts[0]).rpartition(".")[2].replace("_", " ")
    if operator in {"and", "or"}:
        return f" {operator} ".join(in_words(part) for part in parts)
    if operator in {"!", "!!"}:
        return f"{'not ' if operator == '!' else ''}{in_words(parts[0])}"
    if operator in _WORDS and len(parts) == 2:
        return f"{in_words(parts[0])} {_WORDS[operator]} {in_words(parts[1])}"
    return f"{operator}({', '.join(in_words(part) for part in parts)})"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
