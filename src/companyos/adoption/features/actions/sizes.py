"""How large a feature is, after it was taken in: anyone may raise it, only two people lower it (P6)."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.features.actions.by_request import open_request
from companyos.adoption.features.actions.directory import existing
from companyos.adoption.features.actions.exemptions import who_may_grant
from companyos.adoption.features.actions.refusals import Refused
from companyos.adoption.features.domain.requests import about_size
from companyos.adoption.features.queries.templates import size_of
from companyos.work.approvals import queries as requests

SIZES = ("minor", "major")


def change_size(*, actor: str, feature: str, to: str, because: str, now: datetime) -> str:
    """Ask that a feature is major, which is granted at once, or minor, which a second person grants.

    Returns the request's id; the size changes when its event arrives. Raises Refused.
    """
    row = existing(feature)
    if to not in SIZES:
        raise Refused("Say minor or major.")
    if size_of(feature) == to:
        raise Refused(f"The feature is {to} already.")
    if len(because.strip()) < 3:
        raise Refused("Say why: a reason is kept with every change of size.")
    known = requests.request_about(about_size(feature))
    if known and known.is_open:
        raise Refused("Somebody asks for this already; it waits for an answer.")
    return open_request(
        actor=actor,
        type_slug="size-change",
        about=about_size(feature),
        title=f"{row.title} is {to} from now on",
        link=f"/features/{feature}",
        home=actor,
        fields={"to": to, "because": because.strip()},
        may=who_may_grant(row.owner_id),
        now=now,
        after=known.id if known else "",
    )
