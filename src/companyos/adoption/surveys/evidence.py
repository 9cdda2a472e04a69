"""The facts that surveys offer to gates, metrics and readiness: each with n, interval, and how many were asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from companyos.adoption.surveys import queries
from companyos.adoption.surveys.domain.scores import Group, Standing, by_tenant, standing
from companyos.adoption.surveys.domain.types import Given, Kind, SurveySpec
from companyos.kernel.evidence import Fact, Question, offer
from companyos.kernel.small_groups import hidden_groups
from companyos.kernel.stats.binomial import wilson_interval
from companyos.kernel.stats.opinions import satisfied_share

_WINDOW = "since the first stage"
_IN_SPAN = "in the window asked for"


def satisfaction(question: Question) -> Fact:
    """Share of answers that are satisfied (top two boxes), with Wilson bounds, of all who were asked."""
    name, survey = "surveys.satisfaction", str(question.parameters["survey"])
    counted = queries.tally(survey)
    details = {
        "asked": counted.asked,
        "satisfied": counted.satisfied,
        "dismissed": counted.dismissed,
        "by_tenant": _tallies_by_tenant(survey),
    }
    if not counted.answered:
        problem = f"no answer yet, {counted.asked} asked"
        return Fact(name, n=0, unit="share", window=_WINDOW, problem=problem, details=details)
    share = satisfied_share(counted.satisfied, counted.answered)
    return Fact(
        name,
        share.value,
        share.low,
        share.high,
        counted.answered,
        "share",
        _WINDOW,
        "surveys",
        details=details,
    )


def nps(question: Question) -> Fact:
    """Net promoter score (-1 to 1) of the feature's surveys in the window, with its 95 % adjusted Wald interval."""
    return _scored("surveys.nps", question, Kind.NPS, "points", 100)


def csat(question: Question) -> Fact:
    """Share of satisfied answers of the feature's surveys in the window, with its 95 % Wilson interval."""
    return _scored("surveys.csat", question, Kind.CSAT, "share", 1)


def ces(question: Question) -> Fact:
    """Share of answers that found it easy, of the feature's effort surveys in the window, with its 95 % interval."""
    return _scored("surveys.ces", question, Kind.CES, "share", 1)


def response_rate(question: Question) -> Fact:
    """Share of those asked in the window who answered, over the feature's surveys or the one that is named."""
    name, chosen = "surveys.response_rate", _chosen(question, None)
    told = [_standing_of(survey, question) for survey in chosen]
    asked, answered = sum(each.asked for each in told), sum(each.answered for each in told)
    details: dict[str, Any] = {
        "surveys": [survey.slug for survey in chosen],
        "answered": answered,
        "dismissed": sum(each.dismissed for each in told),
    }
    if not asked:
        return Fact(name, n=0, unit="share", window=_IN_SPAN, problem="nobody was asked", details=details)
    share = wilson_interval(answered, asked)
    return Fact(
        name, share.value, share.low, share.high, asked, "share", _IN_SPAN, "surveys", details=details
    )


def _scored(name: str, question: Question, kind: Kind, unit: str, scale: int) -> Fact:
    chosen = _chosen(question, kind)
    given = tuple(each for survey in chosen for each in _given(survey, question))
    if not chosen:
        return Fact(name, n=0, unit=unit, window=_IN_SPAN, problem=f"no {kind} survey asks about it")
    told = standing(chosen[0], given)
    details = {
        "surveys": [survey.slug for survey in chosen],
        "asked": told.asked,
        "answered": told.answered,
        "dismissed": told.dismissed,
        **({"promoters": told.good, "detractors": told.bad} if kind is Kind.NPS else {}),
        "by_tenant": _parts(by_tenant(chosen[0], given), scale),
    }
    if told.score is None:
        problem = f"{told.answered} answers of {told.asked} asked, shown from {told.needed}"
        return Fact(name, n=told.answered, unit=unit, window=_IN_SPAN, problem=problem, details=details)
    value, low, high = (each / scale for each in (told.score.value, told.score.low, told.score.high))
    return Fact(name, value, low, high, told.answered, unit, _IN_SPAN, "surveys", details=details)


def _chosen(question: Question, kind: Kind | None) -> tuple[SurveySpec, ...]:
    """Return the surveys that are asked about: the one that is named, or all of the feature of one kind.

    Several of one kind must share their scale to be one figure: only those like the most important one count.
    """
    named = str(question.parameters.get("survey") or "")
    found = tuple(
        each
        for each in queries.surveys()
        if (each.slug == named if named else each.feature == question.feature) and kind in (None, each.kind)
    )
    if kind is None or not found:
        return found
    first = found[0]
    return tuple(
        each for each in found if (each.scale, each.satisfied_from) == (first.scale, first.satisfied_from)
    )


def _given(survey: SurveySpec, question: Question) -> tuple[Given, ...]:
    return queries.given_to(survey.slug, since=question.since, until=question.now)


def _standing_of(survey: SurveySpec, question: Question) -> Standing:
    return standing(survey, _given(survey, question))


def _parts(groups: tuple[Group, ...], scale: int) -> dict[str, dict[str, object]]:
    """Answers per tenant; small groups say only that they are hidden, those without an answer are left out (R97)."""
    parts: dict[str, dict[str, object]] = {}
    for group in groups:
        told = group.standing
        if told is None:
            parts[group.name] = {"hidden": True}
        elif told.score is not None:
            value, low, high = (each / scale for each in (told.score.value, told.score.low, told.score.high))
            parts[group.name] = {
                "value": value, "low": low, "high": high, "n": told.answered, "asked": told.asked
            }  # fmt: skip
    return parts


def _tallies_by_tenant(survey: str) -> dict[str, dict[str, object]]:
    """Answers per tenant, without those so few that they could be somebody's (R97)."""
    counted = {tenant: tally for tenant, tally in queries.tally_by_tenant(survey).items() if tally.answered}
    hidden = hidden_groups({tenant: tally.answered for tenant, tally in counted.items()})
    return {
        tenant: {"hidden": True}
        if tenant in hidden
        else {**asdict(satisfied_share(t.satisfied, t.answered)), "n": t.answered}
        for tenant, t in sorted(counted.items())
    }


def offer_evidence() -> None:
    offer("surveys.satisfaction", satisfaction)
    offer("surveys.nps", nps)
    offer("surveys.csat", csat)
    offer("surveys.ces", ces)
    offer("surveys.response_rate", response_rate)
