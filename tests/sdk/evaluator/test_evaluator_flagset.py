"""Loading documents, what is refused and where, and the answers around a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from companyos_sdk.evaluator import BadRuleset, FlagSet, FlagType, Resolution, typed

ON_OFF = {"on": True, "off": False}


def document(targeting: Any = None, **flag: Any) -> dict[str, Any]:
    return {
        "flags": {
            "approvals": {
                "state": "ENABLED",
                "variants": ON_OFF,
                "defaultVariant": "off",
                "targeting": targeting,
                **flag,
            }
        }
    }


def evaluate(targeting: Any, context: Any = None, **flag: Any) -> Resolution:
    ruleset = FlagSet.load(document(targeting, **flag))
    return ruleset.evaluate("approvals", {} if context is None else context, now=0)


def nested(levels: int) -> Any:
    rule: Any = True
    for _level in range(levels):
        rule = {"!": [rule]}
    return rule


NAMES = [f"user-{number}" for number in range(10_000)]


@pytest.mark.parametrize(
    ("targeting", "flag", "variant", "reason"),
    [
        (None, {}, "off", "STATIC"),
        ({}, {}, "off", "STATIC"),
        (None, {"defaultVariant": None}, None, "DEFAULT"),
        (None, {"defaultVariant": ""}, None, "DEFAULT"),
        ({"if": [True, None]}, {}, "off", "DEFAULT"),
        ({"if": [True, "on"]}, {}, "on", "TARGETING_MATCH"),
        ({"if": [True, "on"]}, {"state": "DISABLED"}, None, "DISABLED"),
        (
            {"!": [False]},
            {"variants": {"true": 1, "false": 2}, "defaultVariant": "false"},
            "true",
            "TARGETING_MATCH",
        ),
        ({"+": [1, 1]}, {"variants": {"1": "a", "2": "b"}, "defaultVariant": "1"}, "2", "TARGETING_MATCH"),
    ],
)
def test_variant_and_reason(targeting: Any, flag: dict[str, Any], variant: str | None, reason: str) -> None:
    resolution = evaluate(targeting, **flag)

    assert (resolution.variant, resolution.reason, resolution.error_code) == (variant, reason, None)


@pytest.mark.parametrize(
    ("targeting", "code", "message"),
    [
        ({"if": [True, "maybe"]}, "GENERAL", "'maybe'"),
        ({"merge": [1, 2]}, "GENERAL", "'1,2'"),
        ({"iff": [True, "on"]}, "PARSE_ERROR", "$.flags.approvals.targeting.iff: there is no operator 'iff'"),
        ({"if": [{"$ref": "staff"}, "on"]}, "PARSE_ERROR", "$evaluators holds no 'staff'"),
    ],
)
def test_a_rule_that_leads_nowhere_says_so(targeting: Any, code: str, message: str) -> None:
    resolution = evaluate(targeting)

    assert (resolution.reason, resolution.error_code, resolution.variant) == ("ERROR", code, None)
    assert message in str(resolution.error_message)


def test_an_unparsable_flag_is_named_and_leaves_the_others_alone() -> None:
    ruleset = FlagSet.load(
        {
            "flags": {
                "good": {"state": "ENABLED", "variants": ON_OFF, "defaultVariant": "on"},
                "bad": {"state": "ENABLED", "variants": ON_OFF, "targeting": {"nope": []}},
            }
        }
    )

    assert list(ruleset.problems) == ["bad"]
    assert ruleset.evaluate("good", {}).value is True
    assert ruleset.keys() == ("good", "bad")


def test_a_missing_flag_and_a_context_that_is_none() -> None:
    ruleset = FlagSet.load({**document({"==": [{"var": "a"}, "b"]}), "metadata": {"version": 42}})
    no_object: Any = "ada"

    assert ruleset.evaluate("absent", {}).error_code == "FLAG_NOT_FOUND"
    assert ruleset.evaluate("absent", {}).metadata == {"version": 42}
    assert ruleset.evaluate("approvals", no_object).error_code == "INVALID_CONTEXT"


def test_flag_metadata_override_those_of_the_set() -> None:
    ruleset = FlagSet.load(
        {**document(metadata={"owner": "squad"}), "metadata": {"owner": "core", "version": "7"}}
    )

    assert ruleset.metadata == {"owner": "core", "version": "7"}
    assert ruleset.evaluate("approvals", {}).metadata == {"owner": "squad", "version": "7"}


def test_references_stand_for_rules_and_for_lists() -> None:
    ruleset = FlagSet.load(
        {
            **document(
                {
                    "if": [
                        {"and": [{"in": [{"var": "team"}, {"$ref": "teams"}]}, {"$ref": "recent"}]},
                        "on",
                        "off",
                    ]
                }
            ),
            "$evaluators": {
                "teams": ["sales", "legal"],
                "recent": {"sem_ver": [{"var": "version"}, ">=", "2"]},
            },
        }
    )

    def variant(**context: str) -> str | None:
        return ruleset.evaluate("approvals", context).variant

    assert variant(team="legal", version="2.1") == "on"
    assert variant(team="legal", version="1.9") == "off"
    assert variant(team="ops", version="2.1") == "off"


def test_a_reference_inside_an_evaluator_is_a_parse_error() -> None:
    ruleset = FlagSet.load(
        {**document({"$ref": "outer"}), "$evaluators": {"outer": {"!": [{"$ref": "inner"}]}, "inner": True}}
    )

    assert ruleset.evaluate("approvals", {}).error_code == "PARSE_ERROR"


def test_the_time_is_the_one_given() -> None:
    rule = {"if": [{">=": [{"var": "$flagd.timestamp"}, 1000]}, "on", "off"]}

    ruleset = FlagSet.load(document(rule))

    assert ruleset.evaluate("approvals", {}, now=999.9).variant == "off"
    assert ruleset.evaluate("approvals", {}, now=1000).variant == "on"
    assert ruleset.evaluate("approvals", {}).variant == "on"


def test_what_happens_to_the_document_later_does_not_matter() -> None:
    source = document(
        {"if": [{"in": [{"var": "team"}, ["sales"]]}, "on"]}, variants={"on": {"a": [1]}, "off": {}}
    )
    ruleset = FlagSet.load(source)
    flag = source["flags"]["approvals"]

    flag["variants"]["on"]["a"].append(2)
    flag["targeting"]["if"][0]["in"][1].append("legal")

    assert ruleset.evaluate("approvals", {"team": "sales"}).value == {"a": [1]}
    assert ruleset.evaluate("approvals", {"team": "legal"}).variant == "off"


def test_the_same_outcome_is_the_same_object() -> None:
    ruleset = FlagSet.load(document({"if": [{"var": "x"}, "on", "off"]}))

    assert ruleset.evaluate("approvals", {"x": 1}) is ruleset.evaluate("approvals", {"x": 2})


TARGETING = "$.flags.approvals.targeting"


@pytest.mark.parametrize(
    ("bad", "path", "message"),
    [
        ([], "$", "an object"),
        ({}, "$.flags", "an object"),
        ({"flags": {"a b": 1}}, '$.flags["a b"]', "an object"),
        ({"flags": {}, "metadata": {"x": None}}, "$.metadata.x", "texts, numbers"),
        (document(state="ON"), "$.flags.approvals.state", "'ON'"),
        (document(variants=None), "$.flags.approvals.variants", "an object"),
        (document(variants={"on": True, "off": "no"}), "$.flags.approvals.variants", "one type"),
        (document(variants={"on": None}), "$.flags.approvals.variants.on", "not None"),
        (document(defaultVariant="maybe"), "$.flags.approvals.defaultVariant", "on, off"),
        (document("on"), TARGETING, "an object with one operator"),
        (document({"in": [1, {1, 2}]}), f"{TARGETING}.in[1]", "a set"),
        (document(nested(51)), TARGETING + '["!"][0]' * 50, "50 levels"),
        (document({"cat": ["x" * 70_000]}), TARGETING, "65,536 bytes"),
        (document({"merge": [NAMES]}), TARGETING, "65,536 bytes"),
        (document({"in": [{"var": "x"}, [*NAMES, "one more"]]}), f"{TARGETING}.in[1]", "10,000 items"),
        (document({"fractional": [["on", 1]] * 1001}), f"{TARGETING}.fractional", "1,000 arms"),
        (document({"fractional": [["on", 2**31]]}), f"{TARGETING}.fractional[0][1]", "2,147,483,647"),
        (document({"fractional": [["on", 12.5]]}), f"{TARGETING}.fractional[0][1]", "whole number"),
        (document({"fractional": [["on", True]]}), f"{TARGETING}.fractional[0][1]", "whole number"),
        (document({"fractional": [["on", 2**31 - 1], ["off", 1]]}), f"{TARGETING}.fractional", "add up"),
        (document({"fractional": ["x", "on"]}), f"{TARGETING}.fractional[1]", "[variant, weight]"),
        (
            {**document({"or": [{"$ref": "big"}] * 3}), "$evaluators": {"big": {"cat": ["x" * 30_000]}}},
            TARGETING,
            "65,536 bytes",
        ),
        (
            {**document({"!": [{"!": [{"$ref": "deep"}]}]}), "$evaluators": {"deep": nested(49)}},
            f'{TARGETING}["!"][0]["!"][0]',
            "50 levels",
        ),
        ({**document({"merge": {"$ref": "names"}}), "$evaluators": {"names": NAMES}}, TARGETING, "65,536"),
    ],
)
def test_a_bad_document_is_refused_where_it_is_bad(bad: Any, path: str, message: str) -> None:
    with pytest.raises(BadRuleset) as refused:
        FlagSet.load(bad)

    assert refused.value.path.startswith(path)
    assert message in str(refused.value)


def test_limits_leave_room_up_to_the_limit() -> None:
    everybody = {"in": [{"var": "targetingKey"}, NAMES]}

    assert evaluate({"if": [everybody, "on"]}, {"targetingKey": "user-9999"}).variant == "on"
    assert evaluate(nested(50)).error_code == "GENERAL"  # it answers true, and there is no such variant
    assert evaluate({"fractional": [["on", 1]] * 1000}, {"targetingKey": "ada"}).variant == "on"


@pytest.mark.parametrize(
    "rule",
    [
        {"reduce": [{"var": "many"}, {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}, "ab"]},
        {"reduce": [{"var": "many"}, {"merge": [{"var": "accumulator"}, {"var": "accumulator"}]}, [1]]},
        {"cat": {"reduce": [{"var": "many"}, [{"var": "accumulator"}, {"var": "accumulator"}], "a"]}},
        {"map": [{"var": "many"}, {"map": [{"var": "many"}, {"map": [{"var": "many"}, 1]}]}]},
        {"all": [{"var": "much"}, {"<": [{"var": ""}, 1]}]},
    ],
    ids=["doubling text", "doubling list", "list in itself", "loops in loops", "long loop"],
)
def test_a_rule_that_outgrows_its_budget_is_stopped(rule: Any) -> None:
    """Work that grows with the context ends in an error, not in a stall of the server."""
    many = [{"many": list(range(200))}] * 200
    context = {"many": many, "much": [0] * 200_000}

    resolution = evaluate(rule, context)

    assert resolution.error_code == "GENERAL"


def test_numbers_stay_small_however_often_they_are_squared() -> None:
    rule = {"reduce": [{"var": "many"}, {"*": [{"var": "accumulator"}, {"var": "accumulator"}]}, 10]}

    assert "'Infinity'" in str(evaluate(rule, {"many": [1] * 300}).error_message)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (True, FlagType.BOOLEAN, True),
        (1, FlagType.BOOLEAN, "TYPE_MISMATCH"),
        ("a", FlagType.STRING, "a"),
        (10, FlagType.FLOAT, 10.0),
        (10.0, FlagType.INTEGER, 10),
        (10.5, FlagType.INTEGER, "TYPE_MISMATCH"),
        (2**60, FlagType.FLOAT, "TYPE_MISMATCH"),
        (True, FlagType.INTEGER, "TYPE_MISMATCH"),
        ({"a": 1}, FlagType.OBJECT, {"a": 1}),
    ],
)
def test_an_answer_has_the_type_asked_for(value: Any, kind: FlagType, expected: Any) -> None:
    resolution = typed(evaluate(None, variants={"v": value}, defaultVariant="v"), kind)

    assert (resolution.error_code or resolution.value) == expected
    assert type(resolution.error_code or resolution.value).__name__ in (type(expected).__name__, "ErrorCode")


def test_metadata_cannot_be_changed() -> None:
    metadata: Mapping[str, Any] = evaluate(None).metadata

    with pytest.raises(TypeError):
        metadata["x"] = 1  # type: ignore[index]


def test_a_key_that_is_no_text_is_answered_too() -> None:
    no_key: Any = ["approvals"]

    assert FlagSet.load(document()).evaluate(no_key, {}).error_code == "GENERAL"
