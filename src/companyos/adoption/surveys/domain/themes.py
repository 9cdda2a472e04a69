"""Verbatims grouped by the words they share, so that three hundred of them can be read in a minute.

No model: each verbatim goes to the most common of its own content words. It works the same in every language with
spaces, says which word decided, and one reader can check it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

OTHER = ""
LEAST_IN_A_THEME = 3
MOST_THEMES = 12
_LEAST_LETTERS = 4
_TOO_COMMON = 0.4  # a word of so many verbatims tells none of them apart
_WORD = re.compile(r"[^\W\d_]+")
_STOP_WORDS = """
    about after again also always another because been before being between both came cannot could does doing done
    down each even every from have having here into itself just know less like made make many more most much need never
    only other over please quite really same should some still such than that their them then there these they thing
    things this those though through time under until used using very want were what when where which while will with
    would your yours
    ainsi alors apres aussi autre autres avant avec avoir beaucoup bien cela celle celui cette ceux chaque chez comme
    contre dans depuis deux dire dois doit donc dont elle elles encore entre etait etant etes etre faire fait faut fois
    fort grand juste leur leurs mais mal meme memes mieux moins mois notre nous parce parfois part pendant personne peut
    plus plutot pour pourquoi pouvez puis quand quel quelle quelles quelque quelques quels sans sera serait seulement
    sont souvent suis sujet tant tous tout toute toutes tres trop trouve trouver vers voir votre vous vraiment est une
    des les pas que qui par sur
"""
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Verbatim:
    words: str
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """Verbatims that share `word`; an empty word for those that share none with enough others."""

    word: str
    verbatims: tuple[Verbatim, ...]


def themes(verbatims: Iterable[Verbatim]) -> tuple[Theme, ...]:
    """Group verbatims by theme, the largest first, those without a theme last."""
    told = [each for each in verbatims if each.words.strip()]
    terms = [terms_of(each.words) for each in told]
    spelled: dict[str, Counter[str]] = {}
    for found in terms:
        for stem, word in found.items():
            spelled.setdefault(stem, Counter())[word] += 1
    counts = Counter(stem for found in terms for stem in found)
    most = max(LEAST_IN_A_THEME, int(len(told) * _TOO_COMMON))
    leading = [s for s, n in _in_order(counts) if LEAST_IN_A_THEME <= n <= most][:MOST_THEMES]
    groups: dict[str, list[Verbatim]] = {}
    for each, found in zip(told, terms, strict=True):
        stem = next((s for s in leading if s in found), OTHER)
        groups.setdefault(stem, []).append(each)
    named = {s: _in_order(spelled[s])[0][0] if s else OTHER for s in groups}
    made = [Theme(named[s], tuple(found)) for s, found in groups.items()]
    return tuple(sorted(made, key=lambda t: (t.word == OTHER, -len(t.verbatims), t.word)))


def terms_of(words: str) -> dict[str, str]:
    """Return the content words of a text by their stem: accents, case and plural ends taken off."""
    found: dict[str, str] = {}
    for word in _WORD.findall(words.lower()):
        plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        if len(plain) >= _LEAST_LETTERS and plain not in _STOP:
            found.setdefault(_stem(plain), word)
    return found


def _stem(word: str) -> str:
    return word[:-1] if word[-1] in "sx" and len(word) > _LEAST_LETTERS else word


def _in_order(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
