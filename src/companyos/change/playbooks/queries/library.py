"""Playbooks in their versions, and who may do what with them."""

from __future__ import annotations

from companyos.adoption.features import queries as features
from companyos.change.playbooks.domain.reading import steps_from
from companyos.change.playbooks.domain.types import DrillRow, Kind, Playbook, PlaybookRow, Target
from companyos.change.playbooks.models import PlaybookVersion
from companyos.people.identity import queries as identity


def playbooks() -> tuple[PlaybookRow, ...]:
    """Return each playbook in its newest version, by title."""
    newest = {each.playbook: each for each in PlaybookVersion.objects.order_by("version")}
    return tuple(sorted((_row(each) for each in newest.values()), key=lambda row: row.playbook.title))


def versions(slug: str) -> tuple[PlaybookRow, ...]:
    """Return every version of a playbook, the newest first."""
    return tuple(_row(each) for each in PlaybookVersion.objects.filter(playbook=slug).order_by("-version"))


def find_playbook(slug: str) -> PlaybookRow | None:
    """Return a playbook in its newest version."""
    found = PlaybookVersion.objects.filter(playbook=slug).order_by("-version").first()
    return _row(found) if found else None


def may_write(person: str, owner: str) -> bool:
    """Tell whether a person writes what this team owns: its own people, and whoever leads a team."""
    return person in features.people_of(owner) or identity.may_manage_keys(person)


def may_practise(person: str, book: Playbook, feature: str = "") -> bool:
    """Tell whether a person begins a drill: who may write its playbook, and the stewards of the feature."""
    if may_write(person, book.owner):
        return True
    row = features.feature(feature or book.feature)
    return row is not None and person in features.stewards(row.owner, row.lead_team)


def may_run(person: str, row: DrillRow) -> bool:
    """Tell whether a person ticks and ends: who began it, who has a role in it, and who may begin it."""
    if person == row.began_by or any(person == named for _, named in row.roles):
        return True
    book = find_playbook(row.playbook)
    return book is not None and may_practise(person, book.playbook, row.feature)


def _row(each: PlaybookVersion) -> PlaybookRow:
    target = Target(each.rollback_seconds, each.rto_minutes, each.rpo_minutes)
    book = Playbook(
        each.playbook, each.title, Kind(each.kind), each.owner, each.review_on, steps_from(each.steps),
        each.summary, each.feature, target,
    )  # fmt: skip
    return PlaybookRow(book, each.version, each.at, each.by, each.because)
