"""Texts become counts of terms: words, pairs of words, the marks of a title, and the parts of words.

The same terms serve triage and duplicates, in learning and in answering, so that they cannot drift apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

MOST_CHARACTERS = 20_000  # of one text; what stands further down is a log or a dump
_FIRST_COUNTS = 2  # a title says more than as many words of the body
_PART_SIZES = range(3, 6)
_WORD = re.compile(r"[^\W_]+|[?!]")


def words_of(text: str) -> list[str]:
    """Return the words in order: lower case, without accents; `?` and `!` are words of their own."""
    text = text[:MOST_CHARACTERS].lower()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(text)


@lru_cache(maxsize=65_536)
def parts_of(word: str) -> tuple[str, ...]:
    """Return the runs of three to five characters in a word, whose ends count as a space."""
    framed = f" {word[:40]} "
    return tuple(framed[at : at + size] for size in _PART_SIZES for at in range(len(framed) - size + 1)) or (
        framed,
    )


Words = Sequence[list[str]]  # of the title, and of each text that follows


def words_counted(read: Words) -> Counter[str]:
    """Count the words; those of the title count twice."""
    counted: Counter[str] = Counter()
    for place, words in enumerate(read):
        counted.update(words if place else words * _FIRST_COUNTS)
    return counted


def phrases_counted(read: Words) -> Counter[str]:
    """Count pairs of words that follow each other; of the title also which words it has, begins and ends with."""
    counted: Counter[str] = Counter()
    for place, words in enumerate(read):
        for first, second in pairwise(words):
            counted[f"{first} {second}"] += 1 if place else _FIRST_COUNTS
        if not place and words:
            counted.update(f"title: {word}" for word in words)
            counted.update((f"begins: {words[0]}", f"begins: {' '.join(words[:2])}", f"ends: {words[-1]}"))
    return counted
