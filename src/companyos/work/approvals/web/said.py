"""What a person said in a form, and what a refusal answers: shared by the views."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from companyos.work.approvals import actions
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.types import ActKind
from companyos.work.approvals.web import forms
from companyos.work.approvals.web.pages import Input

ACTS = {
    "approve": ActKind.APPROVED, "decline": ActKind.DECLINED, "return": ActKind.RETURNED,
    "delegate": ActKind.DELEGATED, "withdraw": ActKind.WITHDRAWN, "cancel": ActKind.CANCELLED,
    "comment": ActKind.COMMENTED, "carry-out": ActKind.CARRIED_OUT,
}  # fmt: skip


def inputs(definition: Definition, fields: dict[str, Any], refusal: actions.Refused) -> tuple[Input, ...]:
    return forms.inputs_of(definition, fields, (getattr(refusal, "path", ""), str(refusal)))


def status_of(refusal: Exception) -> int:
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (actions.NoSuchRequest, 404),
        (actions.NotAllowed, 403),
        (actions.Unclear, 422),
    )
    return next((status for kind, status in kinds if isinstance(refusal, kind)), 409)


def note_of(request: HttpRequest) -> str:
    return request.POST.get("note", "")[:2_000]


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
