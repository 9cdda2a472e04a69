"""A badge as a credential that its team can show elsewhere: Open Badges 3.0 on W3C Verifiable Credentials 2.0 (R102).

It is about a team and names no person. The proof is one of `kernel.data_integrity`, by the instance's key.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from companyos.change.recognition.domain.champion import BADGE
from companyos.kernel.data_integrity import did_key, is_proven, method_of, with_proof

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
CRITERIA = (
    "In three of the first four weeks, 60 % of the team's people who had the feature did a key task with it; and of"
    " the team's reports about it, 60 % were accepted or fixed and said how to see the same, at least three of them,"
    " from at least two people."
)


def credential(
    *,
    badge: str,
    team: str,
    feature: str,
    because: str,
    evidence_sha256: str,
    at: datetime,
    issuer: str,
    address: str,
    seed: bytes,
) -> dict[str, Any]:
    """Return the signed credential of a badge; the same badge gives the same bytes."""
    did = did_key(seed)
    document = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{badge}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{BADGE}: {feature}",
        "issuer": {"id": did, "type": ["Profile"], "name": issuer, "url": address},
        "validFrom": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": team, "identityType": "name"}
            ],
            "achievement": {
                "id": f"{address}/recognition#champions",
                "type": ["Achievement"],
                "name": f"{BADGE}: {feature}",
                "description": f"A team that used {feature} from the start, and whose reports made it better.",
                "criteria": {"narrative": CRITERIA},
            },
        },
        "evidence": [
            {
                "id": f"{address}/recognition/badges/{badge}",
                "type": ["Evidence"],
                "name": "What was looked at",
                "narrative": f"{because} SHA-256 of the evidence: {evidence_sha256}.",
            }
        ],
    }
    return with_proof(document, seed=seed, method=method_of(did), at=at)


def is_credential_of(credential: Any, did: str) -> bool:
    """Tell whether the key called `did` issued and signed it."""
    return (
        is_proven(credential)
        and isinstance(credential.get("issuer"), dict)
        and credential["issuer"].get("id") == did
        and credential["proof"]["verificationMethod"] == method_of(did)
    )
