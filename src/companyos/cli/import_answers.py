"""`companyos import-answers`: the answers of another survey tool, from a CSV file."""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from companyos.cli.commands import Mistake
from companyos.cli.ground import standing_beside

_GZIP = b"\x1f\x8b"


def import_answers(options: argparse.Namespace) -> int:
    """Import a file of answers and say what the survey comes to. Raises Mistake for one that cannot be used."""
    now = datetime.now(UTC)
    with standing_beside(options.data):
        from companyos.adoption.surveys import actions, queries
        from companyos.adoption.surveys.domain.importing import Columns
        from companyos.adoption.surveys.domain.scores import standing

        try:
            with options.answers.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            with _lines(options.answers) as lines:
                done = actions.import_answers(
                    csv.DictReader(lines),
                    Columns(options.score, options.words, options.respondent, options.at),
                    actor="import-answers",
                    survey=options.survey,
                    tenant=options.tenant,
                    sha256=sha256,
                    name=options.answers.name,
                    at=now,
                    now=now,
                )
        except OSError as error:
            raise Mistake(f"{options.answers} cannot be read: {error}. Nothing was imported.") from None
        except (EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            raise Mistake(f"{options.answers} is damaged or no CSV: {error}. Nothing was imported.") from None
        except actions.ImportRefused as refusal:
            raise Mistake(str(refusal)) from None
        told = next(
            standing(each, queries.given_to(each.slug))
            for each in queries.surveys()
            if each.slug == options.survey
        )
    print(f"{done.rows:,} rows imported, {done.answered:,} of them answers.")
    for because, n in done.left_out.most_common(20):
        print(f"  {n:,} left out: {because}")
    print(f"{options.survey}: {told.answered:,} of {told.asked:,} answered. {_score(told.score, told.kind)}")
    return 0


@contextmanager
def _lines(path: Path) -> Iterator[io.TextIOBase]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if packed else file
        yield io.TextIOWrapper(io.BufferedReader(stream), "utf-8-sig", newline="")


def _score(score: Any, kind: str) -> str:
    if score is None:
        return "No score: too few answers, or words alone."
    if kind == "nps":
        return f"NPS {score.value:.1f}, 95 % interval {score.low:.1f} to {score.high:.1f}."
    return f"{score.value:.1%}, 95 % interval {score.low:.1%} to {score.high:.1%}."
