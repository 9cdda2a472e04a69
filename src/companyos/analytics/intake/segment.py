"""Segment's HTTP API (https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/).

A batch or single calls. The write key comes by Basic auth or in the body; `messageId` makes a resend a duplicate.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from companyos.analytics.events import Event, Refusal
from companyos.analytics.intake.bodies import BodyRefused, unpacked
from companyos.analytics.intake.drafts import Draft, Read, Sender, finished, refused
from companyos.analytics.intake.lists import MOST_RECORDS, Broken, read_list
from companyos.analytics.intake.mapping import named_tenant
from companyos.analytics.intake.moments import correction, moment
from companyos.analytics.intake.names import id_from, id_of, is_slug

CALLS = ("track", "identify", "page", "screen", "group", "alias")
_IDENTITY = ("type", "event", "name", "userId", "anonymousId", "groupId", "previousId", "timestamp")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request, unwrapped: whose key it brings, when it was sent, its calls, and what they share."""

    secret: str
    sent_at: Any
    records: list[Any]
    context: dict[str, Any]


def opened(body: bytes, headers: Mapping[bytes, bytes], *, call: str) -> Envelope:
    """Unwrap a request to `/v1/<call>`. Raises Unreadable and BodyRefused."""
    around, records = read_list(unpacked(body, headers.get(b"content-encoding", b"")), key="batch")
    if len(records) > MOST_RECORDS:
        raise BodyRefused(413, f"{len(records)} calls in one request; at most {MOST_RECORDS}.")
    if call in CALLS:
        records = [{**record, "type": call} if isinstance(record, dict) else record for record in records]
    context = around.get("context")
    return Envelope(
        write_key(headers) or _text(around.get("writeKey")),
        around.get("sentAt"),
        records,
        context if isinstance(context, dict) and call not in CALLS else {},
    )


def write_key(headers: Mapping[bytes, bytes]) -> str:
    """The user name of a Basic authorization, or nothing."""
    scheme, _, told = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return base64.b64decode(told.strip(), validate=True).decode("latin-1").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def read(envelope: Envelope, sender: Sender, *, now: datetime) -> Read:
    """The events of a request, each readable or refused."""
    found, skew = Read(), correction(envelope.sent_at, now)
    for number, record in enumerate(envelope.records):
        found.add(str(number), _item(record, envelope.context, sender, now, skew, number))
    return found


def told(reasons: Mapping[str, str], *, count: int) -> dict[str, Any]:
    """The answer: Segment's own says `success` and no more."""
    if not reasons:
        return {"success": True}
    first = next(iter(reasons.values()))
    detail = f"{len(reasons)} of {count} calls were put into quarantine. The first, because {first}"
    return {"success": len(reasons) < count, "quarantined": len(reasons), "detail": detail}


def _item(
    record: Any, shared: dict[str, Any], sender: Sender, now: datetime, skew: timedelta, number: int
) -> Event | Refusal:
    if isinstance(record, Broken):
        return refused(record.text, record.reason, sender)
    if not isinstance(record, dict) or record.get("type") not in CALLS:
        return refused(record, f"a call is an object with a `type` out of {', '.join(CALLS)}", sender)
    actor = _text(record.get("userId")) or _text(record.get("anonymousId"))
    if not actor:
        return refused(record, "it has neither `userId` nor `anonymousId`: who did it", sender)
    name = _name_of(record)
    if not name:
        return refused(record, "a track call has an `event`", sender)
    draft = _draft(record, shared, name, actor)
    if not draft.id:
        draft.id = _id_from_content(record, draft, now, number)
    return finished(draft, sender, now=now, skew=skew)


def _id_from_content(record: dict[str, Any], draft: Draft, now: datetime, number: int) -> str:
    """An id for a call without a usable one. Without a time, too, nothing tells a resend from a second call."""
    where = (now.isoformat(), number) if draft.time is None and not record.get("messageId") else ()
    return id_of("segment", *where, record.get("messageId"), *(repr(record.get(each)) for each in _IDENTITY))


def _draft(record: dict[str, Any], shared: dict[str, Any], name: str, actor: str) -> Draft:
    context = {**shared, **_dict(record.get("context"))}
    props = {**_dict(record.get("traits")), **_dict(record.get("properties"))}
    if context:
        props.setdefault("context", context)
    if record["type"] == "alias":
        props["previous_id"] = record.get("previousId")
    return Draft(
        name,
        id_from(record.get("messageId")),
        moment(record.get("timestamp") or record.get("originalTimestamp")),
        props,
        tenant=named_tenant(props) or named_tenant(context),
        hint=_group_of(record, context),
        actor=actor,
    )


def _name_of(record: dict[str, Any]) -> str:
    """A track call has a name of its own; the other calls are events of their kind."""
    kind = record["type"]
    if kind == "track":
        return _text(record.get("event"))
    return f"${kind}" if kind != "page" else "$pageview"


def _group_of(record: dict[str, Any], context: dict[str, Any]) -> str:
    """The group, where it could be a tenant: a company's own group ids need not be ours."""
    for group in (record.get("groupId"), context.get("groupId")):
        if is_slug(group):
            return str(group)
    return ""


def _dict(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _text(told: Any) -> str:
    if isinstance(told, str):
        return told
    return str(told) if isinstance(told, int) and not isinstance(told, bool) else ""
