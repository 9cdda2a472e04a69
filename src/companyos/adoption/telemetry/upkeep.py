"""The daily work on what is stored: people are taken out, what is past its time goes, the sums are made right.

Nothing may be drained meanwhile; whoever calls holds the drain still. Each turn starts from what is true now, so a
turn that was cut short is completed by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.domain.keeping import Holds, Keeping, reach
from companyos.adoption.telemetry.queries import definitions, erasures
from companyos.analytics.engine import Engine
from companyos.analytics.inbox import upkeep as inbox
from companyos.analytics.intake.privacy import pseudonym
from companyos.analytics.removal import Past
from companyos.people.tenants import queries as tenants
from companyos.platform import erasing


@dataclass(frozen=True, slots=True)
class Store:
    """Where events are: the engine, the folder of the inbox log, how far it is drained, the secret of pseudonyms."""

    engine: Engine
    inbox: Path
    drained: int
    secret: bytes = b""


def turn(store: Store, *, now: datetime) -> bool:
    """Carry out erasures and retention, then mend the sums and the order of people; False while somebody still
    stands in the log."""
    erase_whoever_asked(store, now=now)
    drop_what_is_past(store, now=now)
    store.engine.mend_rollups()
    store.engine.order_by_person()
    return not erasures.open_erasures()


def erase_whoever_asked(store: Store, *, now: datetime) -> int:
    """Carry out what is asked for; says how many persons are out everywhere. One who still stands in the log's
    newest file is taken up again at the next turn."""
    done = 0
    for asked in erasures.open_erasures():
        names = names_of(asked.subject, store.secret)
        found = store.engine.erase(names)
        log = inbox.blank(store.inbox, names, drained=store.drained)
        removed = {
            "events": found.events,
            "mentions in events": found.mentions,
            "quarantine": found.refused,
            "inbox log": log.lines,
            "first exposures": actions.forget_exposures(names=names),
            **erasing.erase_everywhere(names),
        }
        for domain, rows in removed.items():
            actions.keep_removal(domain=domain, rows=rows, now=now, erasure=asked.id)
        if not log.remains:
            actions.name_done(erasure=asked.id, now=now)
            done += 1
    return done


def drop_what_is_past(store: Store, *, now: datetime) -> None:
    """Take out what is older than the program keeps it; a domain of which nothing was past has no record."""
    kept = definitions.retention()
    for keeping in kept:
        if rows := _dropped(store, keeping, kept, now):
            actions.keep_removal(domain=keeping.domain, rows=rows, now=now)


def names_of(subject: str, secret: bytes) -> tuple[str, ...]:
    """Return the names under which a person may be stored: their own, and their pseudonym in each tenant."""
    hidden = [pseudonym(subject, tenant=t, secret=secret) for t in sorted(tenants.titles())] if secret else []
    return tuple(dict.fromkeys((subject, *hidden)))


def _dropped(store: Store, keeping: Keeping, kept: tuple[Keeping, ...], now: datetime) -> int:
    ms = round(keeping.before(now).timestamp() * 1000)
    match keeping.holds:
        case Holds.EVENTS:
            return store.engine.drop_events(_past(keeping, kept, ms))
        case Holds.QUARANTINE:
            return store.engine.drop_refused(ms)
        case Holds.INBOX:
            return inbox.trim(store.inbox, drained=store.drained, before_ms=ms)
        case Holds.ANSWERS:
            return erasing.drop_older(keeping.holds, keeping.before(now))


def _past(keeping: Keeping, kept: tuple[Keeping, ...], before: int) -> Past:
    mine = reach(keeping, kept)
    return Past(before, mine.events, mine.tenants, mine.other_events, mine.other_tenants)
