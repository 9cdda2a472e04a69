"""Webhooks of a tenant's cases, and the address that Slack sends to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.platform.instance import now
from companyos.work.mailroom import actions
from companyos.work.mailroom.web import gather

_MOST_BYTES = 256 * 1024


@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show who hears of the cases of the viewer's tenants; add an address, or end one."""
    viewer, said = str(getattr(request, "viewer", "")), request.POST
    if request.method == "GET":
        return render(request, "mailroom/webhooks.html", {"page": gather.hooks_page(viewer, now())})
    try:
        if "end" in said:
            actions.end_hook(actor=viewer, hook=said["end"], now=now())
        else:
            actions.add_hook(
                actor=viewer, tenant=said.get("tenant", ""), url=said.get("url", "").strip()[:500],
                events=said.getlist("events"), now=now(),
            )  # fmt: skip
    except actions.Refused as refusal:
        page = gather.hooks_page(viewer, now(), problem=str(refusal), url=said.get("url", "")[:500])
        return render(request, "mailroom/webhooks.html", {"page": page}, status=409)
    return HttpResponseRedirect(reverse("webhooks"))


@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show how the mailbox stands that is read, and what could not be taken."""
    page = gather.mailbox_page(str(getattr(request, "viewer", "")), now())
    return render(request, "mailroom/mailbox.html", {"page": page})


@csrf_exempt  # Slack's signature proves who speaks; no cookie is read
@require_POST
def slack(request: HttpRequest) -> HttpResponse:
    """Take a message shortcut or a slash command; what comes back only its sender sees."""
    if int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        return JsonResponse({"error": "A message has 256 KiB at most."}, status=413)
    try:
        told = actions.take_slack(
            body=request.body,
            sent=request.headers.get("X-Slack-Request-Timestamp", ""),
            signature=request.headers.get("X-Slack-Signature", ""),
            now=now(),
        )
    except actions.NotSigned as refusal:
        return JsonResponse({"error": str(refusal)}, status=401)
    return JsonResponse({"response_type": "ephemeral", "text": told})
