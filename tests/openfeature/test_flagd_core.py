"""Compared with flagd's own Python evaluator (`openfeature-flagd-core`, v3 hashing) over generated flags and contexts.

Value, variant, reason and error code must be equal for every pair. What differs on purpose is listed at the end, each
with both answers: where flagd's evaluator leaves JsonLogic's reference (https://jsonlogic.com) or fails.
"""

from __future__ import annotations

import copy
import logging
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from generated_flags import VARIANTS, Generator
from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import OpenFeatureError

from companyos_sdk.evaluator import FlagSet, Hashing

FLAGS, CONTEXTS = 40, 25
DEFAULT = "the default in the code"
Answer = tuple[Any, str | None, str, str | None]


def _ours(flags: FlagSet, key: str, context: dict[str, Any], targeting_key: str | None) -> Answer:
    found = flags.evaluate(
        key, context if targeting_key is None else {**context, "targetingKey": targeting_key}
    )
    code = None if found.error_code is None else str(found.error_code)
    return (DEFAULT if found.variant is None else found.value), found.variant, str(found.reason), code


def _theirs(core: FlagdCore, key: str, context: dict[str, Any], targeting_key: str | None) -> Answer:
    try:
        found = core._resolve(key, DEFAULT, EvaluationContext(targeting_key, context))
    except OpenFeatureError as error:
        return DEFAULT, None, "ERROR", str(error.error_code)
    except Exception as error:  # as the client answers for it
        return DEFAULT, None, "ERROR", f"GENERAL, it raised {type(error).__name__}"
    return found.value, found.variant, str(found.reason), None


def _pairs(seed: int) -> Iterator[tuple[Answer, Answer, Any]]:
    generator = Generator(seed)
    document = generator.document(FLAGS)
    core, flags = FlagdCore(), FlagSet.load(document)
    core.set_flags(copy.deepcopy(document))  # it changes what it is given
    for _context in range(CONTEXTS):
        context, targeting_key = generator.context(), generator.targeting_key()
        for key, flag in document["flags"].items():
            ours, theirs = (
                _ours(flags, key, context, targeting_key),
                _theirs(core, key, context, targeting_key),
            )
            yield ours, theirs, (flag, context, targeting_key)


@pytest.mark.parametrize(
    "pairs", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=["20 000", "1 000 000"]
)
def test_generated_pairs_are_answered_alike(pairs: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # flagd's evaluator writes an error for every key that is missing
    first = random.randrange(2**32)
    variants, reasons = set(), set()
    for seed in range(first, first + -(-pairs // (FLAGS * CONTEXTS))):
        for ours, theirs, about in _pairs(seed):
            assert ours == theirs, f"seed {seed}: {about}"
            variants.add(ours[1])
            reasons.add((ours[2], ours[3]))

    # the pairs are worth something: all kinds of answers are among them
    assert variants == {None, *(name for names in VARIANTS.values() for name in names)}
    assert reasons == {
        ("STATIC", None),
        ("DEFAULT", None),
        ("DISABLED", None),
        ("TARGETING_MATCH", None),
        ("ERROR", "GENERAL"),
    }


def test_a_different_hash_would_be_noticed() -> None:
    """The comparison can fail: v2 assigns others to the arms."""
    document = Generator(1).document(0) | {
        "flags": {
            "half": {
                "state": "ENABLED",
                "variants": {"a": True, "b": False},
                "targeting": {"fractional": [["a", 1], ["b", 1]]},
            }
        }
    }
    core, flags = FlagdCore(), FlagSet.load(document, hashing=Hashing.V2)
    core.set_flags(copy.deepcopy(document))

    differing = sum(
        _ours(flags, "half", {}, f"p{i}") != _theirs(core, "half", {}, f"p{i}") for i in range(100)
    )

    assert 20 < differing < 80


YES = "yes", "TARGETING_MATCH", None
NO = "no", "TARGETING_MATCH", None
ABSENT = {"var": "absent"}


def _raised(name: str) -> tuple[str | None, str, str]:
    return None, "ERROR", f"GENERAL, it raised {name}"


NOT_PARSABLE = (None, "ERROR", "PARSE_ERROR")
DIFFERENCES: dict[str, tuple[Any, dict[str, Any], Any, Any]] = {
    # why -> (condition, context, our answer, flagd-core's)
    "null joins as nothing, as in JavaScript": ({"==": [{"cat": ["a", ABSENT]}, "a"]}, {}, YES, NO),
    "an attribute that is null is there": ({"==": [{"var": ["x", "d"]}, "d"]}, {"x": None}, NO, YES),
    "nothing is not part of a text": ({"in": [ABSENT, "nullable"]}, {}, NO, YES),
    "in compares strictly": ({"in": [True, [1]]}, {}, NO, YES),
    "=== compares types": ({"===": [True, 1]}, {}, NO, YES),
    "two lists are two things": ({"===": [[1], [1]]}, {}, NO, YES),
    "+ reads the number a text begins with": ({"==": [{"+": ["2 apples", 1]}, 3]}, {}, YES, NO),
    "a number has no underscores": ({"==": ["1_000", 1000]}, {}, NO, YES),
    "a text is a number as JavaScript reads it": ({"==": ["0x10", 16]}, {}, YES, NO),
    "dividing by zero is infinite": ({">": [{"/": [1, 0]}, 9]}, {}, YES, _raised("ZeroDivisionError")),
    "the remainder has the sign of the dividend": ({"==": [{"%": [-7, 3]}, -1]}, {}, YES, NO),
    "the least of something that is no number is none": ({"<": [{"min": [1, "x"]}, 9]}, {}, NO, YES),
    "a whole float is a weight": (
        {"==": [{"fractional": [["a", 50.0]]}, "a"]},
        {"targetingKey": "ada"},
        YES,
        NO,
    ),
    "a rule is parsed as a whole": ({"if": [True, True, {"no such": 1}]}, {}, NOT_PARSABLE, YES),
    "an unknown operator nobody reaches": ({"or": [True, {"no such": 1}]}, {}, NOT_PARSABLE, YES),
}


def _flag(targeting: Any, **variants: Any) -> dict[str, Any]:
    flag = {"state": "ENABLED", "variants": variants or {"yes": True, "no": False}, "targeting": targeting}
    return {"flags": {"flag": flag}, "metadata": {"fractional": "v3"}}


def _both(document: dict[str, Any], context: dict[str, Any], key: str | None) -> tuple[Answer, Answer]:
    core, flags = FlagdCore(), FlagSet.load(document)
    core.set_flags(copy.deepcopy(document))
    return _ours(flags, "flag", context, key), _theirs(core, "flag", context, key)


@pytest.mark.parametrize("why", DIFFERENCES)
def test_what_differs_on_purpose(why: str) -> None:
    condition, context, ours, theirs = DIFFERENCES[why]
    attributes = {name: value for name, value in context.items() if name != "targetingKey"}

    found = _both(_flag({"if": [condition, "yes", "no"]}), attributes, context.get("targetingKey"))

    assert (found[0][1:], found[1][1:]) == (ours, theirs)


def test_a_whole_float_names_the_variant_of_its_integer() -> None:
    ours, theirs = _both(_flag({"+": [1, {"var": "x"}]}, **{"2": "two"}), {"x": 1.0}, None)

    assert (ours[1], theirs[3]) == ("2", "GENERAL")


def test_work_is_bounded() -> None:
    text = {"cat": [{"var": "x"}] * 100}

    ours, theirs = _both(_flag({"if": [{"==": [text, ""]}, "yes", "no"]}), {"x": "y" * 60_000}, None)

    assert (ours[3], theirs[1]) == ("GENERAL", "no")


def test_an_attribute_stands_in_for_an_absent_targeting_key() -> None:
    ours, theirs = _both(
        _flag({"if": [{"==": [{"var": "targetingKey"}, "ada"]}, "yes", "no"]}), {"targetingKey": "ada"}, None
    )

    assert (ours[1], theirs[1]) == ("yes", "no")


def test_shared_rules_may_be_written_in_any_language() -> None:
    document = _flag({"if": [{"$ref": "japan"}, "yes"]}) | {
        "$evaluators": {"japan": {"==": [{"var": "x"}, "日本"]}}
    }

    assert FlagSet.load(document).evaluate("flag", {"x": "日本"}).variant == "yes"
    with pytest.raises(re.error):
        FlagdCore().set_flags(copy.deepcopy(document))
