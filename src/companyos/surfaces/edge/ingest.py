"""Events in: checked one by one, written to the log, acknowledged when they are on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Annotated, Any

import msgspec

from companyos.analytics.batch import Unreadable, read_batch
from companyos.analytics.events import MOST_EVENT_BYTES, Event, NotStorable, Refusal, received_at, stored_body
from companyos.analytics.inbox import DuplicateWindow, FrameKind, InboxLog, LogUnwritable, Sight
from companyos.analytics.intake.bodies import BodyRefused, unpacked
from companyos.analytics.intake.privacy import EVERYTHING, Privacy, private
from companyos.kernel.clock import Clock
from companyos.surfaces.edge.answers import Refused, Request, Send, answer, encode
from companyos.surfaces.edge.budget import Budget
from companyos.surfaces.edge.keys import Key
from companyos.surfaces.edge.regions import ANYWHERE, Here

MOST_BYTES = 1024 * 1024
MOST_EVENTS = 1000
_MOST_FRAME_BYTES = 8 * 1024 * 1024
_RETRY_AFTER = 2
_ANOTHER = "another event was counted under this id; the first one stays"


@dataclass(slots=True)
class _Sorted:
    """A batch, sorted into what is new, known already, and not to be counted."""

    lines: list[bytes] = field(default_factory=list)
    new: list[tuple[str, str]] = field(default_factory=list)
    duplicates: int = 0
    refused: list[tuple[int, Refusal]] = field(default_factory=list)


class Ingest:
    """`POST /v1/events` and `POST /v1/serving` over one inbox log."""

    def __init__(
        self, inbox: InboxLog, window: DuplicateWindow, clock: Clock, privacy: Privacy = EVERYTHING
    ) -> None:
        self._inbox, self._window, self._clock, self._privacy = inbox, window, clock, privacy
        self.budget = Budget()
        self._in_flight: set[asyncio.Future[int]] = set()

    async def events(self, request: Request, send: Send, key: Key, here: Here = ANYWHERE) -> None:
        here.refuse_a_key_from_elsewhere(key)
        with self.budget.reserve(request.header(b"content-length"), most=MOST_BYTES):
            body = await request.body(most=MOST_BYTES)
        batch = here.keeps(_readable(_unpacked(body, request.header(b"content-encoding"))), key)
        _refuse_foreign_tenants(batch, key)
        if self._privacy != EVERYTHING:
            batch = [self._private(item, key) for item in batch]
        now = self._clock.now()
        found = self._sort(batch, now)
        offset = await self._store(found, now)
        status = 202 if not found.refused else 207 if found.lines or found.duplicates else 422
        await answer(send, status, _told(found, offset))

    async def keep(self, batch: list[Event | Refusal], now: datetime) -> dict[int, str]:
        """Write a batch that came another way. Returns, once it is on disk, why some of it was put aside, by place."""
        found = self._sort(batch, now)
        await self._store(found, now)
        return {place: refusal.reason for place, refusal in found.refused}

    async def keep_our_own(self, events: list[Event], now: datetime) -> None:
        """Write events that this installation tells itself; people are in them as in those of a server's key."""
        if self._privacy != EVERYTHING:
            events = [private(event, self._privacy, from_browser=False) for event in events]
        await self.keep([*events], now)

    async def serving(self, request: Request, send: Send) -> None:
        """Take a provider's word about which version it serves."""
        try:
            told = msgspec.json.decode(await request.body(most=4096), type=_Serving)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Refused(400, {"error": f'Send {{"provider": "name", "version": 42}}. {error}'}) from None
        told.wall = datetime.now(UTC)  # how long a change took is measured on the wall, in a rehearsal too
        offset = await self._append(FrameKind.SERVING, encode(told), self._clock.now())
        await answer(send, 202, {"offset": offset})

    def _private(self, item: Event | Refusal, key: Key) -> Event | Refusal:
        return (
            item if isinstance(item, Refusal) else private(item, self._privacy, from_browser=key.is_browser)
        )

    def _sort(self, batch: list[Event | Refusal], now: datetime) -> _Sorted:
        found, places, told = _Sorted(), list[int](), list[tuple[str, str, bytes]]()
        for place, event in enumerate(batch):
            body = _body(event, now)
            if isinstance(body, Refusal):
                found.refused.append((place, body))
            else:
                places.append(place)
                told.append((event.tenant, event.id, body))
        end = received_at(now) + b"\n"
        for place, (tenant, event_id, body), sight in zip(
            places, told, self._window.sees_all(told), strict=True
        ):
            if sight is Sight.NEW:
                found.lines.append(body[:-1] + end)
                found.new.append((tenant, event_id))
            elif sight is Sight.DUPLICATE:
                found.duplicates += 1
            else:
                found.refused.append((place, Refusal(_ANOTHER, body, tenant, event_id)))
        found.refused.sort(key=itemgetter(0))
        return found

    async def _store(self, found: _Sorted, now: datetime) -> int:
        """Write what is new and what is refused. A duplicate is safe only once its first copy is."""
        first_copies = set(self._in_flight) if found.duplicates else set()
        offset = self._inbox.synced_seq
        if found.lines:
            offset = await self._append_new(found, now)
        for rows in _frames([_quarantined(refusal, now) for _, refusal in found.refused]):
            offset = await self._append(FrameKind.QUARANTINE, b"".join(rows), now)
        if first_copies:
            await _all_kept(first_copies)
        return offset

    async def _append_new(self, found: _Sorted, now: datetime) -> int:
        """Write the new lines, nearly always in one frame. What was not written is forgotten: a retry is new."""
        offset, begun = 0, 0
        for lines in _frames(found.lines):
            try:
                offset = await self._append(FrameKind.EVENTS, b"".join(lines), now)
            except Refused:
                for tenant, event_id in found.new[begun:]:
                    self._window.forget(tenant, event_id)
                raise
            begun += len(lines)
        return offset

    async def _append(self, kind: FrameKind, payload: bytes, now: datetime) -> int:
        try:
            written = self._inbox.submit(kind, payload, received=now)
            self._in_flight.add(written)
            written.add_done_callback(self._in_flight.discard)
            return await written
        except LogUnwritable as problem:
            raise _not_acknowledged(problem) from None


def _frames(lines: list[bytes]) -> Iterator[list[bytes]]:
    """The lines in pieces that a frame holds."""
    if len(lines) * MOST_EVENT_BYTES < _MOST_FRAME_BYTES or sum(map(len, lines)) < _MOST_FRAME_BYTES:
        if lines:
            yield lines
        return
    piece, size = list[bytes](), 0
    for line in lines:
        if piece and size + len(line) > _MOST_FRAME_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    yield piece


def _body(event: Event | Refusal, now: datetime) -> bytes | Refusal:
    if isinstance(event, Refusal):
        return event
    try:
        return stored_body(event, now=now)
    except NotStorable as problem:
        return Refusal(str(problem), _as_text(event), event.tenant, event.id)


class _Serving(msgspec.Struct):
    provider: Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]{1,200}\Z")]
    version: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
    wall: datetime | None = None


async def _all_kept(first_copies: set[asyncio.Future[int]]) -> None:
    """Wait for other requests' frames; when one of them was not kept, our duplicate of it was not either."""
    await asyncio.wait(first_copies)
    for written in first_copies:
        problem = written.exception()
        if isinstance(problem, LogUnwritable):
            raise _not_acknowledged(problem)


def _not_acknowledged(problem: LogUnwritable) -> Refused:
    status = 507 if problem.disk_full else 503
    words = (
        f"Nothing of this request is acknowledged: {problem}. Flags go on being served; send it again later."
    )
    return Refused(status, {"error": words}, retry_after=_RETRY_AFTER)


def _refuse_foreign_tenants(batch: list[Event | Refusal], key: Key) -> None:
    for tenant in {event.tenant for event in batch} - {""}:
        if not key.speaks_for(tenant):
            words = f"This key does not speak for the tenant {tenant!r}. Nothing was kept; use a key of that tenant."
            raise Refused(403, {"error": words})


def _unpacked(body: bytes, encoding: bytes) -> bytes:
    try:
        return unpacked(body, encoding)
    except BodyRefused as refused:
        raise Refused(refused.status, {"error": str(refused)}) from None
    except Unreadable as problem:
        raise Refused(400, {"error": f"The body cannot be read: {problem}."}) from None


def _readable(body: bytes) -> list[Event | Refusal]:
    try:
        batch = read_batch(body)
    except Unreadable as problem:
        raise Refused(400, {"error": f'Send {{"events": [...]}}. {problem}'}) from None
    if len(batch) > MOST_EVENTS:
        raise Refused(
            413, {"error": f"{len(batch)} events in one request; at most {MOST_EVENTS}. Send fewer at once."}
        )
    return batch


def _as_text(event: Event) -> bytes:
    try:
        return repr(event).encode()
    except (RecursionError, ValueError):  # its props are nested or numbered beyond printing
        return b""


def _quarantined(refusal: Refusal, now: datetime) -> bytes:
    row = {
        "tenant": refusal.tenant,
        "id": refusal.id,
        "reason": refusal.reason,
        "body": refusal.body[:8192].decode("utf-8", "replace"),
        "received": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return encode(row) + b"\n"


def _told(found: _Sorted, offset: int) -> dict[str, Any]:
    return {
        "accepted": len(found.new),
        "duplicates": found.duplicates,
        "quarantined": [
            {"index": index, "id": refusal.id, "reason": refusal.reason} for index, refusal in found.refused
        ],
        "offset": offset,
    }
