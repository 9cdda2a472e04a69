"""Reads CSV files, also gzipped, and says what is wrong with them in words."""

from __future__ import annotations

import csv
import gzip
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

DATA = Path(os.environ.get("BENCH_DATA", str(Path(__file__).parents[1].parent / "shared" / "data")))
RESULTS = Path(__file__).parent / "results"
Row = dict[str, str]


class BadFile(Exception):
    """A file that cannot be read as asked; says why."""


def rows_of(path: Path, columns: Iterable[str] = ()) -> list[Row]:
    """Return the rows of a CSV file (`.gz` too). Raises BadFile when it or a column is missing."""
    csv.field_size_limit(sys.maxsize)
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path} cannot be read: {error}") from None
    if not rows:
        raise BadFile(f"{path} has no rows.")
    if missing := [column for column in columns if column not in rows[0]]:
        raise BadFile(f"{path} has no column {', '.join(missing)}; it has {', '.join(rows[0])}.")
    return rows


def texts_of(rows: Iterable[Row], columns: list[str]) -> list[tuple[str, ...]]:
    return [tuple(row[column] or "" for column in columns) for row in rows]


def newest_held_back(rows: list[Row], label: str, share: float) -> tuple[list[Row], list[Row]]:
    """Split off the last share of each label's rows, in file order."""
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_label[row[label]].append(row)
    train, test = list[Row](), list[Row]()
    for each in by_label.values():
        cut = len(each) - round(share * len(each))
        train += each[:cut]
        test += each[cut:]
    return train, test
