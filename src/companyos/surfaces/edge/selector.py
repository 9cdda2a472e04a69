"""Which flag set a request means: `Flagd-Selector: flagSetId=NAME` or `?selector=flagSetId=NAME`."""

from __future__ import annotations

from urllib.parse import parse_qs

from companyos.surfaces.edge.answers import Refused, Request
from companyos.surfaces.edge.rulesets import Ruleset, ServedSet

DEFAULT = "companyos"
_PREFIX = "flagSetId="


class NoSuchSet(Exception):
    """There is no such flag set; says so in words for the caller."""


def selected(request: Request, ruleset: Ruleset) -> ServedSet:
    """Return the flag set a request asks for. Raises NoSuchSet."""
    header = request.headers.get(b"flagd-selector")
    given = header.decode("latin-1") if header else ""
    if not header and b"selector" in request.query:
        given = parse_qs(request.query.decode("latin-1")).get("selector", [""])[0]
    return set_called(given, ruleset)


def set_called(selector: str, ruleset: Ruleset) -> ServedSet:
    """Return the flag set of a selector; without one the default set. Raises NoSuchSet."""
    if selector and not selector.startswith(_PREFIX):
        raise NoSuchSet("A selector names a flag set: flagSetId=NAME.")
    name = selector.removeprefix(_PREFIX) or DEFAULT
    found = ruleset.sets.get(name)
    if found is None:
        raise NoSuchSet("There is no such flag set. Leave the selector out for the default one.")
    return found


def selected_or_404(request: Request, ruleset: Ruleset) -> ServedSet:
    try:
        return selected(request, ruleset)
    except NoSuchSet as problem:
        raise Refused(404, {"error": str(problem)}) from None
