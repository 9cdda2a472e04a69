"""Case types of the program's files: read by the cases' own reader."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from companyos.surfaces.program.references import Files, choice, doubles
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem
from companyos.work.cases.domain.definition import BadType, definition_from


def problems_of_cases(files: Files) -> Iterator[Problem]:
    """Say everything that is wrong with the case types, beyond their shape."""
    yield from doubles(files.cases, "slug", "case type")
    for case in files.cases:
        yield from _as_a_whole(case)


def _as_a_whole(case: Node) -> Iterator[Problem]:
    try:
        definition = definition_from(case.plain())
        Draft202012Validator.check_schema(dict(definition.form))
    except BadType as wrong:
        yield case.field("states").problem(str(wrong))
        return
    except SchemaError as wrong:
        yield case.field("form").problem(str(wrong).splitlines()[0])
        return
    except (KeyError, TypeError, AttributeError, ValueError):
        return  # its shape is wrong, which was said already
    known = definition.form.get("properties", {})
    for name, hint in case.field("hints").fields():
        if name not in known:
            yield hint.problem(f"the form has no field `{name}`; {choice(name, known)}")
    for clock, node in case.field("sla").fields():
        for severity in node.field("severities").items():
            if severity.text and severity.text not in definition.severities:
                said = f"the clock `{clock}` is for `{severity.text}`, which the type has not"
                yield severity.problem(f"{said}; {choice(severity.text, definition.severities)}")
