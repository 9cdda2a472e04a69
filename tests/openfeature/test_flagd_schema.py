"""Documents are judged as flagd's JSON schema judges them: our own of every kind, and upstream's where they are.

Upstream's are not part of this repository: https://github.com/open-feature/flagd-schemas, folder `json/test`. They are
looked for beside the checkout, in `shared/conformance/flagd-schemas`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companyos_sdk.evaluator.authoring import complaints

UPSTREAM = Path(__file__).parents[2].parent / "shared" / "conformance" / "flagd-schemas"
ON_OFF = {"on": True, "off": False}
VERSION, ITEM = {"var": "version"}, {"var": ""}


def _flag(**more: Any) -> dict[str, Any]:
    return {"flags": {"a": {"state": "ENABLED", "variants": ON_OFF, "defaultVariant": "on"} | more}}


def _rule(targeting: Any) -> dict[str, Any]:
    return _flag(targeting=targeting)


GOOD_RULES: list[Any] = [
    {},
    None,
    {"if": [{"starts_with": [{"var": "id"}, "x"]}, "on", "off"]},
    {"if": [True]},
    {"if": [False, "on", False, "off", True, "on"]},
    {"fractional": [["on", 25], ["off", 75]]},
    {"fractional": [["on"], ["off", 1]]},
    {"fractional": [["on", 1]]},
    {"fractional": [[True, 1], [{"fractional": [["on", 1], ["off", 1]]}, 1]]},
    {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]}, ["on", 25], ["off", 75]]},
    {"fractional": [["on", {"-": [{"var": "$flagd.timestamp"}, 1_740_000_000]}], ["off", 100]]},
    {"if": [{"sem_ver": [VERSION, "^", "2.0.0"]}, "on", "off"]},
    {"if": [{"<": [1, {"var": "age"}, 9]}, "on", "off"]},
    {"!": True},
    {"+": ["3.14"]},
    {"substr": ["jsonlogic", 1, 3]},
    {"reduce": [{"var": "n"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 0]},
    {"some": [{"var": "pies"}, {"==": [ITEM, "apple"]}]},
    {"merge": [1, 2, [3, 4]]},
    {"missing": ["a", "b"]},
    {"missing_some": [1, ["a", "b"]]},
    {"var": ["a", "default"]},
]
GOOD_DOCUMENTS: list[Any] = [
    {"flags": {}},
    _flag(defaultVariant=None),
    _flag(state="DISABLED"),
    _flag(variants={"small": -(2**53 - 1), "large": 2**53 - 1}, defaultVariant="small"),
    _flag(variants={"x": {"a": 1}, "y": {}}, defaultVariant="x"),
    _flag(metadata={"owner": "squad", "risk": 2, "live": True}) | {"metadata": {"version": "1"}},
    _rule({"$ref": "staff"}) | {"$evaluators": {"staff": {"in": ["@corp.example", {"var": "email"}]}}},
]
BAD_RULES: list[tuple[Any, str]] = [
    # rule, where the first complaint points
    ({"no-such-rule": [1, 2]}, "$.flags.a"),
    ({"*": [2]}, '$.flags.a.targeting["*"]'),
    ({"reduce": [{"var": "n"}, {"var": "current"}]}, "$.flags.a.targeting.reduce"),
    ({"fractional": [["on", 25.5], ["off", 75]]}, "$.flags.a.targeting.fractional[0][1]"),
    ({"fractional": [["on", -25], ["off", 75]]}, "$.flags.a.targeting.fractional[0][1]"),
    ({"fractional": [["on", "25"], ["off", 75]]}, "$.flags.a.targeting.fractional[0][1]"),
    ({"fractional": ["everybody", ["on", 25], ["off", 75]]}, "$.flags.a.targeting.fractional[0]"),
    ({"if": [{"ends_with": [{"var": "id"}, 0]}, "on", "off"]}, "$.flags.a.targeting.if[0].ends_with[1]"),
    ({"if": [{"starts_with": [{"var": "id"}, None]}, "on"]}, "$.flags.a.targeting.if[0].starts_with[1]"),
    ({"if": [{"starts_with": [{"var": "id"}]}, "on"]}, "$.flags.a.targeting.if[0].starts_with"),
    ({"if": [{"==": [{"var": "$flagd.other"}, 1]}, "on"]}, '$.flags.a.targeting.if[0]["=="][0].var'),
    ({"if": [{"sem_ver": [VERSION, "=", "2.0.0.0"]}, "on"]}, "$.flags.a.targeting.if[0].sem_ver[2]"),
    ({"if": [{"sem_ver": [VERSION, "*", "2.0.0"]}, "on"]}, "$.flags.a.targeting.if[0].sem_ver[1]"),
    ({"if": [{"sem_ver": [VERSION, "2.0.0"]}, "on"]}, "$.flags.a.targeting.if[0].sem_ver"),
    ({"==": [1]}, '$.flags.a.targeting["=="]'),
    ({"map": [{"var": "n"}]}, "$.flags.a.targeting.map"),
    ({"rollout": [1, 2]}, "$.flags.a"),
    ([1, 2], "$.flags.a.targeting"),
]
BAD_DOCUMENTS: list[tuple[Any, str]] = [
    ({"flags": {"not-a-flag": {}}}, "$.flags.not-a-flag.state"),
    (_flag(variants={"few": ["a"], "none": []}, defaultVariant="few"), "$.flags.a.variants.few"),
    (_flag(state="DISABLED", targeting={"no-such-rule": 1}), "$.flags.a.targeting"),
    (_flag() | {"$evaluators": {"unused": {"no-such-rule": 1}}}, "$.$evaluators.unused"),
    ({"flags": [{"key": "a", **_flag()["flags"]["a"]}]}, "$.flags"),
    (_flag(variants={}, defaultVariant=None), "$.flags.a.variants"),
    (_flag(variants=None), "$.flags.a.variants"),
    (_flag(variants={"on": True, "off": "no"}), "$.flags.a.variants"),
    (_flag(variants={"large": 2**53}, defaultVariant="large"), "$.flags.a.variants.large"),
    (_flag(variants={"": True}, defaultVariant=None), "$.flags.a.variants"),
    (_flag(state="ON"), "$.flags.a.state"),
    (_flag(metadata={"bad": {"key": "value"}}), "$.flags.a.metadata.bad"),
    (_flag() | {"metadata": {"bad": []}}, "$.metadata.bad"),
    (_flag() | {"$evaluators": {"x": {"sem_ver": []}}}, "$.$evaluators.x.sem_ver"),
]


@pytest.mark.parametrize("document", [*map(_rule, GOOD_RULES), *GOOD_DOCUMENTS], ids=str)
def test_nothing_is_said_about_a_good_document(document: Any) -> None:
    assert complaints(document) == []


@pytest.mark.parametrize(
    ("document", "path"), [*((_rule(rule), path) for rule, path in BAD_RULES), *BAD_DOCUMENTS], ids=str
)
def test_a_bad_one_is_complained_about_where_it_is_bad(document: Any, path: str) -> None:
    assert complaints(document)[0].path == path


# flags of flagd's testbed that are there to be wrong
WRONG_ON_PURPOSE = {
    "ends-with-wrong-args-flag",
    "fractional-negative-weight-flag",
    "ref-to-nonexistent-evaluator-flag",
    "semver-invalid-operator-flag",
    "semver-wrong-args-flag",
    "starts-with-wrong-args-flag",
}


def test_of_flagds_test_flags_those_are_complained_about_that_are_wrong_on_purpose() -> None:
    testbed = UPSTREAM.with_name("flagd-testbed") / "flags" / "testkit-flags.json"
    if not testbed.exists():
        pytest.skip("flagd's testbed is not beside this checkout")

    found = complaints(json.loads(testbed.read_text(encoding="utf-8")))

    assert {complaint.path.split(".")[2] for complaint in found} == WRONG_ON_PURPOSE


def _upstream() -> list[Any]:
    folders = [(kind, verdict) for kind in ("flags", "targeting") for verdict in ("positive", "negative")]
    return [
        pytest.param(path, verdict, id=f"{kind}-{verdict}-{path.name}")
        for kind, verdict in folders
        for path in sorted((UPSTREAM / "json" / "test" / kind / verdict).glob("*.json"))
        if ".flagdimport." not in path.name
        and not path.name.startswith("rollout")  # not of providers; never released
    ]


@pytest.mark.skipif(not UPSTREAM.is_dir(), reason="flagd's schema documents are not beside this checkout")
@pytest.mark.parametrize(("path", "verdict"), _upstream())
def test_upstreams_documents_are_judged_alike(path: Path, verdict: str) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    if "flags" not in document:
        # A rule by itself: what it refers to belongs to a document around it.
        document = _rule(document) | {"$evaluators": {"some-ref": {"var": "some"}}}

    assert (complaints(document) == []) is (verdict == "positive")
