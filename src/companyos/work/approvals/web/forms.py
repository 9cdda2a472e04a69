"""A form from its JSON Schema, and what was filled in as typed fields again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.web.pages import Choice, Fact, Input

_LONG = 300
PREFIX = "field-"


def inputs_of(
    definition: Definition, values: Mapping[str, Any], wrong: tuple[str, str] = ("", "")
) -> tuple[Input, ...]:
    """Return the fields of a form with their values; `wrong` names one and says what is the matter."""
    form = definition.form
    required = set(form.get("required", ()))
    return tuple(
        _input(name, schema, values.get(name, ""), name in required, wrong[1] if wrong[0] == name else "")
        for name, schema in form.get("properties", {}).items()
    )


def fields_from(definition: Definition, posted: QueryDict) -> dict[str, Any]:
    """Return what was filled in; what cannot be read as its type stays text, and the form says so."""
    return {
        name: value
        for name, schema in definition.form.get("properties", {}).items()
        if (value := _value(schema, posted.get(PREFIX + name, ""))) not in ("", None)
    }


def facts_of(definition: Definition, fields: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Return what was filled in, to be read; fields the form does not know (of an import) come last."""
    known = definition.form.get("properties", {})
    shown = [
        name for name in fields if name not in definition.naming_fields
    ]  # the page says who is asked, by name
    order = [*(name for name in known if name in shown), *(name for name in shown if name not in known)]
    return tuple(
        Fact(known.get(name, {}).get("title", name.replace("_", " ").capitalize()), said(fields[name]))
        for name in order
    )


def said(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return f"{value:,}"
    return str(value)


def _input(name: str, schema: Mapping[str, Any], value: Any, is_required: bool, wrong: str) -> Input:
    kind = _kind(schema)
    shown = "yes" if value is True else "" if value is False else str(value)
    return Input(
        PREFIX + name,
        schema.get("title", name),
        kind,
        shown,
        is_required,
        tuple(
            Choice(str(each), str(each).capitalize(), str(each) == shown) for each in schema.get("enum", ())
        ),
        step="1" if schema.get("type") == "integer" else "any",
        longest=schema.get("maxLength"),
        least=str(schema.get("minimum", "")),
        most=str(schema.get("maximum", "")),
        wrong=wrong,
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "choice"
    kind = {"number": "number", "integer": "number", "boolean": "tick"}.get(schema.get("type", ""))
    if kind:
        return kind
    if schema.get("format") in {"date", "uri"}:
        return "date" if schema["format"] == "date" else "url"
    return "area" if schema.get("maxLength", 0) > _LONG else "text"


def _value(schema: Mapping[str, Any], text: str) -> Any:
    text = text.strip()
    if schema.get("type") == "boolean":
        return True if text == "yes" else None
    if not text or schema.get("type") not in {"number", "integer"}:
        return text
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
