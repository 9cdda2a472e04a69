"""Requests for comments: drafting, comments on lines, required reviewers, moves by the table of states (R90)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.roadmap.actions.refusals import NoSuch, NotYours, Refused, with_reason
from companyos.work.roadmap.domain import rfc as rules
from companyos.work.roadmap.domain.types import RfcState
from companyos.work.roadmap.models import Rfc, RfcComment, RfcMove, RfcReviewer
from companyos.work.roadmap.queries.stewards import is_steward

MOST_BODY = 100_000
MOST_COMMENT = 5_000
_TRIES = 10
_DECIDED = {RfcState.ACCEPTED, RfcState.DECLINED, RfcState.WITHDRAWN}


def draft(*, actor: str, title: str, body: str, now: datetime, feature: str = "") -> int:
    """Begin an RFC and return its number. Raises Refused."""
    return new_rfc(
        Rfc(
            title=_titled(title),
            body=_bodied(body),
            author=actor,
            feature=feature,
            state=RfcState.DRAFT,
            at=now,
        )
    )


def new_rfc(row: Rfc) -> int:
    """Store a new RFC under the next number; numbers have no gap."""
    for _ in range(_TRIES):
        row.number = (Rfc.objects.aggregate(top=Max("number"))["top"] or 0) + 1
        try:
            with transaction.atomic():
                row.save(force_insert=True)
                outbox.publish("rfc.begun", {"rfc": row.number, "feature": row.feature}, at=row.at)
        except IntegrityError:
            if row.window_of and Rfc.objects.filter(window_of=row.window_of).exists():
                raise
            continue
        return row.number
    raise Refused("Many RFCs begin at this moment. Nothing was stored; send it again.")


def revise(*, actor: str, number: int, title: str, body: str, now: datetime) -> None:
    """Change the text of a draft; afterwards comments name its lines, so it stands. Raises Refused."""
    row = _known(number)
    if actor != row.author:
        raise NotYours("Only its author changes the text.")
    values = {"title": _titled(title), "body": _bodied(body)}
    with transaction.atomic():
        if not Rfc.objects.filter(pk=number, state=RfcState.DRAFT).update(**values):
            raise Refused("Its text stands once it is discussed; move it back to draft first.")
        outbox.publish("rfc.revised", {"rfc": number}, at=now)


def ask_reviewer(*, actor: str, number: int, person: str, now: datetime) -> None:
    """Require somebody's approval. Raises Refused."""
    row = _open(number)
    if not (actor == row.author or is_steward(actor)):
        raise NotYours("Only its author, or somebody who leads a team, names reviewers.")
    if person == row.author or not any(each.slug == person for each in identity.everybody()):
        raise Refused("Name somebody of the company, and not the author.")
    RfcReviewer.objects.get_or_create(rfc=row, person=person)


def approve(*, actor: str, number: int, now: datetime) -> None:
    """Approve as a required reviewer. Raises NotYours."""
    _open(number)
    with transaction.atomic():
        if not RfcReviewer.objects.filter(rfc_id=number, person=actor, approved_at=None).update(
            approved_at=now
        ):
            raise NotYours("Your review is not asked for here, or you have approved already.")
        outbox.publish("rfc.reviewed", {"rfc": number, "by": actor}, at=now)


def comment(
    *,
    actor: str,
    number: int,
    text: str,
    now: datetime,
    line: int = 0,
    blocking: bool = False,
    answers: int | None = None,
) -> int:
    """Comment on a line, on the whole (line 0), or in answer to a comment; return its id. Raises Refused."""
    row = _open(number)
    if row.state == RfcState.DRAFT:
        raise Refused("It is a draft: comments open with its discussion.")
    text = text.strip()
    if not 1 <= len(text) <= MOST_COMMENT:
        raise Refused(f"Write 1 to {MOST_COMMENT:,} characters. Nothing was stored.")
    above = RfcComment.objects.filter(pk=answers, rfc=row).first() if answers else None
    if answers and above is None:
        raise NoSuch("There is no such comment to answer.")
    if not 0 <= line <= len(row.body.splitlines()):
        raise Refused(f"The text has {len(row.body.splitlines())} lines.")
    with transaction.atomic():
        made = RfcComment.objects.create(
            rfc=row, line=above.line if above else line, answers=above, by=actor, at=now, text=text,
            blocking=blocking and above is None,
        )  # fmt: skip
        outbox.publish("rfc.commented", {"rfc": number, "blocking": made.blocking}, at=now)
    return int(made.pk)


def resolve(*, actor: str, comment_id: int, because: str, now: datetime) -> None:
    """Resolve a blocking comment with a word: who wrote it, the RFC's author, or somebody who leads a team."""
    reason, row = with_reason(because), RfcComment.objects.select_related("rfc").filter(pk=comment_id).first()
    if row is None:
        raise NoSuch("There is no such comment.")
    if not (actor in {row.by, row.rfc.author} or is_steward(actor)):
        raise NotYours("Who wrote it, the author, or somebody who leads a team resolves it.")
    with transaction.atomic():
        mine = RfcComment.objects.filter(pk=comment_id, blocking=True, resolved_at=None)
        if not mine.update(resolved_at=now, resolved_by=actor, resolution=reason):
            raise Refused("It blocks nothing, or is resolved already.")
        outbox.publish("rfc.resolved", {"rfc": row.rfc_id}, at=now)


def move(*, actor: str, number: int, to: RfcState, because: str, now: datetime) -> None:
    """Move an RFC by the table of states; of a decision the reason is its rationale. Raises Refused."""
    row = _known(number)
    reviewers = RfcReviewer.objects.filter(rfc=row)
    asked = rules.Asked(
        RfcState(row.state),
        to,
        actor == row.author or is_steward(actor),
        because,
        reviewers.count(),
        tuple(reviewers.filter(approved_at=None).order_by("person").values_list("person", flat=True)),
        blocking_comments(number),
        row.closes_at,
        now,
    )
    if refusal := rules.why_not(asked):
        raise Refused(refusal)
    write_move(row, to, by=actor, because=because.strip(), now=now)


def write_move(row: Rfc, to: RfcState, *, by: str, because: str, now: datetime, summary: str = "") -> None:
    """Swap the version an RFC was read at and write its move. Raises Refused when somebody came first."""
    values: dict[str, object] = {"state": to, "version": row.version + 1}
    if to in _DECIDED:
        values["rationale"] = because
    if summary:
        values["summary"] = summary
    with transaction.atomic():
        if not Rfc.objects.filter(pk=row.pk, version=row.version).update(**values):
            raise Refused("Somebody moved it meanwhile. Load the page again and decide anew.")
        RfcMove.objects.create(
            rfc=row, version=row.version + 1, before=row.state, after=to, because=because, by=by, at=now
        )
        outbox.publish("rfc.moved", {"rfc": row.pk, "state": to, "feature": row.feature}, at=now)


def blocking_comments(number: int) -> int:
    return RfcComment.objects.filter(rfc_id=number, blocking=True, resolved_at=None).count()


def _known(number: int) -> Rfc:
    row = Rfc.objects.filter(pk=number).first()
    if row is None:
        raise NoSuch(f"There is no RFC {number}.")
    return row


def _open(number: int) -> Rfc:
    row = _known(number)
    if row.state in _DECIDED:
        raise Refused(f"RFC {number} is {row.state}: it is over.")
    return row


def _titled(title: str) -> str:
    if not 4 <= len(title.strip()) <= 160:
        raise Refused("A title has 4 to 160 characters. Nothing was stored.")
    return title.strip()


def _bodied(body: str) -> str:
    if len(body) > MOST_BODY:
        raise Refused(f"The text has more than {MOST_BODY:,} characters. Nothing was stored.")
    return body
