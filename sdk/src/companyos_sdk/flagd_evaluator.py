"""Our evaluator under flagd's own interface (PyPI `openfeature-flagd-api`), for who uses flagd's Python provider.

provider = FlagdProvider(resolver_type=ResolverType.IN_PROCESS, ...)
evaluate_with(provider, FlagdEvaluator())
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ParseError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType

from companyos_sdk.evaluator import BadRuleset, Hashing
from companyos_sdk.serving import NOTHING, Serving, changed_keys, serving_of


class FlagdEvaluator:
    """Implements `openfeature.contrib.tools.flagd.api.Evaluator`. Evaluations never raise: errors are in the details.

    `hashing` overrides the document's `metadata.fractional`; flagd's own Python evaluator hashes as v3.
    """

    def __init__(self, *, hashing: Hashing | None = None) -> None:
        self._hashing = hashing
        self._serving: Serving = NOTHING
        self._changing = threading.Lock()

    def set_flags(self, flag_configuration: str | dict[str, Any]) -> None:
        """Take a document in the place of the last one. Raises ParseError, and goes on with the last one."""
        self.set_flags_and_get_changed_keys(flag_configuration)

    def set_flags_and_get_changed_keys(self, flag_configuration: str | dict[str, Any]) -> list[str]:
        """As `set_flags`; returns the keys of the flags that differ."""
        document = _document(flag_configuration)
        with self._changing:
            known = self._serving
            try:
                self._serving = serving_of(document, version=known.version + 1, hashing=self._hashing)
            except BadRuleset as problem:
                raise ParseError(str(problem)) from None
            return changed_keys(known.document, document)

    def get_flag_set_metadata(self) -> Mapping[str, float | int | str | bool]:
        return dict(self._serving.flags.metadata)

    def resolve_boolean_value(
        self, flag_key: str, default_value: bool, ctx: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        answers = self._serving.booleans
        return answers.settled.get(flag_key) or answers.resolve(flag_key, default_value, ctx)

    def resolve_string_value(
        self, flag_key: str, default_value: str, ctx: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._serving.strings.resolve(flag_key, default_value, ctx)

    def resolve_integer_value(
        self, flag_key: str, default_value: int, ctx: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._serving.integers.resolve(flag_key, default_value, ctx)

    def resolve_float_value(
        self, flag_key: str, default_value: float, ctx: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._serving.floats.resolve(flag_key, default_value, ctx)

    def resolve_object_value(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        ctx: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        return self._serving.objects.resolve_own(flag_key, default_value, ctx)


def _document(configuration: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(configuration, str):
        return configuration
    try:
        document: Mapping[str, Any] = json.loads(configuration)
    except (ValueError, RecursionError) as problem:
        raise ParseError(f"the flags are no JSON: {problem}") from None
    return document


def evaluate_with(provider: Any, evaluator: FlagdEvaluator) -> None:
    """Let flagd's in-process provider evaluate with ours. Call it before the provider is initialized.

    The provider (0.6) takes no evaluator as an argument yet, so its resolver and the store behind it are set.
    """
    resolver = provider.resolver
    resolver.evaluator = evaluator
    resolver.connector.flag_store.evaluator = evaluator
