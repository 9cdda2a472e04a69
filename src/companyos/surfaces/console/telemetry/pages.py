"""Telemetry's pages as frozen values. Context name: `page`. Every page carries its tables as sheets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from companyos.adoption.telemetry.domain.alerts import Quiet, Route
from companyos.adoption.telemetry.domain.catalogue import Coverage, EventSpec, MetricSpec
from companyos.adoption.telemetry.domain.metrics import Figure, Standing
from companyos.adoption.telemetry.queries.alerts import AlertRow
from companyos.adoption.telemetry.queries.baselines import BaselineRow
from companyos.adoption.telemetry.queries.objectives import SloStatus
from companyos.surfaces.console.telemetry.funnel_form import FunnelForm
from companyos.surfaces.console.telemetry.sheets import Sheet
from companyos.surfaces.ui.telemetry_charts import Mark


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the page; it lives in the address."""

    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric with its figure: what it says, against which target, on how many."""

    spec: MetricSpec
    figure: Figure
    standing: Standing
    owner: str


@dataclass(frozen=True, slots=True)
class Zoom:
    """What of the table is a series over time: the column of moments, those of values, and what happened meanwhile."""

    x: str
    series: tuple[tuple[str, str], ...]  # (column, title)
    marks: tuple[Mark, ...] = ()
    is_share: bool = False

    def asked(self, sheet: Sheet, address: str) -> str:
        """Return as JSON what the closer look needs; `address` is the page's own query."""
        marks = [{"n": str(n), "at": m.at.timestamp(), "bad": m.is_bad} for n, m in enumerate(self.marks, 1)]
        series = [{"key": key, "title": title} for key, title in self.series]
        href = f"?{address}table={sheet.name}&as=json"
        told = {"title": sheet.title, "href": href, "x": self.x, "series": series, "marks": marks}
        return json.dumps(told | {"share": self.is_share})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart, the sentence that says the same, and the table behind it."""

    chart: SafeString
    says: str
    sheet: Sheet
    zoom: Zoom | None = None


@dataclass(frozen=True, slots=True)
class ShownSlo:
    status: SloStatus
    budget: SafeString
    strip: SafeString
    burns: Sheet
    days: Sheet
    open_alerts: int
    spent: str  # how often the budget is, where nothing is left


@dataclass(frozen=True, slots=True)
class NoDraw:
    """Stages at which nobody is drawn by lot, and what that means."""

    stages: str
    why: str


@dataclass(frozen=True, slots=True)
class FeatureTelemetry:
    """Everything that is measured of one feature."""

    now: datetime
    slug: str
    title: str
    owner: str
    window: str
    tenants: str
    people_on: int
    filters: tuple[Filter, ...]
    tiles: tuple[Tile, ...]
    uptake: Drawn
    waiting: Drawn
    tasks: Drawn
    latency: Drawn
    returning: Drawn
    parts: Sheet
    exposure: Sheet
    crossed: str
    draws: Sheet
    drawn: tuple[str, ...]
    not_drawn: tuple[NoDraw, ...]
    slos: tuple[ShownSlo, ...]
    trend: Drawn
    marks: tuple[Mark, ...]
    coverage: Coverage
    coverage_sheet: Sheet
    ends: Sheet
    baseline: BaselineRow | None
    baseline_by: str
    cannot_judge: tuple[str, ...]
    baseline_sheets: tuple[Sheet, ...]
    metrics_sheet: Sheet

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        drawn = tuple(
            each.sheet
            for each in (self.uptake, self.waiting, self.tasks, self.trend, self.latency, self.returning)
        )
        slos = tuple(sheet for each in self.slos for sheet in (each.burns, each.days))
        rest = (self.metrics_sheet, self.parts, self.exposure, self.draws, self.coverage_sheet, self.ends)
        return (*drawn, *slos, *rest, *self.baseline_sheets)


@dataclass(frozen=True, slots=True)
class StepInput:
    """One line of a funnel's form."""

    number: int
    words: str
    example: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class FunnelPage:
    """A funnel as somebody asked for it, with the form that asks."""

    now: datetime
    slug: str
    title: str
    form: FunnelForm
    steps: tuple[StepInput, ...]
    windows: tuple[Choice, ...]
    holds: tuple[Choice, ...]
    parts_by: tuple[Choice, ...]
    spans: tuple[Choice, ...]
    tenants: tuple[Choice, ...]
    events: tuple[str, ...]
    span: str
    where: str
    whole: Drawn
    parts: Sheet | None
    left_out: str

    @property
    def wrong(self) -> dict[str, str]:
        """What is wrong by field; a template asks for each."""
        fields = ("window", "hold", "parts", "without", "property", "values")
        return {name: self.form.problem_of(name) for name in fields}

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.whole.sheet, self.parts) if self.parts else (self.whole.sheet,)


@dataclass(frozen=True, slots=True)
class TelemetryHome:
    """Every feature at a glance, and the company's days."""

    now: datetime
    window: str
    filters: tuple[Filter, ...]
    features: Sheet
    days: Drawn
    tenants: Sheet
    unknown: int
    orphans: tuple[str, ...]

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.features, self.days.sheet, self.tenants)


@dataclass(frozen=True, slots=True)
class MetricPage:
    """One metric: what it is, and how it stands per feature and per tenant."""

    now: datetime
    spec: MetricSpec
    owner: str
    window: str
    feature: str
    feature_title: str
    filters: tuple[Filter, ...]
    figure: Figure
    standing: Standing
    trend: Drawn
    marks: tuple[Mark, ...]
    by_tenant: Sheet
    by_feature: Sheet
    events: tuple[EventSpec, ...]
    criteria: tuple[str, ...]
    north_stars: tuple[str, ...]
    query: str

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.trend.sheet, self.by_tenant, self.by_feature)


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """Every event and every metric, who answers for it, and what comes that nobody announced."""

    now: datetime
    events: Sheet
    metrics: Sheet
    chain: Sheet
    unknown: Sheet
    refused: Sheet
    orphans: tuple[str, ...]

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.events, self.unknown, self.refused, self.metrics, self.chain)


@dataclass(frozen=True, slots=True)
class KeptPage:
    """For how long what is kept, and who was taken out."""

    now: datetime
    kept: Sheet
    erasures: Sheet
    may_erase: bool
    pseudonyms: str

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.kept, self.erasures)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    at: datetime
    by: str
    move: str
    because: str
    person: str


@dataclass(frozen=True, slots=True)
class ShownAlert:
    row: AlertRow
    title: str
    state: str
    may_answer: bool
    is_mine: bool
    entries: tuple[ShownEntry, ...]
    because: str


@dataclass(frozen=True, slots=True)
class ShownRoute:
    route: Route
    team: str
    on_call: str
    then: tuple[str, ...]
    tested: AlertRow | None
    tested_by: str
    may_test: bool


@dataclass(frozen=True, slots=True)
class ShownRule:
    """An objective's rules with their route and silence."""

    slo: str
    title: str
    feature: str
    route: str
    silence: Quiet | None
    silenced_by: str
    may_silence: bool


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """What burns, who was paged, and what became of it."""

    now: datetime
    open: tuple[ShownAlert, ...]
    over: tuple[ShownAlert, ...]
    rules: tuple[ShownRule, ...]
    routes: tuple[ShownRoute, ...]
    history: Sheet
    conditions: Sheet

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return (self.history, self.conditions)
