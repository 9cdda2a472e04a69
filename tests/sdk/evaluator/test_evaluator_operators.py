"""Each operator's answers, edge cases included, as a table."""

from __future__ import annotations

import math
from typing import Any

import pytest

from companyos_sdk.evaluator.code import Run
from companyos_sdk.evaluator.compile import Compiler
from companyos_sdk.evaluator.evaluators import Evaluators
from companyos_sdk.evaluator.fractional import Hashing

CONTEXT = {
    "targetingKey": "ada",
    "$flagd": {"flagKey": "forged", "timestamp": 1},
    "tenant": "corporate",
    "empty": "",
    "nothing": None,
    "age": 17,
    "teams": ["sales", "legal"],
    "numbers": [1, 2, 3],
    "user": {"name": "ada", "plan": {"tier": 2}},
}


def answer(rule: Any) -> Any:
    compiler = Compiler(flag_key="approvals", evaluators=Evaluators({}), hashing=Hashing.V2)
    return compiler.code(rule, "$").run(CONTEXT, Run(1_700_000_000))


CURRENT = {"var": "current"}
SUM = {"+": [CURRENT, {"var": "accumulator"}]}
ITEM = {"var": ""}
BIG = {">": [ITEM, 1]}
NUMBERS, TEAMS = {"var": "numbers"}, {"var": "teams"}

CASES: list[tuple[Any, Any]] = [
    # var
    ({"var": "tenant"}, "corporate"),
    ({"var": ["user.name"]}, "ada"),
    ({"var": "user.plan.tier"}, 2),
    ({"var": "user.plan.tier.deeper"}, None),
    ({"var": ["absent", "otherwise"]}, "otherwise"),
    ({"var": ["nothing", "otherwise"]}, None),
    ({"var": "teams.1"}, "legal"),
    ({"var": ["teams.9", "none"]}, "none"),
    ({"var": "teams.length"}, 2),
    ({"var": {"cat": ["user.", "name"]}}, "ada"),
    ({"var": "$flagd.flagKey"}, "approvals"),
    ({"var": "$flagd.timestamp"}, 1_700_000_000),
    ({"var": {"cat": ["$flagd.", "flagKey"]}}, "approvals"),
    ({"var": ["$flagd.other", "none"]}, "none"),
    ({"var": "$flagd"}, {"flagKey": "approvals", "timestamp": 1_700_000_000}),
    # missing, missing_some
    ({"missing": ["tenant", "absent", "empty", "user.name"]}, ["absent", "empty"]),
    ({"missing": {"merge": ["absent", "tenant"]}}, ["absent"]),
    ({"missing_some": [1, ["tenant", "absent"]]}, []),
    ({"missing_some": [2, ["tenant", "absent"]]}, ["absent"]),
    # if, ?:
    ({"if": [True, "a", "b"]}, "a"),
    ({"if": [{"var": "absent"}, "a", {"==": [1, 1]}, "b", "c"]}, "b"),
    ({"if": [{"var": "absent"}, "a"]}, None),
    ({"if": ["only"]}, "only"),
    ({"if": []}, None),
    ({"?:": [{"var": "tenant"}, "a", "b"]}, "a"),
    # equality
    ({"==": [1, "1"]}, True),
    ({"==": [{"var": "age"}, "17"]}, True),
    ({"==": [{"var": "nothing"}, 0]}, False),
    ({"==": [{"var": "nothing"}, {"var": "absent"}]}, True),
    ({"==": [True, 1]}, True),
    ({"==": [["a"], "a"]}, True),
    ({"===": [1, "1"]}, False),
    ({"===": [1, 1.0]}, True),
    ({"===": [True, 1]}, False),
    ({"!=": [{"var": "tenant"}, "corporate"]}, False),
    ({"!==": [1, "1"]}, True),
    # truth
    ({"!": [{"var": "teams"}]}, False),
    ({"!": {"var": "empty"}}, True),
    ({"!!": [[]]}, False),
    ({"!!": ["0"]}, True),
    ({"!!": [{"var": "user"}]}, True),
    ({"or": [{"var": "empty"}, {"var": "age"}]}, 17),
    ({"and": [{"var": "age"}, {"var": "empty"}, "never"]}, ""),
    # ordering
    ({"<": [1, {"var": "age"}, 18]}, True),
    ({"<": [17, {"var": "age"}, 18]}, False),
    ({"<=": [17, {"var": "age"}, 17]}, True),
    ({">": [{"var": "age"}, "9"]}, True),
    ({">": ["b", "a"]}, True),
    ({">=": ["b", 1]}, False),
    ({"<": [{"var": "absent"}, 1]}, True),
    ({"<": [1]}, False),
    # numbers
    ({"max": [1, "3", 2]}, 3),
    ({"min": [1, {"var": "absent"}]}, 0),
    ({"+": [1, "2 apples"]}, 3),
    ({"+": []}, 0),
    ({"-": [{"var": "age"}]}, -17),
    ({"-": [5, 7]}, -2),
    ({"*": [{"var": "age"}, 2]}, 34),
    ({"/": [1, 4]}, 0.25),
    ({"/": [-1, 0]}, -math.inf),
    ({"%": [-7, 3]}, -1),
    # loops
    ({"map": [NUMBERS, {"*": [ITEM, 2]}]}, [2, 4, 6]),
    ({"map": [{"var": "absent"}, ITEM]}, []),
    ({"map": [NUMBERS, {"var": "$flagd.flagKey"}]}, [None, None, None]),
    ({"filter": [NUMBERS, BIG]}, [2, 3]),
    ({"reduce": [NUMBERS, SUM, 10]}, 16),
    ({"all": [NUMBERS, BIG]}, False),
    ({"all": [[], BIG]}, False),
    ({"none": [[], BIG]}, True),
    ({"some": [NUMBERS, BIG]}, True),
    # membership
    ({"in": [{"var": "tenant"}, ["corporate", "gtm"]]}, True),
    ({"in": [{"var": "teams"}, ["sales"]]}, False),
    ({"in": [{"var": "teams.0"}, ["sales"]]}, True),
    ({"in": ["legal", {"var": "teams"}]}, True),
    ({"in": [True, [1, "true"]]}, False),
    ({"in": [2, {"var": "numbers"}]}, True),
    ({"in": ["port", {"cat": ["re", "port"]}]}, True),
    ({"in": [{"var": "absent"}, "nullable"]}, False),
    # texts and lists
    ({"cat": ["n", 1.0, True, {"var": "absent"}, 1e-7, ["a", None, 2]]}, "n1true1e-7a,,2"),
    ({"substr": ["jsonlogic", 4]}, "logic"),
    ({"substr": ["jsonlogic", -5, 2]}, "lo"),
    ({"substr": ["jsonlogic", 1, -5]}, "son"),
    ({"merge": [1, [2, [3]], {"var": "teams"}]}, [1, 2, [3], "sales", "legal"]),
    ({"log": {"var": "tenant"}}, "corporate"),
    ({"starts_with": [{"var": "tenant"}, "corp"]}, True),
    ({"ends_with": [{"var": "tenant"}, "corp"]}, False),
    ({"starts_with": [{"var": "age"}, "1"]}, None),
    ({"ends_with": [{"var": "tenant"}]}, None),
    # data, not operators
    ([1, {"var": "age"}], [1, 17]),
    ({"a": 1, "b": {"var": "age"}}, {"a": 1, "b": {"var": "age"}}),
]


@pytest.mark.parametrize(("rule", "expected"), CASES, ids=[str(rule) for rule, _expected in CASES])
def test_operator(rule: Any, expected: Any) -> None:
    actual = answer(rule)

    assert actual == expected
    assert isinstance(actual, bool) is isinstance(expected, bool)


@pytest.mark.parametrize("rule", [{"+": [True]}, {"max": [1, "x"]}, {"/": [0, 0]}, {"%": [1, 0]}, {"-": []}])
def test_what_is_no_number_is_nan(rule: Any) -> None:
    assert math.isnan(answer(rule))


@pytest.mark.parametrize(
    ("version", "operator", "target", "expected"),
    [
        ("1.2.3", "=", "v1.2.3", True),
        ("1.2.3", "!=", "1.2.3+build", False),
        ("1.10.0", ">", "1.9.9", True),
        ("1.0.0-alpha", "<", "1.0.0", True),
        ("1.0.0-alpha.2", "<", "1.0.0-alpha.10", True),
        ("1.0.0-alpha", "<", "1.0.0-alpha.1", True),
        ("1.0.0-1", "<", "1.0.0-alpha", True),
        ("1.4.9", "<=", "1.5", True),
        ("1.4.9", ">=", 1.4, True),
        (2, "^", "2.7.1", True),
        ("2.1", "~", "2.1.9", True),
        ("2.2", "~", "2.1.9", False),
        ("01.0.0", "=", "1.0.0", None),
        ("1.0.0.0", "=", "1.0.0", None),
        (True, "=", "1", None),
        ("1.0.0", "=>", "1.0.0", None),
        ("9" * 300, "=", "1", None),
    ],
)
def test_sem_ver(version: Any, operator: str, target: Any, expected: bool | None) -> None:
    assert answer({"sem_ver": [version, operator, target]}) is expected
