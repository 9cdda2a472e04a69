"""Which texts read alike: an inverted index in memory that grows by each text, and ranks by TF-IDF cosine."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from companyos.work.feedback.domain.words import words_of

_BODY_CHARACTERS = 2_000  # what stands further down is logs, which make strangers look alike
_TITLE_COUNTS = 2
_MOST_WORDS_ASKED = 48
_LENGTHS_LAST = (
    1.25  # lengths are worked out anew when the index has grown by a quarter: words become rarer or commoner
)
_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ENDING = re.compile(r"(?<=...)(ing|ed|es|s)$")


def stems_counted(title: str, body: str) -> Counter[str]:
    """Count words without their endings; those of the title twice, and `getName` also as `get` and `name`."""
    counted: Counter[str] = Counter()
    for text, times in ((title, _TITLE_COUNTS), (body[:_BODY_CHARACTERS], 1)):
        words = words_of(text)
        whole = set(words)
        words += [word for word in words_of(_INNER_CAPITAL.sub(" ", text)) if word not in whole]
        for word in words:
            counted[_ENDING.sub("", word)] += times
    return counted


class LikenessIndex:
    """Texts by number, in the order in which they were added. Not for several threads at once."""

    def __init__(self) -> None:
        self._places: dict[str, array[int]] = {}
        self._weights: dict[str, array[float]] = {}
        self._groups = array("i")
        self._group_numbers: dict[str, int] = {}
        self._lengths = array("f")
        self._settled_at = 0

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, group: str, title: str, body: str) -> int:
        """Add a text of a group (a tenant) and return its number."""
        number, square = len(self._groups), 0.0
        self._groups.append(self._group_numbers.setdefault(group, len(self._group_numbers)))
        for stem, n in stems_counted(title, body).items():
            if stem not in self._places:
                self._places[stem], self._weights[stem] = array("i"), array("f")
            weight = 1.0 + log(n)
            self._places[stem].append(number)
            self._weights[stem].append(weight)
            square += (weight * self._idf(len(self._places[stem]))) ** 2
        self._lengths.append(sqrt(square) or 1.0)
        return number

    def settle(self) -> None:
        """Work the lengths of all texts out anew, when many have come since; takes a second or so for 50,000."""
        if len(self) <= self._settled_at * _LENGTHS_LAST:
            return
        squares = np.zeros(len(self), np.float64)
        for stem, places in self._places.items():
            weights = np.frombuffer(self._weights[stem], np.float32)
            squares[np.frombuffer(places, np.int32)] += (weights * self._idf(len(places))) ** 2
        self._lengths = array("f", np.where(squares > 0, np.sqrt(squares), 1.0).astype(np.float32).tobytes())
        self._settled_at = len(self)

    def most_alike(
        self, title: str, body: str, *, groups: Sequence[str] | None = None, most: int = 5
    ) -> list[tuple[int, float]]:
        """Return numbers and cosines of the texts most alike, best first; only those of `groups`, if given."""
        asked = self._rarest(stems_counted(title, body))
        if not asked:
            return []
        scores = np.zeros(len(self), np.float32)
        for stem, weight, idf in asked:
            places = np.frombuffer(self._places[stem], np.int32)
            scores[places] += np.float32(weight * idf) * np.frombuffer(self._weights[stem], np.float32)
        scores /= np.frombuffer(self._lengths, np.float32)
        length = float(np.sqrt(sum(weight**2 for _, weight, _ in asked)))
        return self._best(scores / np.float32(length), groups, most)

    def _rarest(self, counted: Counter[str]) -> list[tuple[str, float, float]]:
        """Return the words that weigh most in the question, with their weight and their idf."""
        weighed = []
        for stem, n in counted.items():
            if stem in self._places:
                idf = self._idf(len(self._places[stem]))
                weighed.append((stem, (1.0 + log(n)) * idf, idf))
        return sorted(weighed, key=lambda each: -each[1])[:_MOST_WORDS_ASKED]

    def _idf(self, texts: int) -> float:
        return log((1 + len(self)) / (1 + texts)) + 1.0

    def _best(
        self, scores: NDArray[np.float32], groups: Sequence[str] | None, most: int
    ) -> list[tuple[int, float]]:
        if groups is not None:
            allowed = [self._group_numbers[each] for each in groups if each in self._group_numbers]
            scores[~np.isin(np.frombuffer(self._groups, np.int32), allowed)] = 0
        most = min(most, len(scores))
        near = np.argpartition(-scores, most - 1)[:most]
        ranked = near[np.argsort(-scores[near], kind="stable")]
        return [(int(number), float(scores[number])) for number in ranked if scores[number] > 0]
