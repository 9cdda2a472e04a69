"""A loaded ruleset's answers in OpenFeature's form, made once per ruleset so that asking only picks one."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason

from companyos_sdk.evaluator import FlagSet, FlagType, Resolution, typed
from companyos_sdk.evaluator.code import IDLE, Rule, Run
from companyos_sdk.evaluator.coercion import to_text
from companyos_sdk.evaluator.flagset import LONGEST_NAME

_PYTHON_TYPES: Mapping[FlagType, type | tuple[type, ...]] = {
    FlagType.BOOLEAN: bool,
    FlagType.STRING: str,
    FlagType.INTEGER: (int, float),
    FlagType.FLOAT: (int, float),
    FlagType.OBJECT: (dict, list),
}


class Details(FlagResolutionDetails[Any]):
    """FlagResolutionDetails that nobody can change, so that every caller may be handed the same one."""

    def __init__(self, resolution: Resolution, default: Any = None) -> None:
        self.__dict__.update(
            value=default if resolution.variant is None else resolution.value,
            error_code=None if resolution.error_code is None else ErrorCode(resolution.error_code),
            error_message=resolution.error_message,
            reason=Reason(resolution.reason),
            variant=resolution.variant,
            flag_metadata=resolution.metadata,
        )

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"the answer for a flag is shared by all who ask: copy it to change its {name}")

    def with_value(self, value: Any) -> FlagResolutionDetails[Any]:
        """A copy with another value, to be changed at will."""
        code, message = self.error_code, self.error_message
        return FlagResolutionDetails(value, code, message, self.reason, self.variant, self.flag_metadata)


class Ruled(NamedTuple):
    """A flag with a rule, and the answer for everything the rule may say: a variant, or None for the default."""

    rule: Rule
    needs_run: bool
    outcomes: Mapping[str | None, Details]


class TypedAnswers:
    """The flags of a ruleset asked for as one type. Nothing here raises."""

    __slots__ = ("_flags", "_kind", "_ruled", "settled")

    def __init__(self, flags: FlagSet, kind: FlagType) -> None:
        self._flags, self._kind = flags, kind
        self.settled: dict[str, Details] = {}  # flags that answer everybody alike
        self._ruled: dict[str, Ruled] = {}
        for key, flag in flags.compiled().items():
            some = next(iter(flag.outcomes.values()), flag.settled)
            if not isinstance(some.value, _PYTHON_TYPES[kind]):
                continue  # a flag of another type: `_at_length` says so when it is asked for
            default = self._usable(flag.settled)
            if flag.rule is not None:
                outcomes = {None: default} | {v: self._usable(found) for v, found in flag.outcomes.items()}
                usable = {said: found for said, found in outcomes.items() if found is not None}
                self._ruled[key] = Ruled(flag.rule, flag.needs_run, usable)
            elif default is not None:
                self.settled[key] = default

    def resolve(
        self, key: str, default: Any, context: EvaluationContext | None
    ) -> FlagResolutionDetails[Any]:
        """The answer for one flag; the default where there is none."""
        found = self.details(key, attributes_of(context))
        return found.with_value(default) if found.variant is None else found

    def resolve_own(
        self, key: str, default: Any, context: EvaluationContext | None
    ) -> FlagResolutionDetails[Any]:
        """As `resolve`, with a value of the caller's own, for values that can be changed in place."""
        found = self.details(key, attributes_of(context))
        return found.with_value(default if found.variant is None else copy.deepcopy(found.value))

    def details(self, key: str, attributes: Mapping[str, Any]) -> Details:
        """The answer for one flag. One without a variant has no value: the caller's default holds."""
        try:
            rule, needs_run, outcomes = self._ruled[key]
            said = rule(attributes, Run(int(time.time())) if needs_run else IDLE)
            if said.__class__ is not str and said is not None:
                said = to_text(said, room=LONGEST_NAME)
            return outcomes[said]
        except Exception:  # noqa: BLE001, RUF100  (the evaluator says what is the matter)
            return self._at_length(key, attributes)

    def _at_length(self, key: str, attributes: Mapping[str, Any]) -> Details:
        try:
            found = self.settled.get(key)
        except TypeError:  # a key that is no text and cannot be looked up
            found = None
        return found or Details(typed(self._flags.evaluate(key, attributes), self._kind))

    def _usable(self, resolution: Resolution) -> Details | None:
        """The resolution as an answer of this type; None where it has no variant or is of another type."""
        if not isinstance(resolution.value, _PYTHON_TYPES[self._kind]):
            return None
        found = typed(resolution, self._kind)
        return None if found.variant is None else Details(found)


class NoAnswers(TypedAnswers):
    """What is answered before there is any ruleset."""

    __slots__ = ()

    def details(self, key: str, attributes: Mapping[str, Any]) -> Details:
        message = "no ruleset has arrived yet, the default in the code holds"
        return Details(Resolution(key, None, None, Reason.ERROR, ErrorCode.PROVIDER_NOT_READY, message, {}))


def attributes_of(context: EvaluationContext | None) -> Any:
    """The evaluator's context of an OpenFeature one; the targeting key outranks an attribute of its name."""
    if context is None:
        return {}
    try:
        key = context.targeting_key
        return context.attributes if key is None else {**context.attributes, "targetingKey": key}
    except (AttributeError, TypeError):  # not a context at all: the evaluator says so
        return context
