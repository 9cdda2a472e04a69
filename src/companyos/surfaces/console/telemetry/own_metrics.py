"""`GET /metrics`: CompanyOS's own figures for a Prometheus, with any key of a program or person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from companyos.people.identity import queries as identity
from companyos.platform.instance import instance
from companyos.platform.own_figures import CONTENT_TYPE, exposition

_ASKS = "Send a key of this instance: Authorization: Bearer <key>. Any program's or person's key will do.\n"


@require_GET
def own_metrics(request: HttpRequest) -> HttpResponse:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if not getattr(request, "viewer", "") and (
        scheme.lower() != "bearer" or not identity.is_key(key.strip())
    ):
        refused = HttpResponse(_ASKS, status=401, content_type="text/plain; charset=utf-8")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    return HttpResponse(exposition(instance().figures()), content_type=CONTENT_TYPE)
