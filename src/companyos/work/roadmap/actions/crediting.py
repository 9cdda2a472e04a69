"""What a team's suggestions weigh more, until a moment; who gives it, and for what, is decided above (R106)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.platform import outbox
from companyos.work.roadmap.models import TeamWeight


def keep_team_weight(
    *, key: str, team: str, percent: int, since: datetime, until: datetime, because: str, now: datetime
) -> bool:
    """Keep that a team's suggestions weigh so much more; tells whether that is new. The same `key` is kept once."""
    with transaction.atomic():
        _, is_new = TeamWeight.objects.get_or_create(
            key=key,
            defaults={
                "team": team,
                "percent": percent,
                "since": since,
                "until": until,
                "because": because[:200],
            },
        )
        if is_new:
            told = {"team": team, "percent": percent, "until": until.isoformat()}
            outbox.publish("roadmap.team_weight", told, at=now)
    return is_new
