"""What the program's files say is measured: kept as it stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from companyos.adoption.telemetry.models import Definition


def keep_definitions(*, kind: str, documents: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[str, ...]:
    """Keep exactly these (name, document) of a kind, in this order; says which names changed, came or went."""
    wanted = {name: (place, dict(document)) for place, (name, document) in enumerate(documents)}
    kept = {row.name: row for row in Definition.objects.filter(kind=kind)}
    changed = [name for name in kept if name not in wanted]
    Definition.objects.filter(kind=kind, name__in=changed).delete()
    for name, (place, document) in wanted.items():
        row = kept.get(name)
        if row is not None and (row.place, row.document) == (place, document):
            continue
        Definition.objects.update_or_create(
            kind=kind, name=name, defaults={"place": place, "document": document}
        )
        changed.append(name)
    return tuple(changed)
