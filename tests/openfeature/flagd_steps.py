"""What the sentences of flagd's evaluator scenarios mean for `FlagSet`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from feature_files import Row, Scenario

from companyos_sdk.evaluator import FlagSet, FlagType, Resolution, typed


@dataclass(slots=True)
class World:
    flags: FlagSet
    key: str = ""
    type: FlagType = FlagType.BOOLEAN
    fallback: Any = None
    context: dict[str, Any] = field(default_factory=dict)
    resolution: Resolution | None = None

    @property
    def answer(self) -> Resolution:
        assert self.resolution is not None, "the scenario looks at an answer before it asks for one"
        return self.resolution


def value_of(kind: str, text: str) -> Any:
    """A cell of the scenario as the type it names."""
    match kind:
        case "Boolean":
            return text == "true"
        case "Integer":
            return int(text)
        case "Float":
            return float(text)
        case "Object":
            return json.loads(text.replace('\\"', '"'))
        case _:
            return text


def given_an_evaluator(_world: World) -> None:
    """The flag set is loaded already."""


def given_a_flag(world: World, kind: str, key: str, fallback: str) -> None:
    world.key, world.type, world.fallback = key, FlagType(kind.lower()), value_of(kind, fallback)


def given_an_attribute(world: World, key: str, kind: str, text: str) -> None:
    world.context[key] = value_of(kind, text)


def given_a_nested_attribute(world: World, outer: str, inner: str, text: str) -> None:
    world.context[outer] = {inner: text}


def given_a_targeting_key(world: World, text: str) -> None:
    world.context["targetingKey"] = text


def when_evaluated(world: World) -> None:
    world.resolution = typed(world.flags.evaluate(world.key, world.context), world.type)


def then_the_value_is(world: World, text: str) -> None:
    expected = value_of(world.type.capitalize(), text)
    actual = world.fallback if world.answer.variant is None else world.answer.value
    assert actual == expected
    assert type(actual) is type(expected)


def then_the_reason_is(world: World, reason: str) -> None:
    assert world.answer.reason == reason


def then_the_error_code_is(world: World, code: str) -> None:
    assert (world.answer.error_code or "") == code


def then_the_metadata_is_empty(world: World) -> None:
    assert not world.answer.metadata


def then_the_metadata_contains(world: World, table: tuple[Row, ...]) -> None:
    assert table
    for row in table:
        assert world.answer.metadata[row["key"]] == value_of(row["metadata_type"], row["value"])


STEPS: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"an evaluator", given_an_evaluator),
    (r'a (\w+)-flag with key "(.*)" and a fallback value "(.*)"', given_a_flag),
    (r'a context containing a key "(.*)", with type "(.*)" and with value "(.*)"', given_an_attribute),
    (
        r'a context containing a nested property with outer key "(.*)" and inner key "(.*)", with value "(.*)"',
        given_a_nested_attribute,
    ),
    (r'a context containing a targeting key with value "(.*)"', given_a_targeting_key),
    (r"the flag was evaluated with details", when_evaluated),
    (r'the resolved details value should be "(.*)"', then_the_value_is),
    (r'the reason should be "(.*)"', then_the_reason_is),
    (r'the error-code should be "(.*)"', then_the_error_code_is),
    (r"the resolved metadata is empty", then_the_metadata_is_empty),
    (r"the resolved metadata should contain", then_the_metadata_contains),
)


def play(scenario: Scenario, flags: FlagSet) -> None:
    """Run a scenario's steps in order; an unknown sentence is a failure, not a skip."""
    world = World(flags)
    for step in scenario.steps:
        for pattern, act in STEPS:
            if found := re.fullmatch(pattern, step.text):
                act(world, *found.groups(), *([step.table] if step.table else []))
                break
        else:
            raise AssertionError(f"no step says what this means: {step.text}")
