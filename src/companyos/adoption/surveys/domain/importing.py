"""Answers of another tool, read from rows: which column is what, and which rows were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_NOTHING = frozenset({"", "NA", "N/A", "NaN", "null", "None", "?"})
MOST_WORDS = 5_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns; only the score's (or, for a survey of words, the words') must be there."""

    score: str = ""
    words: str = ""
    respondent: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row of the file, numbered from 1 without its heading; `answered` is False for an empty one."""

    number: int
    score: int | None
    words: str
    respondent: str
    at: datetime

    @property
    def answered(self) -> bool:
        return self.score is not None or bool(self.words)


@dataclass(slots=True)
class Reading:
    """What was read so far; `left_out` counts rows by why."""

    rows: list[ReadRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class BadColumns(Exception):
    """A column that was named is not in the file."""


def read_rows(rows: Iterable[Mapping[str, str]], columns: Columns, *, scores: range, at: datetime) -> Reading:
    """Read answers; a row whose score is off the scale or whose moment cannot be read is left out and counted.

    `at` is the moment of rows that say none. Raises BadColumns when a named column is not there.
    """
    reading = Reading()
    for number, row in enumerate(rows, start=1):
        for name in (columns.score, columns.words, columns.respondent, columns.at):
            if name and name not in row:
                raise BadColumns(f"there is no column `{name}`; the file has {', '.join(map(str, row))}")
        try:
            reading.rows.append(_read(number, row, columns, scores, at))
        except ValueError as problem:
            reading.left_out[str(problem)] += 1
    return reading


def _read(number: int, row: Mapping[str, str], columns: Columns, scores: range, at: datetime) -> ReadRow:
    score = _cell(row, columns.score)
    return ReadRow(
        number,
        _score(score, scores) if score else None,
        _cell(row, columns.words)[:MOST_WORDS],
        _cell(row, columns.respondent)[:200],
        _moment(_cell(row, columns.at)) or at,
    )


def _cell(row: Mapping[str, str], name: str) -> str:
    text = (row[name] or "").strip() if name else ""
    return "" if text in _NOTHING else text


def _score(text: str, scores: range) -> int:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("the score is no number") from None
    if number not in scores:
        raise ValueError(f"the score is not one of {scores.start} to {scores.stop - 1}")
    return int(number)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("the moment is not written as 2026-11-09T10:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
