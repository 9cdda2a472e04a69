"""The adoption plan in the eight sections of its outline, written from what is there now (R122-R129).

Of a feature, or of the whole programme; with what changed since the version that was approved last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features import queries
from companyos.adoption.features.domain.document import Section, Table, changes, markdown
from companyos.adoption.features.domain.document import page as html_page
from companyos.adoption.features.domain.measured import shown
from companyos.adoption.features.domain.template import Row
from companyos.adoption.features.queries import PlanVersionRow
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.telemetry.queries import definitions
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

_DOCS = ("first-docs", "first-runbooks", "runbooks", "faqs", "quick-starts", "enablement", "limitations")
_NO_PLAN = "No rollout plan names this feature yet."


@dataclass(frozen=True, slots=True)
class PlanPage:
    subject: str
    title: str
    now: datetime
    sections: tuple[Section, ...]
    approved: PlanVersionRow | None
    changed: tuple[str, ...]
    problem: str


def sections_of(subject: str, now: datetime) -> tuple[Section, ...]:
    """Return the eight sections; an empty subject is the programme's own outline over all tenants and features."""
    slugs = [subject] if subject else [each.slug for each in queries.features()]
    plans = [
        plan
        for slug, feature, *_ in rollouts.plans()
        if feature in slugs and (plan := rollouts.plan_of(slug))
    ]
    return (
        _objectives(slugs),
        _tenants(),
        _entry(slugs),
        _stages(plans, now),
        _telemetry(slugs),
        _support(slugs, plans),
        _risks(plans),
        _exit(slugs),
    )


def title_of(subject: str) -> str:
    found = queries.feature(subject) if subject else None
    return f"Adoption plan: {found.title}" if found else "Internal adoption and dogfooding, v0 outline"


def to_markdown(subject: str, sections: tuple[Section, ...]) -> str:
    return markdown(title_of(subject), sections)


def to_html(subject: str, sections: tuple[Section, ...]) -> str:
    return html_page(title_of(subject), sections)


def page_of(subject: str, sections: tuple[Section, ...], now: datetime, problem: str = "") -> PlanPage:
    approved = queries.newest_plan(subject)
    changed = changes(approved.text, to_markdown(subject, sections)) if approved else ()
    return PlanPage(subject, title_of(subject), now, sections, approved, changed, problem)


def _objectives(slugs: list[str]) -> Section:
    catalogue = definitions.catalogue()
    stars = {each.slug: each.title for each in catalogue.north_stars}
    metrics = {each.slug: each for each in catalogue.metrics}
    rows = []
    for slug in slugs:
        feature, intake = queries.feature(slug), queries.intake_of(slug)
        for name in intake.success_metrics if intake else ():
            metric = metrics.get(name)
            serves = [c for c in catalogue.criteria if metric and c.slug in metric.serves]
            rows.append((
                feature.title if feature else slug,
                metric.title if metric else f"{name} (not defined)",
                shown(metric.target, metric.unit) if metric and metric.target is not None else "none",
                "; ".join(each.title for each in serves) or "none",
                "; ".join(sorted({stars.get(each.north_star, "") for each in serves})) or "none",
            ))  # fmt: skip
    head = ("Feature", "Metric", "Target", "Criterion", "North star")
    words = tuple(found.summary for slug in slugs[:1] if len(slugs) == 1 and (found := queries.feature(slug)))
    return Section(
        "Objectives & success criteria", words, (Table(head, tuple(rows), "No success metric is named yet."),)
    )


def _tenants() -> Section:
    rows = tuple(
        (
            each.title,
            each.tenant_class,
            ", ".join(identity.name_of(owner) for owner in each.owners),
            ", ".join(each.data_domains),
            each.risk,
            each.flag_strategy,
        )
        for each in tenants.tenant_map()
    )
    return Section(
        "Tenant map",
        (),
        (Table(("Tenant", "Class", "Owners", "Data domains", "Risk", "Flag strategy"), rows),),
    )


def _entry(slugs: list[str]) -> Section:
    return Section("Feature intake checklist (internal GA entry)", (), (_card(slugs, "internal-ga-entry"),))


def _exit(slugs: list[str]) -> Section:
    return Section(
        "Exit criteria for external GA", (), (_card(slugs, "internal-ga-exit"), _card(slugs, "external-ga"))
    )


def _card(slugs: list[str], card: str) -> Table:
    rows = []
    for slug in slugs:
        judged = queries.readiness_of(slug)
        template = next((each for each in queries.scorecards_of(slug) if each.slug == card), None)
        for row in template.rows(queries.tier_for(slug)) if template else ():
            found = judged.rows.get(row.slug) if judged else None
            state = str(found.verdict).replace("_", " ") if found else "not judged yet"
            who = row.owner.replace("-", " ")
            told = (row.title, who, ", ".join(row.requirements), state)
            rows.append(told if len(slugs) == 1 else (slug, *told))
    head = ("Row", "Owner", "Requirement", "State")
    return Table(
        head if len(slugs) == 1 else ("Feature", *head), tuple(rows), "The programme has no such scorecard."
    )


def _stages(plans: list[Plan], now: datetime) -> Section:
    rows = []
    for plan in plans:
        board = rollouts.board(plan.slug, viewer="", now=now)
        dates = {each.stage: each for each in board.dates} if board else {}
        for stage in plan.stages:
            when = dates.get(stage.slug)
            for part in stage.cohort:
                who = "everyone" if part.everyone else part.department or ", ".join(part.teams)
                begins = f"{when.expected:%d %b %Y}" if when else f"week {stage.week}"
                rows.append(
                    (plan.title, stage.title, part.tenant, who, begins, f"{stage.working_days} working days")
                )
    head = ("Plan", "Stage", "Tenant", "Who joins", "Begins", "Lasts")
    return Section("Rollout stages and timelines per tenant", (), (Table(head, tuple(rows), _NO_PLAN),))


def _telemetry(slugs: list[str]) -> Section:
    catalogue = definitions.catalogue()
    metrics = tuple(
        (
            each.title,
            f"/telemetry/metrics/{each.slug}",
            each.owner.replace("-", " "),
            f"every {each.cadence_days} days",
        )
        for each in catalogue.metrics
    )
    slos = tuple(
        (
            slo.title,
            f"{slo.target:.1%}",
            route.title if (route := definitions.route_of(slo)) else "nobody is paged",
        )
        for slug in slugs
        for slo in definitions.objectives(slug)
    )
    return Section(
        "Feedback & telemetry plan",
        (),
        (
            Table(("Metric", "Dashboard", "Owner", "Cadence"), metrics, "No metric is defined."),
            Table(("Objective", "Target", "Paged"), slos, "No objective is defined."),
        ),
    )


def _support(slugs: list[str], plans: list[Plan]) -> Section:
    documents = []
    for slug in slugs:
        judged = queries.readiness_of(slug)
        rows: dict[str, Row] = {}
        for card in queries.scorecards_of(slug):
            rows |= {row.slug: row for row in card.rows(queries.tier_for(slug)) if row.slug in _DOCS}
        for name, row in rows.items():
            found = judged.rows.get(name) if judged else None
            documents.append(
                (row.title, row.owner.replace("-", " "), found.because if found else "not judged yet")
            )
    sessions = tuple(
        (stage.title, action.replace("_", " "))
        for plan in plans
        for stage in plan.stages
        for action in stage.actions
        if action in {"schedule_huddle", "post_heads_up", "create_survey"}
    )
    return Section(
        "Support & enablement plan",
        (
            "Office hours: while a stage is new, its squad answers; the plan's entry actions say when people are met.",
        ),
        (
            Table(("Material", "Owner", "State"), tuple(documents), "No document is asked for."),
            Table(("Stage", "What is set going"), sessions, "No session is planned."),
        ),
    )


def _risks(plans: list[Plan]) -> Section:
    rows = tuple(
        (
            plan.title,
            risk.title,
            f"{risk.metric} {risk.comparator} {risk.value:g}",
            str(risk.window).replace("_", " "),
            str(risk.action).replace("_", " "),
            risk.reach or str(plan.rolls_back),
        )
        for plan in plans
        for risk in plan.risks
    )
    head = ("Plan", "Risk", "Hit when", "Window", "Does", "Reach")
    return Section("Risk/rollback matrix and decision thresholds", (), (Table(head, rows, _NO_PLAN),))
