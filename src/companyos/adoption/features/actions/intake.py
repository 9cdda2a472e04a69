"""A feature enters: what it is, who owns it, how it is taken back, how success is seen (R65, R46, R69, R76, R177)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from companyos.adoption.features.actions.directory import keep_feature
from companyos.adoption.features.actions.documents import name_document, why_not
from companyos.adoption.features.actions.refusals import NotYours, Refused
from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.features.models import Area, Feature, FeatureTransition, FeatureVersion, IntakeRecord
from companyos.adoption.features.queries.people import stewards
from companyos.adoption.features.queries.templates import newest_versions
from companyos.people.identity import queries as identity
from companyos.platform import outbox

SIZES, RISKS = ("minor", "major"), ("low", "medium", "high")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FLAG = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A feature as somebody proposes it."""

    slug: str
    title: str
    summary: str
    area: str
    owner: str
    flag: str
    size: str
    risk: str
    critical: bool = False
    version: str = "1"
    spec: tuple[Mapping[str, Any], ...] = ()
    spec_link: str = ""
    data_domains: tuple[str, ...] = ()
    success_metrics: tuple[str, ...] = ()
    rollback_plan: str = ""
    data_model: str = ""
    documents: tuple[Mapping[str, Any], ...] = ()  # what, link and review_by of each


class NotTakenIn(Refused):
    """Something is missing or leads nowhere; `problems` has it by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("The feature is not taken in yet. " + " ".join(problems.values()))


def take_in(*, actor: str, proposal: Proposal, now: datetime) -> None:
    """Take a feature in; size and risk are frozen, and the scorecards it will be judged by. Raises NotTakenIn."""
    if problems := problems_with(proposal):
        raise NotTakenIn(problems)
    lead = Area.objects.get(pk=proposal.area).lead
    if actor not in stewards(proposal.owner, lead):
        raise NotYours("A feature is taken in by its squad, or by the team that leads its area.")
    with transaction.atomic():
        keep_feature(
            slug=proposal.slug, title=proposal.title.strip(), summary=proposal.summary.strip(), area=proposal.area,
            lead_team=lead, owner=proposal.owner, flag=proposal.flag, critical=proposal.critical,
            size=proposal.size, risk=proposal.risk,
        )  # fmt: skip
        keep_intake(actor=actor, feature=proposal.slug, proposal=proposal, now=now)
        for each in proposal.documents:
            name_document(actor=actor, feature=proposal.slug, now=now, **document_from(each))
        FeatureTransition.objects.create(
            feature_id=proposal.slug,
            at=now,
            actor=actor,
            before="",
            after=FeatureState.INTAKE,
            because="taken in",
        )
        outbox.publish("feature.taken_in", {"feature": proposal.slug}, at=now)


def document_from(each: Mapping[str, Any]) -> dict[str, Any]:
    """Read a document as files and the API name it. Raises Refused for a day that is none."""
    said = each.get("review_by")
    try:
        review_by = date.fromisoformat(said) if isinstance(said, str) and said else said or None
    except ValueError:
        raise Refused(f"`review_by` is a day as 2026-11-30, not {said}.") from None
    return {"what": str(each["what"]), "link": str(each["link"]), "review_by": review_by}


def why_not_a_document(each: Mapping[str, Any], now: datetime) -> str:
    """Return why a document of a proposal is not taken; empty when it is."""
    try:
        return why_not(**document_from(each), now=now)
    except Refused as refusal:
        return str(refusal)


def keep_intake(*, actor: str, feature: str, proposal: Proposal, now: datetime) -> bool:
    """Write down what a feature enters with, once: what it entered with does not change. Says whether it was new."""
    if IntakeRecord.objects.filter(pk=feature).exists():
        return False
    Feature.objects.filter(pk=feature).update(version=proposal.version)
    FeatureVersion.objects.create(
        feature_id=feature, version=proposal.version, at=now, by=actor, because="taken in"
    )
    IntakeRecord.objects.create(
        feature_id=feature,
        at=now,
        by=actor,
        size=proposal.size,
        risk=proposal.risk,
        body={
            "spec": [dict(item) for item in proposal.spec],
            "spec_link": proposal.spec_link,
            "data_domains": list(proposal.data_domains),
            "success_metrics": list(proposal.success_metrics),
            "rollback_plan": proposal.rollback_plan,
            "data_model": proposal.data_model,
        },
        templates=newest_versions(),
    )
    return True


def problems_with(p: Proposal) -> dict[str, str]:
    """Return what is missing or leads nowhere, by field."""
    teams = {team.slug for team in identity.teams()}
    checks = {
        "slug": (
            bool(_SLUG.fullmatch(p.slug)) and len(p.slug) <= 50,
            "Name it in small letters, words joined by -.",
        ),
        "title": (bool(p.title.strip()) and len(p.title) <= 120, "Give it a title of at most 120 letters."),
        "summary": (bool(p.summary.strip()), "Say in a sentence what it is."),
        "area": (
            Area.objects.filter(pk=p.area).exists(),
            "Choose an area: it says who adopts the feature first.",
        ),
        "owner": (p.owner in teams, "Choose the squad that owns it."),
        "flag": (bool(_FLAG.fullmatch(p.flag)) and len(p.flag) <= 64, "Name its flag, as approvals.unified."),
        "size": (p.size in SIZES, "Choose minor or major."),
        "risk": (p.risk in RISKS, "Choose low, medium or high."),
        "data_domains": (bool(p.data_domains), "Name at least one data domain that it touches."),
        "success_metrics": (
            bool(p.success_metrics),
            "Name at least one metric by which its success is seen.",
        ),
        "rollback_plan": (len(p.rollback_plan.strip()) >= 10, "Say how it is taken back, and by whom."),
    }
    found = {name: words for name, (fits, words) in checks.items() if not fits}
    if "slug" not in found and Feature.objects.filter(pk=p.slug).exists() and _was_taken_in(p.slug):
        found["slug"] = f"There is a feature {p.slug} already; choose another name."
    if "flag" not in found and Feature.objects.filter(flag=p.flag).exclude(pk=p.slug).exists():
        found["flag"] = f"The flag {p.flag} belongs to another feature."
    return found


def _was_taken_in(slug: str) -> bool:
    return IntakeRecord.objects.filter(pk=slug).exists()
