"""What named people decide about a feature is a request: opened here, answered anywhere, acted on once decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from companyos.adoption.features.actions.directory import changed
from companyos.adoption.features.actions.refusals import NotYours, Refused
from companyos.adoption.features.domain.requests import EXEMPTION, PLAN, SIGN_OFF, SIZE
from companyos.adoption.features.models import (
    Feature,
    FeatureExemption,
    GoNoGo,
    IntakeRecord,
    PlanApproved,
    SignOff,
)
from companyos.people.identity import queries as identity
from companyos.platform import attachments, outbox
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import ActKind, Status
from companyos.work.approvals.queries import RequestAbout


def open_request(
    *,
    actor: str,
    type_slug: str,
    about: str,
    title: str,
    link: str,
    home: str,
    fields: Mapping[str, str],
    may: Iterable[str],
    now: datetime,
    after: str = "",
) -> str:
    """Open a request that `may` answer and return its id; once for each `about`, or once `after` an earlier request.

    Raises Refused.

    `actor` is who wants it, or `companyos`; `home` is the person in whose tenant it runs.
    """
    with told_here():
        return approvals.ask_about(
            actor=actor,
            type_slug=type_slug,
            about=about,
            link=link,
            title=title,
            tenant=identity.works_in(home),
            fields={**fields, "approvers": " ".join(sorted(set(may) - {actor}))},
            key=sha256(f"{about} {after}".encode()).hexdigest(),
            now=now,
        )


@contextmanager
def told_here() -> Iterator[None]:
    """A refusal of the request is a refusal of the deed, in the same words."""
    try:
        yield
    except approvals.NotAllowed as refusal:
        raise NotYours(str(refusal)) from None
    except approvals.Refused as refusal:
        raise Refused(str(refusal)) from None


def answer(*, actor: str, request: str, go: bool, note: str, now: datetime) -> None:
    with told_here():
        say = approvals.approve if go else approvals.decline
        say(actor=actor, request=request, note=note, now=now)


def hear_of_request(*, about: str, now: datetime) -> None:
    """Act on a decided request about a feature. Heard twice, the second time changes nothing."""
    asked = requests.request_about(about)
    act = next((act for begins, act in _ACTS.items() if about.startswith(begins)), None)
    if asked is None or act is None:
        return
    is_no = (
        asked.status is Status.DECLINED and act is _sign
    )  # a no-go stays on record; any other no changes nothing
    if asked.status is not Status.APPROVED and not is_no:  # once acted on, it is carried out
        return
    with transaction.atomic():
        said = act(asked, now)
        if said and not is_no:
            approvals.carried_out_by_itself(request=asked.id, note=said, now=now)


def _hold(asked: RequestAbout, now: datetime) -> str:
    exemption = asked.about.removeprefix(EXEMPTION)
    waiting = FeatureExemption.objects.filter(pk=exemption, granted_by="")
    found = waiting.first()
    if found is None or not waiting.update(granted_by=asked.answers[-1].by, granted_at=now):
        return ""
    changed(found.feature_id)
    told = {"feature": found.feature_id, "what": found.what, "trace": asked.trace}
    outbox.publish("feature.exemption_granted", told, at=now)
    return f"{found.what} is passed over until {found.until:%d %b %Y}"


def _sign(asked: RequestAbout, now: datetime) -> str:
    """A yes is a go, a no is a no-go with its reason: both stay with the meeting."""
    meeting, _, role = asked.about.removeprefix(SIGN_OFF).partition("/")
    given = asked.answers[-1]
    go = given.kind is ActKind.APPROVED
    found = GoNoGo.objects.get(pk=meeting)
    _, is_new = SignOff.objects.get_or_create(
        meeting=found, role=role, defaults={"by": given.by, "at": given.at, "go": go, "words": given.note}
    )
    if not is_new:
        return ""
    told = {"feature": found.feature_id, "role": role, "go": go, "trace": asked.trace}
    outbox.publish("feature.signed_off", told, at=now)
    return f"{role.replace('_', ' ')} signed"


def _keep_plan(asked: RequestAbout, now: datetime) -> str:
    subject, _, named = asked.about.removeprefix(PLAN).rpartition("/")
    digest = named.rpartition("-")[2]
    newest = PlanApproved.objects.filter(subject=subject).order_by("-version").first()
    if newest and newest.sha256 == digest:
        return ""
    version, text = newest.version + 1 if newest else 1, attachments.read(digest).decode()
    by = asked.answers[-1].by
    PlanApproved.objects.create(subject=subject, version=version, at=now, by=by, sha256=digest, text=text)
    told = {"feature": subject, "version": version, "trace": asked.trace}
    outbox.publish("feature.plan_approved", told, at=now)
    return f"version {version} of the plan is kept"


def _resize(asked: RequestAbout, now: datetime) -> str:
    feature, to = asked.about.removeprefix(SIZE), str(asked.fields["to"])
    Feature.objects.filter(pk=feature).update(size=to)
    IntakeRecord.objects.filter(pk=feature).update(size=to)
    changed(feature)
    outbox.publish("feature.resized", {"feature": feature, "size": to, "trace": asked.trace}, at=now)
    return f"the feature is {to}"


_ACTS: Mapping[str, Callable[[RequestAbout, datetime], str]] = {
    SIGN_OFF: _sign,
    EXEMPTION: _hold,
    PLAN: _keep_plan,
    SIZE: _resize,
}
