"""Importing a log of another system: requests and acts as records, in batches, each case once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Max

from companyos.kernel.ids import id_of
from companyos.platform.models import Tenant
from companyos.work.approvals.actions.refusals import Refused
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.log_mapping import ImportedCase, LeftOut, LogMapping, case_of
from companyos.work.approvals.domain.logs import Trace
from companyos.work.approvals.domain.types import ActKind, Path, Status
from companyos.work.approvals.models import Request, RequestAct
from companyos.work.approvals.queries.definitions import definition_of

_BATCH = 500
_ONE_STATEMENT = 500  # rows
_AGAIN = "its case was imported before"
_UNDECIDED = frozenset({Status.OPEN, Status.RETURNED})


@dataclass(slots=True)
class Imported:
    """What came of every event: `read` is `imported` plus all that were left out, by reason."""

    cases: int = 0
    read: int = 0
    imported: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def adds_up(self) -> bool:
        return self.read == self.imported + sum(self.left_out.values())


def import_log(
    traces: Iterable[Trace], mapping: LogMapping, *, source: str, tell: Callable[[LeftOut], None]
) -> Imported:
    """Import a log's cases; `tell` hears of every event that was left out. The same `source` again adds nothing.

    Raises Refused for a tenant or request type that is not there, before anything is read.
    """
    if not Tenant.objects.filter(pk=mapping.tenant).exists():
        raise Refused(f"There is no tenant {mapping.tenant!r}. Apply the program first.")
    definition = definition_of(mapping.type)
    if definition is None:
        raise Refused(f"There is no request type {mapping.type!r}. Apply the program first.")
    done = Imported()
    for batch in _batches(traces):
        _import_batch(batch, mapping, definition, source, tell, done)
    return done


def _batches(traces: Iterable[Trace]) -> Iterator[list[Trace]]:
    walking = iter(traces)
    while batch := list(islice(walking, _BATCH)):
        yield batch


def _import_batch(
    batch: list[Trace],
    mapping: LogMapping,
    definition: Definition,
    source: str,
    tell: Callable[[LeftOut], None],
    done: Imported,
) -> None:
    cases: dict[str, ImportedCase] = {}

    def leave_out(out: LeftOut) -> None:
        done.left_out[out.because] += 1
        tell(out)

    for trace in batch:
        done.read += len(trace.events)
        case, left = case_of(trace, mapping)
        for out in left:
            leave_out(out)
        if case is not None:
            key = _key(source, case.name)
            if key in cases:
                _leave_out_whole(case, leave_out)
            else:
                cases[key] = case
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=mapping.tenant)
        every = Request.objects.of(mapping.tenant)
        known = set(every.filter(key__in=list(cases)).values_list("key", flat=True))
        for key in known:
            _leave_out_whole(cases.pop(key), leave_out)
        number = every.aggregate(top=Max("number"))["top"] or 0
        rows = [
            _row(mapping, definition, key, case, number + n)
            for n, (key, case) in enumerate(cases.items(), start=1)
        ]
        Request.all_rows.bulk_create(rows, batch_size=_ONE_STATEMENT)
        acts = [act for row, case in zip(rows, cases.values(), strict=True) for act in _acts(row, case)]
        RequestAct.all_rows.bulk_create(acts, batch_size=_ONE_STATEMENT)
    done.cases += len(rows)
    done.imported += len(acts)


def _leave_out_whole(case: ImportedCase, leave_out: Callable[[LeftOut], None]) -> None:
    for act in case.acts:
        leave_out(LeftOut(case.name, act.note, act.at.isoformat(), _AGAIN))


def _key(source: str, case: str) -> str:
    return hashlib.sha256(f"{source}\x1f{case}".encode()).hexdigest()


def _row(mapping: LogMapping, definition: Definition, key: str, case: ImportedCase, number: int) -> Request:
    began = case.acts[0].at
    return Request(
        id=id_of(began, "imported", key),
        tenant_id=mapping.tenant,
        number=number,
        type=definition.slug,
        type_version=definition.version,
        title=case.title,
        path=Path.IMPORTED,
        requester=case.requester,
        fields=case.fields,
        amount=_amount(case.fields.get(definition.amount_field)),
        status=case.status,
        because="as the imported log has it",
        round=case.acts[-1].round,
        key=key,
        trace=hashlib.sha256(f"trace {key}".encode()).hexdigest()[:32],
        asked_at=began,
        decided_at=None if case.status in _UNDECIDED else _decided(case),
    )


def _decided(case: ImportedCase) -> datetime:
    answers = [act.at for act in case.acts if act.kind in {ActKind.APPROVED, ActKind.DECLINED}]
    return answers[-1] if answers else case.acts[-1].at


def _amount(value: Any) -> Decimal | None:
    return Decimal(str(value)).quantize(Decimal("0.01")) if isinstance(value, int | float) else None


def _acts(row: Request, case: ImportedCase) -> Iterator[RequestAct]:
    for n, act in enumerate(case.acts, start=1):
        yield RequestAct(
            tenant_id=row.tenant_id,
            request=row,
            n=n,
            kind=act.kind,
            by=act.by,
            at=act.at,
            step=act.step,
            seat=act.seat,
            round=act.round,
            note=act.note,
            to=act.to,
            via="log",
        )
