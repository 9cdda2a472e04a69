"""Bringing in answers that were given elsewhere. The same file counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from companyos.adoption.surveys.domain.importing import BadColumns, Columns, Reading, read_rows
from companyos.adoption.surveys.models import AnswerImport, ImportedAnswer
from companyos.adoption.surveys.queries.definitions import spec
from companyos.kernel.ids import id_of
from companyos.platform import outbox
from companyos.platform.models import Tenant

MOST_ROWS = 1_000_000
_BATCH = 2_000


class ImportRefused(Exception):
    """The file cannot be imported; says why. Nothing of it was."""


@dataclass(frozen=True, slots=True)
class Imported:
    rows: int
    answered: int
    left_out: Counter[str]


def import_answers(
    rows: Iterable[Mapping[str, str]],
    columns: Columns,
    *,
    actor: str,
    survey: str,
    tenant: str,
    sha256: str,
    name: str,
    at: datetime,
    now: datetime,
) -> Imported:
    """Import a file of answers into a survey, all of it or nothing; `at` is the moment of rows that say none.

    Raises ImportRefused for an unknown survey, tenant or column, and for a file that was imported before.
    """
    known = spec(survey)
    if known is None or not Tenant.objects.filter(pk=tenant).exists():
        raise ImportRefused(f"There is no survey {survey!r}, or no tenant {tenant!r}.")
    if not (columns.score or columns.words):
        raise ImportRefused("Name the column of the score, or of the words.")
    reading = _read(rows, columns, known.scores, at)
    answered = sum(row.answered for row in reading.rows)
    with transaction.atomic():
        source, is_new = AnswerImport.objects.of(tenant).get_or_create(
            survey_id=survey,
            sha256=sha256,
            tenant_id=tenant,
            defaults={
                "id": id_of(now, "import", tenant, survey, sha256),
                "name": name[:200],
                "by": actor,
                "at": now,
                "rows": len(reading.rows),
                "answered": answered,
                "left_out": dict(reading.left_out),
            },
        )
        if not is_new:
            raise ImportRefused(
                f"This file was imported into {survey} on {source.at:%d %b %Y} already; its {source.rows:,} rows"
                " count. Nothing was changed."
            )
        ImportedAnswer.all_rows.bulk_create(_rows(source, tenant, reading), batch_size=_BATCH)
        outbox.publish("survey.imported", {"survey": survey}, at=now)
    return Imported(len(reading.rows), answered, reading.left_out)


def _read(rows: Iterable[Mapping[str, str]], columns: Columns, scores: range, at: datetime) -> Reading:
    try:
        reading = read_rows(rows, columns, scores=scores, at=at)
    except BadColumns as problem:
        raise ImportRefused(f"Nothing was imported: {problem}.") from None
    if not reading.rows:
        raise ImportRefused("No row of the file can be read. Nothing was imported.")
    if len(reading.rows) > MOST_ROWS:
        raise ImportRefused(f"The file has more than {MOST_ROWS:,} rows; split it. Nothing was imported.")
    return reading


def _rows(source: AnswerImport, tenant: str, reading: Reading) -> Iterable[ImportedAnswer]:
    return (
        ImportedAnswer(
            source=source,
            tenant_id=tenant,
            row=row.number,
            respondent=row.respondent,
            at=row.at,
            score=row.score,
            words=row.words,
        )
        for row in reading.rows
    )
