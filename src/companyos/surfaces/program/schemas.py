"""The shape of each program file: JSON Schemas under `schema/`, with their complaints put into words for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem

FOLDER = Path(__file__).parent / "schema"
KINDS = {"object": "fields (key: value)", "array": "a list", "string": "text", "boolean": "true or false"}


def problems_of_shape(node: Node, schema: str) -> Iterator[Problem]:
    """Say everything that does not fit `schema/<schema>.json`, each on its line."""
    for error in _validator(schema).iter_errors(node.plain()):
        yield from _in_words(error, node.at(error.absolute_path))


@cache
def _validator(schema: str) -> Draft202012Validator:
    document = json.loads((FOLDER / f"{schema}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def _in_words(error: ValidationError, node: Node) -> Iterator[Problem]:
    if error.validator == "additionalProperties":
        yield from _unknown_fields(error, node)
        return
    say = SAYINGS.get(str(error.validator), _as_the_library_says)
    yield node.problem(f"{_place(error)}{say(error)}")


def _as_the_library_says(error: ValidationError) -> str:
    return str(error.message)


def _place(error: ValidationError) -> str:
    names = [str(step) for step in error.absolute_path if isinstance(step, str)]
    return f"`{names[-1]}`: " if names else ""


def _unknown_fields(error: ValidationError, node: Node) -> Iterator[Problem]:
    allowed = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
    for key, _ in node.fields():
        if key not in allowed:
            yield node.field(key).problem(f"there is no field `{key}` here; allowed: {', '.join(allowed)}")


def _missing(error: ValidationError) -> str:
    named = next((name for name in _as_list(error.validator_value) if f"'{name}'" in error.message), "")
    return f"the field `{named}` is missing; required here: {', '.join(_as_list(error.validator_value))}"


def _wrong_type(error: ValidationError) -> str:
    wanted = " or ".join(KINDS.get(kind, f"a{'n' * (kind == 'integer')} {kind}") for kind in _kinds(error))
    return f"{_shown(error.instance)} does not belong here; write {wanted}"


def _not_listed(error: ValidationError) -> str:
    allowed = ", ".join(str(value) for value in _as_list(error.validator_value))
    return f"{_shown(error.instance)} is not known; allowed: {allowed}"


def _wrong_pattern(error: ValidationError) -> str:
    rule = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    return (
        f"{_shown(error.instance)} is not written as it should be; allowed: {rule or error.validator_value}"
    )


def _limit(words: str) -> Callable[[ValidationError], str]:
    return lambda error: f"{_shown(error.instance)} is out of range; allowed: {words} {error.validator_value}"


def _too_short(error: ValidationError) -> str:
    return f"nothing is written here; at least {error.validator_value} needed"


SAYINGS: dict[str, Callable[[ValidationError], str]] = {
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_listed,
    "pattern": _wrong_pattern,
    "minimum": _limit("at least"),
    "exclusiveMinimum": _limit("more than"),
    "maximum": _limit("at most"),
    "minItems": _too_short,
    "minLength": _too_short,
    "uniqueItems": lambda error: f"{_shown(error.instance)} names something twice; allowed: each once",
}


def _kinds(error: ValidationError) -> list[str]:
    return [str(kind) for kind in _as_list(error.validator_value)]


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return f"`{text[:57]}...`" if len(text) > 60 else f"`{text}`"
