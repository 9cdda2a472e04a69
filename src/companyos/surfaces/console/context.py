"""What every page needs: who is looking, the navigation's counts, the live ticket, the rehearsal's mark."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from companyos.adoption.features import queries as features
from companyos.adoption.flags import queries as flags
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.telemetry.queries import alerts
from companyos.change.comms import queries as comms
from companyos.change.comms.actions import banners
from companyos.people.tenants import queries as tenants
from companyos.platform.instance import instance
from companyos.surfaces.console.pages import Nav
from companyos.work.approvals import queries as approvals
from companyos.work.cases import queries as cases

_TICKET_LASTS = 12 * 3600


def every_page(request: HttpRequest) -> dict[str, Any]:
    here = instance()
    viewer = getattr(request, "viewer", "")
    if not viewer:
        return {"nav": None, "rehearsal": here.now() if here.rehearsal else None}
    return {
        "viewer": request.session.get("name", viewer),
        "nav": Nav(
            len(tenants.titles()),
            len(features.features()),
            len(flags.flag_keys()),
            len(rollouts.plans()),
            len(alerts.open_alerts()),
            approvals.waiting_for(viewer),
            cases.waiting_for_triage(viewer),
            comms.unread(viewer),
        ),
        "now": here.now(),
        "shown_banner": SimpleLazyObject(  # a page that shows no banner, as a part of one, asks for none
            lambda: banners.see(actor=viewer, now=here.now()).shown
        ),
        "came_from": _address(request),
        "rehearsal": here.now() if here.rehearsal else None,
        "live_url": f"/live?ticket={ticket(here.live_secret, time.time())}",
    }


def _address(request: HttpRequest) -> str:
    """Return where a form of the page's frame leads back to: a page that was sent a form is not asked for again."""
    return request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")


def ticket(secret: bytes, wall: float) -> str:
    """Return a ticket for the live stream, which sends names only: expiry and its HMAC."""
    expiry = str(int(wall) + _TICKET_LASTS)
    return f"{expiry}.{hmac.new(secret, expiry.encode(), hashlib.sha256).hexdigest()}"
