"""Making and ending banners, and what each person does with theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet

from companyos.change.comms.actions import notices
from companyos.change.comms.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.comms.domain.banners import Audience, BannerRow, Choice
from companyos.change.comms.domain.drafts import Draft, fault_of
from companyos.change.comms.models import Banner, BannerSeen, Notice, Reader
from companyos.change.comms.queries import banners as queries
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform import outbox
from companyos.platform.patience import waiting_at_most

_REASON = 300
_PATIENCE_MS = 50


def checked(*, actor: str, draft: Draft, now: datetime) -> tuple[Draft, frozenset[str]]:
    """Return the banner as it would be made and who is in its audience; nothing is kept. Raises Refused."""
    if not identity.leads_a_team(actor):
        raise NotYours("Whoever leads a team makes banners; ask yours.")
    draft = _tidied(draft, now)
    if fault := fault_of(draft, now):
        raise Refused(fault)
    _must_be_there(draft)
    people = queries.people_of(draft.audience, draft.notice)
    if not people:
        raise Refused("Nobody is in this audience. Name a tenant, a team or a department with people in it.")
    return draft, people


def make(*, actor: str, draft: Draft, now: datetime) -> str:
    """Make a banner for its time and return its id; whoever leads a team may. Raises Refused."""
    draft, _ = checked(actor=actor, draft=draft, now=now)
    if any(_says_the_same(row, draft) for row in queries.not_over(now)):
        raise Refused("The same banner is there already, for the same people. End that one first.")
    audience = draft.audience
    with transaction.atomic():
        banner = Banner.objects.create(
            id=id_of(now, "banner", actor, draft.title, audience, draft.notice),
            title=draft.title,
            words=draft.words,
            link=draft.link,
            link_words=draft.link_words,
            severity=draft.severity,
            audience=asdict(audience),
            notice_id=draft.notice or None,
            starts_at=draft.begins(now),
            ends_at=draft.ends_at,
            dismissible=draft.dismissible,
            needs_ack=draft.needs_ack,
            priority=draft.priority,
            at=now,
            by=actor,
        )
        outbox.publish("banner.made", {"banner": str(banner.pk), "severity": str(draft.severity)}, at=now)
    return str(banner.pk)


def end(*, actor: str, banner: str, because: str, now: datetime) -> None:
    """End a banner before its time, with a reason; whoever leads a team may. Raises Refused."""
    row = queries.find_banner(banner)
    if row is None:
        raise NoSuch("There is no such banner.")
    if not identity.leads_a_team(actor):
        raise NotYours("Whoever leads a team ends banners; ask yours.")
    reason = " ".join(because.split())[:_REASON]
    if not reason:
        raise Refused("Say why it ends: the reason is kept with the banner.")
    if not _end([row.id], by=actor, because=reason, now=now):
        raise Refused("This banner is over already. Load the page again.")


def end_of_notice(*, actor: str, key: str, because: str, now: datetime) -> int:
    """End every banner of the notice told under `key`: what it announced was taken back. Says how many."""
    tied = Banner.objects.filter(notice__key=key, ended_at=None, ends_at__gt=now)
    reason = " ".join(because.split())[:_REASON]
    return _end([str(pk) for pk in tied.values_list("pk", flat=True)], by=actor, because=reason, now=now)


def see(*, actor: str, now: datetime) -> Choice:
    """Return the one banner that a person sees now, and keep when it was first shown to them."""
    choice = queries.shown_to(actor, now)
    if choice.shown and not choice.shown.was_shown:
        _keep_first_shown(choice.shown.id, actor, now)
    return choice


def dismiss(*, actor: str, banner: str, now: datetime) -> None:
    """Keep that a person does not want to see a banner again. Raises Refused."""
    mine = _for_them(actor, banner, now)
    if mine.needs_ack:
        raise Refused("This banner stays until you say that you know.")
    if not mine.dismissible:
        raise Refused("This banner stays until it ends.")
    with transaction.atomic():
        _seen(actor, banner, now).filter(dismissed_at=None).update(dismissed_at=now)


def acknowledge(*, actor: str, banner: str, now: datetime) -> None:
    """Keep a person's word that they know, with the banner and with its notice. Raises Refused."""
    mine = _for_them(actor, banner, now)
    if not mine.needs_ack:
        raise Refused("This banner asks for no word of yours; dismiss it.")
    with transaction.atomic():
        if _seen(actor, banner, now).filter(acknowledged_at=None).update(acknowledged_at=now):
            outbox.publish("banner.acknowledged", {"banner": banner}, at=now)
        notice = mine.notice
        if notice and Reader.objects.filter(notice__pk=notice, person=actor).exists():
            notices.acknowledge(actor=actor, notice=notice, now=now)


def _for_them(actor: str, banner: str, now: datetime) -> BannerRow:
    """Return a banner of theirs that has begun; it may be over, and is answered all the same."""
    row = queries.find_banner(banner)
    if row is None or row.starts_at > now or not queries.is_for(actor, row):
        raise NoSuch("There is no such banner for you.")
    return row


def _seen(actor: str, banner: str, now: datetime) -> QuerySet[BannerSeen]:
    """Return what is kept of a person and a banner; answering is seeing."""
    BannerSeen.objects.get_or_create(banner_id=banner, person=actor, defaults={"first_shown_at": now})
    return BannerSeen.objects.filter(banner__pk=banner, person=actor)


def _keep_first_shown(banner: str, person: str, now: datetime) -> None:
    """Keep it unless that takes long: then the next page does, and none waits or fails for it."""
    try:
        with waiting_at_most(_PATIENCE_MS):
            BannerSeen.objects.create(banner_id=banner, person=person, first_shown_at=now)
    except (IntegrityError, OperationalError):  # another page of theirs kept it, or others are writing
        return


def _end(banners: Collection[str], *, by: str, because: str, now: datetime) -> int:
    """End those that are not over, once; whoever ended one first stays."""
    with transaction.atomic():
        ended = 0
        for banner in banners:
            running = Banner.objects.filter(pk=banner, ended_at=None, ends_at__gt=now)
            if running.update(ended_at=now, ended_by=by, ended_because=because):
                outbox.publish("banner.ended", {"banner": banner}, at=now)
                ended += 1
    return ended


def _tidied(draft: Draft, now: datetime) -> Draft:
    audience = draft.audience
    return replace(
        draft,
        title=" ".join(draft.title.split()),
        words=" ".join(draft.words.split()),
        link=draft.link.strip(),
        link_words=" ".join(draft.link_words.split()),
        starts_at=draft.begins(now),
        dismissible=draft.dismissible and not draft.needs_ack,
        audience=Audience(
            *(tuple(sorted(set(each))) for each in (audience.tenants, audience.teams, audience.departments))
        ),
    )


def _must_be_there(draft: Draft) -> None:
    audience = draft.audience
    for what, named, known in (
        ("tenant", audience.tenants, set(tenants.titles())),
        ("team", audience.teams, {team.slug for team in identity.teams()}),
        ("department", audience.departments, set(identity.departments())),
    ):
        if missing := [each for each in named if each not in known]:
            raise Refused(f"There is no {what} {missing[0]!r}. Choose one that is there.")
    if draft.notice and not _is_told(draft.notice):
        raise Refused("There is no such notice. Choose one that was told.")


def _is_told(notice: str) -> bool:
    try:
        return Notice.objects.filter(pk=notice).exists()
    except ValidationError:
        return False


def _says_the_same(row: BannerRow, draft: Draft) -> bool:
    return (row.title, row.words, row.audience, row.notice) == (
        draft.title, draft.words, draft.audience, draft.notice,
    )  # fmt: skip
