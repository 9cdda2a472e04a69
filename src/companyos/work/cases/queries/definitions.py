"""Case types: the newest of each, and any version that a case began with."""

from __future__ import annotations

from django.db.models import Max

from companyos.work.cases.domain.definition import PLAIN, Definition, definition_from
from companyos.work.cases.models import TypeVersion

_READ: dict[tuple[str, int], Definition] = {}


def case_types() -> tuple[Definition, ...]:
    """Return every case type in its newest version, by title."""
    newest = TypeVersion.objects.values("slug").annotate(top=Max("version")).values_list("slug", "top")
    return tuple(sorted((_read(*each) for each in newest), key=lambda each: each.title))


def definition_of(slug: str, version: int = 0) -> Definition:
    """Return a type in one version, or its newest for 0; the plain one when no file describes it."""
    version = version or newest_version(slug)
    return _read(slug, version) if version else PLAIN


def newest_version(slug: str) -> int:
    return TypeVersion.objects.filter(slug=slug).aggregate(top=Max("version"))["top"] or 0


def forget_definitions() -> None:
    """Read them anew: another database is looked at."""
    _READ.clear()


def _read(slug: str, version: int) -> Definition:
    """A version never changes, so it is read once."""
    known = _READ.get((slug, version))
    if known is None:
        row = TypeVersion.objects.filter(slug=slug, version=version).first()
        if row is None:
            return PLAIN
        known = _READ[slug, version] = definition_from(row.document, version=version)
    return known
