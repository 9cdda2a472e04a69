"""Gathers the queue of triage: queries in, frozen pages out."""

from __future__ import annotations

from datetime import datetime

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.work.cases.domain.types import Severity
from companyos.work.feedback import actions, queries
from companyos.work.feedback.domain.types import Answer, Axis, Found, Judged, Suggestion
from companyos.work.feedback.web.pages import (
    AnswerShown,
    Choice,
    Detail,
    GuessShown,
    Line,
    Question,
    QueuePage,
)

SHOWS = {"": "All", "mine": "For your squads", "unsure": "Need a person's word"}
MOST = 100
_NAMES = {Axis.SQUAD: "Owning squad", Axis.TYPE: "Type", Axis.SEVERITY: "Severity"}


class _Names:
    """Titles of squads and tenants, read once for a page."""

    def __init__(self, viewer: str) -> None:
        self.squads = {team.slug: team.title for team in identity.teams()}
        self.tenants = tenants.titles()
        self.own = actions.squads_of(viewer)

    def of(self, axis: Axis, label: str) -> str:
        if axis is Axis.SQUAD:
            return self.squads.get(label, label)
        return label.replace("sev", "Sev", 1) if axis is Axis.SEVERITY else label.capitalize()


def queue_page(
    viewer: str, show: str, case: str, now: datetime, *, said: str = "", problem: str = ""
) -> QueuePage:
    """What waits for somebody's word, as this viewer may see it, with the chosen report (the first, if none is)."""
    names = _Names(viewer)
    every = queries.open_suggestions(tenants=tenants.of_member(viewer), squads=names.own, most=MOST + 1)
    parts = {
        "": every,
        "mine": tuple(each for each in every if each.queue in names.own),
        "unsure": tuple(each for each in every if not each.queue),
    }
    shown = parts[show][:MOST]
    chosen = next((each for each in every if each.case == case), shown[0] if shown else None)
    return QueuePage(
        now,
        show,
        tuple((key, title, len(parts[key])) for key, title in SHOWS.items()),
        tuple(_line(each, names, chosen) for each in shown),
        _detail(chosen, viewer, names) if chosen else None,
        MOST,
        len(every) > MOST,
        queries.version_in_use(),
        said,
        problem,
    )


def found_for(viewer: str, title: str, body: str, but: str = "") -> Found:
    return queries.similar(title=title, body=body, tenants=tenants.of_member(viewer), but=but)


def _line(each: Suggestion, names: _Names, chosen: Suggestion | None) -> Line:
    squad = _shown(each, Axis.SQUAD, names)
    return Line(
        each.case,
        each.report.title,
        names.tenants.get(each.tenant, each.tenant),
        each.at,
        names.squads.get(each.queue, each.queue),
        squad,
        names.of(Axis.TYPE, actions.current(each, Axis.TYPE)) or "—",
        names.of(Axis.SEVERITY, actions.current(each, Axis.SEVERITY)) or "—",
        each.of(Axis.SQUAD).words,
        _may_accept(each, names),
        chosen is not None and each.case == chosen.case,
    )


def _shown(each: Suggestion, axis: Axis, names: _Names) -> GuessShown | None:
    """The label that stands: a person's word has no probability."""
    label = actions.current(each, axis)
    if not label:
        return None
    probability = None if each.answers else each.of(axis).guesses[0].probability
    return GuessShown(names.of(axis, label), probability)


def _may_accept(each: Suggestion, names: _Names) -> bool:
    return actions.current(each, Axis.SQUAD) in names.own and all(
        actions.current(each, axis) for axis in Axis
    )


def _detail(each: Suggestion, viewer: str, names: _Names) -> Detail:
    report = each.report
    return Detail(
        each.case,
        report.title,
        report.body,
        names.tenants.get(each.tenant, each.tenant),
        report.feature,
        each.at,
        each.model,
        tuple(_question(judged, names) for judged in each.judged),
        found_for(viewer, report.title, report.body, but=each.case),
        tuple(_answer(answer, names) for answer in each.answers),
        _choices(names.squads, actions.current(each, Axis.SQUAD)),
        _choices(
            {each: names.of(Axis.TYPE, each) for each in actions.TYPES}, actions.current(each, Axis.TYPE)
        ),
        _choices(
            {str(each): names.of(Axis.SEVERITY, each) for each in Severity},
            actions.current(each, Axis.SEVERITY),
        ),
        _may_accept(each, names),
        _why_not(each, names),
    )


def _why_not(each: Suggestion, names: _Names) -> str:
    if missing := [_NAMES[axis].lower() for axis in Axis if not actions.current(each, axis)]:
        return f"Say {' and '.join(missing)} below: triage has no word for it."
    squad = actions.current(each, Axis.SQUAD)
    return (
        ""
        if squad in names.own
        else f"Somebody of {names.of(Axis.SQUAD, squad)} accepts it; you can hand it on."
    )


def _question(judged: Judged, names: _Names) -> Question:
    guesses = tuple(GuessShown(names.of(judged.axis, g.label), g.probability) for g in judged.guesses)
    return Question(_NAMES[judged.axis], guesses, judged.words, judged.sure, judged.because, judged.rule)


def _answer(answer: Answer, names: _Names) -> AnswerShown:
    squad = names.of(Axis.SQUAD, answer.squad)
    verb = f"settled it for {squad}" if answer.settled else f"handed it on to {squad}"
    severity = names.of(Axis.SEVERITY, answer.severity)
    says = f"{verb}: {answer.type}, {severity}"
    return AnswerShown(identity.name_of(answer.by), answer.at, says, answer.because)


def _choices(titles: dict[str, str], chosen: str) -> tuple[Choice, ...]:
    none = () if chosen in titles else (Choice("", "Choose", True),)
    return (*none, *(Choice(value, title, value == chosen) for value, title in titles.items()))
