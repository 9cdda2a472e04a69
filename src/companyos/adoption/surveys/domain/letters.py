"""A question as a letter: in mail, plain and as a page, and in Slack. Each score is a link that only opens the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from companyos.adoption.surveys.domain.phrases import PHRASES, Phrases
from companyos.adoption.surveys.domain.types import Kind, Letters, SurveySpec

WIDGET_FIRST = timedelta(hours=1)  # whoever is in the product answers there, and gets no letter
_SCORE = "display:inline-block;padding:8px 12px;margin:0 4px 6px 0;border:1px solid #767676;border-radius:6px"


@dataclass(frozen=True, slots=True)
class Letter:
    """`link` opens the form of this one question; `stop` opens the page that ends such letters."""

    survey: SurveySpec
    link: str
    stop: str

    @property
    def phrases(self) -> Phrases:
        return PHRASES.get(self.survey.language, PHRASES["en"])

    def choices(self, channel: Letters) -> tuple[tuple[str, str], ...]:
        """Return each score as people read it, with its link."""
        return tuple(
            (_label(self.survey, score), f"{self.link}?from={channel}&score={score}")
            for score in self.survey.scores
        )


def subject(letter: Letter) -> str:
    return f"{letter.phrases.asks}: {letter.survey.question}"


def in_mail(letter: Letter) -> str:
    survey, says = letter.survey, letter.phrases
    ends = " · ".join(_ends(survey))
    form = f"{letter.link}?from={Letters.MAIL}"
    scores = [f"{label:>4}  {link}" for label, link in letter.choices(Letters.MAIL)]
    asked = [says.scores, *([ends] if ends else []), *scores] if scores else [says.words, form]
    return "\n".join([survey.question, "", *asked, "", _small_print(letter), "", says.stop, letter.stop, ""])


def as_page(letter: Letter) -> str:
    """The same as a page for mail programs: no picture, no script, nothing that tells it was read."""
    survey, says = letter.survey, letter.phrases
    links = letter.choices(Letters.MAIL) or ((says.words, f"{letter.link}?from={Letters.MAIL}"),)
    scores = "".join(
        f'<a href="{escape(link)}" style="{_SCORE}">{escape(label)}</a> ' for label, link in links
    )
    ends = " · ".join(_ends(survey))
    return (
        f'<!doctype html><html lang="{escape(survey.language)}"><body style="font:16px/1.5 sans-serif">'
        f"<p><strong>{escape(survey.question)}</strong></p>"
        f"<p>{scores}</p>"
        + (f"<p>{escape(ends)}</p>" if ends else "")
        + f"<p>{escape(_small_print(letter))}</p>"
        f'<p>{escape(says.stop)} <a href="{escape(letter.stop)}">{escape(letter.stop)}</a></p></body></html>'
    )


def in_slack(letter: Letter, plain: Callable[[str], str]) -> str:
    """Return Slack's mrkdwn; `plain` writes what somebody typed so that it shows as it is."""
    survey, says = letter.survey, letter.phrases
    links = letter.choices(Letters.SLACK) or ((says.words, f"{letter.link}?from={Letters.SLACK}"),)
    scores = "  ".join(f"<{link}|{plain(label)}>" for label, link in links)
    ends = " · ".join(plain(each) for each in _ends(survey))
    lines = [
        f"*{plain(survey.question)}*",
        scores,
        ends,
        plain(_small_print(letter)),
        f"<{letter.stop}|{says.stop}>",
    ]
    return "\n".join(filter(None, lines))


def _small_print(letter: Letter) -> str:
    says = letter.phrases
    return " ".join(
        filter(None, (says.only_asks, says.together, says.unsigned if letter.survey.anonymous else ""))
    )


def _ends(survey: SurveySpec) -> tuple[str, ...]:
    if survey.kind is Kind.QUESTION or not survey.scores:
        return ()
    first, last = survey.scores.start, survey.scores.stop - 1
    return tuple(
        f"{score}: {label}"
        for score, label in ((first, survey.low_label), (last, survey.high_label))
        if label
    )


def _label(survey: SurveySpec, score: int) -> str:
    return survey.choices[score - 1] if survey.kind is Kind.QUESTION else str(score)
