"""Texts become counts of terms: words, pairs of words, the marks of a title, the parts of words, and four views more.

A text is a tuple of title, body and where it comes from (a feature, a repository). The same terms serve triage and
duplicates, in learning and in answering, so that they cannot drift apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from math import sqrt

MOST_CHARACTERS = 20_000  # of one text; what stands further down is a log or a dump
_FIRST_COUNTS = 2  # a title says more than as many words of the body
_PART_SIZES = range(3, 6)
_OPENING_WORDS = 100
_PLACED_WORDS = 400
_LINE_CHARACTERS = range(4, 80)
_SHORT_WORDS = 60
_BEGINNING = 4
_TOGETHER = "together: "
_WORD = re.compile(r"[^\W_]+|[?!]")
_SET_ASIDE = re.compile(r"```.*?(?:```|\Z)|<!--.*?(?:-->|\Z)|https?://\S+", re.DOTALL)


def words_of(text: str) -> list[str]:
    """Return the words in order: lower case, without accents; `?` and `!` are words of their own."""
    text = text[:MOST_CHARACTERS]
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(text.lower())


@lru_cache(maxsize=65_536)
def parts_of(word: str) -> tuple[str, ...]:
    """Return the runs of three to five characters in a word, whose ends count as a space."""
    framed = f" {word[:40]} "
    return tuple(framed[at : at + size] for size in _PART_SIZES for at in range(len(framed) - size + 1)) or (
        framed,
    )


Words = Sequence[list[str]]  # of the title, and of each text that follows
BLOCKS = 5
LEAST_TEXTS = (2, 2, 2, 2, 3)  # in how many texts a term of each block must stand
LENGTHS = (
    1.0,
    1.0,
    1.0,
    1.0,
    sqrt(2),
)  # of each block: what a short text has together stands for the two it lacks


def blocks_of(texts: Sequence[str], read: Words) -> tuple[Counter[str], ...]:
    """Count a text's terms in blocks that are weighed apart, so that a long body does not drown what is short.

    `read` are the words of each of `texts`. The blocks: words and phrases; words together with where the text comes
    from (Daumé, "Frustratingly easy domain adaptation", 2007); lines as a whole, which templates repeat; how the body
    begins; and, in a short text, which beginnings of words stand in it together.
    """
    body = texts[1] if len(texts) > 1 else ""
    return (
        words_counted(read) + phrases_counted(read),
        _placed(read),
        _lines(body),
        _opening(body),
        _together(read),
    )


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


def words_named(term: str, words: Sequence[str]) -> list[str]:
    """Return which of a text's words a term of it is made of."""
    named = term.rpartition(": ")[2].split()
    if term.startswith(_TOGETHER):
        return [word for word in words if word[:_BEGINNING] in named]
    return [word for word in named if word in words]


def _placed(read: Words) -> Counter[str]:
    where = " ".join(word for words in read[2:] for word in words)
    if not where:
        return Counter()
    return Counter(f"in {where}: {word}" for word in (*read[0], *read[1][:_PLACED_WORDS]))


def _lines(body: str) -> Counter[str]:
    lines = (line.strip() for line in body[:MOST_CHARACTERS].splitlines())
    return Counter(f"line: {' '.join(words_of(line))}" for line in lines if len(line) in _LINE_CHARACTERS)


def _opening(body: str) -> Counter[str]:
    """Count words and pairs among the first of a body, code, comments and links set aside."""
    words = words_of(_SET_ASIDE.sub(" ", body[:MOST_CHARACTERS]))[:_OPENING_WORDS]
    pairs = (f"opening: {first} {second}" for first, second in pairwise(words))
    return Counter((*(f"opening: {word}" for word in words), *pairs))


def _together(read: Words) -> Counter[str]:
    if sum(map(len, read)) > _SHORT_WORDS:
        return Counter()
    beginnings = sorted({word[:_BEGINNING] for words in read for word in words})
    return Counter(f"{_TOGETHER}{first} {second}" for first, second in combinations(beginnings, 2))
