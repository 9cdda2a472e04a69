"""A loaded ruleset's answers in OpenFeature's form, made once per ruleset so that asking only picks one."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason

from companyos_sdk.evaluator import FlagSet, FlagType, Resolution, typed
from companyos_sdk.evaluator.code import IDLE, Run

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


class TypedAnswers:
    """The flags of a ruleset asked for as one type. Nothing here raises."""

    __slots__ = ("_flags", "_kind", "_ruled", "settled")

    def __init__(self, flags: FlagSet, kind: FlagType) -> None:
        self._flags, self._kind = flags, kind
        views = {key: flag.answering(self._usable) for key, flag in flags.compiled().items()}
        self._ruled = {key: view for key, view in views.items() if view.rule is not None}
        # flags that answer everybody alike
        self.settled = {
            key: view.settled for key, view in views.items() if view.rule is None and view.settled is not None
        }

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
            flag = self._ruled[key]
            run = Run(int(time.time())) if flag.needs_run else IDLE
            chosen = flag.rule(attributes, run)  # type: ignore[misc]
            found = flag.outcomes.get(chosen) if chosen.__class__ is str else flag.outcome(chosen)
            if found is not None:
                return found
        except Exception:  # noqa: BLE001, RUF100, S110  (the evaluator says below what is the matter)
            pass
        return self.settled.get(key) or Details(typed(self._flags.evaluate(key, attributes), self._kind))

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
