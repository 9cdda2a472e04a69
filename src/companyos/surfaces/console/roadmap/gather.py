"""Gathers the pages of the roadmap: queries in, frozen pages out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from companyos.adoption.features import queries as features
from companyos.adoption.telemetry import queries as telemetry
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.roadmap.pages import (
    Column,
    CouncilPage,
    LineOfText,
    Named,
    Point,
    RecordLine,
    RfcPage,
    RfcsPage,
    RoadmapPage,
    Sitting,
    SuggestionPage,
)
from companyos.work.roadmap import queries
from companyos.work.roadmap.domain.merging import Pair, why_not_merge
from companyos.work.roadmap.domain.rfc import TEMPLATE, TRANSITIONS
from companyos.work.roadmap.domain.rotation import next_teams
from companyos.work.roadmap.domain.types import Place, RfcState, SuggestionRow
from companyos.work.roadmap.queries.councils import CouncilRow
from companyos.work.roadmap.queries.rfcs import CommentRow, Thread

SEATS = 4
_TITLES = {
    Place.NEW: "Not placed yet",
    Place.NOW: "Now",
    Place.NEXT: "Next",
    Place.LATER: "Later",
    Place.SHIPPED: "Shipped",
    Place.DECLINED: "Declined",
}
_OPEN = (Place.NEW, Place.NOW, Place.NEXT, Place.LATER)
_OVER = (Place.SHIPPED, Place.DECLINED)


def roadmap(viewer: str, now: datetime, *, problem: str = "", title: str = "", body: str = "") -> RoadmapPage:
    rows, rules = queries.suggestions(reader=viewer, at=now), queries.rules()
    titles = tenants.titles()
    return RoadmapPage(
        now,
        _columns(rows, _OPEN),
        _columns(rows, _OVER),
        tuple(replace(each, by=identity.name_of(each.by)) for each in queries.answers_for(viewer)),
        max(0, rules.votes - queries.spent_by(viewer)),
        rules.votes,
        tuple((titles.get(tenant, tenant), weight) for tenant, weight in rules.weights),
        tuple(Named(slug, titles[slug]) for slug in tenants.of_member(viewer) if slug in titles),
        _features(),
        problem,
        title,
        body,
    )


def suggestion(key: str, viewer: str, now: datetime, *, problem: str = "") -> SuggestionPage | None:
    row = queries.find(key, reader=viewer, at=now)
    if row is None:
        return None
    feature = features.feature(row.feature) if row.feature else None
    vote = queries.vote_of(row.id, viewer, row.carries)
    return SuggestionPage(
        now,
        row,
        identity.name_of(row.author),
        feature.title if feature else "",
        tuple(replace(each, by=identity.name_of(each.by)) for each in queries.placed(row.id)),
        vote,
        record(row, viewer),
        queries.is_steward(viewer),
        tuple(each for each in Place if each not in {Place.NEW, row.place}),
        problem,
        queries.find(row.merged_into, reader=viewer) if row.merged_into else None,
        tuple(each for key in row.carries if (each := queries.find(key, reader=viewer))),
        _could_carry(row, viewer) if queries.is_steward(viewer) else (),
    )


def _could_carry(row: SuggestionRow, viewer: str) -> tuple[SuggestionRow, ...]:
    """Return what may carry a suggestion, those that read alike first."""
    alike = [each.id for each in queries.similar_to(f"{row.title} {row.body[:300]}", reader=viewer)]
    fit = [each for each in queries.suggestions(reader=viewer) if not why_not_merge(Pair(row, each))]
    return tuple(sorted(fit, key=lambda each: alike.index(each.id) if each.id in alike else len(alike)))[:50]


def record(row: SuggestionRow, viewer: str) -> tuple[RecordLine, ...]:
    """What became of a person's vote, as one record: the vote, each decision, the fix, and since when they have it."""
    vote = queries.vote_of(row.id, viewer, row.carries)
    if vote is None:
        return ()
    lines = [RecordLine(vote.at, f"You voted; your vote weighs {vote.weight:g}.")]
    for each in queries.placed(row.id):
        by = f"the council of {each.council}" if each.council else identity.name_of(each.by)
        shipped = f" by {row.fix}" if each.after is Place.SHIPPED and row.fix else ""
        lines.append(RecordLine(each.at, f"{_TITLES[each.after]}{shipped}, said {by}.", each.because))
    met = telemetry.first_exposure(row.feature, viewer) if row.feature else None
    if met is not None:
        lines.append(RecordLine(met, "You met the feature for the first time."))
    return tuple(sorted(lines, key=lambda line: line.at))


def council(viewer: str, now: datetime, *, problem: str = "") -> CouncilPage:
    held, month = queries.councils(), f"{now:%Y-%m}"
    teams = {team.slug: team.title for team in identity.teams() if team.people}
    following = next_teams(teams, queries.turns_so_far(), SEATS)
    return CouncilPage(
        now,
        month,
        tuple(_sitting(each, teams) for each in held[:12]),
        tuple(teams[each] for each in following),
        queries.is_steward(viewer),
        any(each.month == month for each in held),
        problem,
    )


def rfcs(words: str, now: datetime, *, problem: str = "") -> RfcsPage:
    return RfcsPage(now, queries.rfcs(words=words), words, TEMPLATE, _features(), problem)


def rfc(number: int, viewer: str, now: datetime, *, problem: str = "") -> RfcPage | None:
    row = queries.find_rfc(number)
    if row is None:
        return None
    asked = queries.reviewers(number)
    names = {each.slug: each.name for each in identity.everybody()}
    threads = tuple(_named_thread(each, names) for each in queries.threads(number))
    lines = tuple(
        LineOfText(n, text, tuple(each for each in threads if each.line == n))
        for n, text in enumerate(row.body.splitlines(), start=1)
    )
    leads = queries.is_steward(viewer)
    return RfcPage(
        now,
        row,
        identity.name_of(row.author),
        lines,
        tuple(each for each in threads if each.line == 0),
        tuple((names.get(person, person), at) for person, at in asked),
        tuple(replace(each, by=names.get(each.by, each.by)) for each in queries.history(number)),
        tuple(sorted(TRANSITIONS[row.state])) if leads or viewer == row.author else (),
        row.state in {RfcState.DISCUSSION, RfcState.FINAL_COMMENT},
        (viewer, None) in asked and bool(TRANSITIONS[row.state]),
        (leads or viewer == row.author) and bool(TRANSITIONS[row.state]),
        tuple(Named(each.slug, each.name) for each in identity.everybody() if each.slug != row.author),
        problem,
    )


def _columns(rows: tuple[SuggestionRow, ...], places: tuple[Place, ...]) -> tuple[Column, ...]:
    return tuple(Column(p, _TITLES[p], tuple(row for row in rows if row.place is p)) for p in places)


def _sitting(row: CouncilRow, teams: dict[str, str]) -> Sitting:
    points = (Point(i.kind, i.key, i.title, i.why, row.decided.get(i.key)) for i in row.agenda)
    sits = ((each.team, teams.get(each.team, each.team), each.skipped_because) for each in row.turns)
    return Sitting(replace(row, by=identity.name_of(row.by)), tuple(points), tuple(sits))


def _named_thread(thread: Thread, names: dict[str, str]) -> Thread:
    return Thread(
        thread.line, _named(thread.first, names), tuple(_named(each, names) for each in thread.answers)
    )


def _named(comment: CommentRow, names: dict[str, str]) -> CommentRow:
    resolved_by = names.get(comment.resolved_by, comment.resolved_by)
    return replace(comment, by=names.get(comment.by, comment.by), resolved_by=resolved_by)


def _features() -> tuple[Named, ...]:
    return tuple(Named(each.slug, each.title) for each in features.features())
