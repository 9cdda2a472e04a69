"""The quarterly spotlight: one vote a person, closed by itself, told to all (R105)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from django.db import IntegrityError, transaction

from companyos.change.recognition.actions.refusals import NoSuch, Refused
from companyos.change.recognition.actions.telling import tell_everybody
from companyos.change.recognition.domain.quarters import Quarter, quarter_named, quarter_of
from companyos.change.recognition.domain.spotlight import Won, why_not_vote, winner
from companyos.change.recognition.models import Spotlight, SpotlightVote
from companyos.change.recognition.queries.spotlight import nominations_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox


def vote(*, actor: str, quarter: str, suggestion: str, now: datetime, zone: tzinfo) -> None:
    """Vote for a suggestion, in place of another one if need be. Raises Refused."""
    asked = quarter_named(quarter)
    if asked is None:
        raise NoSuch("Name a quarter as 2026-Q4.")
    if not any(each.slug == actor for each in identity.everybody()):
        raise Refused("People of the company vote.")
    named = {each.suggestion: each for each in nominations_of(asked, zone)}
    if said := why_not_vote(named.get(suggestion), actor, is_open=asked.votes_at(now, zone)):
        raise Refused(said)
    with transaction.atomic():
        SpotlightVote.objects.update_or_create(
            quarter=str(asked), person=actor, defaults={"suggestion": suggestion, "at": now}
        )
        outbox.publish("recognition.voted", {"quarter": str(asked)}, at=now)


def close_due(*, now: datetime, zone: tzinfo) -> int:
    """Close the votes whose two weeks are over; says how many."""
    last = quarter_of(now, zone).before
    voted = {found for each in _unclosed() if (found := quarter_named(each))}
    due = [each for each in sorted({last, *voted}) if now >= each.closes(zone)]
    return sum(_close(each, now, zone) for each in due)


def _unclosed() -> list[str]:
    closed = Spotlight.objects.values_list("pk", flat=True)
    return list(
        SpotlightVote.objects.exclude(quarter__in=closed).values_list("quarter", flat=True).distinct()
    )


def _close(quarter: Quarter, now: datetime, zone: tzinfo) -> bool:
    nominations = nominations_of(quarter, zone)
    if not nominations or Spotlight.objects.filter(pk=str(quarter)).exists():
        return False
    try:
        with transaction.atomic():
            cast = SpotlightVote.objects.filter(quarter=str(quarter)).values_list("suggestion", flat=True)
            won = winner(nominations, [str(each) for each in cast])
            row = Spotlight(
                quarter=str(quarter), at=now, suggestion=won.suggestion or None, because=won.because[:300],
                votes=[list(each) for each in won.votes],
            )  # fmt: skip
            row.save(force_insert=True)
            outbox.publish("recognition.spotlight", {"quarter": str(quarter)}, at=now)
            _tell(quarter, won, now)
    except IntegrityError:  # closed at the same moment
        return False
    return True


def _tell(quarter: Quarter, won: Won, now: datetime) -> None:
    """Tell all who won. Neither title nor name is in the notice: they are read where they stand, and erased there."""
    if won.suggestion:
        tell_everybody(
            key=f"spotlight/{quarter}", title=f"The spotlight of {quarter.title}",
            words=f"The suggestion you liked best of what shipped: {won.because} Read what it changed.",
            link=f"/recognition/spotlight/{quarter}", now=now,
        )  # fmt: skip
