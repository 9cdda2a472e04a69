"""The newest ruleset, and how far it has spread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.adoption.flags.domain.propagation import Heard, Propagation, spread
from companyos.adoption.flags.domain.types import ServingRow
from companyos.adoption.flags.models import Ruleset, Serving


def latest_version() -> int:
    return Ruleset.objects.order_by("-version").values_list("version", flat=True).first() or 0


def latest_document() -> dict[str, Any] | None:
    return Ruleset.objects.order_by("-version").values_list("document", flat=True).first()


def serving() -> tuple[ServingRow, ...]:
    return tuple(ServingRow(s.provider, s.version) for s in Serving.objects.order_by("provider"))


def propagation(*, now: datetime) -> Propagation:
    """Return how far the newest ruleset has spread: N of N, who lags since when, who is gone."""
    heard = [Heard(s.provider, s.version, s.heard_at) for s in Serving.objects.order_by("provider")]
    newest = Ruleset.objects.defer("document").order_by("-version").first()
    published = {} if newest is None else {newest.version: newest.at}
    for version in {each.version for each in heard}:
        follower = Ruleset.objects.defer("document").filter(version__gt=version).order_by("version").first()
        if follower is not None:
            published[follower.version] = follower.at
    return spread(newest=newest.version if newest else 0, published=published, heard=heard, now=now)
