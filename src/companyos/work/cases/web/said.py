"""What every view of cases asks and answers alike."""

from __future__ import annotations

from django.http import HttpRequest

from companyos.work.cases import actions


def status_of(refusal: Exception) -> int:
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (actions.NoSuchCase, 404),
        (actions.NotAllowed, 403),
        (actions.Unclear, 422),
    )
    return next((status for kind, status in kinds if isinstance(refusal, kind)), 409)


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
