"""Scorecards and definitions of the program: each change is a new version, what was judged by an old one keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.models import ScorecardTemplate, SoftDefinition
from companyos.kernel.canonical_json import sha256_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox


def keep_scorecard(*, document: Mapping[str, Any], now: datetime) -> bool:
    """Keep a checked scorecard; a changed one is a new version. Says whether anything changed."""
    slug, sha256 = document["scorecard"], sha256_of(document)
    newest = ScorecardTemplate.objects.filter(scorecard=slug).order_by("-version").first()
    if newest and newest.sha256 == sha256:
        return False
    version = newest.version + 1 if newest else 1
    ScorecardTemplate.objects.create(
        scorecard=slug, version=version, sha256=sha256, document=dict(document), at=now
    )
    return True


def keep_definition(*, name: str, term: str, means: str, actor: str, because: str, now: datetime) -> bool:
    """Keep what a soft word means; a change is a new version. Says whether anything changed."""
    newest = SoftDefinition.objects.filter(name=name).order_by("-version").first()
    if newest and (newest.term, newest.means) == (term, means):
        return False
    with transaction.atomic():
        SoftDefinition.objects.create(
            name=name, version=newest.version + 1 if newest else 1, term=term, means=means, at=now, by=actor,
            because=because,
        )  # fmt: skip
        outbox.publish("feature.definition", {"name": name}, at=now)
    return True


def change_definition(*, actor: str, name: str, means: str, because: str, now: datetime) -> None:
    """Change what a soft word means, from the console. Whoever leads a team may; the reason is kept."""
    newest = SoftDefinition.objects.filter(name=name).order_by("-version").first()
    if newest is None:
        raise NoSuch(f"There is no definition {name!r}.")
    if not identity.may_manage_keys(actor):
        raise NotYours("Whoever leads a team may change what a word means for the whole company.")
    if len(because.strip()) < 3 or not means.strip():
        raise Refused("Say what it means from now on, and why.")
    if not keep_definition(
        name=name, term=newest.term, means=means.strip(), actor=actor, because=because.strip(), now=now
    ):
        raise Refused("It means that already.")
