"""What a person may do to a request now: each refusal in words, or none. The only gate before an act is written."""

from __future__ import annotations

from collections.abc import Callable

from companyos.work.approvals.domain.judge import Situation, barred_from, judge
from companyos.work.approvals.domain.types import ANSWERS, SOFTWARE, Act, ActKind, Standing, Status

Refusal = str


def refusal_of(s: Situation, act: Act) -> Refusal:
    """Say why this act is not allowed; empty when it is."""
    standing = judge(s)
    if act.kind in ANSWERS:
        return _answer(s, standing, act)
    check = _OTHERS.get(act.kind)
    return check(s, standing, act) if check else ""


def _answer(s: Situation, standing: Standing, act: Act) -> Refusal:
    if act.by == s.request.requester:
        return "Nobody answers their own request. Ask a colleague; you may withdraw it or change it."
    if standing.status is not Status.OPEN:
        return (
            f"This request is {standing.status.replace('_', ' ')} ({standing.because}); nothing was changed."
        )
    asked = next((a for a in standing.asked if a.person == act.by and act.step in ("", a.step)), None)
    if asked is None:
        return f"You are not asked now. {standing.because}."
    if act.kind is ActKind.RETURNED and not s.definition.step(asked.step).may_return:
        return f"{asked.title} can only approve or decline."
    if act.kind is not ActKind.APPROVED and not act.note.strip():
        return "Say why: the person who asks reads it."
    return ""


def _by_its_author(*statuses: Status) -> Callable[[Situation, Standing, Act], Refusal]:
    def check(s: Situation, standing: Standing, act: Act) -> Refusal:
        if act.by != s.request.requester:
            return "Only the person who asked may do this."
        if standing.status not in statuses:
            return f"This request is {standing.status.replace('_', ' ')}; nothing was changed."
        return ""

    return check


def _delegate(s: Situation, standing: Standing, act: Act) -> Refusal:
    asked = standing.ask_of(act.by)
    if standing.status is not Status.OPEN or asked is None:
        return "You are not asked now, so there is nothing to hand on."
    if act.to not in s.org.people or act.to == act.by:
        return "Name a colleague to hand it to."
    if act.to in barred_from(s, s.definition.step(asked.step)):
        return f"{s.org.name(act.to)} may not answer this request: nobody approves their own."
    if any(a.person == act.to and a.step == asked.step for a in standing.asked):
        return f"{s.org.name(act.to)} is asked already; a quorum counts people."
    return ""


def _cancel(s: Situation, standing: Standing, act: Act) -> Refusal:
    if standing.status is not Status.APPROVED:
        return "Only an approved request that is not carried out yet can be cancelled."
    answered = {a.by for a in s.acts if a.kind is ActKind.APPROVED and a.round == s.round}
    if act.by != s.request.requester and act.by not in answered:
        return "Only the person who asked, or somebody who approved it, may cancel it."
    return "" if act.note.strip() else "Say why: it stays with the request."


def _carry_out(s: Situation, standing: Standing, act: Act) -> Refusal:
    if standing.status is not Status.APPROVED:
        return f"Only an approved request is carried out; this one is {standing.status.replace('_', ' ')}."
    who = s.definition.carried_out_by
    if s.definition.internal:
        return "" if act.by == SOFTWARE else "CompanyOS itself does what was approved here."
    if not who:
        return ""
    doers = s.org.resolve(who, s.request.requester)
    if act.by == s.request.requester:
        return "Nobody carries out their own request."
    return "" if act.by in doers else f"It is carried out by the {s.org.said(who)}."


_OTHERS: dict[ActKind, Callable[[Situation, Standing, Act], Refusal]] = {
    ActKind.TAKEN_BACK: _by_its_author(Status.RETURNED),
    ActKind.RESUBMITTED: _by_its_author(Status.RETURNED),
    ActKind.WITHDRAWN: _by_its_author(Status.OPEN, Status.RETURNED),
    ActKind.DELEGATED: _delegate,
    ActKind.CANCELLED: _cancel,
    ActKind.CARRIED_OUT: _carry_out,
}
