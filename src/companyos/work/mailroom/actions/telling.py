"""Mail to people about their case: taken on, planned, fixed, released, asked something, closed (R5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from companyos.people.identity import queries as identity
from companyos.platform.mail import send_mail, sender_domain
from companyos.work.cases import queries as cases
from companyos.work.cases.domain.types import EventKind
from companyos.work.mailroom.domain.addresses import reply_address, thread_id
from companyos.work.mailroom.domain.letters import OURS

_WORTH_A_MAIL = frozenset({
    EventKind.TRIAGED, EventKind.PLAN_ACCEPTED, EventKind.RESOLVED, EventKind.RELEASED, EventKind.ASKED_REPORTER,
})  # fmt: skip
_ANSWERS = "Answer this mail to write into the case."


def write_to_people(told: Mapping[str, Any], *, now: datetime) -> int:
    """Queue a mail for everybody whom a case's event concerns; says how many. Hearing it twice sends it once."""
    if told["kind"] not in _WORTH_A_MAIL and told["kind"] != EventKind.MOVED:
        return 0
    people = identity.reached(told["people"])
    notices = cases.notices_of(told["case"], int(told.get("n", 0)))
    queued = 0
    for notice in notices:
        person = people.get(notice.person)
        if person is None or (told["kind"] == EventKind.MOVED and not notice.is_over):
            continue
        box, domain = settings.MAIL_BOX, sender_domain()
        thread = thread_id(notice.case, domain)
        page = f"{settings.PUBLIC_URL}/cases/{notice.case}"
        queued += send_mail(
            to=person.email,
            subject=f"[{notice.label}] {notice.title}",
            text=f"{notice.says}\n\n{page}\n\n{_ANSWERS if box else ''}".strip() + "\n",
            key=f"case {told['case']} {told['n']} {notice.person}",
            tenant=notice.tenant,
            reply_to=reply_address(box, notice.case, notice.person, settings.SECRET_KEY) if box else "",
            headers={
                "References": thread,
                "In-Reply-To": thread,
                OURS: "case",
                "Auto-Submitted": "auto-generated",
            },
            now=now,
        )
    return queued
