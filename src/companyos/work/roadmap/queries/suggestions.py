"""Suggestions with their votes. A private one is seen by the members of its tenant alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from companyos.people.tenants import queries as tenants
from companyos.platform.tenancy import TenantQuerySet
from companyos.work.roadmap.domain.similar import similar
from companyos.work.roadmap.domain.types import Place, PlacedRow, Rules, SuggestionRow
from companyos.work.roadmap.models import Placed, Suggestion, Vote, VoterAnswer, VotingRule

ALL = "suggestions are public in the company; private ones are filtered by membership"
_COMPARED = 2_000


@dataclass(frozen=True, slots=True)
class VoteRow:
    at: datetime
    tenant: str
    weight: float


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What a voter was told."""

    suggestion: str
    title: str
    after: Place
    because: str
    by: str
    at: datetime
    is_new: bool


def rules() -> Rules:
    row = VotingRule.objects.first()
    return Rules(row.votes, tuple(sorted(row.weights.items()))) if row else Rules()


def suggestions(*, reader: str) -> tuple[SuggestionRow, ...]:
    """Return what a reader may see, the most wanted first; without a reader, what is public."""
    return _rows(_visible(reader), reader)


def find(suggestion: str, *, reader: str) -> SuggestionRow | None:
    try:
        number = UUID(str(suggestion))
    except ValueError:
        return None
    found = _rows(_visible(reader).filter(pk=number), reader)
    return found[0] if found else None


def may_see(row: SuggestionRow, person: str) -> bool:
    return not row.private or tenants.is_member(tenant=row.tenant, person=person)


def spent_by(person: str) -> int:
    """Count a person's votes for suggestions that are still open."""
    mine = Vote.objects.across_tenants(because=ALL).filter(person=person)
    return mine.exclude(suggestion__place__in=[Place.SHIPPED, Place.DECLINED]).count()


def vote_of(suggestion: str, person: str) -> VoteRow | None:
    row = Vote.objects.across_tenants(because=ALL).filter(suggestion_id=suggestion, person=person).first()
    return VoteRow(row.at, row.voter_tenant, rules().weight_of(row.voter_tenant)) if row else None


def placed(suggestion: str) -> tuple[PlacedRow, ...]:
    """Return every change of place, the newest first, with how many were told."""
    told = Counter(
        VoterAnswer.objects.across_tenants(because=ALL)
        .filter(placed__suggestion_id=suggestion)
        .values_list("placed_id", flat=True)
    )
    rows = Placed.objects.across_tenants(because=ALL).filter(suggestion_id=suggestion).order_by("-version")
    return tuple(
        PlacedRow(Place(r.before), Place(r.after), r.because, r.by, r.at, told[r.pk], r.council) for r in rows
    )


def answers_for(person: str, *, most: int = 20) -> tuple[AnswerRow, ...]:
    """Return what a person was told of what they voted for, the newest first."""
    rows = (
        VoterAnswer.objects.across_tenants(because=ALL)
        .filter(person=person)
        .select_related("placed__suggestion")
        .order_by("-placed__at", "-id")[:most]
    )
    return tuple(
        AnswerRow(
            str(r.placed.suggestion_id), r.placed.suggestion.title, Place(r.placed.after), r.placed.because,
            r.placed.by, r.placed.at, r.read_at is None,
        )
        for r in rows
    )  # fmt: skip


def similar_to(text: str, *, reader: str) -> tuple[SuggestionRow, ...]:
    """Return up to five suggestions that say nearly the same."""
    newest = _visible(reader).order_by("-at")[:_COMPARED]
    told = [(str(each.pk), f"{each.title} {each.body[:300]}") for each in newest]
    found = [key for key, _ in similar(text, told)]
    rows = {row.id: row for row in _rows(_visible(reader).filter(pk__in=found), reader)}
    return tuple(rows[key] for key in found if key in rows)


def _visible(reader: str) -> TenantQuerySet:
    every = Suggestion.objects.across_tenants(because=ALL)
    mine = tenants.of_member(reader) if reader else ()
    return every.filter(private=False) | every.filter(private=True, tenant_id__in=mine)


def _rows(found: TenantQuerySet, reader: str) -> tuple[SuggestionRow, ...]:
    rows, kept = list(found), rules()
    votes: dict[object, list[tuple[str, str]]] = defaultdict(list)
    given = Vote.objects.across_tenants(because=ALL).filter(suggestion_id__in=[row.pk for row in rows])
    for key, person, tenant in given.values_list("suggestion_id", "person", "voter_tenant"):
        votes[key].append((person, tenant))
    last = _last_words([row.pk for row in rows])
    made = [_row(row, votes[row.pk], kept, reader, last.get(row.pk, ("", None))) for row in rows]
    return tuple(sorted(made, key=lambda each: (-each.weighted, -each.votes, each.at, each.id)))


def _row(
    row: Suggestion, votes: list[tuple[str, str]], kept: Rules, reader: str, last: tuple[str, datetime | None]
) -> SuggestionRow:
    return SuggestionRow(
        str(row.pk), row.tenant_id, row.private, row.title, row.body, row.feature, row.author, row.at,
        Place(row.place), last[0], last[1], row.fix, len(votes),
        round(sum(kept.weight_of(tenant) for _, tenant in votes), 2), any(person == reader for person, _ in votes),
    )  # fmt: skip


def _last_words(keys: list[UUID]) -> dict[UUID, tuple[str, datetime | None]]:
    rows = Placed.objects.across_tenants(because=ALL).filter(suggestion_id__in=keys).order_by("version")
    return {row.suggestion_id: (row.because, row.at) for row in rows}
