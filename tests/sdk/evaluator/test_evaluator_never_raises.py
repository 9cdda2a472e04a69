"""The one promise of `evaluate`: whatever loads, answers."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companyos_sdk.evaluator import BadRuleset, FlagSet, Hashing, Resolution
from companyos_sdk.evaluator.compile import OPERATOR_NAMES

NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), 2**53, 0.1]))
TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["a", "a.b", "0", "$flagd.timestamp", "targetingKey", "1.2.3-rc.1", "0x1f", "\ud800", "^"]
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def _rule_over(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operands = st.one_of(operand, st.lists(operand, max_size=5))
    arm = st.lists(operand, min_size=1, max_size=2)
    weighted = st.tuples(operand, st.integers(-5, 2**31)).map(list)
    return st.one_of(
        st.tuples(st.sampled_from(OPERATOR_NAMES), operands).map(lambda pair: {pair[0]: pair[1]}),
        st.tuples(operand, st.lists(arm | weighted, max_size=4)).map(
            lambda pair: {"fractional": [pair[0], *pair[1]]}
        ),
        st.just({"$ref": "shared"}),
    )


VARS = st.sampled_from(["", "a", "b", "a.b", "accumulator", "current", "targetingKey"]).map(
    lambda name: {"var": name}
)
RULES = _rule_over(st.recursive(SCALARS | VARS | JSON, _rule_over, max_leaves=20))
CONTEXTS = st.dictionaries(st.sampled_from(["a", "b", "targetingKey", "$flagd"]) | TEXTS, JSON, max_size=5)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RULES, JSON | RULES, CONTEXTS, st.sampled_from(Hashing), st.none() | st.floats(0, 4e9))
def test_whatever_loads_answers(
    rule: Any, shared: Any, context: dict[str, Any], hashing: Hashing, now: float | None
) -> None:
    flag = {"state": "ENABLED", "variants": {"a": 1, "true": 2, "": 3}, "targeting": rule}
    try:
        ruleset = FlagSet.load({"flags": {"flag": flag}, "$evaluators": {"shared": shared}}, hashing=hashing)
    except BadRuleset:
        return

    resolution = ruleset.evaluate("flag", context, now=now)

    assert isinstance(resolution, Resolution)
    # No operator may lean on the net around the whole evaluation: it only catches outgrown work.
    message = resolution.error_message or ""
    assert "could not be evaluated" not in message or "grew beyond" in message or "steps" in message
