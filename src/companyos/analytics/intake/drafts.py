"""An event in the making: what a protocol says, fitted into our shape, or refused with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from companyos.analytics.events import CheckedEvent, Event, Refusal
from companyos.analytics.intake.moments import AS_SENT
from companyos.analytics.intake.names import is_name, is_reference, is_slug, name_of, slug_of
from companyos.analytics.intake.privacy import EVERYTHING, Privacy, hidden

NAME_AS_SENT = "$event"
_SHORTEST_BODY = 4096
_OUR_FIELDS = {
    "feature": is_slug,
    "path": is_name,
    "kind": is_name,
    "case": is_reference,
    "task": is_reference,
}
_encode = msgspec.json.Encoder(order="deterministic", enc_hook=repr).encode


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the tenants its key speaks for, and how its people are treated."""

    tenants: frozenset[str]
    from_browser: bool = False
    privacy: Privacy = EVERYTHING
    features: Mapping[str, str] = field(default_factory=dict)  # flag -> feature

    @property
    def own(self) -> str:
        """The tenant of events that name none: the key's, if it has exactly one."""
        return next(iter(self.tenants)) if len(self.tenants) == 1 and "*" not in self.tenants else ""

    def speaks_for(self, tenant: str) -> bool:
        return "*" in self.tenants or tenant in self.tenants

    def feature_of(self, flag: str) -> str:
        return self.features.get(flag) or slug_of(flag)


@dataclass(slots=True)
class Draft:
    """One event as a protocol tells it. `tenant` binds; `hint` is taken when the key has no tenant of its own."""

    event: str
    id: str
    time: datetime | None
    props: dict[str, Any]
    tenant: str = ""
    hint: str = ""
    actor: str = ""
    feature: str = ""
    path: str = ""
    kind: str = ""
    case: str = ""
    task: str = ""
    value: float | None = None
    as_sent: str = ""  # the time as the sender wrote it, when `time` is not what it wrote
    ours: dict[str, Any] = field(default_factory=dict)  # props that no list of properties takes away


@dataclass(slots=True)
class Read:
    """What a request held, in order; `records[i]` names the record of the request that `items[i]` came from."""

    items: list[Event | Refusal] = field(default_factory=list)
    records: list[str] = field(default_factory=list)

    def add(self, record: str, item: Event | Refusal) -> None:
        self.items.append(item)
        self.records.append(record)


def finished(
    draft: Draft, sender: Sender, *, now: datetime, skew: timedelta = timedelta()
) -> Event | Refusal:
    """The draft as an event. A refusal is filed under the key's own tenant, never under one it does not speak for."""
    tenant = _tenant_of(draft, sender)
    if not sender.speaks_for(tenant) or not is_slug(tenant):
        return _refused(draft, sender, _why_no_tenant(tenant))
    try:
        event = _event(draft, sender, tenant, now, skew)
    except (msgspec.ValidationError, OverflowError) as problem:
        return _refused(draft, sender, str(problem))
    return hidden(event, secret=sender.privacy.secret) if _hides(sender) else event


def refused(record: Any, reason: str, sender: Sender) -> Refusal:
    """Something that never became a draft."""
    return Refusal(reason, as_bytes(record), sender.own, "")


def as_bytes(record: Any) -> bytes:
    """As much of a record as helps to find its sender."""
    if isinstance(record, bytes):
        return record[:_SHORTEST_BODY]
    try:
        return _encode(record)[:_SHORTEST_BODY]
    except (TypeError, ValueError, OverflowError, RecursionError):
        return b""


def _hides(sender: Sender) -> bool:
    return sender.privacy.hides_actors(from_browser=sender.from_browser)


def _tenant_of(draft: Draft, sender: Sender) -> str:
    return draft.tenant or sender.own or draft.hint


def _why_no_tenant(tenant: str) -> str:
    if not tenant:
        return "it names no tenant, and its key speaks for several; name one as `tenant`"
    return f"its key does not speak for the tenant {tenant[:64]!r}; use a key of that tenant"


def _event(draft: Draft, sender: Sender, tenant: str, now: datetime, skew: timedelta) -> Event:
    name, props = name_of(draft.event), sender.privacy.kept(draft.props)
    _take_our_fields(draft, props)
    _tame(props)
    props |= draft.ours
    if name != draft.event:
        props[NAME_AS_SENT] = draft.event[:200]
    time = draft.time
    if time is None or skew:
        props[AS_SENT] = draft.as_sent or (_as_stored(time) if time else "")
        time = now if time is None else time + skew
    return msgspec.convert(
        {
            "id": draft.id, "event": name, "time": time, "tenant": tenant, "actor": draft.actor,
            "feature": draft.feature, "path": draft.path, "kind": draft.kind, "case": draft.case,
            "task": draft.task, "value": draft.value, "props": props,
        },
        CheckedEvent,
    )  # fmt: skip


def _as_stored(time: datetime) -> str:
    return _encode(time.replace(microsecond=time.microsecond // 1000 * 1000)).decode().strip('"')


def _take_our_fields(draft: Draft, props: dict[str, Any]) -> None:
    """A property that is called like one of our fields, and fits, fills it where the protocol has none."""
    for name, fits in _OUR_FIELDS.items():
        if name in props and not getattr(draft, name) and fits(props[name]):
            setattr(draft, name, props.pop(name))
    value = props.get("value")
    if draft.value is None and isinstance(value, int | float) and not isinstance(value, bool):
        draft.value = float(props.pop("value"))


def _tame(props: dict[str, Any]) -> None:
    """Two properties have a column of their own; whatever else is called like them steps aside."""
    latency = props.get("latency_ms")
    if "latency_ms" in props and not _is_duration(latency):
        props["$latency_ms"] = props.pop("latency_ms")
    if "by" in props and not is_reference(props["by"]):
        props["$by"] = props.pop("by")


def _is_duration(told: Any) -> bool:
    return told is None or (isinstance(told, int | float) and not isinstance(told, bool) and told >= 0)


def _refused(draft: Draft, sender: Sender, reason: str) -> Refusal:
    body = as_bytes({"event": draft.event, "actor": draft.actor, "time": draft.time, "props": draft.props})
    return Refusal(reason, body, sender.own, draft.id)
