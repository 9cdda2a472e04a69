"""PostHog's capture (https://posthog.com/docs/api/capture): one event or a batch, and its Capture V1.

Clients wrap bodies in gzip or base64 under any content type, put the key in the body, and take 200 for success only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from companyos.analytics.events import Event, Refusal
from companyos.analytics.intake.bodies import BodyRefused, unwrapped
from companyos.analytics.intake.drafts import Draft, Read, Sender, finished, refused
from companyos.analytics.intake.lists import MOST_RECORDS, Broken, read_list
from companyos.analytics.intake.mapping import EXPOSURE, named_tenant, survey_event, survey_score, variant_of
from companyos.analytics.intake.moments import correction, moment
from companyos.analytics.intake.names import id_from, id_of, is_slug, name_of

V1 = "/i/v1/analytics/events"
_GROUP_HINTS = ("company", "organization")
_LONGEST_QUERY = 4096
_IDENTITY = ("event", "distinct_id", "timestamp", "properties")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request, unwrapped: whose key it brings, when it was sent, and its records."""

    secret: str
    sent_at: Any
    records: list[Any]


def opened(body: bytes, headers: Mapping[bytes, bytes], query: bytes) -> Envelope:
    """Unwrap a request. Raises Unreadable and BodyRefused."""
    around, records = read_list(unwrapped(body, headers.get(b"content-encoding", b"")), key="batch")
    if len(records) > MOST_RECORDS:
        raise BodyRefused(413, f"{len(records)} events in one request; at most {MOST_RECORDS}.")
    asked = _asked(query)
    sent_at = around.get("sent_at") or _header(headers, b"posthog-request-timestamp") or _sent_at_in(asked)
    return Envelope(_secret(around, records, asked), sent_at, records)


def read(envelope: Envelope, sender: Sender, *, now: datetime) -> Read:
    """The events of a request, each readable or refused."""
    found, skew = Read(), correction(envelope.sent_at, now)
    for number, record in enumerate(envelope.records):
        name = record.get("uuid") if isinstance(record, dict) else None
        item = _item(record, sender, now, skew, number)
        found.add(name if isinstance(name, str) else str(number), item)
    return found


def told(reasons: Mapping[str, str], *, count: int) -> dict[str, Any]:
    """The answer of the older addresses: clients only look at its status."""
    if not reasons:
        return {"status": 1}
    first = next(iter(reasons.values()))
    detail = f"{len(reasons)} of {count} events were put into quarantine. The first, because {first}"
    return {"status": 1, "quarantined": len(reasons), "detail": detail}


def told_v1(records: list[str], reasons: Mapping[str, str]) -> dict[str, Any]:
    """The answer of Capture V1: what became of each event, by its uuid."""
    results = {
        record: {"result": "drop", "details": reasons[record]} if record in reasons else {"result": "ok"}
        for record in records
    }
    return {"results": results}


def _item(record: Any, sender: Sender, now: datetime, skew: timedelta, number: int) -> Event | Refusal:
    if isinstance(record, Broken):
        return refused(record.text, record.reason, sender)
    if not isinstance(record, dict):
        return refused(record, "an event is an object with `event` and `distinct_id`", sender)
    properties = record.get("properties")
    properties = {**_extras(record), **(properties if isinstance(properties, dict) else {})}
    event = record.get("event")
    actor = record.get("distinct_id", properties.get("distinct_id"))
    if not isinstance(event, str) or not event:
        return refused(record, "it has no `event`", sender)
    if not isinstance(actor, str | int | float) or isinstance(actor, bool) or actor == "":
        return refused(record, "it has no `distinct_id`: who did it", sender)
    draft = _draft(record, event, str(actor), properties, now)
    if not draft.id:
        draft.id = _id_from_content(record, draft, now, number)
    _give_meaning(draft, event, properties, sender)
    if _is_uncorrected(record, properties):
        skew = timedelta()
    return finished(draft, sender, now=now, skew=skew)


def _draft(
    record: dict[str, Any], event: str, actor: str, properties: dict[str, Any], now: datetime
) -> Draft:
    properties.pop("token", None)  # a key is nobody's property
    time, as_sent = _time_of(record, now)
    return Draft(
        event,
        id_from(record.get("uuid")),
        time,
        properties,
        tenant=named_tenant(_groups(properties)) or named_tenant(properties),
        hint=_hint(_groups(properties)),
        actor=actor,
        case=_reference(properties.get("$session_id") or record.get("session_id")),
        as_sent=as_sent,
    )


def _id_from_content(record: dict[str, Any], draft: Draft, now: datetime, number: int) -> str:
    """An id for an event without one. Where it has no time either, nothing tells a resend from a second event."""
    where = (now.isoformat(), number) if draft.time is None else ()
    return id_of("posthog", *where, *(repr(record.get(name)) for name in _IDENTITY))


def _give_meaning(draft: Draft, event: str, properties: dict[str, Any], sender: Sender) -> None:
    if event == "$feature_flag_called" and isinstance(flag := properties.get("$feature_flag"), str):
        draft.event, draft.kind, draft.feature = EXPOSURE, name_of(flag), sender.feature_of(flag)
        draft.path = variant_of(properties.get("$feature_flag_response")) or "none"
        draft.ours["flag"] = flag[:200]
    elif named := survey_event(event):
        draft.event, draft.value = named, survey_score(properties)
        if isinstance(survey := properties.get("$survey_id"), str) and survey:
            draft.kind = name_of(survey)


def _time_of(record: dict[str, Any], now: datetime) -> tuple[datetime | None, str]:
    """The time, and how it was told where we had to make it up from an offset or from our own clock."""
    told = record.get("timestamp")
    if (time := moment(told)) is not None:
        return time, ""
    offset = record.get("offset")
    if isinstance(offset, int | float) and not isinstance(offset, bool) and 0 <= offset < 10**12:
        return now - timedelta(milliseconds=offset), f"offset {offset}"
    return None, ""


def _groups(properties: dict[str, Any]) -> dict[str, Any]:
    groups = properties.get("$groups")
    return groups if isinstance(groups, dict) else {}


def _hint(groups: dict[str, Any]) -> str:
    return next((str(groups[kind]) for kind in _GROUP_HINTS if is_slug(groups.get(kind))), "")


def _is_uncorrected(record: dict[str, Any], properties: dict[str, Any]) -> bool:
    options = record.get("options")
    by_option = isinstance(options, dict) and options.get("disable_skew_correction") is True
    return by_option or properties.get("$ignore_sent_at") is True or "offset" in record


def _extras(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("$set", "$set_once") if isinstance(record.get(name), dict)}


def _reference(told: Any) -> str:
    return told if isinstance(told, str) and len(told) <= 200 and told.isprintable() else ""


def _secret(around: dict[str, Any], records: list[Any], asked: dict[str, list[str]]) -> str:
    first = records[0] if records and isinstance(records[0], dict) else {}
    properties = first.get("properties")
    for place in (around, first, properties if isinstance(properties, dict) else {}):
        for name in ("api_key", "token"):
            if isinstance(secret := place.get(name), str) and secret:
                return secret
    return (asked.get("token") or asked.get("api_key") or [""])[0]


def _asked(query: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(query[:_LONGEST_QUERY].decode("latin-1"), max_num_fields=50)
    except ValueError:
        return {}  # nothing we need is told in so many fields


def _sent_at_in(asked: dict[str, list[str]]) -> Any:
    """When the request was sent, as its address tells it: `sent_at`, or the older `_`, in milliseconds."""
    told = (asked.get("sent_at") or asked.get("_") or [""])[0]
    return int(told) if told.isdigit() and len(told) < 15 else told


def _header(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")
