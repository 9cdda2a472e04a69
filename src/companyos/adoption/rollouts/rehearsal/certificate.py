"""When the plan is through: freeze a snapshot, say go in several roles, have the certificate written (R178)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.rehearsal.desk import Desk

_GO = ("program_lead", "squad_lead", "grc")


async def certificate_of(desk: Desk, feature: str, now: datetime) -> dict[str, Any] | None:
    """Return the certificate as the server signed it; None where it was refused, which stands among the acts."""
    lead = desk.lead
    answer = await desk.post(f"/features/{feature}/meetings", lead, {})
    desk.note(now, lead, "go/no-go", "the plan is through", answer)
    if not answer.ok:
        return None
    meeting = answer.json()["id"]
    for role in _GO:
        who = desk.holder_of(role)
        words = "Every row passes."
        said = {"role": role, "go": True, "words": words}
        signed = await desk.post(f"/meetings/{meeting}/sign-offs", who, said)
        desk.note(now, who, f"sign off as {role}", words, signed)
    written = await desk.post(f"/meetings/{meeting}/certificate", lead, {})
    desk.note(now, lead, "certificate", "two roles said go", written)
    return dict(written.json()) if written.ok else None
