"""Response macros: words with variables in double braces, filled in for one reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

KNOWN = {
    "customer": "who is answered",
    "case": "the label of their case",
    "feature": "what the feature is called",
    "agent": "who answers",
}
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class UnknownVariable(Exception):
    """A macro names a variable that nobody fills; says which, and which there are."""


def variables_of(words: str) -> tuple[str, ...]:
    """Return the variables of a macro, each once, in order. Raises UnknownVariable."""
    named = tuple(dict.fromkeys(_VARIABLE.findall(words)))
    unknown = [name for name in named if name not in KNOWN]
    if unknown:
        there_are = ", ".join(f"{{{{{name}}}}}" for name in KNOWN)
        raise UnknownVariable(f"There is no variable {{{{{unknown[0]}}}}}. Use one of {there_are}.")
    if "{{" in _VARIABLE.sub("", words) or "}}" in _VARIABLE.sub("", words):
        raise UnknownVariable("A variable is not closed: write it as {{customer}}.")
    return named


def filled(words: str, values: Mapping[str, str]) -> str:
    """Return the macro as plain text; a variable without a value stays as it is, to be seen.

    What is filled in is never read again: a customer called `{{agent}}` stays that. Raises UnknownVariable.
    """
    variables_of(words)
    return _VARIABLE.sub(lambda found: _one_line(values.get(found[1], "")) or f"{{{{{found[1]}}}}}", words)


def filled_html(words: str, values: Mapping[str, str]) -> str:
    """Return the macro as HTML, escaped as a whole. Raises UnknownVariable."""
    return escape(filled(words, values)).replace("\n", "<br>")


def missing(words: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that have no value yet. Raises UnknownVariable."""
    return tuple(name for name in variables_of(words) if not _one_line(values.get(name, "")))


def _one_line(value: str) -> str:
    return " ".join(value.split())
