"""A request as intake reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from companyos.surfaces.edge.answers import Receive, Refused, Scope, body_of
from companyos.surfaces.edge.rulesets import Key, Ruleset


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body has not been read."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    scope: Scope
    receive: Receive

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        query = scope.get("query_string", b"")
        return cls(scope["method"], scope["path"], query, dict(scope["headers"]), scope, receive)

    def header(self, name: bytes) -> bytes:
        """Return a header's value, or nothing."""
        return self.headers.get(name, b"")

    async def body(self, *, most: int) -> bytes:
        """Return the body. Refuses one over `most` bytes before it is all read, and one that dawdles."""
        return await body_of(self.receive, self.scope, most=most)


def key_of(secret: bytes, request: Request, ruleset: Ruleset, wanted: str) -> Key:
    """Return the key that `secret` is. Refuses with 401 an unknown one, with 403 one that may not do `wanted`."""
    if not ruleset.version:
        words = "No ruleset has been published yet, so no key is known. Publish one; then send this again."
        raise Refused(503, {"error": words}, retry_after=5)
    key = ruleset.keys.get(sha256(secret).digest()) if secret else None
    if key is None:
        raise Refused(401, {"error": "No valid key. Send one as `Authorization: Bearer KEY` or `X-API-Key`."})
    if wanted not in key.scopes:
        raise Refused(403, {"error": f"This key may not {wanted}. Use one that has that scope."})
    return key
