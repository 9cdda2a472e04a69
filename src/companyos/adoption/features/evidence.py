"""The facts that features offer: what came from work, who has the flag, and how a scorecard stands (for gates)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from companyos.adoption.features.actions.recompute import FRESH_FOR, look_at
from companyos.adoption.features.domain.scorecards import GUARDED, Card, in_short
from companyos.adoption.features.domain.types import Verdict
from companyos.adoption.features.domain.vocabulary import UNITS
from companyos.adoption.features.models import IntakeRecord, WorkEvidence
from companyos.adoption.features.queries.documents import DocumentRow, documents_of
from companyos.adoption.features.queries.templates import scorecards_of
from companyos.adoption.flags import queries as flags
from companyos.adoption.telemetry.queries import definitions
from companyos.kernel.evidence import Fact, Question, ask, is_offered, offer

OWN = (
    "features.flag_on",
    "features.parity",
    "features.dashboards",
    "features.on_call",
    "features.metrics_live",
    "features.checklist_share",
)
FROM_WORK = tuple(sorted(name for name in UNITS if name.startswith("features.") and name not in OWN))
_DASHBOARDS = {
    "latency": "telemetry.latency_p95_ms",
    "errors": "telemetry.task_success",
    "usage": "telemetry.task_completion",
}


class Work:
    """What came from work, read once for all who ask about one moment."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._known: dict[tuple[str, str], dict[str, Any]] = {}
        self._documents: dict[tuple[str, str], list[DocumentRow]] = {}

    def prepare(self, questions: Sequence[Question]) -> None:
        self._at = questions[0].now if questions else None
        slugs = {question.feature for question in questions}
        rows = WorkEvidence.objects.filter(feature__in=slugs).order_by("at", "id") if slugs else ()
        self._known = {(each.feature_id, each.name): each.body for each in rows}
        self._documents = _by_evidence(documents_of(slugs)) if slugs else {}

    def newest(self, name: str, question: Question) -> Fact:
        """Return the newest fact of this name; where nothing was ever sent, one that says so.

        Of a document whose link is looked at here, what was seen counts and not what was sent.
        """
        known = question.now == self._at
        documents = self._documents if known else _by_evidence(documents_of([question.feature]))
        if name.startswith("features.docs_") and (question.feature, name) in documents:
            return documents_fact(name, documents[question.feature, name], question.now)
        if known:
            body = self._known.get((question.feature, name))
        else:
            rows = WorkEvidence.objects.filter(feature=question.feature, name=name).order_by("-at", "-id")
            body = rows.values_list("body", flat=True).first()
        if body is None:
            return Fact(name, unit=UNITS[name], problem="nothing was sent yet", details={"absent": True})
        return Fact(**body)


def documents_fact(name: str, documents: Sequence[DocumentRow], now: datetime) -> Fact:
    """How many documents of a kind are there, as last seen: none while any is broken, no figure before a look."""
    fine = [each for each in documents if each.link.is_fine]
    broken = any(each.link.is_broken for each in documents)
    changed = max((each.link.changed_at for each in fine if each.link.changed_at), default=None)
    reviews = [each.review_by for each in documents if each.review_by]
    ends = {"expires_at": f"{min(reviews) + timedelta(days=1)}T00:00:00+00:00"} if reviews else {}
    value = 0.0 if broken else float(len(fine)) if fine else None
    return Fact(
        name, value, n=len(documents), unit="documents", source="links looked at",
        window=f"changed {changed:%d %b %Y}" if changed else "as seen by the last look",
        problem="" if value is not None else "; ".join(each.link.sentence for each in documents),
        details={"links": [each.link.sentence for each in documents], "waits": value is None, **ends},
    )  # fmt: skip


def _by_evidence(documents: Sequence[DocumentRow]) -> dict[tuple[str, str], list[DocumentRow]]:
    found: dict[tuple[str, str], list[DocumentRow]] = {}
    for each in documents:
        found.setdefault((each.feature, each.evidence), []).append(each)
    return found


def flag_on(question: Question) -> Fact:
    """How many people of a tenant have the feature's flag on (R64)."""
    tenant = str(question.parameters["tenant"])
    on = len(flags.cohort_of(str(question.parameters["flag"])).get(tenant, ()))
    return Fact(
        "features.flag_on",
        float(on),
        n=on,
        unit="people",
        window="now",
        source="flags",
        details={"tenant": tenant},
    )


def parity(question: Question) -> Fact:
    """Share of the specification's must items that have evidence (R65, P9); without such a list nothing is measured."""
    body = IntakeRecord.objects.filter(pk=question.feature).values_list("body", flat=True).first() or {}
    must = [item for item in body.get("spec", ()) if item.get("must")]
    if not must:
        return Fact(
            "features.parity", unit="share", problem="the intake lists no must item", details={"absent": True}
        )
    bare = [item["says"] for item in must if not item.get("evidence")]
    return Fact(
        "features.parity", (len(must) - len(bare)) / len(must), n=len(must), unit="share", window="at intake",
        source="intake", details={"without_evidence": bare[:10]},
    )  # fmt: skip


def dashboards(question: Question) -> Fact:
    """How many of three pages show figures of the feature: latency, errors, usage (R67, R157)."""
    live = [what for what, name in _DASHBOARDS.items() if is_offered(name) and ask(name, question).n]
    absent = {"absent": True} if not live else {}
    return Fact(
        "features.dashboards", float(len(live)) if live else None, n=len(live), unit="dashboards", window="now",
        source="telemetry", problem="" if live else "no page shows a figure of the feature yet",
        details={"live": live, **absent},
    )  # fmt: skip


def metrics_live(question: Question) -> Fact:
    """Share of the success metrics named at intake that are live within their cadence where it is on (R76, P13).

    Telemetry judges all metrics there are; gaps of metrics that this feature is not measured by are not its own.
    """
    body = IntakeRecord.objects.filter(pk=question.feature).values_list("body", flat=True).first() or {}
    named = list(body.get("success_metrics", ()))
    told = ask("telemetry.coverage", question)
    if not named or told.value is None:
        problem = told.problem if named else "the intake names no success metric"
        return Fact("features.metrics_live", n=0, unit="share", problem=problem)
    titles = {metric.slug: metric.title for metric in definitions.catalogue().metrics}
    others = tuple(f"{title}:" for slug, title in titles.items() if slug not in named)
    gaps = [gap for gap in told.details.get("gaps", ()) if not gap.startswith(others)]
    gaps += [f"{slug}: not defined" for slug in named if slug not in titles]
    n = len(named)
    return Fact(
        "features.metrics_live", max(0, n - len(gaps)) / n, n=n, unit="share", window=told.window, source=told.source,
        details={"gaps": gaps, "tenants": told.details.get("tenants", [])},
    )  # fmt: skip


def on_call(question: Question) -> Fact:
    """How many people take turns being paged for the feature (R172)."""
    routes = [
        route for slo in definitions.objectives(question.feature) if (route := definitions.route_of(slo))
    ]
    people = sorted({person for route in routes for person in route.people})
    return Fact(
        "features.on_call", float(len(people)), n=len(people), unit="people", window="now", source="on call",
        details={"routes": sorted({route.slug for route in routes}), "people": people},
    )  # fmt: skip


def scorecard(slug: str, question: Question) -> Fact:
    """How a scorecard stands: the share of its rows that are met. A rollout's gate of kind `readiness` asks this."""
    name = f"readiness.{slug}"
    judged = look_at(question.feature, now=question.now, not_older_than=FRESH_FOR)
    card = judged.card(slug)
    if card is None or not card.rows:
        return Fact(name, unit="share", problem=f"the programme has no scorecard {slug} for this feature")
    template = next(each for each in scorecards_of(question.feature) if each.slug == slug)
    return Fact(
        name, card.met / len(card.rows), n=len(card.rows), unit="share", window=f"as of {judged.at:%d %b %H:%M} UTC",
        source="scorecards",
        details={"says": in_short(card, template), "failed": _failed(card), "version": card.version},
    )  # fmt: skip


def _failed(card: Card) -> list[str]:
    return [row.row for row in card.open_rows if row.verdict is Verdict.FAILED]


def offer_evidence() -> None:
    work = Work()
    for name in FROM_WORK:
        offer(name, partial(work.newest, name), prepare=work.prepare)
    offer("features.flag_on", flag_on)
    offer("features.parity", parity)
    offer("features.dashboards", dashboards)
    offer("features.on_call", on_call)
    offer("features.metrics_live", metrics_live)
    for slug in GUARDED:
        offer(f"readiness.{slug}", partial(scorecard, slug))
