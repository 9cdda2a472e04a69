"""Request types of the program's files: read by approvals' own reader, with the names they lead to checked."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from companyos.surfaces.program.references import Files, choice, doubles, unknown
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem
from companyos.work.approvals.domain.chain import BadChain, definition_from

_KINDS = {"team": "team", "members": "team", "person": "person"}


def problems_of_requests(files: Files) -> Iterator[Problem]:
    """Say everything that is wrong with the request types, beyond their shape."""
    yield from doubles(files.requests, "slug", "request type")
    roles = {person.field("role").text for person in files.entries("person")} - {""}
    for request in files.requests:
        for who in _everybody_named(request):
            kind, _, name = who.text.partition(":")
            known = roles if kind == "role" else set(files.named(_KINDS[kind])) if kind in _KINDS else set()
            if kind == "field" and name not in dict(request.field("form").field("properties").fields()):
                yield who.problem(f"the form has no field `{name}`")
            if known and name not in known:
                yield who.problem(
                    f"there is no {_KINDS.get(kind, kind)} `{name}`; {choice(name, sorted(known))}"
                )
        yield from _as_a_whole(request)
    for department in files.entries("department"):
        yield from unknown(files, "person", department.field("head"))


def _everybody_named(request: Node) -> Iterator[Node]:
    yield from request.field("may_ask").items()
    if request.field("carried_out_by").text:
        yield request.field("carried_out_by")
    for group in request.field("chain").items():
        for step in group.field("together").items() or (group,):
            for field in ("ask", "escalate_to"):
                named = step.field(field)
                yield from named.items() or ((named,) if named.text else ())


def _as_a_whole(request: Node) -> Iterator[Problem]:
    try:
        document = request.plain()
        definition = definition_from(document)
        Draft202012Validator.check_schema(dict(definition.form))
    except (BadChain, SchemaError) as wrong:
        yield request.field("chain").problem(str(wrong).splitlines()[0])
    except (KeyError, TypeError, AttributeError):
        return  # its shape is wrong, which was said already
    else:
        fields = document["form"]["properties"]
        if definition.amount_field and fields.get(definition.amount_field, {}).get("type") not in {
            "number",
            "integer",
        }:
            yield request.field("amount").problem("`amount` names a field of the form that is a number")
