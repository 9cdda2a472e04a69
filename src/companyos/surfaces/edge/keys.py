"""Who is asking: the key of a request, and what it may do."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from companyos.surfaces.edge.answers import Refused, Request

if TYPE_CHECKING:
    from companyos.surfaces.edge.rulesets import Ruleset

_BROWSER_SCOPES = frozenset({"evaluate", "ingest"})
_RETRY_AFTER = 5


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may do, and for which tenants. `ticket` opens its event stream in a browser, and nothing else."""

    id: str
    sha256: bytes
    is_browser: bool
    scopes: frozenset[str]
    tenants: frozenset[str]
    origins: frozenset[bytes]
    ticket: bytes

    @classmethod
    def published(
        cls,
        *,
        id: str,  # noqa: A002
        sha256: bytes,
        is_browser: bool,
        scopes: Iterable[str],
        tenants: Iterable[str],
        origins: Iterable[str],
    ) -> Key:
        """Return a key as its file has it; a browser's key opens no flag set, whatever the file says."""
        allowed = frozenset(scopes) & _BROWSER_SCOPES if is_browser else frozenset(scopes)
        ticket = hmac.digest(sha256, b"event stream", "sha256").hex()[:32].encode()
        whence = frozenset(origin.encode() for origin in origins)
        return cls(id, sha256, is_browser, allowed, frozenset(tenants), whence, ticket)

    def speaks_for(self, tenant: str) -> bool:
        return "*" in self.tenants or tenant in self.tenants

    def check_context(self, context: Mapping[str, Any]) -> None:
        """Refuse a context of somebody else's tenant, or one whose tenant could be read as such."""
        if "*" in self.tenants:
            return
        tenant = context.get("tenant")
        if tenant is not None and not (isinstance(tenant, str) and tenant in self.tenants):
            raise Refused(403, {"error": "This key does not speak for that tenant."})


def key_for(request: Request, ruleset: Ruleset, wanted: str) -> Key:
    """Return the request's key. Refuses with 401 an unknown one, with 403 one that may not do `wanted`."""
    given = request.headers.get(b"authorization", b"")
    secret = given[7:] if given[:7].lower() == b"bearer " else request.header(b"x-api-key")
    return key_of(secret, request, ruleset, wanted)


def key_of(secret: bytes, request: Request, ruleset: Ruleset, wanted: str) -> Key:
    """Return the key that `secret` is, like `key_for`."""
    refuse_before_the_first_ruleset(ruleset)
    key = ruleset.keys.get(sha256(secret).digest()) if secret else None
    return _allowed(key, request, wanted)


def listener_of(request: Request, ruleset: Ruleset) -> Key:
    """Return who opens an event stream: by key, or by the ticket that an answer gave to a browser.

    A browser's EventSource cannot send headers.
    """
    refuse_before_the_first_ruleset(ruleset)
    ticket = parse_qs(request.query.decode("latin-1")).get("ticket", [""])[0]
    if not ticket:
        return key_for(request, ruleset, "evaluate")
    return _allowed(ruleset.by_ticket.get(ticket.encode()), request, "evaluate")


def refuse_before_the_first_ruleset(ruleset: Ruleset) -> None:
    """Answer 503 while no key can be known, so that senders keep what they have and come back."""
    if not ruleset.version:
        words = "No ruleset has been published yet, so no key is known. Publish one; then send this again."
        raise Refused(503, {"error": words}, retry_after=_RETRY_AFTER)


def _allowed(key: Key | None, request: Request, wanted: str) -> Key:
    if key is None:
        refused = Refused(
            401, {"error": "No valid key. Send one as `Authorization: Bearer KEY` or `X-API-Key`."}
        )
        refused.headers.append((b"www-authenticate", b"Bearer"))
        raise refused
    if wanted not in key.scopes:
        raise Refused(403, {"error": f"This key may not {wanted}. Use one that has that scope."})
    if key.is_browser and (origin := request.headers.get(b"origin")) and origin not in key.origins:
        raise Refused(403, {"error": "This key is not for pages of this origin."})
    return key
