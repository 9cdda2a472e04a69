"""Gathers the pages of recognition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from companyos.adoption.features import queries as features
from companyos.change.recognition import actions, queries
from companyos.change.recognition.domain.champion import Bar, Verdict
from companyos.change.recognition.domain.ledger import ClaimState, Deciding, shown, why_not_decide
from companyos.change.recognition.domain.quarters import quarter_named, quarter_of
from companyos.change.recognition.domain.types import BadgeRow, ClaimRow, CreditRow, LedgerRow, StandingRow
from companyos.change.recognition.web.pages import (
    BadgePage,
    BadgeShown,
    Champion,
    ClaimShown,
    CreditShown,
    FeatureOfChampions,
    LedgerPage,
    Line,
    Past,
    QuarterShown,
    RecognitionPage,
    SpotlightPage,
)
from companyos.kernel.canonical_json import sha256_of
from companyos.people.identity import queries as identity
from companyos.work.roadmap import queries as roadmap

ERASED = "a suggestion that is not public any more"


class Titles:
    """What teams, features and people are called; a slug for whoever is not there any more."""

    def __init__(self) -> None:
        self.teams = {team.slug: team.title for team in identity.teams()}
        self.features = {feature.slug: feature.title for feature in features.features()}
        self.people = {person.slug: person.name for person in identity.everybody()}

    def team(self, slug: str) -> str:
        return self.teams.get(slug, slug)

    def feature(self, slug: str) -> str:
        return self.features.get(slug, slug)

    def person(self, slug: str) -> str:
        return self.people.get(slug, slug)

    def badge(self, row: BadgeRow) -> BadgeShown:
        return BadgeShown(row, self.team(row.team), self.feature(row.feature), self.person(row.revoked_by))

    def credit(self, row: CreditRow, now: datetime) -> CreditShown:
        return CreditShown(row, self.team(row.team), self.feature(row.feature), row.until > now)


def recognition_page(viewer: str, now: datetime, *, problem: str = "") -> RecognitionPage:
    titles, zone = Titles(), queries.company_zone()
    badges, standings = queries.badges(), queries.standings()
    vote = queries.current_vote(viewer, now, zone)
    here = queries.ledger(str(quarter_of(now, zone)))
    return RecognitionPage(
        now,
        Bar(),
        _by_feature(standings, badges, titles),
        tuple(titles.badge(each) for each in badges),
        vote,
        frozenset(each.suggestion for each in vote.nominations if viewer in each.by),
        tuple(Past(each, _title_of(each.suggestion)) for each in queries.spotlights()[:8]),
        tuple(titles.credit(each, now) for each in queries.credits_given()),
        _quarter(here, viewer, titles) if here else None,
        max((each.at for each in standings), default=None),
        actions.may_revoke(viewer),
        problem,
    )


def badge_page(badge: str, viewer: str, now: datetime, *, problem: str = "") -> BadgePage | None:
    row = queries.find_badge(badge)
    if row is None:
        return None
    return BadgePage(
        now,
        Titles().badge(row),
        json.dumps(row.evidence, indent=2, ensure_ascii=False, sort_keys=True),
        sha256_of(row.evidence) == row.sha256,
        actions.may_revoke(viewer) and row.revoked_at is None,
        problem,
    )


def spotlight_page(quarter: str, now: datetime) -> SpotlightPage | None:
    row, asked = queries.spotlight(quarter), quarter_named(quarter)
    if row is None or asked is None:
        return None
    named = {each.suggestion: each for each in queries.nominations_of(asked, queries.company_zone())}
    won = roadmap.find(row.suggestion, reader="") if row.suggestion else None
    return SpotlightPage(
        now,
        row,
        named.get(row.suggestion),
        identity.name_of(won.author) if won else "",
        won.body if won else "",
        tuple((key, named[key].title if key in named else ERASED, n) for key, n in row.votes),
    )


def ledger_page(
    viewer: str, now: datetime, *, filled: Mapping[str, str] | None = None, problem: str = ""
) -> LedgerPage:
    titles, here = Titles(), quarter_of(now, queries.company_zone())
    mine = [team for team in identity.teams() if viewer in {*team.people, team.lead}]
    ledgers = queries.ledgers()
    return LedgerPage(
        now,
        str(here),
        tuple(_quarter(each, viewer, titles) for each in ledgers),
        tuple((team.slug, team.title) for team in mine if queries.credits_of(team.slug, now)),
        tuple(each for each in (str(here), str(here.following)) if _may_set(each, ledgers, viewer, titles)),
        tuple(titles.people.items()),
        filled or {},
        problem,
    )


def _by_feature(
    standings: tuple[StandingRow, ...], badges: tuple[BadgeRow, ...], titles: Titles
) -> tuple[FeatureOfChampions, ...]:
    earned = {(each.team, each.feature): each for each in badges}
    found = []
    for slug in dict.fromkeys(each.feature for each in standings):
        of_it = [each for each in standings if each.feature == slug]
        may = [each for each in of_it if each.verdict is not Verdict.NOT_ELIGIBLE]
        rows = [_champion(each, titles, earned) for each in may if each.evidence["team"]["exposed"]]
        rows.sort(key=lambda each: (list(Verdict).index(each.row.verdict), each.team))
        found.append(
            FeatureOfChampions(
                slug, titles.feature(slug), tuple(rows), len(may) - len(rows), len(of_it) - len(may)
            )
        )
    return tuple(found)


def _champion(row: StandingRow, titles: Titles, earned: Mapping[tuple[str, str], BadgeRow]) -> Champion:
    weeks, badge = row.evidence.get("weeks", ()), earned.get((row.team, row.feature))
    return Champion(
        row,
        titles.team(row.team),
        sum(week["counts"] for week in weeks),
        sum(week["is_over"] for week in weeks),
        badge.id if badge else "",
        "revoked" if badge and badge.revoked_at else str(row.verdict),
    )


def _title_of(suggestion: str) -> str:
    found = roadmap.find(suggestion, reader="") if suggestion else None
    return found.title if found else ERASED if suggestion else ""


def _quarter(row: LedgerRow, viewer: str, titles: Titles) -> QuarterShown:
    what = {claim.id: f"{titles.team(claim.team)}: {claim.what}" for claim in row.claims}
    lines = tuple(
        Line(
            each.at,
            str(each.kind),
            shown(each.amount),
            what.get(each.claim, ""),
            titles.person(each.by),
            each.note,
        )
        for each in reversed(row.entries)
    )
    held = row.balance
    return QuarterShown(
        row,
        shown(held.budget),
        shown(held.free),
        shown(held.promised),
        shown(held.spent),
        tuple(titles.person(each) for each in row.owners),
        tuple(_claim(each, row, viewer, titles) for each in row.claims),
        lines,
    )


def _claim(claim: ClaimRow, row: LedgerRow, viewer: str, titles: Titles) -> ClaimShown:
    team = next((each for each in identity.teams() if each.slug == claim.team), None)
    people = frozenset({*team.people, team.lead}) if team else frozenset[str]()
    owners = frozenset(row.owners)
    is_waiting = claim.state in {ClaimState.ASKED, ClaimState.APPROVED}
    asked = Deciding(
        viewer, owners, people, claim.by, ClaimState.ASKED, claim.amount, row.balance.free,
        approves=claim.state is ClaimState.ASKED,
    )  # fmt: skip
    may = is_waiting and viewer in owners and viewer not in people and viewer != claim.by
    why = (why_not_decide(asked) or "") if is_waiting and viewer in owners else ""
    return ClaimShown(
        claim, titles.team(claim.team), titles.person(claim.by), titles.feature(claim.credit), shown(claim.amount),
        shown(claim.spent), may, why,
    )  # fmt: skip


def _may_set(quarter: str, ledgers: tuple[LedgerRow, ...], viewer: str, titles: Titles) -> bool:
    row = next((each for each in ledgers if each.quarter == quarter), None)
    if row and row.owners[0] in titles.people:
        return viewer == row.owners[0]
    return queries.may_set_budget(viewer)
