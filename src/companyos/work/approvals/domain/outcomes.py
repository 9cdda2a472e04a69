"""How a request ended, as its author is told: by whom, with which words, what to do next; many are one letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.kernel.business_time import ONE_DAY, WorkingCalendar
from companyos.people.identity.domain.types import Pace
from companyos.work.approvals.domain.types import SOFTWARE, Act, Status

TOGETHER = timedelta(minutes=5)  # what comes within it is told together
MOST_LETTERS = 5  # to one person at a time; more become one
_MOST_LISTED = 20
_WORDS = {
    Status.RETURNED: "Returned for changes",
    Status.APPROVED: "Approved",
    Status.DECLINED: "Declined",
    Status.CANCELLED: "Cancelled after it was approved",
    Status.TIMED_OUT: "Ended without an answer",
    Status.CARRIED_OUT: "Carried out",
}
_NEXT = {
    Status.RETURNED: (
        "open it, change what is asked, and send it again; every step is then answered anew. Or withdraw it."
    ),
    Status.DECLINED: "nothing more happens to it. You may ask anew, with what was missing.",
    Status.CANCELLED: "it is not carried out. You may ask anew.",
    Status.TIMED_OUT: "it was not approved. Talk to who was asked, and ask anew.",
}


def is_news(status: Status, last: Act, requester: str) -> bool:
    """Tell whether the author is told of this status: an outcome that somebody else brought about."""
    return status in _WORDS and last.by != requester and requester != SOFTWARE


def tell_at(pace: Pace, waiting_since: datetime, calendar: WorkingCalendar) -> datetime:
    """Return when what waits since then is told: a few minutes later, in working hours, or when the next day opens.

    Everything that waits for the person by then goes together, so that nobody gets more than one batch in five minutes.
    """
    soon = waiting_since + TOGETHER
    if pace is Pace.WORKING_HOURS:
        return calendar.next_working_moment(soon)
    if pace is Pace.DAILY:
        tomorrow = waiting_since.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return calendar.next_working_moment(tomorrow + ONE_DAY)
    return soon


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome. Links are whole addresses; `by` is empty where time brought it about."""

    status: Status
    title: str
    kind: str
    amount: str
    by: str
    note: str
    carried_out_by: str
    page: str
    about: str
    trace: str
    because: str = ""

    @property
    def subject(self) -> str:
        return f"{_WORDS[self.status]}: {self.title}"

    @property
    def headline(self) -> str:
        return f"{_WORDS[self.status]}{f' by {self.by}' if self.by else f': {self.because}'}"

    @property
    def what_next(self) -> str:
        if self.status is Status.APPROVED and self.carried_out_by:
            return f"it is carried out by {self.carried_out_by}. You hear of it then."
        return _NEXT.get(self.status, "")


def in_mail(outcome: Outcome) -> str:
    """Return the letter as plain text."""
    lines = [f"{outcome.headline}:", "", f"  {outcome.title}"]
    lines += [f"  {line}" for line in _facts(outcome)]
    lines += ["", f"Read it whole: {outcome.page}"]
    if outcome.about:
        lines.append(f"What it is about, with its evidence: {outcome.about}")
    return "\n".join([*lines, "", f"Trace {outcome.trace}", ""])


def in_slack(outcome: Outcome, escape: Callable[[str], str]) -> str:
    """Return the letter as Slack's mrkdwn; `escape` keeps what people typed from being markup."""
    lines = [f"{escape(outcome.headline)}:", f"*<{outcome.page}|{escape(outcome.title)}>*"]
    lines += map(escape, _facts(outcome))
    if outcome.about:
        lines.append(f"<{outcome.about}|What it is about>")
    return "\n".join(lines)


def several(outcomes: Sequence[Outcome], page: str) -> tuple[str, str]:
    """Return subject and text of one letter about many outcomes, those that need something of the author first."""
    says = f"{len(outcomes)} of your requests have an outcome"
    sorted_ = sorted(outcomes, key=lambda each: each.status is not Status.RETURNED)
    lines = [f"{says}:"]
    for each in sorted_[:_MOST_LISTED]:
        said = f"{each.headline}{f': {each.note}' if each.note else ''}"
        lines += ["", f"  {each.title}", f"  {said}", f"  {each.page}"]
    if len(outcomes) > _MOST_LISTED:
        lines += ["", f"And {len(outcomes) - _MOST_LISTED} more."]
    return says, "\n".join([*lines, "", f"All you asked for: {page}", ""])


def are_one_letter(pace: Pace, n: int) -> bool:
    """Tell whether so many outcomes are one letter: always in a daily one, else from six on."""
    return n > (1 if pace is Pace.DAILY else MOST_LETTERS)


def _facts(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.kind}{f', {outcome.amount}' if outcome.amount else ''}"
    if outcome.note:
        yield f"They say: {outcome.note}"
    if outcome.what_next:
        yield f"What now: {outcome.what_next}"
