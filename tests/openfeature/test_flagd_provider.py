"""Our evaluator inside flagd's own Python provider, asked through OpenFeature's unmodified client."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.contrib.tools.flagd.api import Evaluator
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ParseError

from companyos_sdk.flagd_evaluator import FlagdEvaluator, evaluate_with
from openfeature import api

ADA = EvaluationContext("ada", {"tenant": "sales", "version": "2.1.0"})


def document(**metadata: Any) -> dict[str, Any]:
    on_off = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    sales = {"if": [{"and": [{"$ref": "sales"}, {"sem_ver": [{"var": "version"}, ">=", "2"]}]}, "on"]}
    return {
        "flags": {
            "approvals": on_off | {"targeting": sales, "metadata": {"owner": "squad"}},
            "text": {"state": "ENABLED", "variants": {"a": "A"}, "defaultVariant": "a"},
            "number": {"state": "ENABLED", "variants": {"a": 10}, "defaultVariant": "a"},
            "object": {"state": "ENABLED", "variants": {"a": {"b": [1]}}, "defaultVariant": "a"},
            "off": on_off | {"state": "DISABLED"},
            "broken": on_off | {"targeting": {"no such": []}},
        },
        "$evaluators": {"sales": {"==": [{"var": "tenant"}, "sales"]}},
        "metadata": {"flagSetId": "test", **metadata},
    }


@pytest.fixture
def client(tmp_path: Path) -> Iterator[OpenFeatureClient]:
    source = tmp_path / "flags.json"
    source.write_text(json.dumps(document()))
    provider = FlagdProvider(
        resolver_type=ResolverType.FILE, offline_flag_source_path=str(source), deadline_ms=20
    )
    evaluate_with(provider, FlagdEvaluator())
    api.set_provider_and_wait(provider, "flagd")
    yield api.get_client("flagd")
    api.shutdown()


def test_flagds_provider_answers_with_our_evaluator(client: OpenFeatureClient) -> None:
    details = client.get_boolean_details("approvals", False, ADA)

    assert (details.value, details.variant, details.reason) == (True, "on", "TARGETING_MATCH")
    assert details.flag_metadata == {"flagSetId": "test", "owner": "squad"}
    assert client.get_string_value("text", "", ADA) == "A"
    assert client.get_integer_value("number", 0, ADA) == 10
    assert client.get_float_value("number", 0.0, ADA) == 10.0
    assert client.get_object_value("object", {}, ADA) == {"b": [1]}
    assert client.get_boolean_value("off", True, ADA) is True


@pytest.mark.parametrize(
    ("key", "code"), [("absent", "FLAG_NOT_FOUND"), ("text", "TYPE_MISMATCH"), ("broken", "PARSE_ERROR")]
)
def test_errors_reach_the_client_as_their_codes(client: OpenFeatureClient, key: str, code: str) -> None:
    details = client.get_boolean_details(key, True, ADA)

    assert (details.value, details.error_code, details.reason) == (True, code, "ERROR")


def test_it_has_every_method_of_the_protocol_with_its_parameters() -> None:
    names = [name for name in vars(Evaluator) if name.startswith(("set_", "get_", "resolve_"))]

    assert len(names) == 8
    for name in names:
        wanted = list(inspect.signature(getattr(Evaluator, name)).parameters)
        assert list(inspect.signature(getattr(FlagdEvaluator, name)).parameters) == wanted


def test_changed_keys_are_those_that_differ_or_lean_on_what_does() -> None:
    evaluator = FlagdEvaluator()
    first, second = document(), document()
    second["flags"]["text"]["variants"]["a"] = "B"
    del second["flags"]["off"]
    second["$evaluators"]["sales"] = True

    assert len(evaluator.set_flags_and_get_changed_keys(first)) == 6
    assert evaluator.set_flags_and_get_changed_keys(json.dumps(second)) == ["approvals", "off", "text"]
    assert evaluator.set_flags_and_get_changed_keys(second) == []


@pytest.mark.parametrize(
    "bad", ["no json", "[]", {"flags": {"a": 1}}, {}, {"flags": {}, "metadata": {"fractional": "v9"}}]
)
def test_a_document_it_cannot_take_leaves_the_last_one(bad: Any) -> None:
    evaluator = FlagdEvaluator()
    evaluator.set_flags(document(version=3))

    with pytest.raises(ParseError):
        evaluator.set_flags(bad)

    assert evaluator.get_flag_set_metadata() == {"flagSetId": "test", "version": 3}
    assert evaluator.resolve_string_value("text", "", ADA).value == "A"


def test_an_object_is_the_callers_own() -> None:
    evaluator = FlagdEvaluator()
    evaluator.set_flags(document())

    evaluator.resolve_object_value("object", {}, ADA).value["b"].append(2)  # type: ignore[call-overload, index]

    assert evaluator.resolve_object_value("object", {}, ADA).value == {"b": [1]}


def test_before_any_document_the_default_holds() -> None:
    answer = FlagdEvaluator().resolve_boolean_value("approvals", True, ADA)

    assert (answer.value, answer.error_code) == (True, "PROVIDER_NOT_READY")
