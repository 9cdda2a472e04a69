"""What other people's events mean here: flag evaluations are exposures, answers are answers, tenants are tenants.

| they say | we count |
|---|---|
| OpenTelemetry `feature_flag.evaluation`, span event `feature_flag` | exposure: variant in `path`, flag in `kind` |
| PostHog `$feature_flag_called` | the same |
| PostHog `survey sent`, `survey shown`, `survey dismissed` | `survey.answered`, `survey.shown`, `survey.dismissed` |
| a span with a flag, or of somebody who met one | `task_started`, then `task_completed` or `task_failed` |
| PostHog `$groups`, Segment `groupId`, resource attributes | tenant |
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from companyos.analytics.intake.names import is_slug, name_of

EXPOSURE = "feature_flag.evaluation"
_SURVEYS = {
    "survey sent": "survey.answered",
    "survey shown": "survey.shown",
    "survey dismissed": "survey.dismissed",
    "survey abandoned": "survey.dismissed",
}
_PATHS = {
    "on": "unified",
    "off": "existing",
    "shadow": "existing",
    "dual-run": "existing",
    "reverse-shadow": "unified",
}  # the new and the old way of a feature, as its metrics name them
_TENANT_NAMES = ("companyos.tenant", "tenant")
_TENANT_HINTS = ("tenant.id", "tenant_id", "service.namespace")
_VARIANTS = ("feature_flag.result.variant", "feature_flag.variant")
_PEOPLE = ("feature_flag.context.id", "enduser.id", "user.id", "session.id")
_VALUES = ("feature_flag.result.value", "feature_flag.evaluation.value")


def variant_of(told: Any) -> str:
    """A variant's name; true and false are `on` and `off`."""
    if isinstance(told, bool):
        return "on" if told else "off"
    if isinstance(told, str):
        return {"true": "on", "false": "off"}.get(told.lower(), name_of(told) if told else "")
    return name_of(str(told)) if isinstance(told, int | float) else ""


def otel_variant(attributes: Mapping[str, Any]) -> str:
    """The variant of an evaluation: by its name, new or old, and without one by its value."""
    for name in (*_VARIANTS, *_VALUES):
        if variant := variant_of(attributes.get(name)):
            return variant
    return ""


def flag_of(attributes: Mapping[str, Any]) -> str:
    flag = attributes.get("feature_flag.key")
    return flag if isinstance(flag, str) else ""


def people_in(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids under which a record speaks of a person or a session, the most telling first."""
    told = (attributes.get(name) for name in _PEOPLE)
    return tuple(dict.fromkeys(each for each in told if isinstance(each, str) and each))


def survey_event(event: str) -> str:
    """Our name of a PostHog survey event, or nothing."""
    return _SURVEYS.get(event, "")


def survey_score(properties: Mapping[str, Any]) -> float | None:
    """The first answer that is a number."""
    for name in sorted(properties):
        if name.startswith("$survey_response"):
            try:
                score = float(properties[name])
            except (TypeError, ValueError, OverflowError):
                continue
            if math.isfinite(score):
                return score
    return None


def path_of(variant: str) -> str:
    """Which way a task went, given the variant its person has."""
    return _PATHS.get(variant, variant)


def named_tenant(attributes: Mapping[str, Any]) -> str:
    """The tenant that a sender names on purpose; it binds."""
    for name in _TENANT_NAMES:
        if isinstance(told := attributes.get(name), str) and told:
            return told
    return ""


def hinted_tenant(attributes: Mapping[str, Any]) -> str:
    """A tenant to go by when nothing better is known."""
    for name in _TENANT_HINTS:
        if is_slug(told := attributes.get(name)):
            return str(told)
    return ""
