"""What every route shares: whose key it is, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI


def actor_of(request: HttpRequest) -> str:
    """Return the person in whose name a request comes; their key let it in."""
    return str(request.auth.slug)  # type: ignore[attr-defined]


def tell_refusals(api: NinjaAPI, statuses: Mapping[type[Any], int], **named: str) -> None:
    """Answer each kind of refusal with its status and its own words.

    `named` adds attributes of a refusal that are not empty: the name in the answer, and that of the attribute.
    """
    for kind, status in statuses.items():
        api.add_exception_handler(kind, _teller(api, status, named))


def _teller(
    api: NinjaAPI, status: int, named: Mapping[str, str]
) -> Callable[[HttpRequest, Any], HttpResponse]:
    def tell(request: HttpRequest, refusal: Any) -> HttpResponse:
        said = {"error": str(refusal)}
        said |= {name: value for name, at in named.items() if (value := getattr(refusal, at, ""))}
        return api.create_response(request, said, status=status)

    return tell
