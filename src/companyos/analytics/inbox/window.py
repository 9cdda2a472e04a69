"""Which events we have seen in the last 48 hours, so that a retry is counted once.

Only digests are kept, as numbers of 60 bits: about 45 bytes an event (`digests`). That two events of 100 million in a
window share one is a chance of 1 in 200; then the later one goes to quarantine, with its reason. Rebuilt from the log
on start, so Python's own hash will do: SipHash with a secret of this process, several times faster than a digest that
lasts. Nothing here may hold the event loop up: what is over goes a little at each look, not at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from companyos.analytics.inbox.digests import Digests
from companyos.analytics.inbox.frames import FrameKind, epoch_ms
from companyos.analytics.inbox.log import InboxLog
from companyos.kernel.clock import Clock

WINDOW = timedelta(hours=48)
_SLOT_MS = 3_600_000
_DIGEST_BITS = 40  # and above them 20 for the hour, since 1970 and until the year 2089
_KEY_MASK, _KEY_TOP, _DIGEST_MASK = (1 << 60) - 1, 1 << 60, (1 << _DIGEST_BITS) - 1
_ENDED = 1  # of an hour long past
_RECEIVED = b',"received":'
_TIME, _AS_SENT, _RARE = b',"time":"', b'\\"$as_sent\\":', b"$"
_CORRECTED = re.compile(rb',\\"\$as_sent\\":\\"([^"\\]*)\\"(?=})|\\"\$as_sent\\":\\"([^"\\]*)\\",?')


class Sight(StrEnum):
    NEW = "new"
    DUPLICATE = "duplicate"  # the same body again
    CONFLICT = "conflict"  # another body under the same id


class _Identity(msgspec.Struct):
    tenant: str
    id: str


_identity = msgspec.json.Decoder(_Identity)


class DuplicateWindow:
    """Remembers (tenant, id) for 48 to 49 hours of `clock`. Belongs to one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = Digests()  # digest of (tenant, id) -> the slot, and the digest of the body
        self._slot = 0
        self._slot_ends = datetime.min.replace(tzinfo=UTC)

    @classmethod
    def rebuilt(cls, log: InboxLog, clock: Clock) -> DuplicateWindow:
        """The window as it stood when the process stopped, read back from the log."""
        window, since = cls(clock), clock.now() - WINDOW
        for frame in log.frames(after=log.first_seq_since(since) - 1):
            if frame.kind is FrameKind.EVENTS and frame.received >= since:
                window._remember_lines(frame.payload, frame.received_ms)
        return window

    def sees(self, tenant: str, id: str, body: bytes) -> Sight:  # noqa: A002
        """Look at one event, as `sees_all` does."""
        return self.sees_all([(tenant, id, body)])[0]

    def sees_all(self, events: Sequence[tuple[str, str, bytes]]) -> list[Sight]:
        """Look at events (tenant, id, body) in turn. A NEW one is remembered; who cannot store it must `forget` it."""
        above = self._turned_to(self._clock.now()) << _DIGEST_BITS
        self._seen.sweep(len(events))
        known_or = self._seen.known_or
        sights = []
        for tenant, event_id, body in events:
            digest = _digest(body)
            if not (known := known_or(_key(tenant, event_id), above | digest)):
                sights.append(Sight.NEW)
            else:
                sights.append(Sight.DUPLICATE if known & _DIGEST_MASK == digest else Sight.CONFLICT)
        return sights

    def forget(self, tenant: str, id: str) -> None:  # noqa: A002
        """Take back a NEW event that could not be stored."""
        self._seen.put(_key(tenant, id), _ENDED)

    def __len__(self) -> int:
        return len(self._seen)

    def _turned_to(self, now: datetime) -> int:
        """Return the hour that it is."""
        if now >= self._slot_ends:
            self._slot = max(self._slot, epoch_ms(now) // _SLOT_MS)
            self._slot_ends = now + timedelta(milliseconds=_SLOT_MS - epoch_ms(now) % _SLOT_MS)
            self._seen.raise_floor(epoch_ms(now - WINDOW) // _SLOT_MS << _DIGEST_BITS)
        return self._slot

    def _remember_lines(self, payload: bytes, received_ms: int) -> None:
        slot = received_ms // _SLOT_MS
        self._slot = max(self._slot, slot)
        for line in payload.splitlines():
            who = _identity.decode(line)
            self._seen.put(_key(who.tenant, who.id), slot << _DIGEST_BITS | _digest(body_of(line)))


def body_of(line: bytes) -> bytes:
    """A stored line without the time of its receipt: what a retry must repeat to count as the same."""
    return line[: line.rindex(_RECEIVED)] + b"}"


def end_of_line(received: str) -> bytes:
    """What `body_of` cuts off; `received` is an RFC 3339 time in UTC."""
    return b'%s"%s"}' % (_RECEIVED, received.encode())


def _key(tenant: str, id: str) -> int:  # noqa: A002
    return hash((tenant, id)) & _KEY_MASK | _KEY_TOP  # never 0


def _digest(body: bytes) -> int:
    was_corrected = _RARE in body and _AS_SENT in body  # one byte is found four times as fast as a word
    return hash(as_told(body) if was_corrected else body) & _DIGEST_MASK


def as_told(body: bytes) -> bytes:
    """The body with the time its sender told. A resend may be corrected by a little more or less, or not at all."""
    told = _CORRECTED.search(body)
    if told is None:
        return body
    before, _, rest = (body[: told.start()] + body[told.end() :]).partition(_TIME)
    return before + _TIME + (told[1] or told[2] or b"") + rest[rest.index(b'"') :]
