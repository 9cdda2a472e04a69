"""JsonLogic's loops: map, filter, reduce, all, some, none. Every round is paid for out of the run's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from companyos_sdk.evaluator.code import Rule, Run
from companyos_sdk.evaluator.coercion import truthy


class Loop(NamedTuple):
    """What to loop over, what to do with each item, and the steps that one round costs."""

    items: Rule
    body: Rule
    price: int


def _items(source: Rule, data: Any, run: Run) -> list[Any] | tuple[Any, ...]:
    """What to loop over; anything but a list counts as empty."""
    items = source(data, run)
    return items if isinstance(items, (list, tuple)) else ()


def mapped(loop: Loop) -> Rule:
    items_of, transform, price = loop

    def run_map(data: Any, run: Run) -> list[Any]:
        answers = []
        for item in _items(items_of, data, run):
            run.spend(price)
            answers.append(transform(item, run))
        return answers

    return run_map


def filtered(loop: Loop) -> Rule:
    items_of, test, price = loop

    def run_filter(data: Any, run: Run) -> list[Any]:
        kept = []
        for item in _items(items_of, data, run):
            run.spend(price)
            if truthy(test(item, run)):
                kept.append(item)
        return kept

    return run_filter


def reduced(loop: Loop, initial: Rule) -> Rule:
    items_of, combine, price = loop

    def run_reduce(data: Any, run: Run) -> Any:
        accumulator = initial(data, run)
        for item in _items(items_of, data, run):
            run.spend(price)
            accumulator = combine({"current": item, "accumulator": accumulator}, run)
        return accumulator

    return run_reduce


def every(loop: Loop) -> Rule:
    """`all`; of an empty list it is false."""
    items_of, test, price = loop

    def run_all(data: Any, run: Run) -> bool:
        items = _items(items_of, data, run)
        for item in items:
            run.spend(price)
            if not truthy(test(item, run)):
                return False
        return bool(items)

    return run_all


def some(loop: Loop) -> Rule:
    items_of, test, price = loop

    def run_some(data: Any, run: Run) -> bool:
        for item in _items(items_of, data, run):
            run.spend(price)
            if truthy(test(item, run)):
                return True
        return False

    return run_some


def none(loop: Loop) -> Rule:
    any_of = some(loop)

    def run_none(data: Any, run: Run) -> bool:
        return not any_of(data, run)

    return run_none


TRUTHS: dict[str, Callable[[Loop], Rule]] = {"all": every, "some": some, "none": none}
LISTS: dict[str, Callable[[Loop], Rule]] = {"map": mapped, "filter": filtered}
