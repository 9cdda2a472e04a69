"""What the edge wrote out beforehand is what the evaluator says, for every flag and every caller."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from generated_flags import Generator

from companyos.surfaces.edge.written import WrittenSet, in_words
from companyos_sdk.evaluator import FlagSet

NOW = 1_782_000_000.0


@pytest.mark.parametrize("seed", [random.randrange(10**9) for _ in range(3)])
def test_written_answers_equal_the_evaluators_R95(seed: int) -> None:
    dice = Generator(seed)
    flags = FlagSet.load(dice.document(60))
    written = WrittenSet(flags)
    for _ in range(40):
        context = dice.context()
        said = [in_words(flags.evaluate(key, context, now=NOW)) for key in flags.keys()]  # noqa: SIM118
        assert written.every(context, NOW) == b",".join(said), f"seed {seed}, {context}"
        assert [written.one(key, context, NOW)[1] for key in flags.keys()] == said, f"seed {seed}"  # noqa: SIM118


RULES = {
    "null is the default": ({"var": "nothing"}, 200, {"variant": "off", "reason": "DEFAULT"}),
    "true is a variant": ({"==": [1, 1]}, 200, {"variant": "true", "value": 3}),
    "one that is not there": ({"cat": ["go", "ne"]}, 400, {"errorCode": "GENERAL"}),
    "a list": ({"merge": [["a"], ["b"]]}, 400, {"errorCode": "GENERAL"}),
    "the time": ({"if": [{">": [{"var": "$flagd.timestamp"}, 1]}, "on", "off"]}, 200, {"variant": "on"}),
    "no parsing it": ({"no-such-rule": 1}, 400, {"errorCode": "PARSE_ERROR"}),
}


@pytest.mark.parametrize("name", RULES)
def test_what_was_not_written_beforehand_is_the_evaluators_word(name: str) -> None:
    rule, status, wanted = RULES[name]
    found = _answer({"targeting": rule})
    assert found[0] == status
    assert wanted.items() <= found[1].items()


def test_a_flag_that_is_not_there_and_one_that_is_off() -> None:
    assert _answer({"state": "DISABLED"})[1]["reason"] == "DISABLED"
    status, content = WrittenSet(FlagSet.load({"flags": {}})).one("gone", {}, NOW)
    assert (status, json.loads(content)["errorCode"]) == (404, "FLAG_NOT_FOUND")


def _answer(part: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    variants = {"on": 1, "off": 2, "true": 3}
    flag = {"state": "ENABLED", "variants": variants, "defaultVariant": "off", **part}
    status, content = WrittenSet(FlagSet.load({"flags": {"asked": flag}})).one(
        "asked", {"targetingKey": "ada"}, NOW
    )
    return status, msgspec.json.decode(content)
