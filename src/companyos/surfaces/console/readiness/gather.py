"""Gathers the pages of readiness: queries in, frozen pages out. A feature's page reads what was judged last."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from companyos.adoption.features import queries
from companyos.adoption.features.domain.certificate import open_rows, problems_of
from companyos.adoption.features.domain.judge import RULES
from companyos.adoption.features.domain.scorecards import Readiness
from companyos.adoption.features.domain.template import Row, Scorecard, Tier
from companyos.adoption.features.domain.types import FeatureRow, FeatureState, Judged, Verdict, Way
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import Status
from companyos.people.identity import queries as identity
from companyos.surfaces.console.pages import RolloutLine
from companyos.surfaces.console.readiness.pages import (
    AskedLine,
    CardTab,
    CertificatePage,
    FeaturePage,
    GroupBlock,
    MeetingPage,
    RowLine,
    RowPage,
    Seat,
    Step,
)
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import SOFTWARE, SOFTWARE_NAME

S = FeatureState
FRESH_FOR = timedelta(minutes=5)
_CARD_OF = {
    S.INTAKE: "internal-ga-entry",
    S.INTERNAL_GA: "internal-ga-exit",
    S.READY_FOR_EXTERNAL_GA: "external-ga",
}
_RULE_SAYS = {rule.__name__: rule.__doc__ or "" for rule in RULES}
_ENTRY, _EXTERNAL = "internal-ga-entry", "external-ga"


def feature_page(slug: str, card: str, viewer: str, now: datetime, problem: str = "") -> FeaturePage | None:
    row = queries.feature(slug)
    if row is None:
        return None
    judged, templates = queries.readiness_of(slug), queries.scorecards_of(slug)
    teams = {team.slug: team.title for team in identity.teams()}
    chosen = card if card in {each.slug for each in templates} else _CARD_OF.get(row.state, _ENTRY)
    template = next((each for each in templates if each.slug == chosen), None)
    viewing, tier = _Viewing(row, judged, viewer, teams), queries.tier_for(slug)
    return FeaturePage(
        now,
        row,
        teams.get(row.lead_team, row.lead_team.replace("-", " ")),
        teams.get(row.owner, row.owner),
        str(tier),
        queries.intake_of(slug),
        judged.at if judged else None,
        tuple(_tab(each, judged, chosen) for each in templates if each.rows(tier)),
        viewing.groups(template, tier) if template else (),
        _step(row, judged, templates),
        tuple(replace(each, actor=identity.name_of(each.actor)) for each in queries.moves_of(slug)),
        queries.changes_of(slug, 12),
        tuple(each for each in queries.exemptions(slug) if each.until > now),
        queries.certificates_of(slug),
        _rollouts(slug),
        viewer in queries.stewards(row.owner, row.lead_team),
        row.flag in flags.flag_keys(),
        queries.documents_of([slug]),
        problem,
        _asked(slug),
    )


def _asked(feature: str) -> tuple[AskedLine, ...]:
    """What people are asked about a feature: its sizes, exemptions, plans, go/no-go, and its rollouts' stages."""
    pages = [f"/features/{feature}", f"/features/{feature}/adoption-plan"]
    pages += [f"/meetings/{each.id}" for each in queries.meetings_of(feature)]
    pages += [f"/rollouts/{plan}" for plan, of, _, _ in rollouts.plans() if of == feature]
    found = requests.requests_linked_to(pages)
    org = {one: identity.name_of(one) for each in found for one in (each.requester, *each.people)}
    return tuple(
        AskedLine(each, SOFTWARE_NAME if each.requester == SOFTWARE else org[each.requester],
                  tuple(org[one] for one in each.people))
        for each in found
    )  # fmt: skip


def row_page(slug: str, row_slug: str, viewer: str, now: datetime) -> RowPage | None:
    feature, row = queries.feature(slug), None
    if feature is None:
        return None
    for card in queries.scorecards_of(slug):
        row = row or card.row(row_slug)
    judged = queries.readiness_of(slug)
    if row is None or judged is None or row_slug not in judged.rows:
        return None
    teams = {team.slug: team.title for team in identity.teams()}
    line = _Viewing(feature, judged, viewer, teams).line(row, ())
    fact = judged.facts.get(row_slug)
    return RowPage(
        now,
        feature,
        line,
        queries.definitions().get(row.definition),
        json.dumps(asdict(fact), sort_keys=True, indent=1, ensure_ascii=False) if fact else "",
        fact.sha256 if fact else "",
        tuple(word for word in queries.words_of(slug) if word.row == row_slug),
        tuple(each for each in queries.changes_of(slug, 200) if each.row == row_slug),
        _RULE_SAYS.get(line.judged.rule, ""),
    )


def meeting_page(meeting_id: str, viewer: str, now: datetime) -> MeetingPage | None:
    meeting = queries.meeting(meeting_id)
    feature = queries.feature(meeting.feature) if meeting else None
    if meeting is None or feature is None:
        return None
    signed = {each.role: each for each in meeting.sign_offs}
    seats = tuple(
        Seat(
            role,
            person,
            identity.name_of(person) if person else "nobody",
            ("go" if signed[role].go else "no-go") if role in signed else "",
            signed[role].words if role in signed else "",
            signed[role].at if role in signed else None,
            person == viewer and role not in signed and not meeting.certificate,
        )
        for role, person in queries.roles_of(feature.slug).items()
    )
    still = open_rows(meeting.snapshot)
    went = {seat.person for seat in seats if seat.signed == "go"}
    blocked = ""
    if still:
        blocked = f"{len(still)} rows of the snapshot do not pass."
    elif len(went) < 2:
        blocked = f"{len(went)} of at least 2 roles said go."
    elif meeting.version != feature.version:
        blocked = f"The feature has moved on to version {feature.version}."
    return MeetingPage(now, feature, meeting, identity.name_of(meeting.by), seats, still, blocked)


def certificate_page(certificate_id: str) -> CertificatePage | None:
    body = queries.certificate(certificate_id)
    return CertificatePage(certificate_id, body, problems_of(body)) if body else None


class _Viewing:
    """One feature as one person sees it."""

    def __init__(self, row: FeatureRow, judged: Readiness | None, viewer: str, teams: dict[str, str]) -> None:
        self._row, self._judged, self._teams, self._viewer = row, judged, teams, viewer
        self._rows = judged.rows if judged else {}
        self._has_flag = row.flag in flags.flag_keys()
        self._before = queries.earlier_values(row.slug)
        self._terms = {
            name: f"{name} v{each.version}: {each.means}" for name, each in queries.definitions().items()
        }
        self._stewards = queries.stewards(row.owner, row.lead_team)
        self._own_teams = {team.slug for team in identity.teams() if viewer in (team.lead, *team.people)}

    def groups(self, card: Scorecard, tier: Tier) -> tuple[GroupBlock, ...]:
        counted = card.rows(tier)
        blocks = (
            GroupBlock(
                group.slug,
                group.title,
                tuple(self.line(row, counted) for row in group.rows if row in counted),
            )
            for group in card.groups
        )
        return tuple(block for block in blocks if block.rows)

    def line(self, row: Row, counted: tuple[Row, ...]) -> RowLine:
        judged = self._rows.get(row.slug) or _not_judged(row)
        team = self._row.owner if row.owner in {"squad", "owner"} else row.owner
        return RowLine(
            judged,
            row.title,
            self._teams.get(team, team.replace("-", " ")),
            ", ".join(row.requirements),
            self._terms.get(row.definition, ""),
            row.evidence,
            self._link(row),
            self._trend(row),
            bool(row.under),
            any(each.under == row.slug for each in counted),
            self._may_vouch(row, team),
            row.independent,
        )

    def _link(self, row: Row) -> str:
        if row.link == "/flags":
            return f"/flags/{self._row.flag}/change" if self._has_flag else "/flags/new"
        return row.link.replace("{feature}", self._row.slug)

    def _may_vouch(self, row: Row, team: str) -> bool:
        if not row.attest or (row.independent and self._row.owner in self._own_teams):
            return False
        return self._viewer in self._stewards or team in self._own_teams

    def _trend(self, row: Row) -> str:
        fact = self._judged.facts.get(row.slug) if self._judged else None
        if fact is None or fact.value is None or row.slug not in self._before:
            return ""
        before, at = self._before[row.slug]
        scale = 100.0 if row.unit == "share" else 1.0
        change = (fact.value - before) * scale
        word = (
            "unchanged" if abs(change) < 0.05 else f"{change:+.1f}{' points' if row.unit == 'share' else ''}"
        )
        return f"{word} since {at:%d %b}"


def _not_judged(row: Row) -> Judged:
    return Judged(row.slug, Verdict.NO_DATA, "not judged yet", "silence_is_no_data", Way.NOTHING, row.flips)


def _tab(card: Scorecard, judged: Readiness | None, chosen: str) -> CardTab:
    found = judged.card(card.slug) if judged else None
    return CardTab(
        card.slug, card.title, found.met if found else 0, len(found.rows) if found else 0, card.slug == chosen
    )


def _step(row: FeatureRow, judged: Readiness | None, templates: tuple[Scorecard, ...]) -> Step:
    """Say the one thing to do next."""
    entry, external = (judged.card(slug) if judged else None for slug in (_ENTRY, _EXTERNAL))
    if row.state is S.INTAKE:
        if entry and entry.rows and entry.is_met:
            return Step("Every row of Internal GA entry is met.", S.ENTRY_PASSED, "Pass entry")
        left = len(entry.open_rows) if entry else 0
        return Step(
            f"{left} row{'s' * (left != 1)} of Internal GA entry {'is' if left == 1 else 'are'} still to be met:"
            " each says below what would flip it. When all are met, entry can be passed here."
        )
    if row.state is S.ENTRY_PASSED:
        return Step(
            "Entry is passed. The rollout brings it to people, stage by stage.",
            link="/rollouts",
            label="Rollouts",
        )
    if row.state in {S.INTERNAL_GA, S.READY_FOR_EXTERNAL_GA}:
        if external and external.is_met:
            return Step("Every row of the external-GA checklist is met: hold the go/no-go.",
                        link=f"/features/{row.slug}/go-no-go", label="Go/no-go")  # fmt: skip
        left = len(external.open_rows) if external else 0
        return Step(f"{left} rows of Ready for external GA are still to be met.")
    known = queries.stopped().get(row.slug)
    stopped = known.says if known else "by a person"
    says = {
        S.ROLLING_OUT: f"It is rolling out{f', at {row.stage.replace(chr(95), chr(32))}' if row.stage else ''}.",
        S.HELD: f"It is held {stopped}. Its rollouts are paused; when the hold has ended, a person resumes each.",
        S.EXTERNAL_GA: "Customers have it. What goes back is told on the home page.",
        S.KILLED: f"It was killed {stopped}. Its flags are off for everybody, and its rollouts have ended.",
        S.RETIRED: f"It was retired {stopped}. Its flags are off for everybody, and its rollouts have ended.",
    }
    return Step(says[row.state])


def _rollouts(feature: str) -> tuple[RolloutLine, ...]:
    return tuple(
        RolloutLine(
            plan,
            plan.replace("-", " ").capitalize(),
            slug,
            Status(status),
            stage,
            stage.replace("_", " "),
            0,
            None,
        )
        for plan, slug, status, stage in rollouts.plans()
        if slug == feature
    )
