"""Taking a person out: `somebody` stands for their name; what was practised and found stays."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from companyos.change.playbooks.models import (
    Drill,
    DrillFinding,
    DrillRole,
    DrillTick,
    PlaybookVersion,
    SupportItem,
)

NOBODY = "somebody"
_NAMED = (
    (PlaybookVersion, "by"),
    (SupportItem, "by"),
    (Drill, "began_by"),
    (Drill, "ended_by"),
    (DrillRole, "person"),
    (DrillTick, "by"),
    (DrillFinding, "by"),
    (DrillFinding, "owner"),
)


def forget(names: Collection[str]) -> int:
    """Put `somebody` for a person's name; says how many times."""
    named = list(names)
    with transaction.atomic():
        return sum(
            int(table._default_manager.filter(**{f"{field}__in": named}).update(**{field: NOBODY}))
            for table, field in _NAMED
        )
