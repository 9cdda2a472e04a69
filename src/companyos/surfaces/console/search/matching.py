"""What fits a few typed letters, the likeliest first. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_QUESTION = 80
MOST_OF_A_KIND = 8
_STARTS, _STARTS_A_WORD, _IS_IN, _IS_BESIDE = range(4)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to go to. It is found by `beside` too, which is shown in small, and by `known_as`, which is not."""

    title: str
    href: str
    beside: str = ""
    known_as: str = ""
    found: bool = False  # whoever looked it up has matched it already


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    entries: tuple[Entry, ...]


def fitting(words: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries in which every word is found, best first, at most eight; without words, the first eight."""
    asked = _plain(words[:LONGEST_QUESTION]).split()
    ranked = [
        (rank, place, entry)
        for place, entry in enumerate(entries)
        if (rank := _rank(asked, entry)) is not None
    ]
    return tuple(entry for *_, entry in sorted(ranked, key=lambda each: each[:2])[:MOST_OF_A_KIND])


def _rank(asked: list[str], entry: Entry) -> int | None:
    """Say how well an entry fits: as badly as its worst word; None when a word is nowhere."""
    title, beside = _plain(entry.title), _plain(f"{entry.beside} {entry.known_as}")
    ranks = [_rank_of(word, title, beside) for word in asked]
    if entry.found:
        return min((each for each in ranks if each is not None), default=_IS_BESIDE)
    return None if None in ranks else max((each for each in ranks if each is not None), default=_STARTS)


def _rank_of(word: str, title: str, beside: str) -> int | None:
    if title.startswith(word):
        return _STARTS
    if f" {word}" in title:
        return _STARTS_A_WORD
    if word in title:
        return _IS_IN
    return _IS_BESIDE if word in beside else None


def _plain(text: str) -> str:
    """Without case and accents: `maelle` finds Maëlle."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return (
        "".join(each for each in apart if not unicodedata.combining(each)).replace("-", " ").replace("_", " ")
    )
