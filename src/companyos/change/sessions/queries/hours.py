"""What a dogfood hour brought (R100): the cases that those who signed in opened within its time."""

from __future__ import annotations

from companyos.change.sessions.domain.types import Kind, SessionRow
from companyos.change.sessions.domain.yields import Yield, yield_of
from companyos.change.sessions.queries.sessions import attended
from companyos.work.cases import queries as cases
from companyos.work.cases.queries import FiledCase


def filed_in(row: SessionRow) -> tuple[FiledCase, ...]:
    """Return the cases of an hour, by the moment they came; of other kinds of session none is tagged."""
    if row.kind is not Kind.DOGFOOD_HOUR:
        return ()
    return cases.opened_by([each.person for each in attended(row.id)], row.begins_at, row.ends_at)


def yield_of_hour(row: SessionRow) -> Yield:
    return yield_of([each.person for each in attended(row.id)], filed_in(row))
