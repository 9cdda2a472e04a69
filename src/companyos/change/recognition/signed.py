"""A badge signed with the instance's key, for the page and the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from companyos.adoption.features import queries as features
from companyos.change.recognition.domain.credential import credential
from companyos.change.recognition.domain.types import BadgeRow
from companyos.people.identity import queries as identity
from companyos.platform.signing_key import signing_seed


def signed_badge(row: BadgeRow, folder: Path, address: str) -> dict[str, Any]:
    """Return a badge as a credential. Raises BrokenKey when the instance's key is damaged."""
    team = next((each.title for each in identity.teams() if each.slug == row.team), row.team)
    feature = features.feature(row.feature)
    return credential(
        badge=row.id, team=team, feature=feature.title if feature else row.feature, because=row.because,
        evidence_sha256=row.sha256, at=row.at, issuer="CompanyOS", address=address, seed=signing_seed(folder),
    )  # fmt: skip
