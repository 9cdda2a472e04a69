"""YAML files as nodes that know their file and line, and can be walked without fear of a wrong shape.

A missing field, or a value of another type, reads as empty: the schema has already said what is wrong there,
and the other checks go on with the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken, AnchorToken

from companyos.surfaces.program.types import Problem

_REFERS = (AliasToken, AnchorToken)
_DEEPEST = 100
_BRACKETS = re.compile(r"[\[\]{}]")
_DASHES = re.compile(rf"([-?:][ \t]+){{{_DEEPEST}}}")


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a file with the line it stands on, from 1."""

    file: str
    line: int
    value: Any = None

    def field(self, key: str) -> Node:
        """Return the value of `key`, or an empty node on this node's line."""
        if not isinstance(self.value, dict) or key not in self.value:
            return Node(self.file, self.line)
        return Node(self.file, self._line_of(key), self.value[key])

    def items(self) -> tuple[Node, ...]:
        """Return the entries of a list; nothing when this is no list."""
        if not isinstance(self.value, list):
            return ()
        return tuple(Node(self.file, self._line_of(place), item) for place, item in enumerate(self.value))

    def fields(self) -> tuple[tuple[str, Node], ...]:
        """Return the fields of a mapping by name; nothing when this is no mapping."""
        return (
            tuple((str(key), self.field(key)) for key in self.value) if isinstance(self.value, dict) else ()
        )

    def at(self, path: Iterable[str | int]) -> Node:
        """Walk down keys and list places, as far as they exist."""
        node = self
        for step in path:
            node = node.field(step) if isinstance(step, str) else node.items()[step]
        return node

    @property
    def is_read(self) -> bool:
        """Tell whether this is a mapping: a file that could not be read, or holds something else, is none."""
        return isinstance(self.value, dict)

    @property
    def text(self) -> str:
        return str(self.value) if isinstance(self.value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list under `key`."""
        return tuple(item.text for item in self.field(key).items() if item.text)

    def plain(self) -> Any:
        """Return the value in plain JSON types."""
        return _plain(self.value)

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, message)

    def _line_of(self, key: str | int) -> int:
        try:
            return int(self.value.lc.data[key][0]) + 1
        except (AttributeError, KeyError, TypeError):
            return self.line


def read(path: Path, name: str) -> Node | Problem:
    """Read the YAML file at `path`, known to people as `name`; a Problem when it cannot be read."""
    return _read(path, name, _parsed)


def read_text(text: str, name: str) -> Node | Problem:
    """Read YAML that somebody sent, known to people as `name`; a Problem when it cannot be read.

    What was sent may not refer to itself: a few lines of references can stand for more than any memory holds. Nor may
    it nest without end: a reader of YAML looks at every open bracket again with each token.
    """
    if _nests_deeper(text, _DEEPEST):
        return Problem(name, 1, f"brackets and dashes are nested deeper than {_DEEPEST} levels")
    try:
        mark = next(
            (t.start_mark for t in YAML(typ="rt", pure=True).scan(text) if isinstance(t, _REFERS)), None
        )
        if mark is not None:
            return Problem(
                name, mark.line + 1, "anchors and aliases (& and *) are not taken here; write it out"
            )
    except YAMLError:
        pass  # told with its line below
    return _told(name, lambda: YAML(typ="rt").load(text))


def _nests_deeper(text: str, most: int) -> bool:
    """Tell whether brackets, or dashes on one line, open more than `most` levels; quoted ones count as well."""
    depth = 0
    for mark in _BRACKETS.findall(text):
        depth = max(0, depth + (1 if mark in "[{" else -1))
        if depth > most:
            return True
    return _DASHES.search(text) is not None


def _read(path: Path, name: str, parse: Callable[[str], Any]) -> Node | Problem:
    return _told(name, lambda: parse(path.read_text(encoding="utf-8")))


def _told(name: str, parsed: Callable[[], Any]) -> Node | Problem:
    try:
        return Node(name, 1, parsed())
    except FileNotFoundError:
        return Problem(name, 1, "the file is missing; a program needs it")
    except UnicodeDecodeError as error:
        return Problem(name, 1, f"the file is not UTF-8 text (byte {error.start}); save it as UTF-8")
    except MarkedYAMLError as error:
        return Problem(name, _line_of_error(error), f"this is not valid YAML: {_words(error)}")
    except RecursionError:
        return Problem(name, 1, "this nests too deeply to be read; write it flatter")
    except (OSError, YAMLError, ValueError) as error:
        return Problem(
            name, 1, f"the file cannot be read: {str(error).splitlines()[0]}; write it as plain YAML"
        )


def read_several(path: Path, name: str) -> tuple[Node, ...] | Problem:
    """Read every document of a YAML stream; a Problem when it cannot be read."""
    whole = _read(path, name, _parsed_stream)
    if isinstance(whole, Problem):
        return whole
    return tuple(Node(name, _line(each), each) for each in whole.value if each is not None)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    """Parse once for each text: keeping lines is slow, and a folder is read again when one file of it changed."""
    return YAML(typ="rt").load(text)


@lru_cache(maxsize=8)
def _parsed_stream(text: str) -> list[Any]:
    return list(YAML(typ="rt").load_all(text))


def _line(document: Any) -> int:
    return int(document.lc.line) + 1 if hasattr(document, "lc") else 1


def _line_of_error(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _words(error: MarkedYAMLError) -> str:
    said = [part.strip() for part in (error.problem, error.context) if part]
    return (
        f"{' '.join(said)}; indent with spaces, write each key once, quote text that holds : # {{ }} [ ] or ,"
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        return str(value)  # no JSON number; as text it is told as a wrong type
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return None if value is None else [str(value)]  # a YAML tag: told as a wrong type
