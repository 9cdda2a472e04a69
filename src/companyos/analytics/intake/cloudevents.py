"""CloudEvents 1.0 over HTTP (https://github.com/cloudevents/spec): a batch, one structured event, or one in headers.

`source` and `id` identify an event: together they make its id, so that a resend is a duplicate.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from companyos.analytics.events import Event, Refusal
from companyos.analytics.intake.bodies import BodyRefused, unpacked
from companyos.analytics.intake.drafts import Draft, Read, Sender, finished, refused
from companyos.analytics.intake.lists import MOST_RECORDS, Broken, read_json, read_list
from companyos.analytics.intake.mapping import named_tenant
from companyos.analytics.intake.moments import moment
from companyos.analytics.intake.names import id_of, is_reference
from companyos.analytics.loose import Unreadable

BATCH, STRUCTURED = "application/cloudevents-batch+json", "application/cloudevents+json"
_REQUIRED = ("specversion", "id", "source", "type")
_OURS = {
    "time",
    "data",
    "data_base64",
    "actor",
    "subject",
    "feature",
    "path",
    "kind",
    "case",
    "task",
    "value",
}
_MOST_TEXT = 16_384


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request's events, before they are looked at."""

    records: list[Any]


def opened(body: bytes, headers: Mapping[bytes, bytes]) -> Envelope:
    """Unwrap a request by its content type. Raises Unreadable and BodyRefused."""
    inside = unpacked(body, headers.get(b"content-encoding", b""))
    content_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    if content_type == BATCH:
        if inside.lstrip()[:1] != b"[":
            raise Unreadable("a batch is a JSON list of events")
        _, records = read_list(inside, key="")
    elif content_type == STRUCTURED:
        records = [read_json(inside)]
    elif b"ce-specversion" in headers:
        records = [_from_headers(inside, headers, content_type)]
    else:
        words = f"Send {STRUCTURED}, {BATCH}, or the event's attributes in ce- headers."
        raise BodyRefused(415, words)
    if len(records) > MOST_RECORDS:
        raise BodyRefused(413, f"{len(records)} events in one request; at most {MOST_RECORDS}.")
    return Envelope(records)


def read(envelope: Envelope, sender: Sender, *, now: datetime) -> Read:
    """The events of a request, each readable or refused."""
    found = Read()
    for number, record in enumerate(envelope.records):
        found.add(str(number), _item(record, sender, now))
    return found


def told(reasons: Mapping[str, str], *, count: int) -> dict[str, Any]:
    """The answer: how many were taken, and why the others were not."""
    quarantined = [{"index": int(record), "reason": reason} for record, reason in reasons.items()]
    return {"accepted": count - len(reasons), "quarantined": quarantined}


def _from_headers(body: bytes, headers: Mapping[bytes, bytes], content_type: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        name[3:].decode("latin-1"): unquote_to_bytes(value).decode("utf-8", "replace")
        for name, value in headers.items()
        if name.startswith(b"ce-")
    }
    if content_type:
        record["datacontenttype"] = content_type
    if body and (content_type.endswith("json") or not content_type):
        record["data"] = read_json(body)
    elif body:
        record["data_base64"] = base64.b64encode(body).decode()
    return record


def _item(record: Any, sender: Sender, now: datetime) -> Event | Refusal:
    if isinstance(record, Broken):
        return refused(record.text, record.reason, sender)
    if not isinstance(record, dict):
        return refused(record, "an event is an object", sender)
    for name in _REQUIRED:
        if not isinstance(record.get(name), str) or not record[name]:
            return refused(record, f"the attribute `{name}` is missing", sender)
    if record["specversion"] != "1.0":
        return refused(record, "its specversion is not 1.0", sender)
    if record.get("time") is not None and moment(record["time"]) is None:
        return refused(record, "its `time` is no time of RFC 3339", sender)
    return finished(_draft(record), sender, now=now)


def _draft(record: dict[str, Any]) -> Draft:
    data = _data_of(record)
    props: dict[str, Any] = data if isinstance(data, dict) else {} if data is None else {"data": data}
    attributes = {name: told for name, told in record.items() if name not in _OURS}
    return Draft(
        record["type"],
        id_of("cloudevents", record["source"], record["id"]),
        moment(record.get("time")),
        {**_fields(record), **props, "$ce": attributes},
        tenant=named_tenant(record) or named_tenant(props),
        actor=_actor_of(record, props),
    )


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    """Extension attributes that are called like our fields."""
    return {
        name: record[name] for name in ("feature", "path", "kind", "case", "task", "value") if name in record
    }


def _actor_of(record: dict[str, Any], props: dict[str, Any]) -> str:
    for told in (record.get("actor"), props.get("actor"), record.get("subject")):
        if isinstance(told, str) and told and is_reference(told):
            return told
    return ""


def _data_of(record: dict[str, Any]) -> Any:
    if "data" in record:
        return record["data"]
    encoded = record.get("data_base64")
    if not isinstance(encoded, str):
        return None
    try:
        return read_json(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, Unreadable):
        return {"data_base64": encoded[:_MOST_TEXT]}
