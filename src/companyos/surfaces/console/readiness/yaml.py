"""Taking a feature in by its YAML file, pasted or sent: first what it would create, then the deed."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from companyos.adoption.features import actions, queries
from companyos.adoption.features.domain.template import tier_of
from companyos.adoption.flags import queries as flags
from companyos.adoption.telemetry.queries import definitions
from companyos.people.identity import queries as identity
from companyos.platform.instance import now
from companyos.surfaces.console.readiness.pages import YamlPage
from companyos.surfaces.program.intake import LONGEST, read_feature
from companyos.surfaces.program.types import Problem

_EXAMPLE = """slug: fast-lane
title: Fast lane
summary: Small amounts pass at once.
area: approvals
lead_team: people-ops
owner: approvals-squad
flag: approvals.fast-lane
critical: false
size: minor
risk: low
version: "1"
intake:
  spec: [{says: Amounts under 50 euros pass at once, must: true}]
  data_domains: [finance]
  success_metrics: [task-success]
  rollback_plan: The flag goes off; cases begun are finished by hand.
documents:
  - {what: runbook, link: https://wiki.example.com/fast-lane, review_by: 2027-06-30}
"""


@require_http_methods(["GET", "POST"])
def intake_by_yaml(request: HttpRequest) -> HttpResponse:
    """Show where a file goes; look at one that was sent; take it in when that is asked for and nothing is wrong."""
    if request.method == "GET":
        return _page(request, YamlPage(_EXAMPLE))
    text = _text_of(request)
    read = read_feature(text, now())
    if read.proposal is None:
        return _page(request, YamlPage(text, tuple(_shown(read.problems, text))), 422)
    if request.POST.get("do") != "take":
        return _page(request, YamlPage(text, creates=tuple(_creates(read.proposal, _viewer(request)))))
    try:
        actions.take_in(actor=_viewer(request), proposal=read.proposal, now=now())
    except actions.Refused as refusal:
        return _page(request, YamlPage(text, problem=str(refusal)), 403 if _is_not_yours(refusal) else 409)
    actions.look_at(read.proposal.slug, now=now())
    return HttpResponseRedirect(reverse("feature", args=[read.proposal.slug]))


def _text_of(request: HttpRequest) -> str:
    sent = request.FILES.get("file")
    if isinstance(sent, UploadedFile):
        return bytes(sent.read(LONGEST + 1)).decode("utf-8", "replace")
    return request.POST.get("text", "").replace("\r\n", "\n")[: LONGEST + 1]


def _shown(problems: tuple[Problem, ...], text: str) -> Iterator[tuple[int, str, str]]:
    lines = text.splitlines()
    for each in problems:
        yield (
            each.line,
            lines[each.line - 1].strip()[:80] if 0 < each.line <= len(lines) else "",
            each.message,
        )


def _creates(proposal: actions.Proposal, viewer: str) -> Iterator[tuple[str, str]]:
    """Everything that taking it in does, one line each."""
    area = next(each for each in queries.areas() if each.slug == proposal.area)
    teams = {team.slug: team.title for team in identity.teams()}
    tier = tier_of(proposal.size, proposal.risk)
    known = {metric.slug: metric.title for metric in definitions.catalogue().metrics}
    metrics = [known.get(name, f"{name} (not defined yet)") for name in proposal.success_metrics]
    yield "Feature", f"{proposal.title} ({proposal.slug}), version {proposal.version}, at intake"
    yield "Squad", teams[proposal.owner]
    yield "Adopts it first", f"{teams.get(area.lead, area.lead)}, who leads {area.title}"
    yield "Size and risk", f"{proposal.size}, {proposal.risk}: frozen from then on"
    cards = [(card.title, len(card.rows(tier))) for card in queries.newest_scorecards() if card.opens]
    yield (
        f"Scorecards ({tier})",
        ", ".join(f"{title}: {rows} row{'s' * (rows != 1)}" for title, rows in cards),
    )
    has_flag = proposal.flag in flags.flag_keys()
    yield "Flag", f"{proposal.flag}, {'which is there' if has_flag else 'to be made afterwards'}"
    yield "Data", ", ".join(proposal.data_domains)
    yield "Success is seen by", ", ".join(metrics)
    yield (
        "Must items",
        str(sum(bool(item.get("must")) for item in proposal.spec)) if proposal.spec else "none listed",
    )
    for each in proposal.documents:
        yield "Document", f"{str(each['what']).replace('_', ' ')}: {each['link']}, looked at from then on"
    if viewer not in queries.stewards(proposal.owner, area.lead):
        yield (
            "Who takes it in",
            f"somebody of {teams[proposal.owner]} or {teams.get(area.lead, area.lead)}, not you",
        )


def _is_not_yours(refusal: Exception) -> bool:
    return isinstance(refusal, actions.NotYours)


def _page(request: HttpRequest, page: YamlPage, status: int = 200) -> HttpResponse:
    return render(request, "features/intake_yaml.html", {"page": page}, status=status)


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
