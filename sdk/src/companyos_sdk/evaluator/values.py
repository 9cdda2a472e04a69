"""Operators on the values of their operands as code: what is paid for what they are given, and versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from companyos_sdk.evaluator import semver
from companyos_sdk.evaluator.code import Code, Rule, Run, pay_for


def applied(apply: Callable[[list[Any]], Any], runs: list[Rule]) -> Rule:
    """An operator on the values of its operands."""

    def answer(data: Any, run: Run) -> Any:
        values = [each(data, run) for each in runs]
        pay_for(run, *values)
        return apply(values)

    return answer


def version_rule(left: Code, operator: Code, right: Code) -> Rule:
    version = semver.version_of(right.value) if right.is_constant else None
    version_of = left.run
    if version is not None and operator.is_constant and isinstance(operator.value, str):
        judge = semver.against(operator.value, version)
        return lambda data, run: judge(version_of(data, run))
    operator_of, other_of = operator.run, right.run
    return lambda data, run: semver.compare(
        version_of(data, run), operator_of(data, run), other_of(data, run)
    )
