"""Request types: the newest of each, and any version that a request began with."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Max

from companyos.work.approvals.domain.chain import Definition, definition_from
from companyos.work.approvals.domain.legacy import route_of
from companyos.work.approvals.domain.types import Path
from companyos.work.approvals.models import RequestType


def latest_types() -> tuple[Definition, ...]:
    """Return every request type in its newest version, by title."""
    newest = RequestType.objects.values("slug").annotate(top=Max("version")).values_list("slug", "top")
    found = (definition_of(slug, version) for slug, version in newest)
    return tuple(sorted((each for each in found if each), key=lambda each: each.title))


def definition_of(slug: str, version: int | None = None) -> Definition | None:
    """Return a request type in one version, or its newest; None when there is none."""
    if version is None:
        version = RequestType.objects.filter(slug=slug).aggregate(top=Max("version"))["top"]
        if version is None:
            return None
    row = RequestType.objects.filter(slug=slug, version=version).values_list("sha256", flat=True).first()
    return _read(slug, version, row) if row else None


def carried_by(path: str, definition: Definition, department: str) -> Definition:
    """The chain that carries a request: its own, or the plain route of the department on the existing path."""
    return route_of(department, definition) if path == Path.EXISTING else definition


def type_titles() -> dict[str, str]:
    return {each.slug: each.title for each in latest_types()}


@lru_cache(maxsize=256)
def _read(slug: str, version: int, sha256: str) -> Definition:
    """A version never changes, so that it is read once; `sha256` keeps another database's apart."""
    document = RequestType.objects.values_list("document", flat=True).get(slug=slug, version=version)
    return definition_from(document, version=version)
