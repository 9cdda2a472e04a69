"""Go/no-go meetings, sign-offs and certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.features.models import Certificate, Feature, GoNoGo, SignOff
from companyos.adoption.features.queries.people import lead_of
from companyos.adoption.features.queries.templates import scorecards_of

_KEYWORDS = frozenset({"owner", "lead_team"})


@dataclass(frozen=True, slots=True)
class SignOffRow:
    role: str
    by: str
    at: datetime
    go: bool
    words: str


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting with the snapshot it is about."""

    id: str
    feature: str
    at: datetime
    by: str
    version: str
    snapshot: dict[str, Any]
    sha256: str
    sign_offs: tuple[SignOffRow, ...]
    certificate: str


def roles_of(feature: str) -> dict[str, str]:
    """Return who signs for which role: the leads of the teams that the external-GA scorecard names."""
    row = Feature.objects.get(pk=feature)
    teams = {"owner": row.owner_id, "lead_team": row.lead_team}
    signs = next((card.sign_off for card in scorecards_of(feature) if card.sign_off), ())
    return {role: lead_of(teams.get(team, team)) for role, team in signs}


def meetings_of(feature: str) -> tuple[MeetingRow, ...]:
    return tuple(_row(each) for each in GoNoGo.objects.filter(feature=feature).order_by("-at", "-id"))


def meeting(meeting_id: str) -> MeetingRow | None:
    found = GoNoGo.objects.filter(pk=meeting_id).first()
    return _row(found) if found else None


def certificate(certificate_id: str) -> dict[str, Any] | None:
    """Return a certificate as it was signed."""
    body = Certificate.objects.filter(pk=certificate_id).values_list("body", flat=True).first()
    return dict(body) if body else None


def certificates_of(feature: str) -> tuple[tuple[str, datetime, str], ...]:
    """Return (id, when, version) of a feature's certificates, newest first."""
    rows = Certificate.objects.filter(feature=feature).order_by("-at").select_related("meeting")
    return tuple((str(each.pk), each.at, each.meeting.version) for each in rows)


def has_certificate(feature: str, version: str) -> bool:
    return Certificate.objects.filter(feature=feature, meeting__version=version).exists()


def _row(each: GoNoGo) -> MeetingRow:
    signed = SignOff.objects.filter(meeting=each).order_by("at", "id")
    held = Certificate.objects.filter(meeting=each).values_list("pk", flat=True).first()
    return MeetingRow(
        str(each.pk),
        each.feature_id,
        each.at,
        each.by,
        each.version,
        each.snapshot,
        each.sha256,
        tuple(SignOffRow(s.role, s.by, s.at, s.go, s.words) for s in signed),
        str(held) if held else "",
    )
