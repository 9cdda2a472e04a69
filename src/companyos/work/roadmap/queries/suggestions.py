"""Suggestions with their votes. A private one is seen by the members of its tenant alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.tenancy import TenantQuerySet
from companyos.work.roadmap.domain.similar import similar
from companyos.work.roadmap.domain.types import Credit, Place, PlacedRow, Rules, SuggestionRow
from companyos.work.roadmap.models import (
    Placed,
    Suggestion,
    SuggestionMerge,
    TeamWeight,
    Vote,
    VoterAnswer,
    VotingRule,
)

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


def suggestions(*, reader: str, at: datetime | None = None) -> tuple[SuggestionRow, ...]:
    """Return what a reader may see, the most wanted first; without a reader, what is public.

    With `at`, each has the credit that its author's team has then.
    """
    rows = tuple(row for row in _rows(_visible(reader), reader) if not row.merged_into)
    return credited(rows, at) if at else rows


def find(suggestion: str, *, reader: str, at: datetime | None = None) -> SuggestionRow | None:
    try:
        number = UUID(str(suggestion))
    except ValueError:
        return None
    found = _rows(_visible(reader).filter(pk=number), reader)
    if at:
        found = credited(found, at)
    return found[0] if found else None


def credited(rows: tuple[SuggestionRow, ...], at: datetime) -> tuple[SuggestionRow, ...]:
    """Return suggestions with the credit of their author's team; of several, the largest counts alone."""
    best: dict[str, Credit] = {}
    for each in TeamWeight.objects.filter(since__lte=at, until__gt=at).order_by("percent", "until"):
        best[each.team] = Credit(each.team, each.percent, each.until, each.because)
    if not best:
        return rows
    team = {person.slug: person.team for person in identity.everybody()}
    return tuple(replace(row, credit=best.get(team.get(row.author, ""))) for row in rows)


def may_see(row: SuggestionRow, person: str) -> bool:
    return not row.private or tenants.is_member(tenant=row.tenant, person=person)


def spent_by(person: str) -> int:
    """Count a person's votes for suggestions that are still open; those for one and what it carries are one vote."""
    mine = Vote.objects.across_tenants(because=ALL).filter(person=person)
    given = mine.exclude(suggestion__place__in=[Place.SHIPPED, Place.DECLINED]).values_list(
        "suggestion_id", flat=True
    )
    carried = carriers(given)
    return len({carried.get(key, str(key)) for key in given} - _over(carried.values()))


def carriers(keys: Iterable[UUID]) -> dict[UUID, str]:
    """Return by which suggestion each is carried; those that stand alone are left out."""
    rows = SuggestionMerge.objects.across_tenants(because=ALL).filter(
        suggestion_id__in=list(keys), ended_at=None
    )
    return {key: str(into) for key, into in rows.values_list("suggestion_id", "into")}


def carried_by(keys: Iterable[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Return what each of these carries, oldest merge first."""
    rows = SuggestionMerge.objects.across_tenants(because=ALL).filter(into__in=list(keys), ended_at=None)
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for into, key in rows.order_by("id").values_list("into", "suggestion_id"):
        found[into].append(key)
    return {into: tuple(each) for into, each in found.items()}


def _over(keys: Iterable[str]) -> set[str]:
    rows = Suggestion.objects.across_tenants(because=ALL).filter(pk__in=list(keys))
    over = rows.filter(place__in=[Place.SHIPPED, Place.DECLINED])
    return {str(key) for key in over.values_list("pk", flat=True)}


def vote_of(suggestion: str, person: str, carries: tuple[str, ...] = ()) -> VoteRow | None:
    """Return a person's vote for a suggestion, or else the first for what it carries."""
    mine = Vote.objects.across_tenants(because=ALL).filter(
        suggestion_id__in=[suggestion, *carries], person=person
    )
    row = mine.filter(suggestion_id=suggestion).first() or mine.order_by("at").first()
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


def shipped(since: datetime, until: datetime) -> tuple[SuggestionRow, ...]:
    """Return the public suggestions that shipped after `since`, up to `until`, and did not move since."""
    moves = Placed.objects.across_tenants(because=ALL).filter(
        after=Place.SHIPPED, at__gt=since, at__lte=until
    )
    keys = set(moves.values_list("suggestion_id", flat=True))
    found = _rows(_visible("").filter(pk__in=keys, place=Place.SHIPPED), "") if keys else ()
    return tuple(row for row in found if row.placed_at and since < row.placed_at <= until)


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
    keys = [row.pk for row in rows]
    carrier, carries = carriers(keys), carried_by(keys)
    at = {key: into for into, those in carries.items() for key in those}
    votes: dict[object, dict[str, str]] = defaultdict(dict)
    given = Vote.objects.across_tenants(because=ALL).filter(suggestion_id__in=[*keys, *at])
    for key, person, tenant in given.order_by("at").values_list("suggestion_id", "person", "voter_tenant"):
        votes[key].setdefault(person, tenant)
        if key in at:
            votes[at[key]].setdefault(person, tenant)  # a person's vote counts once, whatever carries it
    last = _last_words(keys)
    made = [
        replace(
            _row(row, list(votes[row.pk].items()), kept, reader, last.get(row.pk, ("", None))),
            merged_into=carrier.get(row.pk, ""),
            carries=tuple(str(each) for each in carries.get(row.pk, ())),
        )
        for row in rows
    ]
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
