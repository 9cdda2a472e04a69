"""What triage says of a report: one question at a time, the first rule with an opinion wins.

Whatever it says, a person of the owning squad accepts type, severity and owner; only that stops the 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from companyos.work.feedback.domain.ownership import Claim
from companyos.work.feedback.domain.types import Axis, Guess, Judged, Reading, Report

_MOST = 3


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known for one question: a model's reading, if there is one; the areas' claims; the reporter's word."""

    axis: Axis
    reading: Reading | None
    claims: tuple[Claim, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Opinion:
    guesses: tuple[Guess, ...]
    words: tuple[str, ...]
    sure: bool
    because: str


def a_sure_model_answers(s: Situation) -> Opinion | None:
    """A model whose probability reaches its threshold is relied on: the report goes to that squad."""
    if s.reading is None or (top := _top(s.reading)) < s.reading.threshold:
        return None
    because = f"probability {top:.2f} is at least the threshold {s.reading.threshold:.2f}"
    return Opinion(s.reading.guesses, s.reading.words, True, because)


def an_unsure_model_asks(s: Situation) -> Opinion | None:
    """A model below its threshold proposes, and a person says."""
    if s.reading is None:
        return None
    threshold = s.reading.threshold
    limit = (
        f"the threshold {threshold:.2f}" if threshold <= 1 else "any threshold that held on answers before"
    )
    because = f"probability {_top(s.reading):.2f} is below {limit}: a person says"
    return Opinion(s.reading.guesses, s.reading.words, False, because)


def one_owner_answers(s: Situation) -> Opinion | None:
    """While nothing is learned, a report that falls to one squad goes to it."""
    squads = _squads(s)
    if len(squads) != 1:
        return None
    words = tuple(dict.fromkeys(word for claim in s.claims for word in claim.words))
    because = "; ".join(claim.because for claim in s.claims)
    return Opinion((Guess(squads[0], None),), words, True, f"ownership rule: {because}")


def several_owners_ask(s: Situation) -> Opinion | None:
    """While nothing is learned, a report that falls to several squads goes to a person."""
    squads = _squads(s)
    if not squads:
        return None
    words = tuple(dict.fromkeys(word for claim in s.claims for word in claim.words))
    guesses = tuple(Guess(squad, None) for squad in squads[:_MOST])
    because = "; ".join(claim.because for claim in s.claims)
    return Opinion(
        guesses, words, False, f"{len(squads)} squads own what it names ({because}): a person says"
    )


def the_reporters_word_stands(s: Situation) -> Opinion | None:
    """While nothing is learned, type and severity are what the reporter said, until a person accepts them."""
    if not s.said:
        return None
    return Opinion((Guess(s.said, None),), (), False, "as reported; nothing is learned yet")


def nothing_known_asks(s: Situation) -> Opinion | None:
    """Where nobody owns what it names and nothing is learned, a person says."""
    return Opinion(
        (), (), False, f"no model, no rule, and no word of the reporter about the {s.axis}: a person says"
    )


RULES: tuple[Callable[[Situation], Opinion | None], ...] = (
    a_sure_model_answers,
    an_unsure_model_asks,
    one_owner_answers,
    several_owners_ask,
    the_reporters_word_stands,
    nothing_known_asks,
)


def judge(situation: Situation) -> Judged:
    for rule in RULES:
        if said := rule(situation):
            return Judged(situation.axis, said.guesses, said.words, said.sure, said.because, rule.__name__)
    raise AssertionError("nothing_known_asks always answers")


def triage(report: Report, readings: Mapping[Axis, Reading], claims: tuple[Claim, ...]) -> tuple[Judged, ...]:
    """Judge every question about a report."""
    said = {Axis.SQUAD: "", Axis.TYPE: report.type, Axis.SEVERITY: report.severity}
    return tuple(
        judge(Situation(axis, readings.get(axis), claims if axis is Axis.SQUAD else (), said[axis]))
        for axis in Axis
    )


def _top(reading: Reading) -> float:
    return reading.guesses[0].probability or 0.0


def _squads(s: Situation) -> list[str]:
    return list(dict.fromkeys(claim.ownership.squad for claim in s.claims))
