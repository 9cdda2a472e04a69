"""Cases that were there before history was kept get the events that their columns tell."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def tell(apps: Any, schema_editor: Any) -> None:
    Case, CaseEvent = apps.get_model("cases", "Case"), apps.get_model("cases", "CaseEvent")
    for case in Case._base_manager.all().iterator():
        opened = {"type": case.type, "severity": case.severity, "status": "new", "phase": "new"}
        events = [("opened", case.reporter_id, case.opened_at, opened)]
        if case.resolved_at:
            said = {"resolution": case.resolution, "status": "fixed", "phase": "done"}
            events.append(("resolved", case.resolved_by_id or "", case.resolved_at, said))
            case.status, case.phase = "fixed", "done"
        for n, (kind, by, at, body) in enumerate(events, start=1):
            CaseEvent._base_manager.create(
                tenant_id=case.tenant_id, case_id=case.id, n=n, kind=kind, by=by, at=at, body=body
            )
        case.version = len(events)
        case.save(update_fields=["version", "status", "phase"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_one_engine")]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
