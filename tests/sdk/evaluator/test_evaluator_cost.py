"""No rule that loads costs more than about a millisecond, however it and its context are made (issue: rule bombs).

Every attack is grown until it is refused; the largest one that still loads is what is measured, in CPU time of this
thread, at its best of many runs, over contexts as large as the server takes them and far larger. A machine can be
slow for a minute, so each run stands beside one of plain work that takes a millisecond where nothing else is going on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from time import thread_time_ns
from typing import Any

import pytest

from companyos_sdk.evaluator import BadRuleset, ErrorCode, FlagSet, Hashing

MOST_MS = 1.0
ALLOWED = 1.6  # of the plain work beside it, which a busy machine need not slow down alike
NUMBERS = {f"n{number}": str(number) for number in range(100)}
ATTRIBUTE, TEXT, TEXT_TOO = {"var": "a"}, {"var": "text"}, {"var": "other_text"}
MANY, ITEM = {"var": "many"}, {"var": ""}


def _nested(value: Any, levels: int) -> Any:
    for _level in range(levels):
        value = [value]
    return value


CONTEXT: dict[str, Any] = {
    "targetingKey": "k" * 100_000,
    "a": "ada",
    "text": "x" * 500_000,
    "other_text": "x" * 499_999 + "y",
    "digits": "9" * 500_000,
    "many": list(range(100_000)),
    "names": [f"n{number}" for number in range(100_000)],
    "deep": _nested(1, 5_000),
    "wide": [[["x" * 50] * 50] * 50] * 50,
    "object": {f"k{number}": number for number in range(50_000)},
    "paths": "0." * 50_000,
    **{f"v{number}": "1.0.0-" + f"{number}." * 20 + "x" for number in range(2_000)},
}

# how many pieces -> a rule
ATTACKS: dict[str, Callable[[int], Any]] = {
    "many comparisons": lambda n: {"or": [{"==": [ATTRIBUTE, "nobody"]}] * n},
    "many comparisons of numbers": lambda n: {"or": [{"<": [ATTRIBUTE, 3]}] * n},
    "many constants": lambda n: {"or": [ATTRIBUTE, *[False] * n]},
    "long negations": lambda n: {"and": [{"!": [{"!": [{"!": [ATTRIBUTE]}]}]}] * n},
    "many versions": lambda n: {
        "or": [{"sem_ver": [{"var": f"v{i}"}, "<", "0.0.1"]} for i in range(min(n, 1_999))]
    },
    "many splits": lambda n: {"cat": [{"fractional": [["a", 1], ["b", 1]]}] * n},
    "many split texts": lambda n: {"cat": [{"fractional": [TEXT, ["a", 1], ["b", 1]]}] * n},
    "split by object": lambda n: {"cat": [{"fractional": [{"var": "object"}, ["a", 1], ["b", 1]]}] * n},
    "split by computed weights": lambda n: {"fractional": [["a", {"+": [1, ATTRIBUTE]}]] * min(n, 1_000)},
    "cat of long texts": lambda n: {"cat": [TEXT] * n},
    "substr of long texts": lambda n: {"cat": [{"substr": [TEXT, 0, -1]}] * n},
    "equal long texts": lambda n: {"or": [{"!=": [TEXT, TEXT_TOO]}, *[{"==": [TEXT, TEXT_TOO]}] * n]},
    "long texts in order": lambda n: {"or": [{"<": [TEXT_TOO, TEXT]}] * n},
    "long texts between": lambda n: {"or": [{"<": [TEXT_TOO, TEXT, TEXT_TOO]}] * n},
    "search in text": lambda n: {"or": [{"in": ["xy", TEXT]}] * n},
    "search text in text": lambda n: {"or": [{"in": [{"cat": ["y", ATTRIBUTE]}, TEXT]}] * n},
    "ends with": lambda n: {"or": [{"ends_with": [TEXT, TEXT_TOO]}] * n},
    "search in list": lambda n: {"or": [{"in": ["nobody", {"var": "names"}]}] * n},
    "constant list": lambda n: {"or": [{"in": [ATTRIBUTE, [1, *["x"] * n]]}] * 3},
    "list as text": lambda n: {"or": [{"==": [{"var": "wide"}, "x,x"]}] * n},
    "list as number": lambda n: {"or": [{"==": [{"var": "wide"}, 1]}] * n},
    "deep list as number": lambda n: {"or": [{"==": [{"var": "deep"}, 2]}] * n},
    "deep list as sum": lambda n: {"+": [{"var": "deep"}] * n},
    "sum of texts": lambda n: {"+": [{"var": "a"}] * n},
    "product of numbers": lambda n: {"*": [{"var": "many.7"}] * n},
    "greatest of texts": lambda n: {"max": [{"var": "names.9"}] * n},
    "long number": lambda n: {"+": [{"var": "digits"}] * n},
    "long number compared": lambda n: {"or": [{"==": [{"var": "digits"}, 1]}] * n},
    "the whole context": lambda n: {"or": [*[{"!": [ITEM]}] * n]},
    "computed path": lambda n: {"or": [{"var": {"var": "paths"}}] * n},
    "fixed path": lambda n: {"or": [{"!": [{"var": "deep" + ".0" * 100}]}] * n},
    "missing names": lambda n: {"missing": [f"absent{i}" for i in range(n)]},
    "missing of the context": lambda n: {"or": [{"!": [{"missing": {"var": "names"}}]}] * n},
    "missing some": lambda n: {"missing_some": [99_999, {"var": "names"}]},
    "merge": lambda n: {"merge": [{"var": "names"}] * n},
    "map": lambda n: {"map": [MANY, {"+": [ITEM] * n}]},
    "map in map": lambda n: {"map": [MANY, {"map": [{"var": "many"}, [1] * n]}]},
    "map of map": lambda n: {"map": [{"map": [MANY, {"map": [[1] * n, ITEM]}]}, ITEM]},
    "filter": lambda n: {"filter": [MANY, {"or": [False] * n}]},
    "reduce to a text": lambda n: {"reduce": [MANY, {"cat": [{"var": "accumulator"}] * n}, "ab"]},
    "reduce to a list": lambda n: {"reduce": [MANY, {"merge": [{"var": "accumulator"}] * n}, [1]]},
    "reduce to nested lists": lambda n: {"reduce": [MANY, [{"var": "accumulator"}] * min(n, 9), "a"]},
    "all": lambda n: {"all": [MANY, {">=": [ITEM, 0]}]},
    "none": lambda n: {"none": [{"var": "names"}, {"in": ["zz", ITEM]}]},
    "versions in a loop": lambda n: {"map": [{"var": "names"}, {"sem_ver": [ITEM, ">", "1.0.0"]}]},
    "list as answer": lambda n: {"map": [{"var": "names"}, ITEM]},
    "maximum": lambda n: {"max": [{"var": "wide"}] * n},
    "shared rules": lambda n: {"or": [{"$ref": "slow"}] * n},
    "arms of arms": lambda n: {"fractional": [[{"fractional": [["a", 1], ["b", 1]]}, 1]] * min(n, 1_000)},
}


def _document(rule: Any) -> dict[str, Any]:
    flag = {"state": "ENABLED", "variants": {"a": True, "b": False}, "defaultVariant": "a", "targeting": rule}
    return {
        "flags": {"bomb": flag},
        "$evaluators": {"slow": {"and": [{"!": [{"in": ["y", TEXT]}]}, {"==": [ATTRIBUTE, "nobody"]}]}},
    }


def _loaded(rule: Any, hashing: Hashing) -> FlagSet | None:
    try:
        return FlagSet.load(_document(rule), hashing=hashing)
    except BadRuleset:
        return None


def _sizes() -> Iterator[int]:
    size = 1.0
    while size < 12_000:
        yield int(size)
        size *= 1.35


@lru_cache
def _largest(attack: str, hashing: Hashing) -> FlagSet:
    """The largest form of an attack that the limits let through."""
    rules = (ATTACKS[attack](size) for size in reversed(list(_sizes())))
    return next(flags for rule in rules if (flags := _loaded(rule, hashing)) is not None)


def _plain_millisecond() -> float:
    return max(float(NUMBERS[name]) for name in NUMBERS for _again in range(52))


def _cpu_ms(work: Callable[[], Any]) -> float:
    began = thread_time_ns()
    work()
    return (thread_time_ns() - began) / 1e6


def _best_ms(flags: FlagSet, runs: int = 25) -> tuple[float, float]:
    """The least CPU time of an evaluation, and of the plain work done in turn with it."""
    best = plain = float("inf")
    for _run in range(runs):
        best = min(best, _cpu_ms(lambda: flags.evaluate("bomb", CONTEXT)))
        plain = min(plain, _cpu_ms(_plain_millisecond))
        if best < MOST_MS:
            break
    return best, plain


@pytest.mark.parametrize("hashing", Hashing)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_rule_that_loads_costs_more_than_a_millisecond(attack: str, hashing: Hashing) -> None:
    flags = _largest(attack, hashing)
    took, plain = _best_ms(flags)
    resolution = flags.evaluate("bomb", CONTEXT)

    assert took < MOST_MS or took <= ALLOWED * plain, (
        f"{attack}: {took:.2f} ms beside {plain:.2f} ms of plain work"
    )
    assert resolution.error_code in (None, ErrorCode.GENERAL)
    assert "RecursionError" not in str(resolution.error_message)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"or": [{"==": [ATTRIBUTE, 1]}] * 2_000}, "$.flags.bomb.targeting"),
        ({"or": [{"$ref": "slow"}] * 500}, "$.flags.bomb.targeting"),
        (
            {"!": [{"fractional": [["a", -1], ["b", 2**31]]}]},
            '$.flags.bomb.targeting["!"][0].fractional[1][1]',
        ),
    ],
    ids=["too many operators", "fan-out of references", "weight"],
)
def test_a_bomb_is_refused_with_its_path(rule: Any, path: str) -> None:
    with pytest.raises(BadRuleset) as refused:
        FlagSet.load(_document(rule))

    assert refused.value.path == path
