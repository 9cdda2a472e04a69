"""Bounded reading of what others send: bytes to JSON or XML, or a plain sentence why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any
from xml.parsers import expat

LARGEST = 5 * 1024 * 1024
DEEPEST = 64


class Unreadable(ValueError):
    """What was sent cannot be read; the text says where and what is expected."""


def json_from(body: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises Unreadable for anything else, NaN and infinities among it."""
    _within_bounds(body)
    try:
        document = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"This is no JSON: {str(error)[:120]}.") from None
    if not isinstance(document, dict):
        raise Unreadable("A JSON object is expected.")
    return document


def each_element(body: bytes, take: Callable[[str, Mapping[str, str]], None]) -> None:
    """Walk through an XML document and give each element's name and attributes to `take`.

    A document type, and with it any entity, is refused: nothing here needs one, and attacks do. Raises Unreadable.
    """
    _within_bounds(body)
    parser = expat.ParserCreate()
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(f"The elements are nested more than {DEEPEST} deep.")
        take(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: Any) -> None:
        raise Unreadable("A document type (<!DOCTYPE ...>) is not taken; leave it out.")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable(f"This is no XML: {error}.") from None
    except (ValueError, LookupError) as error:  # a LookupError: an encoding that there is not
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"This is no XML: {error}.") from None


def whole(value: Any, what: str) -> int:
    """Read a count of 0 or more. Raises Unreadable."""
    number = figure(value, what)
    if number < 0 or number != int(number):
        raise Unreadable(f"`{what}` is a whole number from 0 on, not {str(value)[:40]!r}.")
    return int(number)


def figure(value: Any, what: str) -> float:
    """Read a finite number. Raises Unreadable."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Unreadable(f"`{what}` is a number, not {str(value)[:40]!r}.") from None
    if isinstance(value, bool) or not isfinite(number):
        raise Unreadable(f"`{what}` is a number, not {str(value)[:40]!r}.")
    return number


def text(document: Mapping[str, Any], field: str, *, longest: int = 400) -> str:
    """Read a text that must be there. Raises Unreadable."""
    value = document.get(field)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise Unreadable(f"`{field}` is a text of 1 to {longest} letters.")
    return value.strip()


def _within_bounds(body: bytes) -> None:
    if not body.strip():
        raise Unreadable("Nothing was sent.")
    if len(body) > LARGEST:
        raise Unreadable(f"{len(body):,} bytes were sent; at most {LARGEST:,} are taken.")


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
