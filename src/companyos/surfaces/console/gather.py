"""Gathers the console's pages from the rooms below: queries in, frozen pages out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.board import Board
from companyos.adoption.rollouts.domain.decide import RULES
from companyos.adoption.rollouts.domain.types import StageState, Status
from companyos.change.comms import queries as comms
from companyos.change.comms.queries import banners
from companyos.change.sessions import queries as sessions
from companyos.change.sessions.domain.types import SessionRow
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.people.tenants.domain.types import TenantRow
from companyos.surfaces.console.pages import (
    Cell,
    DecisionPage,
    EvidencePage,
    Home,
    MatrixRow,
    NeedsYou,
    RolloutLine,
    RolloutsPage,
    TeamLine,
    TenantFeature,
    TenantHead,
    TenantLine,
    TenantMap,
    TenantPage,
)

_NEWEST, _A_WEEK = 8, timedelta(days=7)
_RULE_SAYS = {rule.__name__: rule.__doc__ or "" for rule in RULES}
_RULE_SAYS["a_person_decides"] = "A person with a role in the plan moved the rollout and said why."


def home(viewer: str, now: datetime) -> Home:
    boards = _boards(viewer, now)
    columns = tenants.tenant_map()
    at_work = Counter(person.tenant for person in identity.everybody())
    return Home(
        now,
        (*(_needs(board) for board in boards if _waits(board)), *_readiness_needs(now)),
        tuple(TenantHead(tenant.slug, tenant.title) for tenant in columns),
        tuple(_matrix_row(feature, columns, at_work) for feature in features.features()),
        tuple(_line(board) for board in boards),
        tuple(sorted((d for b in boards for d in b.decisions), key=lambda d: d.at, reverse=True)[:_NEWEST]),
        _this_week(viewer, now),
        tuple(row for row in comms.news_of(viewer) if row.is_unread)[:_NEWEST],
    )


def _this_week(viewer: str, now: datetime) -> tuple[SessionRow, ...]:
    """Return what is still to come within a week of a person's sessions."""
    mine = sessions.sessions_of(viewer, since=now)
    return tuple(each for each in mine if each.begins_at < now + _A_WEEK and not each.is_settled)[:_NEWEST]


def rollouts_page(now: datetime) -> RolloutsPage:
    return RolloutsPage(now, tuple(_line(board) for board in _boards("", now)))


def tenant_map(now: datetime) -> TenantMap:
    return TenantMap(now, tuple(_tenant_line(tenant) for tenant in tenants.tenant_map()))


def tenant(slug: str, now: datetime) -> TenantPage | None:
    row = next((each for each in tenants.tenant_map() if each.slug == slug), None)
    if row is None:
        return None
    teams = tuple(
        TeamLine(team.title, identity.name_of(team.lead), len(team.people))
        for team in identity.teams()
        if team.tenant == slug
    )
    on = tuple(_feature_in(feature, slug) for feature in features.features())
    decisions = tuple(d for board in _boards("", now) for d in board.decisions)[:_NEWEST]
    told = banners.in_tenant(slug, now)
    return TenantPage(now, _tenant_line(row), row.scope, row.goals, teams, on, decisions, told)


def decision(decision_id: str, now: datetime) -> DecisionPage | None:
    found = rollouts.decision_found(decision_id)
    if found is None:
        return None
    row, document = found.row, rollouts.plan_of(found.plan)
    return DecisionPage(
        now,
        row.id,
        row.at,
        found.plan,
        document.title if document else found.plan,
        found.stage,
        row.move,
        row.title,
        row.because,
        row.rule,
        _RULE_SAYS.get(row.rule, ""),
        row.actor,
        found.version,
        found.plan_sha256,
        found.gates,
        row.evidence,
        rollouts.replay_of(decision_id),
    )


def evidence(evidence_id: str, now: datetime) -> EvidencePage | None:
    found = rollouts.evidence_found(evidence_id)
    if found is None:
        return None
    body = found.body
    return EvidencePage(
        now,
        found.id,
        found.name,
        found.name.partition(".")[2].replace("_", " ").capitalize(),
        None,
        body["value"],
        body["low"],
        body["high"],
        None,
        body["n"],
        body["unit"],
        body["window"],
        body["source"] or "nothing yet",
        found.at,
        found.sha256,
        "",
        json.dumps(body, sort_keys=True, indent=1, ensure_ascii=False),
        (),
        found.used_by,
    )


def _boards(viewer: str, now: datetime) -> list[Board]:
    found = (rollouts.board(plan, viewer=viewer, now=now) for plan, *_ in rollouts.plans())
    return [board for board in found if board is not None]


def _waits(board: Board) -> bool:
    return board.status in {Status.PAUSED, Status.ROLLED_BACK, Status.PLANNED}


def _needs(board: Board) -> NeedsYou:
    action = "Start it" if board.status is Status.PLANNED else "Look and decide"
    return NeedsYou(f"{board.title}: {board.headline}", board.because, f"/rollouts/{board.plan}", action)


def _readiness_needs(now: datetime) -> Iterator[NeedsYou]:
    """What went back after internal GA, and every exemption until it lapses (R3)."""
    titles = {each.slug: each.title for each in features.features()}
    for change in features.regressions():
        words = f"{titles.get(change.feature, change.feature)} went back: {change.row.replace('-', ' ')}"
        yield NeedsYou(words, change.because, f"/features/{change.feature}/rows/{change.row}", "Look")
    for each in features.exemptions():
        if not (each.holds(now) or each.waits(now)):
            continue
        title, what = titles.get(each.feature, each.feature), each.what.replace("-", " ")
        said = "is passed over" if each.granted_by else "is asked to be passed over"
        words = f"{title}: {what} {said} until {each.until:%d %b}"
        yield NeedsYou(words, each.because, f"/features/{each.feature}#exemptions", "Look")


def _line(board: Board) -> RolloutLine:
    on = sum(stage.people for stage in board.stages if stage.state in {StageState.ACTIVE, StageState.PASSED})
    return RolloutLine(
        board.plan,
        board.title,
        board.feature,
        board.status,
        board.stage,
        f"{board.headline}. {board.because}",
        on,
        board.decided_at,
    )


def _matrix_row(feature: FeatureRow, columns: tuple[TenantRow, ...], at_work: Mapping[str, int]) -> MatrixRow:
    cohort = flags.cohort_of(feature.flag)
    cells = tuple(_cell(len(cohort.get(each.slug, ())), at_work.get(each.slug, 0)) for each in columns)
    lead = next(
        (team.title for team in identity.teams() if team.slug == feature.lead_team), feature.lead_team
    )
    return MatrixRow(feature.slug, feature.title, feature.state.value, lead, cells)


def _cell(on: int, people: int) -> Cell:
    if not on:
        return Cell("waiting", "Off", 0)
    return Cell("passed", "Everyone", on) if on >= people else Cell("active", "Some", on)


def _tenant_line(row: TenantRow) -> TenantLine:
    on = sum(bool(flags.cohort_of(feature.flag).get(row.slug)) for feature in features.features())
    owners = tuple(identity.name_of(owner) for owner in row.owners)
    return TenantLine(
        row.slug,
        row.title,
        row.tenant_class,
        owners,
        row.data_domains,
        row.risk,
        row.region,
        row.flag_strategy,
        on,
        row.people,
    )


def _feature_in(feature: FeatureRow, tenant: str) -> TenantFeature:
    on = len(flags.cohort_of(feature.flag).get(tenant, ()))
    return TenantFeature(
        feature.slug, feature.title, "active" if on else "waiting", "On" if on else "Off", on, None
    )
