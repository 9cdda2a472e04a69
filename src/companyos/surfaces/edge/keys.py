"""Who is asking: the key of a request, and what it may do."""

from __future__ import annotations

from hashlib import sha256

from companyos.surfaces.edge.answers import Refused, Scope, header
from companyos.surfaces.edge.rulesets import Key, Ruleset


def key_for(scope: Scope, ruleset: Ruleset, wanted: str) -> Key:
    """Return the request's key. Refuses with 401 an unknown one, with 403 one without the scope `wanted`.

    Before the first ruleset there are no keys to know: 503, so that senders keep what they have and come back.
    """
    if not ruleset.version:
        words = "No ruleset has been published yet, so no key is known. Publish one; then send this again."
        raise Refused(503, {"error": words}, retry_after=5)
    given = header(scope, b"authorization")
    secret = given[7:] if given[:7].lower() == b"bearer " else header(scope, b"x-api-key")
    key = ruleset.keys.get(sha256(secret).digest()) if secret else None
    if key is None:
        raise Refused(401, {"error": "No valid key. Send one as `Authorization: Bearer KEY` or `X-API-Key`."})
    if wanted not in key.scopes:
        raise Refused(403, {"error": f"This key may not {wanted}. Use one that has that scope."})
    return key
