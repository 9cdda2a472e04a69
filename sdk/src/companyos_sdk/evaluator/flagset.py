"""Loads a flagd document into an immutable set of compiled flags, and evaluates them.

Nothing changes after `load`, so any number of threads may evaluate at once without a lock; a new ruleset is
a new `FlagSet` put in the place of the old one.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from companyos_sdk.evaluator.code import IDLE, NeedsRun, Rule, Run, TooMuchWork
from companyos_sdk.evaluator.coercion import to_text
from companyos_sdk.evaluator.compile import Compiler
from companyos_sdk.evaluator.definition import Definition, metadata_of, object_at, read_definition
from companyos_sdk.evaluator.evaluators import Evaluators, Unparsable
from companyos_sdk.evaluator.fractional import Hashing
from companyos_sdk.evaluator.limits import BadRuleset, check_targeting
from companyos_sdk.evaluator.resolution import ErrorCode, Reason, Resolution

LONGEST_NAME = 1_000  # characters of a list's text, where a rule answers with a list


class Compiled(NamedTuple):
    """A flag ready to evaluate: without a rule the answer is `settled`, with one it is where null leads.

    `outcomes` are the answers by variant.
    """

    settled: Resolution
    rule: Rule | None = None
    needs_run: bool = False
    outcomes: Mapping[str, Resolution] = MappingProxyType({})

    def outcome(self, answer: Any) -> Resolution | None:
        """The answer that what the rule said names: null is the default, true is the variant "true", 1 is "1"."""
        if answer is None:
            return self.settled
        return self.outcomes.get(answer if answer.__class__ is str else to_text(answer, room=LONGEST_NAME))


@dataclass(frozen=True, slots=True)
class FlagSet:
    """A loaded ruleset. Make one with `FlagSet.load`."""

    metadata: Mapping[str, Any]
    hashing: Hashing
    problems: Mapping[
        str, str
    ]  # flag key -> why its targeting cannot be parsed; such a flag answers PARSE_ERROR
    _flags: Mapping[str, Compiled] = field(repr=False)

    @classmethod
    def load(cls, document: Mapping[str, Any], *, hashing: Hashing | None = None) -> FlagSet:
        """Compile a flagd document (https://flagd.dev/reference/flag-definitions/).

        `hashing` says how `fractional` hashes; without it the document's `metadata.fractional` does, "v2" or "v3",
        and where that is silent too, v2. Raises BadRuleset, with the JSON path, for a document that breaks the format
        or a limit. A rule that flagd could not parse is no reason to refuse the others: its flag answers PARSE_ERROR
        and is named in `problems`.
        """
        with no_collection():
            return cls._load(object_at(document, "$"), hashing)

    @classmethod
    def _load(cls, root: Mapping[str, Any], hashing: Hashing | None) -> FlagSet:
        metadata = metadata_of(root, "$")
        chosen = _hashing_of(metadata) if hashing is None else Hashing(hashing)
        evaluators = Evaluators(object_at(root.get("$evaluators") or {}, "$.$evaluators"))
        flags: dict[str, Compiled] = {}
        for key, raw in object_at(root.get("flags"), "$.flags").items():
            definition = read_definition(key, raw, ("$.flags", key), metadata)
            check_targeting(definition.targeting, (definition.path, "targeting"), evaluators.extents)
            flags[key] = _compiled(definition, evaluators, chosen)
        problems = {key: str(why) for key, flag in flags.items() if (why := flag.settled.error_message)}
        return cls(MappingProxyType(metadata), chosen, MappingProxyType(problems), flags)

    def keys(self) -> tuple[str, ...]:
        return tuple(self._flags)

    def compiled(self) -> Mapping[str, Compiled]:
        """The flags as they are evaluated, for who keeps answers of another form beside them."""
        return MappingProxyType(self._flags)

    def evaluate(self, key: str, context: Mapping[str, Any], *, now: float | None = None) -> Resolution:
        """The answer for one flag; never raises.

        `context` holds the caller's attributes, among them `targetingKey`. `now` is unix time in seconds
        for rules that ask for `$flagd.timestamp`; without it the clock is read.
        """
        try:
            flag = self._flags.get(key)
            if flag is None:
                return self._not_found(key)
            rule = flag.rule
            if rule is None:
                return flag.settled
            answer = rule(context, _run_at(now) if flag.needs_run else IDLE)
            if answer.__class__ is str:
                found = flag.outcomes.get(answer)
                if found is not None:
                    return found
            return _resolved(flag, answer)
        except NeedsRun:
            return self._at_length(key, context, now)
        except Exception as problem:  # noqa: BLE001, RUF100  (the promise is that nothing gets out)
            return self._failed(key, context, problem)

    def _at_length(self, key: str, context: Mapping[str, Any], now: float | None) -> Resolution:
        """The answer where a rule met values so large that what they cost must be counted."""
        flag = self._flags[key]
        try:
            return _resolved(flag, flag.rule(context, _run_at(now)) if flag.rule else None)
        except Exception as problem:  # noqa: BLE001, RUF100
            return self._failed(key, context, problem)

    def _not_found(self, key: str) -> Resolution:
        return _error(
            key, ErrorCode.FLAG_NOT_FOUND, f"there is no flag {key!r} in this ruleset", self.metadata
        )

    def _failed(self, key: Any, context: Any, problem: Exception) -> Resolution:
        flag = self._flags.get(key) if isinstance(key, str) else None
        metadata = self.metadata if flag is None else flag.settled.metadata
        if not isinstance(context, Mapping):
            message = f"a context is an object, not a {type(context).__name__}"
            return _error(key, ErrorCode.INVALID_CONTEXT, message, metadata)
        reason = str(problem) if isinstance(problem, TooMuchWork) else type(problem).__name__
        return _error(key, ErrorCode.GENERAL, f"the rule could not be evaluated: {reason}", metadata)


@contextmanager
def no_collection() -> Iterator[None]:
    """Everything made while loading stays: looking for garbage meanwhile only walks it again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _hashing_of(metadata: Mapping[str, Any]) -> Hashing:
    named = metadata.get("fractional", Hashing.V2)
    if named not in tuple(Hashing):
        known = " or ".join(Hashing)
        raise BadRuleset("$.metadata.fractional", f"the hashing of fractional is {known}, not {named!r}")
    return Hashing(named)


def _compiled(definition: Definition, evaluators: Evaluators, hashing: Hashing) -> Compiled:
    if not definition.is_enabled:
        return Compiled(_answer(definition, None, Reason.DISABLED))
    if not definition.targeting:  # absent, null and {} all mean: no rule
        reason = Reason.STATIC if definition.default_variant is not None else Reason.DEFAULT
        return Compiled(_answer(definition, definition.default_variant, reason))
    compiler = Compiler(flag_key=definition.key, evaluators=evaluators, hashing=hashing)
    try:
        code = compiler.code(definition.targeting, (definition.path, "targeting"))
    except Unparsable as problem:
        return Compiled(_error(definition.key, ErrorCode.PARSE_ERROR, str(problem), definition.metadata))
    return Compiled(
        settled=_answer(definition, definition.default_variant, Reason.DEFAULT),
        rule=code.run,
        needs_run=compiler.needs_run,
        outcomes={name: _answer(definition, name, Reason.TARGETING_MATCH) for name in definition.variants},
    )


def _answer(definition: Definition, variant: str | None, reason: Reason) -> Resolution:
    value = None if variant is None else definition.variants[variant]
    return Resolution(definition.key, value, variant, reason, None, None, definition.metadata)


def _error(key: str, code: ErrorCode, message: str, metadata: Mapping[str, Any]) -> Resolution:
    return Resolution(key, None, None, Reason.ERROR, code, message, metadata)


def _run_at(now: float | None) -> Run:
    return Run(int(time.time() if now is None else now))


def _resolved(flag: Compiled, answer: Any) -> Resolution:
    found = flag.outcome(answer)
    if found is not None:
        return found
    variant = to_text(answer, room=LONGEST_NAME)
    shown = variant if len(variant) <= 80 else variant[:77] + "..."
    message = f"the rule chose the variant {shown!r}, which the flag does not have"
    return _error(flag.settled.key, ErrorCode.GENERAL, message, flag.settled.metadata)
