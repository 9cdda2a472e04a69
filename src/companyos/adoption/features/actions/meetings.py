"""Go/no-go: a frozen snapshot, sign-offs by roles, dissent on record, and the certificate at the end (R178)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.features.actions.by_request import answer, open_request
from companyos.adoption.features.actions.directory import existing
from companyos.adoption.features.actions.recompute import look_at
from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.domain.certificate import FORMAT, LEAST_ROLES, open_rows, signed, snapshot_of
from companyos.adoption.features.domain.requests import about_sign_off
from companyos.adoption.features.domain.scorecards import Readiness, in_short
from companyos.adoption.features.models import Certificate, GoNoGo, SignOff
from companyos.adoption.features.queries import directory
from companyos.adoption.features.queries.meetings import roles_of
from companyos.adoption.features.queries.people import stewards
from companyos.adoption.features.queries.templates import definitions, scorecards_of
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import SOFTWARE


def open_meeting(*, actor: str, feature: str, now: datetime) -> str:
    """Freeze how the feature stands now, and return the meeting's id. Nothing is decided by it."""
    row = existing(feature)
    if actor not in stewards(row.owner_id, row.lead_team) | set(roles_of(feature).values()):
        raise NotYours("The feature's own teams, or whoever signs, opens a go/no-go.")
    judged, seen = look_at(feature, now=now), directory.feature(feature)
    if seen is None:
        raise NoSuch(f"There is no feature {feature!r}.")
    words = {
        name: {"version": each.version, "term": each.term, "means": each.means}
        for name, each in definitions().items()
    }
    snapshot = snapshot_of(judged, scorecards_of(feature), seen, words)
    meeting = id_of(now, "go/no-go", feature)
    with transaction.atomic():
        _ask_each_role(feature, row.title, str(meeting), judged, now)
        GoNoGo.objects.create(
            id=meeting, feature=row, at=now, by=actor, version=row.version, snapshot=snapshot,
            sha256=sha256_of(snapshot),
        )  # fmt: skip
        outbox.publish("feature.meeting", {"feature": feature, "meeting": str(meeting)}, at=now)
    return str(meeting)


def sign_off(*, actor: str, meeting: str, role: str, go: bool, words: str, now: datetime) -> None:
    """Say go or no-go for a role, in the role's request. A no-go says why; what was said stays. Raises Refused."""
    found = _meeting(meeting)
    holders = roles_of(found.feature_id)
    if role not in holders:
        raise NoSuch(f"No role {role!r} signs for this feature; {', '.join(holders) or 'none is named'}.")
    if holders[role] != actor:
        raise NotYours(
            f"{role.replace('_', ' ').capitalize()} is {identity.name_of(holders[role]) or 'nobody'}."
        )
    if not go and len(words.strip()) < 3:
        raise Refused("Say what speaks against it: dissent is kept with its reason.")
    if Certificate.objects.filter(meeting=found).exists():
        raise Refused("The certificate is written; hold another go/no-go to say something else.")
    asked = requests.request_about(about_sign_off(meeting, role))
    if asked is None or not asked.is_open:
        raise Refused("This role has signed already; hold another go/no-go to say something else.")
    answer(actor=actor, request=asked.id, go=go, note=words.strip(), now=now)


def _ask_each_role(feature: str, title: str, meeting: str, judged: Readiness, now: datetime) -> None:
    """Ask each role for its word in a request of its own: one no-go does not keep the others from being heard."""
    for role, person in roles_of(feature).items():
        if person:
            open_request(
                actor=SOFTWARE,
                type_slug="sign-off",
                about=about_sign_off(meeting, role),
                link=f"/meetings/{meeting}",
                home=person,
                title=f"Go or no-go for {title}, as {_role_said(role)}",
                fields={
                    "evidence": "\n".join(
                        f"{template.title}: {'met' if card.is_met else in_short(card, template)}"
                        for card, template in zip(judged.cards, scorecards_of(feature), strict=True)
                    ),
                },
                may=[person],
                now=now,
            )


def _role_said(role: str) -> str:
    return role.upper() if len(role) <= 3 else role.replace("_", " ")  # GRC, SRE; squad lead


def certify(*, actor: str, meeting: str, seed: bytes, now: datetime) -> str:
    """Write the certificate of a go and return its id. `seed` is the instance's signing key. Raises Refused."""
    found = _meeting(meeting)
    row = found.feature
    if actor not in stewards(row.owner_id, row.lead_team) | set(roles_of(row.pk).values()):
        raise NotYours("The feature's own teams, or whoever signs, has the certificate written.")
    if row.version != found.version:
        raise Refused(
            f"The meeting was about version {found.version}; the feature is at {row.version}. Hold another."
        )
    if still := open_rows(found.snapshot):
        raise Refused(
            f"{len(still)} rows of the snapshot do not pass: {', '.join(still[:3])}. Hold another when they do."
        )
    sign_offs = _signed(found)
    went = [each for each in sign_offs if each["go"]]
    if min(len({e["role"] for e in went}), len({e["by"] for e in went})) < LEAST_ROLES:
        raise Refused(
            f"{len(went)} said go; at least {LEAST_ROLES} roles, held by different people, are needed."
        )
    known = Certificate.objects.filter(meeting=found).values_list("pk", flat=True).first()
    if known:
        return str(known)
    certificate = id_of(now, "certificate", meeting)
    document = {
        "certificate": FORMAT,
        "id": str(certificate),
        "issued_at": now.isoformat(),
        "issued_by": actor,
        "meeting": {"id": str(found.pk), "at": found.at.isoformat(), "by": found.by},
        "snapshot": found.snapshot,
        "snapshot_sha256": found.sha256,
        "sign_offs": sign_offs,
        "dissent": [each for each in sign_offs if not each["go"]],
    }
    with transaction.atomic():
        Certificate.objects.create(
            id=certificate, meeting=found, feature=row, at=now, by=actor, body=signed(document, seed)
        )
        outbox.publish("feature.certified", {"feature": row.pk, "certificate": str(certificate)}, at=now)
    return str(certificate)


def _signed(meeting: GoNoGo) -> list[dict[str, Any]]:
    return [
        {
            "role": each.role, "by": each.by, "name": identity.name_of(each.by), "at": each.at.isoformat(),
            "go": each.go, "words": each.words, "snapshot_sha256": meeting.sha256,
        }
        for each in SignOff.objects.filter(meeting=meeting).order_by("at", "id")
    ]  # fmt: skip


def _meeting(meeting: str) -> GoNoGo:
    found = GoNoGo.objects.filter(pk=meeting).select_related("feature").first()
    if found is None:
        raise NoSuch("There is no such go/no-go.")
    return found
