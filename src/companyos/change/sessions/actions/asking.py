"""Questions for a session, before it and in it, and their answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from companyos.change.sessions.actions.refusals import NoSuch, Refused
from companyos.change.sessions.actions.rows import as_host, said, the_session
from companyos.change.sessions.models import SessionQuestion
from companyos.platform import outbox

_TEXT = 2_000


def ask(*, actor: str, session: str, text: str, now: datetime) -> int:
    """Ask something, before the session or in it, and return the question's number. Raises Refused."""
    row = the_session(session)
    words = said(text, "Write your question.", _TEXT)
    if row.cancelled_at:
        raise Refused("This session was called off. Ask in a case, or at the next one.")
    with transaction.atomic():
        made = SessionQuestion.objects.create(session_id=UUID(row.id), by=actor, text=words, at=now)
        outbox.publish("session.asked", {"session": row.id, "question": made.pk, "by": actor}, at=now)
    return int(made.pk)


def answer(*, actor: str, session: str, question: int, text: str, now: datetime) -> None:
    """Answer a question; its host does. The first answer stays. Raises Refused."""
    row = as_host(session, actor)
    words = said(text, "Write the answer.", _TEXT)
    with transaction.atomic():
        mine = SessionQuestion.objects.filter(pk=question, session_id=UUID(row.id))
        if not mine.exists():
            raise NoSuch("There is no such question in this session.")
        answered = mine.filter(answered_at=None).update(answer=words, answered_by=actor, answered_at=now)
        if not answered:
            raise Refused("It was answered already; ask a new one to say more.")
        outbox.publish("session.answered", {"session": row.id, "question": question, "by": actor}, at=now)
