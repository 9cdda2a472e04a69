"""What became of the letters of a survey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.surveys.domain.types import Letters
from companyos.adoption.surveys.models import Invitation, LettersStopped, SurveyLetter

_COUNTS = "counts alone"


@dataclass(frozen=True, slots=True)
class LettersSent:
    """Letters on one channel: handed to its server, waiting, given up; and forms opened and answered by their links.

    A form that was opened was perhaps opened by a program that looks at links; an answer is always a person's.
    """

    channel: Letters
    written: int
    sent: int
    given_up: int
    opened: int
    answered: int

    @property
    def waiting(self) -> int:
        return self.written - self.sent - self.given_up


def letters_of(survey: str, *, since: datetime) -> tuple[LettersSent, ...]:
    """Return what became of the letters about questions asked since a moment, on each channel that had any."""
    letters = SurveyLetter.objects.across_tenants(because=_COUNTS).filter(
        invitation__survey_id=survey, invitation__asked_at__gte=since
    )
    asked = Invitation.objects.across_tenants(because=_COUNTS).filter(survey_id=survey, asked_at__gte=since)
    told = (
        LettersSent(
            channel,
            letters.filter(channel=channel).count(),
            letters.filter(channel=channel, sent_at__isnull=False).count(),
            letters.filter(channel=channel, given_up_at__isnull=False).count(),
            asked.filter(opened_via=channel).count(),
            asked.filter(via=channel, answered_at__isnull=False).count(),
        )
        for channel in Letters
    )
    return tuple(each for each in told if each.written)


def wants_letters(person: str) -> bool:
    return not LettersStopped.objects.filter(pk=person).exists()
