"""What the server is told: who met which variant, and what people did. Pure; `POST /v1/events` takes these.

Names follow OpenTelemetry's event `feature_flag.evaluation`
(https://opentelemetry.io/docs/specs/semconv/feature-flags/feature-flags-events/).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

EVALUATION = "feature_flag.evaluation"

_NAME = re.compile(r"[a-z0-9_.$-]{1,64}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_REFERENCE = re.compile(r"[^\x00-\x1f\x7f]{0,200}")

Event = dict[str, Any]


class Unsendable(ValueError):
    """No event can be made of this; says why."""


def exposure(
    *,
    key: str,
    variant: str | None,
    value: Any,
    reason: str | None,
    error_code: str | None,
    error_message: str | None,
    metadata: Mapping[str, Any],
    context: Mapping[str, Any],
    provider: str,
    tenant: str,
    now: datetime,
) -> Event:
    """The event that somebody met a flag. Raises Unsendable."""
    who = context.get("targetingKey")
    props = {
        "feature_flag.key": key,
        "feature_flag.result.variant": variant,
        "feature_flag.result.value": value if variant is None else None,
        "feature_flag.result.reason": (reason or "unknown").lower(),
        "feature_flag.provider.name": provider,
        "feature_flag.context.id": metadata.get("contextId", who),
        "feature_flag.set.id": metadata.get("flagSetId"),
        "feature_flag.version": None if metadata.get("version") is None else str(metadata["version"]),
        "feature_flag.fractional": metadata.get("fractional"),
        "error.type": error_code.lower() if error_code else None,
        "error.message": error_message,
    }
    feature = metadata.get("feature", key)
    return _event(
        EVALUATION,
        tenant=tenant,
        who=who,
        now=now,
        feature=feature if isinstance(feature, str) and _SLUG.fullmatch(feature) else "",
        path=variant if variant and _NAME.fullmatch(variant) else "",
        kind=key if _NAME.fullmatch(key) else "",
        props={name: each for name, each in props.items() if each is not None},
    )


def tracked(
    *,
    name: str,
    value: float | None,
    attributes: Mapping[str, Any],
    context: Mapping[str, Any],
    tenant: str,
    now: datetime,
) -> Event:
    """The event that somebody did something. Raises Unsendable."""
    if not _NAME.fullmatch(name):
        raise Unsendable(f"the event {name!r} has a name of other signs than a-z 0-9 _ . $ -, or is too long")
    more = {} if value is None else {"value": float(value)}
    return _event(
        name, tenant=tenant, who=context.get("targetingKey"), now=now, props=dict(attributes), **more
    )


def reported(
    name: str,
    *,
    context: Mapping[str, Any],
    tenant: str,
    feature: str,
    kind: str,
    case: str,
    task: str,
    value: float,
    props: Mapping[str, Any],
    at: datetime,
) -> Event:
    """The event that a part of the SDK has found something out, as a comparison in shadow."""
    event = _event(name, tenant=tenant, who=context.get("targetingKey"), now=at, value=value, props=props)
    event["feature"] = feature if _SLUG.fullmatch(feature) else ""
    event["kind"] = kind if _NAME.fullmatch(kind) else ""
    event["case"] = case if _REFERENCE.fullmatch(case) else ""
    event["task"] = task if _REFERENCE.fullmatch(task) and task else event["id"]
    return event


def tenant_of(context: Mapping[str, Any], default: str | None) -> str:
    """The tenant an event belongs to: the context's, or the default. Raises Unsendable."""
    tenant = context.get("tenant", default)
    if not isinstance(tenant, str) or not _SLUG.fullmatch(tenant):
        raise Unsendable(
            f"an event belongs to a tenant, and {tenant!r} is none: put `tenant` into the context, or give the "
            "telemetry a default one"
        )
    return tenant


def _event(
    name: str, *, tenant: str, who: Any, now: datetime, props: Mapping[str, Any], **more: Any
) -> Event:
    actor = who if isinstance(who, str) and _REFERENCE.fullmatch(who) else ""
    at = now.astimezone(UTC)
    time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": event_id(at),
        "event": name,
        "time": time,
        "tenant": tenant,
        "actor": actor,
        **more,
        "props": props,
    }


def event_id(now: datetime) -> str:
    """A UUIDv7: sending an event again under its id counts it once."""
    millis = int(now.timestamp() * 1000)
    bits = (millis << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
