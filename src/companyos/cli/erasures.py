"""Which rooms hold something of a person, and what grows old: told to the erasures and to retention."""

from __future__ import annotations

from collections.abc import Collection

from companyos.adoption.flags import actions as flags
from companyos.adoption.surveys import actions as surveys
from companyos.change.comms import actions as comms
from companyos.change.playbooks import actions as playbooks
from companyos.change.recognition import actions as recognition
from companyos.change.sessions import actions as sessions
from companyos.people.identity import queries as identity
from companyos.platform import erasing, outgoing
from companyos.work.cases import actions as cases
from companyos.work.feedback import actions as triage
from companyos.work.mailroom import actions as mailroom
from companyos.work.roadmap import actions as roadmap


def let_erasures_reach() -> None:
    """Wire the rooms that hold something of a person to the erasures."""
    erasing.reach("triage", triage.forget)  # asks whose the cases are, so before these
    erasing.reach("cases", cases.forget)
    erasing.reach("survey answers", surveys.forget)
    erasing.reach("suggestions, votes and comments", roadmap.forget)
    erasing.reach("messages", _forget_messages)
    erasing.reach("mails that became cases", mailroom.forget_letters)
    erasing.reach("days on the old path", flags.forget_days_back)
    erasing.reach("news", comms.forget)
    erasing.reach("sessions", sessions.forget)
    erasing.reach("spotlight votes and claims", recognition.forget)
    erasing.reach("playbooks and drills", playbooks.forget)
    erasing.ages("answers", surveys.drop_older)


def _forget_messages(names: Collection[str]) -> int:
    addresses = [person.email for person in identity.reached(names).values()]
    return outgoing.forget(addresses) + mailroom.forget_set_aside(senders=addresses)
