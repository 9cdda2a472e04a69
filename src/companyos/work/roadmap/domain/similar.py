"""Suggestions that say nearly the same, by the words they share: shown while somebody types."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from math import log

_WORD = re.compile(r"[^\W_]+")
_LEAST_LETTERS = 3
_LEAST = 0.25


def similar(text: str, others: Iterable[tuple[str, str]], *, most: int = 5) -> tuple[tuple[str, float], ...]:
    """Return the ids of the most similar texts with their overlap, 0 to 1; `others` are (id, text).

    Overlap is the weight of the shared words in that of all words of both; a rare word weighs more (idf).
    """
    told = [(key, words_of(other)) for key, other in others]
    wanted = words_of(text)
    if not wanted or not told:
        return ()
    weight = {w: log(1 + len(told) / (1 + sum(w in words for _, words in told))) + 0.1 for w in wanted}
    rest = log(1 + len(told)) + 0.1
    scored = []
    for key, words in told:
        shared = sum(weight[w] for w in wanted & words)
        all_of_it = sum(weight.values()) + rest * len(words - wanted) / 3  # what else it says counts less
        scored.append((key, shared / all_of_it))
    near = [each for each in scored if each[1] >= _LEAST]
    return tuple(sorted(near, key=lambda each: (-each[1], each[0]))[:most])


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text without accents, case and plural ends."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return frozenset(w.removesuffix("s") for w in _WORD.findall(plain) if len(w) >= _LEAST_LETTERS)
