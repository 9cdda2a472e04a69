"""Back to the old path for a day, with one tap: from a page of ours, or by a signed link from anywhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from companyos.adoption.flags import actions
from companyos.adoption.flags.domain.refusals import NoSuch, NotYours, Refused, Unclear
from companyos.platform.instance import now
from companyos.surfaces.console.cases.gather import CONTEXT
from companyos.surfaces.console.way_back import gather

_STATUS = ((Unclear, 400), (NotYours, 403), (NoSuch, 404))


@require_http_methods(["GET", "POST"])
def way_back(request: HttpRequest) -> HttpResponse:
    """Show the viewer's path with a flag, or do what they tap."""
    viewer, flag = str(getattr(request, "viewer", "")), gather.flag_asked_for(request)
    if request.method == "GET":
        return _shown(request, viewer, flag)
    try:
        _do(request, viewer, flag)
    except Refused as refusal:
        return _shown(request, viewer, flag, refusal)
    return HttpResponseRedirect(f"{reverse('way-back')}?{urlencode({'flag': flag})}")


@csrf_exempt  # the link itself proves who taps; no cookie is read
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Do the same for the person of a signed link. Opening it changes nothing: mail scanners open links too.

    A product's page may send the tap from where it is: whoever holds the link may use it from anywhere.
    """
    try:
        flag, person = actions.linked(token)
        if request.method == "POST":
            _do(request, person, flag)
    except NotYours as refusal:
        return _refused_link(request, refusal)
    except Refused as refusal:
        if _wants_json(request):
            return _open_to_all(JsonResponse({"error": str(refusal)}, status=_status_of(refusal)))
        return _shown(request, person, flag, refusal, signed_in=False)
    if _wants_json(request):
        found = gather.page_of(request, person, flag, now()).path
        until = found.until.isoformat() if found and found.until else None
        return _open_to_all(JsonResponse({"path": found.path if found else None, "until": until}))
    return _shown(request, person, flag, signed_in=False)


def _do(request: HttpRequest, person: str, flag: str) -> None:
    said = request.POST
    if "again" in said:
        actions.come_back(actor=person, flag=flag, now=now())
    elif "not-now" in said:
        actions.answer_again(actor=person, flag=flag, tries=False, now=now())
    else:
        actions.switch_back(
            actor=person,
            flag=flag,
            reason=said.get("reason", ""),
            words=said.get("words", ""),
            team=said.get("team", ""),
            context={
                name.removeprefix(CONTEXT): str(value)
                for name, value in said.items()
                if name.startswith(CONTEXT)
            },
            now=now(),
        )


def _shown(
    request: HttpRequest, person: str, flag: str, refusal: Refused | None = None, *, signed_in: bool = True
) -> HttpResponse:
    problem = str(refusal) if refusal else ""
    page = gather.page_of(request, person, flag, now(), problem=problem, signed_in=signed_in)
    status = _status_of(refusal) if refusal else 200 if page.path else 404
    return render(request, "flags/way_back.html", {"page": page}, status=status)


def _refused_link(request: HttpRequest, refusal: NotYours) -> HttpResponse:
    if _wants_json(request):
        return _open_to_all(JsonResponse({"error": str(refusal)}, status=403))
    page = gather.page_of(request, "", "", now(), problem=str(refusal), signed_in=False)
    return render(request, "flags/way_back.html", {"page": page}, status=403)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _status_of(refusal: Refused) -> int:
    return next((status for kind, status in _STATUS if isinstance(refusal, kind)), 409)
