"""Importing cases from a CSV file: every line is taken, or said why not; the same line twice is kept once."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

from companyos.people.identity import queries as identity
from companyos.work.cases.actions.opening import open_case
from companyos.work.cases.actions.refusals import NotAllowed, Refused, Unclear
from companyos.work.cases.models import Case

MOST_LINES, MOST_BYTES = 5_000, 5 * 2**20
COLUMNS = ("type", "title", "body", "feature", "severity", "squad", "key", "reporter")


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import went: cases made, lines that were kept before, and lines refused with their reason."""

    made: int
    known: int
    refused: tuple[tuple[int, str], ...]


def import_csv(*, actor: str, tenant: str, content: bytes, now: datetime) -> Imported:
    """Open a case for each line; `title` is needed, the type is feedback unless the column says more.

    Only somebody who leads a team imports, as lines may name other reporters. Raises NotAllowed and Unclear.
    """
    if not identity.may_manage_keys(actor):
        raise NotAllowed("Only somebody who leads a team imports cases.")
    people = {person.slug for person in identity.everybody()}
    before = Case.objects.of(tenant).count()
    lines, refused = 0, []
    for number, line in enumerate(_lines(content), start=2):
        lines += 1
        try:
            _open(actor, tenant, line, people, now)
        except Refused as refusal:
            refused.append((number, str(refusal)))
    made = Case.objects.of(tenant).count() - before
    return Imported(made, lines - made - len(refused), tuple(refused))


def _lines(content: bytes) -> list[dict[str, str]]:
    if len(content) > MOST_BYTES:
        raise Unclear(f"The file is larger than {MOST_BYTES // 2**20} MiB. Nothing was imported.", "file")
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if "title" not in (reader.fieldnames or ()):
            raise Unclear(
                f"The first line names the columns, `title` among them; known: {', '.join(COLUMNS)}.", "file"
            )
        lines = [
            {
                key: value or ""
                for key, value in line.items()
                if key in COLUMNS and isinstance(value, str | None)
            }
            for line in reader
        ]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Unclear(f"This is no CSV file in UTF-8: {wrong}. Nothing was imported.", "file") from None
    if len(lines) > MOST_LINES:
        raise Unclear(f"A file takes {MOST_LINES:,} lines. Nothing was imported.", "file")
    return lines


def _open(actor: str, tenant: str, line: dict[str, str], people: set[str], now: datetime) -> None:
    reporter = line.get("reporter", "").strip() or actor
    if reporter not in people:
        raise Unclear(f"There is no person {reporter!r}.", "reporter")
    said = "\x1f".join(line.get(column, "") for column in COLUMNS)
    open_case(
        actor=reporter,
        type_slug=line.get("type", "").strip() or "feedback",
        tenant=tenant,
        title=line.get("title", ""),
        body=line.get("body", ""),
        feature=line.get("feature", "").strip(),
        severity=line.get("severity", "").strip().lower(),
        squad=line.get("squad", "").strip(),
        key=line.get("key", "").strip() or hashlib.sha256(said.encode()).hexdigest()[:40],
        now=now,
    )
