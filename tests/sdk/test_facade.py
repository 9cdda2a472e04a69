"""The fast facade gives what OpenFeature's client gives, for every kind of flag, type and trouble."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext

from companyos_sdk import Flags
from companyos_sdk.evaluator import FlagType
from companyos_sdk.provider import CompanyOSProvider
from openfeature import api

CONTEXT = {"targetingKey": "ada", "tenant": "sales", "plan": {"tier": 2}}
BROKEN_CONTEXTS: list[Any] = [{}, {"targetingKey": None}, {"tenant": ["a", {}]}, None, 5, "ada"]


def _flag(
    variants: dict[str, Any], targeting: Any = None, default: str | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "state": "ENABLED",
        "variants": variants,
        "defaultVariant": default,
        "targeting": targeting,
    } | more


def _document() -> dict[str, Any]:
    sales = {"if": [{"==": [{"var": "tenant"}, "sales"]}, "a"]}
    kinds: dict[str, dict[str, Any]] = {
        "boolean": {"a": True, "b": False},
        "string": {"a": "x", "b": ""},
        "integer": {"a": 5, "b": 0},
        "float": {"a": 0.5, "b": 2.0},
        "mixed": {"a": 1, "b": 1.5},
        "large": {"a": 2**60, "b": 1},
        "object": {"a": {"x": [1]}, "b": {}},
        "list": {"a": [1, 2], "b": []},
    }
    flags: dict[str, Any] = {}
    for kind, variants in kinds.items():
        flags |= {
            f"{kind}-static": _flag(variants, default="a"),
            f"{kind}-static-b": _flag(variants, default="b"),
            f"{kind}-rule": _flag(variants, sales, "b"),
            f"{kind}-rule-b": _flag(variants, {"if": [False, "a", "b"]}),
            f"{kind}-no-default": _flag(variants),
            f"{kind}-null": _flag(variants, {"if": [False, "a"]}),
            f"{kind}-disabled": _flag(variants, sales, "a", state="DISABLED"),
            f"{kind}-unparsable": _flag(variants, {"no such": 1}, "a"),
            f"{kind}-nowhere": _flag(variants, {"cat": ["nowhere"]}, "a"),
            f"{kind}-list": _flag(variants, {"merge": [1, 2]}, "a"),
        }
    flags["shorthand"] = _flag({"true": True, "false": False}, {"==": [{"var": "tenant"}, "sales"]}, "false")
    flags["time"] = _flag({"a": True}, {"if": [{">": [{"var": "$flagd.timestamp"}, 1]}, "a"]})
    flags["large-list"] = _flag({"a": True}, {"if": [{"in": [1, {"var": "many"}]}, "a"]})
    return {"flags": flags, "metadata": {"version": 1}}


KEYS = [*_document()["flags"], "absent", ""]
DEFAULTS: dict[FlagType, list[Any]] = {
    FlagType.BOOLEAN: [True, False],
    FlagType.STRING: ["default"],
    FlagType.INTEGER: [7],
    FlagType.FLOAT: [7.5],
    FlagType.OBJECT: [{"d": 1}, [1]],
}


@pytest.fixture(scope="module")
def provider() -> CompanyOSProvider:
    provider = CompanyOSProvider("http://127.0.0.1:9", key="none")
    provider.took(json.dumps(_document()).encode(), None)
    return provider


@pytest.fixture(scope="module")
def client(provider: CompanyOSProvider) -> Iterator[OpenFeatureClient]:
    """The stock client over the same provider, which is not connected to anything."""
    provider.initialize = lambda _context: None  # type: ignore[method-assign]
    api.set_provider_and_wait(provider, "facade")
    yield api.get_client("facade")
    api.shutdown()


def _ask(flags: Flags, kind: FlagType, key: str, default: Any, context: Any) -> Any:
    ask = flags.number if kind is FlagType.FLOAT else getattr(flags, kind)
    return ask(key, default, context)


@pytest.mark.parametrize("kind", FlagType)
def test_it_answers_as_the_stock_client(
    provider: CompanyOSProvider, client: OpenFeatureClient, kind: FlagType
) -> None:
    flags = Flags(provider)
    many = CONTEXT | {"many": list(range(100))}
    for key in KEYS:
        for default in DEFAULTS[kind]:
            for context in (CONTEXT, many, {"targetingKey": "bob", "tenant": "legal"}):
                attributes = {name: value for name, value in context.items() if name != "targetingKey"}
                about = EvaluationContext(str(context["targetingKey"]), attributes)  # type: ignore[arg-type]
                expected = getattr(client, f"get_{kind}_details")(key, default, about)

                value = _ask(flags, kind, key, default, context)
                details = flags.details(kind, key, default, context)
                asked = flags.asking(kind, key)(context)

                assert value == expected.value, key
                assert type(value) is type(expected.value), key
                assert details == expected, key
                assert (default if asked.variant is None else asked.value) == expected.value, key


@pytest.mark.parametrize("context", BROKEN_CONTEXTS)
@pytest.mark.parametrize("kind", FlagType)
def test_nothing_that_is_handed_in_makes_it_raise(
    provider: CompanyOSProvider, kind: FlagType, context: Any
) -> None:
    flags = Flags(provider)

    for key in [*KEYS, None, 5, ["a"], {}]:
        value = _ask(flags, kind, key, DEFAULTS[kind][0], context)  # type: ignore[arg-type]
        assert type(value) in {type(default) for default in DEFAULTS[kind]}


def test_a_hook_sees_every_answer_and_its_trouble_stays_its_own(
    provider: CompanyOSProvider, caplog: pytest.LogCaptureFixture
) -> None:
    seen = []

    def hook(key: str, details: Any, context: Any) -> None:
        seen.append((key, details.variant, details.reason, context["targetingKey"]))
        raise OSError("no disk")

    flags = Flags(provider, hook=hook)

    assert flags.boolean("boolean-rule", False, CONTEXT) is True
    assert flags.string("absent", "default", CONTEXT) == "default"
    assert flags.asking(FlagType.BOOLEAN, "boolean-rule")(CONTEXT).value is True
    met = ("boolean-rule", "a", "TARGETING_MATCH", "ada")
    assert seen == [met, ("absent", None, "ERROR", "ada"), met]
    assert "the hook failed on the flag absent" in caplog.text


def test_all_gives_what_has_a_value_of_one_version(provider: CompanyOSProvider) -> None:
    bulk = Flags(provider).all(CONTEXT)

    assert bulk.version == 1
    assert bulk["boolean-rule"] is True
    assert bulk["object-static"] == {"x": [1]}
    assert "boolean-disabled" not in bulk
    assert "boolean-unparsable" not in bulk


def test_objects_are_the_callers_own_and_details_cannot_be_changed(provider: CompanyOSProvider) -> None:
    flags = Flags(provider)
    flags.object("object-static", {}, CONTEXT)["x"].append(2)
    flags.all(CONTEXT)["list-static"].append(9)
    details: Any = provider.resolve_boolean_details("boolean-static", False)

    with pytest.raises(AttributeError, match="copy it"):
        details.value = False

    assert flags.object("object-static", {}, CONTEXT) == {"x": [1]}
    assert flags.object("list-static", [], CONTEXT) == [1, 2]
