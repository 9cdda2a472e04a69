"""A JSON body that holds a list of records: read whole when it is JSON, record by record when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from companyos.analytics.loose import Unreadable, cut

MOST_RECORDS = 10_000
UNDECODABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that is no JSON: its bytes, and why."""

    text: bytes
    reason: str


def read_json(body: bytes) -> Any:
    """The body as JSON. Raises Unreadable."""
    try:
        return _decode(body)
    except UNDECODABLE as problem:
        raise Unreadable(str(problem)) from None


def read_list(body: bytes, *, key: str) -> tuple[dict[str, Any], list[Any]]:
    """What stands around the list `key`, and its records; a body that is a list has nothing around it.

    Raises Unreadable when there is no list to be found.
    """
    try:
        whole = _decode(body)
    except UNDECODABLE as problem:
        return _apart(body, key, str(problem))
    if isinstance(whole, list):
        return {}, whole
    if not isinstance(whole, dict):
        raise Unreadable("it is JSON, but neither an object nor a list")
    records = whole.pop(key, None)
    return whole, records if isinstance(records, list) else [whole] if records is None else [records]


def _apart(body: bytes, key: str, problem: str) -> tuple[dict[str, Any], list[Any]]:
    is_list = body.lstrip()[:1] == b"["
    places = list(cut(body, problem, key=b"" if is_list else key.encode()))
    records = [_one(body[place]) for place in places]
    if is_list or not places:
        return {}, records
    around = _one(body[: places[0].start] + body[places[-1].stop :])
    return around if isinstance(around, dict) else {}, records


def _one(text: bytes) -> Any:
    try:
        return _decode(text)
    except UNDECODABLE as problem:
        return Broken(text, str(problem))
