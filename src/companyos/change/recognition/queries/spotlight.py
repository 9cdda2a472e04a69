"""What is nominated in a quarter, the vote about it, and what won."""

from __future__ import annotations

from datetime import datetime, tzinfo

from companyos.change.recognition.domain.quarters import Quarter, quarter_of
from companyos.change.recognition.domain.spotlight import Nomination
from companyos.change.recognition.domain.types import SpotlightRow, VoteNow
from companyos.change.recognition.models import Spotlight, SpotlightVote
from companyos.work.roadmap import queries as roadmap
from companyos.work.roadmap.domain.types import Place, SuggestionRow


def nominations_of(quarter: Quarter, zone: tzinfo) -> tuple[Nomination, ...]:
    """Return what shipped in a quarter and everybody may see, the earliest first."""
    begins, ends = quarter.begins(zone), quarter.ends(zone)
    rows = [
        (row.placed_at, row)
        for row in roadmap.suggestions(reader="")
        if row.place is Place.SHIPPED and row.placed_at and begins <= row.placed_at < ends
    ]
    made = [
        Nomination(row.id, row.title, at, row.votes, _makers(row), row.fix, row.because) for at, row in rows
    ]
    return tuple(sorted(made, key=lambda each: (each.shipped_at, each.suggestion)))


def vote_about(quarter: Quarter, person: str, now: datetime, zone: tzinfo) -> VoteNow:
    votes = SpotlightVote.objects.filter(quarter=str(quarter))
    mine = votes.filter(person=person).values_list("suggestion", flat=True).first()
    return VoteNow(
        str(quarter),
        quarter.ends(zone),
        quarter.closes(zone),
        quarter.votes_at(now, zone),
        nominations_of(quarter, zone),
        votes.count(),
        str(mine) if mine else "",
    )


def current_vote(person: str, now: datetime, zone: tzinfo) -> VoteNow:
    """Return the vote that is open, about the quarter before; or else the one to come, about this quarter."""
    here = quarter_of(now, zone)
    return vote_about(here.before if here.before.votes_at(now, zone) else here, person, now, zone)


def spotlights() -> tuple[SpotlightRow, ...]:
    """Return every spotlight that was decided, the newest quarter first."""
    return tuple(_row(each) for each in Spotlight.objects.order_by("-quarter"))


def spotlight(quarter: str) -> SpotlightRow | None:
    found = Spotlight.objects.filter(pk=quarter).first()
    return _row(found) if found else None


def _makers(row: SuggestionRow) -> frozenset[str]:
    """Return who made a suggestion, or one that it carries."""
    carried = [roadmap.find(key, reader="") for key in row.carries]
    return frozenset([row.author, *(each.author for each in carried if each)])


def _row(s: Spotlight) -> SpotlightRow:
    votes = tuple((str(key), int(n)) for key, n in s.votes)
    return SpotlightRow(s.quarter, s.at, str(s.suggestion) if s.suggestion else "", s.because, votes)
