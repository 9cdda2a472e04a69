"""Whose a report is while nothing is learned: the areas of the program say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from companyos.work.feedback.domain.types import Ownership, Report
from companyos.work.feedback.domain.words import words_of


@dataclass(frozen=True, slots=True)
class Claim:
    """An area that a report falls into, with the words that say so and how."""

    ownership: Ownership
    words: tuple[str, ...]
    because: str


def claims_on(report: Report, ownerships: Iterable[Ownership]) -> tuple[Claim, ...]:
    """Return the areas that a report falls into: that of its feature alone, or else those whose words it uses."""
    ownerships = tuple(ownerships)
    of_feature = [each for each in ownerships if report.feature and report.feature in each.features]
    if of_feature:
        return tuple(
            Claim(each, (), f"{report.feature} belongs to the area {each.title}") for each in of_feature
        )
    text = f" {' '.join(words_of(f'{report.title} {report.body}'))} "
    found = ((each, tuple(word for word in _words_of(each) if f" {word} " in text)) for each in ownerships)
    return tuple(
        Claim(each, words, f"the area {each.title} by {', '.join(words)}") for each, words in found if words
    )


def _words_of(ownership: Ownership) -> tuple[str, ...]:
    written = (ownership.title, *ownership.words)
    return tuple(dict.fromkeys(" ".join(words_of(each)) for each in written))
