"""Request types: the newest of each, and any version that a request began with."""

from __future__ import annotations

from django.db.models import Max

from companyos.work.approvals.domain.chain import Definition, definition_from
from companyos.work.approvals.domain.legacy import route_of
from companyos.work.approvals.domain.types import Path
from companyos.work.approvals.models import RequestType

_READ: dict[tuple[str, int], Definition] = {}
_ROUTES: dict[tuple[str, int, str], Definition] = {}


def latest_types(*, also_internal: bool = False) -> tuple[Definition, ...]:
    """Return every request type that people ask for in its newest version, by title; CompanyOS's own where wanted."""
    newest = RequestType.objects.values("slug").annotate(top=Max("version")).values_list("slug", "top")
    found = (definition_of(slug, version) for slug, version in newest)
    wanted = (each for each in found if each and (also_internal or not each.internal))
    return tuple(sorted(wanted, key=lambda each: each.title))


def definition_of(slug: str, version: int | None = None) -> Definition | None:
    """Return a request type in one version, or its newest; None when there is none."""
    if version is None:
        version = RequestType.objects.filter(slug=slug).aggregate(top=Max("version"))["top"]
        if version is None:
            return None
    return _read(slug, version)


def carried_by(path: str, definition: Definition, department: str) -> Definition:
    """The chain that carries a request: its own, or the plain route of the department on the existing path."""
    if path != Path.EXISTING:
        return definition
    key = (definition.slug, definition.version, department)
    route = _ROUTES.get(key)
    if route is None:
        route = _ROUTES[key] = route_of(department, definition)
    return route


def type_titles() -> dict[str, str]:
    return {each.slug: each.title for each in latest_types(also_internal=True)}


def forget_definitions() -> None:
    """Read them anew: a version has just been added, or another database is looked at."""
    _READ.clear()
    _ROUTES.clear()


def _read(slug: str, version: int) -> Definition | None:
    """A version never changes, so it is read once."""
    known = _READ.get((slug, version))
    if known is None and (row := RequestType.objects.filter(slug=slug, version=version).first()):
        known = _READ[slug, version] = definition_from(row.document, version=version)
    return known
