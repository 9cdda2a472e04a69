"""What nobody should write, though an evaluator answers it: the strictness of flagd's JSON schema, for editors.

`FlagSet.load` takes what flagd takes at run time, where a rule that makes no sense answers null. `complaints` also
names what can only be a mistake: an operator without its operands, a weight of 25.5, a version that is none.
https://flagd.dev/schema/v0/flags.json
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from companyos_sdk.evaluator import semver
from companyos_sdk.evaluator.compile import OPERATOR_NAMES
from companyos_sdk.evaluator.flagset import FlagSet
from companyos_sdk.evaluator.fractional import whole_weight
from companyos_sdk.evaluator.limits import BadRuleset
from companyos_sdk.evaluator.lookup import FLAGD
from companyos_sdk.evaluator.paths import Path, shown
from companyos_sdk.evaluator.resolution import EXACT_INTEGER

MANY = 10_000

# operator -> the fewest and the most operands that make sense
_OPERANDS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(
        ["==", "===", "!=", "!==", ">", ">=", "%", "/", "in", "starts_with", "ends_with"], (2, 2)
    ),
    **dict.fromkeys(["map", "filter", "all", "none", "some", "missing_some"], (2, 2)),
    **dict.fromkeys(["<", "<=", "substr"], (2, 3)),
    **dict.fromkeys(["!", "!!", "log"], (1, 1)),
    **dict.fromkeys(
        ["or", "and", "+", "-", "max", "min", "merge", "cat", "if", "?:", "fractional"], (1, MANY)
    ),
    "*": (2, MANY),
    "reduce": (3, 3),
    "sem_ver": (3, 3),
    "var": (1, 2),
}


class Complaint(NamedTuple):
    """What is wrong, and where."""

    path: str
    problem: str


def complaints(document: Any) -> list[Complaint]:
    """Everything to complain about in a flagd document.

    Most of what flagd's schema refuses, and what no schema sees: a `$ref` to nothing, a default that is no variant, a
    rule beyond our limits.
    """
    try:
        flags = FlagSet.load(document)
    except BadRuleset as bad:
        return [Complaint(bad.path, bad.problem)]
    found = [Complaint(shown(("$.flags", key)), problem) for key, problem in flags.problems.items()]
    for key, flag in document["flags"].items():
        path = ("$.flags", key)
        found += _about_variants(flag["variants"], (path, "variants"))
        found += _about(flag.get("targeting"), (path, "targeting"))
    for name, rule in (document.get("$evaluators") or {}).items():
        found += _about(rule, ("$.$evaluators", name))
    return found


def _about_variants(variants: Mapping[str, Any], path: Path) -> Iterator[Complaint]:
    if not variants:
        yield Complaint(shown(path), "a flag has at least one variant")
    for name, value in variants.items():
        if not name:
            yield Complaint(shown(path), "a variant has a name")
        if isinstance(value, list):
            yield Complaint(
                shown((path, name)), "a variant is an object or a plain value; put the list in an object"
            )
        if isinstance(value, (int, float)) and abs(value) > EXACT_INTEGER:
            problem = f"numbers beyond {EXACT_INTEGER:,} are not exact in every language"
            yield Complaint(shown((path, name)), problem)


def _about(node: Any, path: Path) -> Iterator[Complaint]:
    """The complaints about a rule and all rules in it."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _about(item, (path, index))
    if not isinstance(node, dict) or len(node) != 1 or "$ref" in node:
        return
    ((operator, argument),) = node.items()
    where = (path, operator)
    operands = argument if isinstance(argument, list) else [argument]
    fewest, most = _OPERANDS.get(operator, (0, MANY))
    if operator not in OPERATOR_NAMES:
        yield Complaint(shown(path), f"there is no operator {operator!r}")
    elif not fewest <= len(operands) <= most:
        wanted = (
            str(fewest) if fewest == most else f"at least {fewest}" if most == MANY else f"{fewest} to {most}"
        )
        yield Complaint(shown(where), f"{operator} takes {wanted} operands, not {len(operands)}")
    elif operator in _LITERALS:
        yield from _LITERALS[operator](operands, where)
    yield from _about(argument, where)


def _about_var(operands: list[Any], path: Path) -> Iterator[Complaint]:
    name = operands[0]
    if isinstance(name, str) and name.startswith(f"{FLAGD}."):
        own = name.removeprefix(f"{FLAGD}.")
        if own not in ("flagKey", "timestamp"):
            yield Complaint(shown(path), f"{FLAGD} has flagKey and timestamp, no {own}")


def _about_texts(operands: list[Any], path: Path) -> Iterator[Complaint]:
    for index, operand in enumerate(operands):
        if not isinstance(operand, (str, dict)):
            yield Complaint(shown((path, index)), "here belongs a text, or a rule that gives one")


def _about_versions(operands: list[Any], path: Path) -> Iterator[Complaint]:
    for index in (0, 2):
        version = operands[index]
        if not isinstance(version, dict) and semver.version_of(version) is None:
            yield Complaint(shown((path, index)), f"{version!r} is no version (https://semver.org)")
    if not isinstance(operands[1], dict) and operands[1] not in [*semver.COMPARISONS]:
        yield Complaint(shown((path, 1)), f"versions compare with {' '.join(semver.COMPARISONS)}")


def _about_arms(operands: list[Any], path: Path) -> Iterator[Complaint]:
    if not isinstance(operands[0], (dict, list)):
        yield Complaint(
            shown((path, 0)), "everybody has this bucketing value: it takes a rule, or none at all"
        )
    for index, arm in enumerate(operands):
        if not isinstance(arm, list) or len(arm) != 2 or isinstance(arm[1], dict):
            continue
        weight = whole_weight(arm[1])
        if weight is None or arm[1] < 0:
            yield Complaint(shown(((path, index), 1)), "a weight is a whole number, and not negative")


_LITERALS: Mapping[str, Callable[[list[Any], Path], Iterator[Complaint]]] = {
    "var": _about_var,
    "starts_with": _about_texts,
    "ends_with": _about_texts,
    "sem_ver": _about_versions,
    "fractional": _about_arms,
}
