"""flagd's sync over HTTP: a whole flag set, for providers of any language that evaluate by themselves."""

from __future__ import annotations

from companyos.surfaces.edge.answers import Refused, Request, Send, answer_encoded
from companyos.surfaces.edge.keys import Key
from companyos.surfaces.edge.rulesets import Ruleset
from companyos.surfaces.edge.selector import selected_or_404

PATH = "/flagd/v1/sync"


async def sync(request: Request, send: Send, ruleset: Ruleset, key: Key) -> None:
    """Answer `GET /flagd/v1/sync`: the flagd document of one flag set, or 304."""
    refuse_some_tenants_only(key)
    served = selected_or_404(request, ruleset)
    tagged = [(b"etag", served.etag), (b"cache-control", b"private, no-cache")]
    if request.has(served.etag):
        await answer_encoded(send, 304, b"", tagged)
    else:
        await answer_encoded(send, 200, served.document, tagged)


def refuse_some_tenants_only(key: Key) -> None:
    """A flag set names who is on in every tenant, so a key of some tenants cannot have it."""
    if "*" not in key.tenants:
        words = (
            "A flag set holds every tenant's cohorts; it takes a key of all tenants. Use OFREP with this one."
        )
        raise Refused(403, {"error": words})
