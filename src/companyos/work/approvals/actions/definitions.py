"""Keeping request types: a change is a new version, and no version is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from companyos.kernel.canonical_json import sha256_of
from companyos.work.approvals.domain.chain import definition_from
from companyos.work.approvals.models import RequestType


def keep_type(*, document: Mapping[str, Any], now: datetime) -> bool:
    """Add a version when the document says something new; says whether it did. Raises BadChain."""
    definition_from(document)
    newest = RequestType.objects.filter(slug=document["slug"]).order_by("-version").first()
    sha256 = sha256_of(document)
    if newest is not None and newest.sha256 == sha256:
        return False
    RequestType.objects.create(
        slug=document["slug"],
        version=newest.version + 1 if newest else 1,
        sha256=sha256,
        document=dict(document),
        since=now,
    )
    return True
