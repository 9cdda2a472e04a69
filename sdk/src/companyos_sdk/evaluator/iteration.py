"""JsonLogic's loops: map, filter, reduce, all, some, none. Every round is paid for out of the run's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from companyos_sdk.evaluator.code import Code, Rule, Run
from companyos_sdk.evaluator.coercion import truthy


def _items(source: Rule, data: Any, run: Run) -> list[Any] | tuple[Any, ...]:
    """What to loop over; anything but a list counts as empty."""
    items = source(data, run)
    return items if isinstance(items, (list, tuple)) else ()


def mapped(source: Code, body: Code) -> Rule:
    items_of, transform, price = source.run, body.run, body.nodes + 1

    def run_map(data: Any, run: Run) -> list[Any]:
        answers = []
        for item in _items(items_of, data, run):
            run.spend(price)
            answers.append(transform(item, run))
        return answers

    return run_map


def filtered(source: Code, body: Code) -> Rule:
    items_of, test, price = source.run, body.run, body.nodes + 1

    def run_filter(data: Any, run: Run) -> list[Any]:
        kept = []
        for item in _items(items_of, data, run):
            run.spend(price)
            if truthy(test(item, run)):
                kept.append(item)
        return kept

    return run_filter


def reduced(source: Code, body: Code, initial: Code) -> Rule:
    items_of, combine, price = source.run, body.run, body.nodes + 1

    def run_reduce(data: Any, run: Run) -> Any:
        accumulator = initial.run(data, run)
        for item in _items(items_of, data, run):
            run.spend(price)
            accumulator = combine({"current": item, "accumulator": accumulator}, run)
        return accumulator

    return run_reduce


def every(source: Code, body: Code) -> Rule:
    """`all`; of an empty list it is false."""
    items_of, test, price = source.run, body.run, body.nodes + 1

    def run_all(data: Any, run: Run) -> bool:
        items = _items(items_of, data, run)
        for item in items:
            run.spend(price)
            if not truthy(test(item, run)):
                return False
        return bool(items)

    return run_all


def some(source: Code, body: Code) -> Rule:
    items_of, test, price = source.run, body.run, body.nodes + 1

    def run_some(data: Any, run: Run) -> bool:
        for item in _items(items_of, data, run):
            run.spend(price)
            if truthy(test(item, run)):
                return True
        return False

    return run_some


def none(source: Code, body: Code) -> Rule:
    any_of = some(source, body)

    def run_none(data: Any, run: Run) -> bool:
        return not any_of(data, run)

    return run_none


TRUTHS: dict[str, Callable[[Code, Code], Rule]] = {"all": every, "some": some, "none": none}
LISTS: dict[str, Callable[[Code, Code], Rule]] = {"map": mapped, "filter": filtered}
