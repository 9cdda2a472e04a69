"""Small things that are kept: types, saved filters, which notices were read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from companyos.kernel.canonical_json import sha256_of
from companyos.work.cases.actions.refusals import Refused, Unclear
from companyos.work.cases.domain.definition import definition_from
from companyos.work.cases.models import Notice, SavedFilter, TypeVersion
from companyos.work.cases.queries.definitions import forget_definitions

MOST_FILTERS = 30


def keep_type(*, document: Mapping[str, Any], now: datetime) -> bool:
    """Add a version when the document says something new; says whether it did. Raises BadType."""
    definition_from(document)
    newest = TypeVersion.objects.filter(slug=document["slug"]).order_by("-version").first()
    sha256 = sha256_of(document)
    if newest is not None and newest.sha256 == sha256:
        return False
    forget_definitions()
    TypeVersion.objects.create(
        slug=document["slug"],
        version=newest.version + 1 if newest else 1,
        sha256=sha256,
        document=dict(document),
        since=now,
    )
    return True


def save_filter(*, actor: str, title: str, query: str) -> None:
    """Keep a question to the inbox under a title; the same title again replaces it."""
    if not title.strip():
        raise Unclear("Give the filter a title.", "title")
    if SavedFilter.objects.filter(person=actor).exclude(title=title.strip()[:60]).count() >= MOST_FILTERS:
        raise Refused(f"You have {MOST_FILTERS} filters. Drop one first.")
    SavedFilter.objects.update_or_create(
        person=actor, title=title.strip()[:60], defaults={"query": query[:500]}
    )


def drop_filter(*, actor: str, number: int) -> None:
    SavedFilter.objects.filter(person=actor, pk=number).delete()


def mark_read(*, actor: str, now: datetime, case: str = "") -> None:
    """Mark one's own notices as read: those of a case, or all."""
    mine = Notice.objects.across_tenants(because="a person reads what they are told, wherever it is about")
    mine = mine.filter(person=actor, read_at=None)
    (mine.filter(case_id=case) if case else mine).update(read_at=now)
