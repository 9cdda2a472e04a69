"""Asking a person at most one question, within one budget over all surveys.

1. Read the version of the person's budget, then everything else the judgement needs.
2. Judge each survey, the most important first; stop at the first that asks.
3. In one transaction swap the version and write the invitation. Whoever was overtaken starts again at 1.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from companyos.adoption.surveys.domain.eligibility import OPEN_FOR, Answer, Decision, Situation, may_ask
from companyos.adoption.surveys.domain.types import Audience, Budget, Letters, SurveySpec, Trigger
from companyos.adoption.surveys.models import AskingBudget, Invitation
from companyos.adoption.surveys.queries.definitions import budget, surveys
from companyos.adoption.surveys.triggers import triggers
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.ids import id_of
from companyos.platform import outbox

COMPLETION = "task_completed"
_TRIES = 8


class _Overtaken(Exception):
    """Somebody else asked this person meanwhile."""


def ask_what_is_due(
    *,
    person: str,
    tenant: str,
    calendar: WorkingCalendar,
    now: datetime,
    by: Container[Letters] | None = None,
) -> str | None:
    """Ask the person the most important survey that is due, if any; return the invitation's id.

    `tenant` is where the person's cases run; `by` are the channels of letters, when a letter is all that can ask. A
    request that races with another asks nothing beyond the budget.
    """
    for _ in range(_TRIES):
        try:
            return _ask(person, tenant, calendar, now, by)
        except _Overtaken:
            continue
    return None  # others keep asking: whatever they asked is the question now


def would_ask(
    *, person: str, calendar: WorkingCalendar, now: datetime
) -> tuple[tuple[SurveySpec, Decision], ...]:
    """Say of every survey whether the person would be asked now, and why; nothing is written."""
    seen = _Seen(person, calendar, now)
    return tuple((survey, may_ask(seen.situation(survey))) for survey in surveys())


def _ask(
    person: str, tenant: str, calendar: WorkingCalendar, now: datetime, by: Container[Letters] | None
) -> str | None:
    seen = _Seen(person, calendar, now)
    asking = (each for each in surveys() if by is None or any(channel in by for channel in each.letters))
    due = next((survey for survey in asking if seen.is_due(survey)), None)
    if due is None:
        return None
    wave = len(seen.asked_of(due.slug))
    number = id_of(now, "invitation", due.slug, person, wave)
    try:
        with transaction.atomic():
            seen.swap()
            Invitation(
                id=number, tenant_id=tenant, survey_id=due.slug, person_id=person, wave=wave, asked_at=now
            ).save(force_insert=True)
            outbox.publish("survey.asked", {"survey": due.slug}, at=now)
    except IntegrityError:
        raise _Overtaken from None
    return str(number)


class _Seen:
    """What is known of a person at one version of their budget."""

    def __init__(self, person: str, calendar: WorkingCalendar, now: datetime) -> None:
        self._person, self._calendar, self._now = person, calendar, now
        row = AskingBudget.objects.filter(pk=person).first()  # first: whoever asks later changes the version
        self._version = row.version if row else None
        self._recent: tuple[datetime, ...] = (
            tuple(datetime.fromisoformat(at) for at in row.asked) if row else ()
        )
        self._budget: Budget = budget()
        mine = Invitation.objects.across_tenants(because="one budget, whatever the tenants").filter(
            person_id=person
        )
        self._mine = tuple(mine.values_list("survey_id", "asked_at", "answered_at", "dismissed_at"))

    def asked_of(self, survey: str) -> tuple[datetime, ...]:
        return tuple(asked for slug, asked, _, _ in self._mine if slug == survey)

    def is_due(self, survey: SurveySpec) -> bool:
        """Tell whether the person is asked now. Whoever is not even if it had just happened needs no look at events."""
        at_best = self._situation(survey, is_exposed=True, met_at=self._now, due_at=self._now)
        return may_ask(at_best).answer is Answer.ASK and may_ask(self.situation(survey)).answer is Answer.ASK

    def situation(self, survey: SurveySpec) -> Situation:
        exposed_at = triggers().first_exposure(survey.feature, self._person) if _asks(survey) else None
        met_at = self._met(survey, exposed_at)
        due_at = self._due(survey, met_at)
        return self._situation(survey, is_exposed=exposed_at is not None, met_at=met_at, due_at=due_at)

    def _situation(
        self, survey: SurveySpec, *, is_exposed: bool, met_at: datetime | None, due_at: datetime | None
    ) -> Situation:
        return Situation(
            survey,
            self._budget,
            self._person,
            self._now,
            is_exposed,
            met_at,
            due_at,
            (*self._recent, *(asked for _, asked, _, _ in self._mine if asked not in self._recent)),
            self.asked_of(survey.slug),
            any(not (a or d) and asked > self._now - OPEN_FOR for _, asked, a, d in self._mine),
        )

    def swap(self) -> None:
        """Take one asking out of the budget that was judged. Raises _Overtaken."""
        since = self._now - timedelta(days=self._budget.days)
        asked = [at.isoformat() for at in (*self._recent, self._now) if at > since]
        if self._version is None:
            AskingBudget(person_id=self._person, version=1, asked=asked).save(force_insert=True)
            return
        mine = AskingBudget.objects.filter(pk=self._person, version=self._version)
        if not mine.update(version=self._version + 1, asked=asked):
            raise _Overtaken

    def _met(self, survey: SurveySpec, exposed_at: datetime | None) -> datetime | None:
        match survey.trigger:
            case Trigger.FIRST_EXPOSURE:
                return exposed_at
            case Trigger.EVENT | Trigger.COMPLETION:
                if survey.audience is Audience.EXPOSED and exposed_at is None:
                    return None
                event = survey.event or COMPLETION
                return triggers().last_event(survey.feature, event, self._person)
            case Trigger.ANY_TIME:
                return self._now
            case Trigger.IMPORT:
                return None

    def _due(self, survey: SurveySpec, met_at: datetime | None) -> datetime | None:
        if met_at is None:
            return None
        if survey.trigger is Trigger.FIRST_EXPOSURE or survey.after_working_days:
            return self._calendar.add_working_days(met_at, survey.after_working_days)
        return met_at


def _asks(survey: SurveySpec) -> bool:
    return not survey.closed and survey.trigger is not Trigger.IMPORT
