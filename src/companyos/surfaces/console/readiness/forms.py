"""The intake form: every field says what it is for; what is wrong stands beside the field that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from companyos.adoption.features import actions, queries
from companyos.adoption.telemetry.queries import definitions
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.readiness.pages import Choice, Field, IntakePage

_LISTS = ("data_domains", "success_metrics")
_TEXTS = ("slug", "title", "summary", "area", "owner", "flag", "size", "risk", "version", "spec_link", "rollback_plan",
          "data_model")  # fmt: skip
_LONGEST = 2000
_MOST_ITEMS = 100


def proposal_from(said: QueryDict) -> actions.Proposal:
    """Read what was filled in; a must item stands on a line of its own."""
    told: dict[str, Any] = {name: said.get(name, "").strip()[:_LONGEST] for name in _TEXTS}
    told |= {name: tuple(each[:50] for each in said.getlist(name)[:50]) for name in _LISTS}
    lines = [line.strip()[:500] for line in said.get("spec", "")[:50_000].splitlines() if line.strip()]
    spec = tuple({"says": line, "must": True, "evidence": ""} for line in lines[:_MOST_ITEMS])
    told["version"] = told["version"] or "1"
    return actions.Proposal(**told, critical=said.get("critical") == "yes", spec=spec)


def page_of(
    said: Mapping[str, Any] | QueryDict, problems: Mapping[str, str], problem: str = ""
) -> IntakePage:
    """Return the form, filled with what was said and what is wrong with it."""
    maker = _Maker(said, problems)
    areas = [(a.slug, f"{a.title} (first adopters: {a.lead.replace('-', ' ')})") for a in queries.areas()]
    teams = [(team.slug, team.title) for team in identity.teams()]
    domains = sorted({domain for tenant in tenants.tenant_map() for domain in tenant.data_domains})
    metrics = [(metric.slug, metric.title) for metric in definitions.catalogue().metrics]
    return IntakePage(
        (
            (
                "What it is",
                (
                    maker.text("title", "Title", "as people will call it"),
                    maker.text("slug", "Short name", "small letters, words joined by -, as fast-lane"),
                    maker.area("summary", "What it is", "one or two sentences"),
                    maker.choice("area", "Area", "says which team adopts it first", areas),
                    maker.choice("owner", "Squad that owns it", "yours, or one you lead the adoption for", teams),
                    maker.text("flag", "Flag", "as approvals.fast-lane; you can make the flag afterwards"),
                    maker.text("version", "Version", "what words and figures are bound to; 1 when empty"),
                ),
            ),
            (
                "How big, how risky",
                (
                    maker.choice("size", "Size", "major: changes steps of a critical workflow or who approves, cannot"
                                 " be undone, reaches a quarter of a tenant, needs training, or touches security (P6)",
                                 [("minor", "Minor"), ("major", "Major")]),
                    maker.choice("risk", "Risk", "high: money, identity or personal data; rollback over five minutes"
                                 " or not rehearsed; a tenant of high risk (P7). Frozen from now on",
                                 [("low", "Low"), ("medium", "Medium"), ("high", "High")]),
                    maker.tick("critical", "It changes a critical workflow"),
                    maker.picks("data_domains", "Data it touches", "at least one", [(d, d) for d in domains]),
                ),
            ),
            (
                "How it is proved, and taken back",
                (
                    maker.area("spec", "What it must do", "one must item a line; may be left out"),
                    maker.text("spec_link", "Specification", "a link; may be left out"),
                    maker.picks("success_metrics", "Metrics of its success", "at least one", metrics),
                    maker.area("rollback_plan", "How it is taken back", "who, how, and what happens to work begun"),
                    maker.text("data_model", "Version of its data model", "may be left out"),
                ),
            ),
        ),
        problem,
    )  # fmt: skip


class _Maker:
    def __init__(self, said: Mapping[str, Any] | QueryDict, problems: Mapping[str, str]) -> None:
        self._said, self._problems = said, problems

    def text(self, name: str, title: str, hint: str) -> Field:
        return Field(name, title, hint, "text", self._value(name), wrong=self._problems.get(name, ""))

    def area(self, name: str, title: str, hint: str) -> Field:
        return Field(name, title, hint, "area", self._value(name), wrong=self._problems.get(name, ""))

    def tick(self, name: str, title: str) -> Field:
        return Field(name, title, "", "tick", self._value(name))

    def choice(self, name: str, title: str, hint: str, choices: list[tuple[str, str]]) -> Field:
        value = self._value(name)
        shown = tuple(Choice(key, words, key == value) for key, words in choices)
        return Field(name, title, hint, "choice", value, shown, self._problems.get(name, ""))

    def picks(self, name: str, title: str, hint: str, choices: list[tuple[str, str]]) -> Field:
        picked = set(self._said.getlist(name)) if isinstance(self._said, QueryDict) else set()
        shown = tuple(Choice(key, words, key in picked) for key, words in choices)
        return Field(name, title, hint, "picks", "", shown, self._problems.get(name, ""))

    def _value(self, name: str) -> str:
        return str(self._said.get(name, ""))
