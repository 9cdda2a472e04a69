"""Reads a dotted path ("user.plan", "teams.0") out of an evaluation context or a loop's item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from companyos_sdk.evaluator.code import Rule, Run, pay_for
from companyos_sdk.evaluator.coercion import to_text
from companyos_sdk.evaluator.operators import ORDERINGS

Read = Callable[[Any, Any, Any, Run], Any]  # data, path, default, run -> what stands there
PRICE_OF_NAME = 8  # steps to look one name up that is only known when the rule runs

ABSENT: Any = object()
FLAGD = "$flagd"


def lookup(data: Any, path: Any, default: Any = None) -> Any:
    """The value at a path, or the default where there is none; the empty path is the data itself."""
    if path is None or path == "":
        return data
    return follow(data, to_text(path).split("."), default)


def follow(data: Any, steps: list[str], default: Any = None) -> Any:
    for step in steps:
        data = _one_step(data, step)
        if data is ABSENT:
            return default
    return data


def _one_step(data: Any, step: str) -> Any:
    if isinstance(data, dict):
        return data.get(step, ABSENT)
    if isinstance(data, (list, tuple, str)):
        return _item(data, step)
    return data.get(step, ABSENT) if isinstance(data, Mapping) else ABSENT


def _item(items: Sequence[Any], step: str) -> Any:
    if step == "length":
        return len(items)
    if step.isascii() and step.isdigit() and len(step) < 10 and int(step) < len(items):
        return items[int(step)] if step == "0" or step[0] != "0" else ABSENT  # "01" is a name, not an index
    return ABSENT


def lookup_in_context(context: Any, path: Any, default: Any, flag_key: str, run: Run) -> Any:
    """As `lookup`, with flagd's own properties in place of whatever the caller sent under `$flagd`."""
    own = {"flagKey": flag_key, "timestamp": run.now}
    if path is None or path == "":
        run.spend(len(context))
        return {**context, FLAGD: own}
    steps = to_text(path).split(".")
    return follow(own, steps[1:], default) if steps[0] == FLAGD else follow(context, steps, default)


def missing_names(read: Read, names_of: Sequence[Rule]) -> Rule:
    """`missing`: which of the names have no value; they may come as one list."""

    def missing(data: Any, run: Run) -> list[Any]:
        names = [name(data, run) for name in names_of]
        if names and isinstance(names[0], list):
            names = names[0]
        return _absent(read, names, data, run)

    return missing


def missing_some_names(read: Read, needed: Rule, names_of: Rule) -> Rule:
    """`missing_some`: nothing when enough of the names have a value, else those that have none."""

    def missing_some(data: Any, run: Run) -> list[Any]:
        wanted, names = needed(data, run), names_of(data, run)
        if not isinstance(names, list):
            return []
        absent = _absent(read, names, data, run)
        return [] if ORDERINGS[">="](len(names) - len(absent), wanted) else absent

    return missing_some


def _absent(read: Read, names: list[Any], data: Any, run: Run) -> list[Any]:
    run.spend(PRICE_OF_NAME * len(names))
    pay_for(run, *names)
    return [name for name in names if read(data, name, None, run) in (None, "")]
