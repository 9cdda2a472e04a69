"""`GET /live`: open console pages are told by name what changed, and fetch it themselves."""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import parse_qs

from companyos.surfaces.edge.answers import Receive, Refused, Request, Scope, Send, answer
from companyos.surfaces.edge.streams import Hub, message

PATH = "/live"


class Live:
    """The ASGI application of the pages' stream. It stands beside Django, in whichever process that runs."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._hub = Hub()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope, receive)
        try:
            if request.method != "GET":
                raise Refused(405, {"error": f"{PATH} takes GET, not {request.method}."})
            check_ticket(request, self._secret)
            await self._hub.serve(receive, send, lambda: b": hello\n\n")
        except Refused as refused:
            await answer(send, refused.status, refused.body, refused.headers)

    def announce(self, *names: str) -> None:
        """Tell open pages what changed, by name."""
        self._hub.tell(message("changed", list(names)))

    def close(self) -> None:
        self._hub.close()


def check_ticket(request: Request, secret: bytes) -> None:
    """Refuse a console stream without a valid, unexpired ticket (see `surfaces.console.context.ticket`)."""
    ticket = parse_qs(request.query.decode("latin-1")).get("ticket", [""])[0]
    expiry, _, signature = ticket.partition(".")
    wanted = hmac.new(secret, expiry.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise Refused(401, {"error": "This stream needs a ticket; load the page again."})
    if not expiry.isdigit() or int(expiry) < time.time():
        raise Refused(401, {"error": "The ticket is too old; load the page again."})
