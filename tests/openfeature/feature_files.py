"""Reads just as much Gherkin as flagd's testbed uses: tags, backgrounds, outlines with examples, tables.

https://cucumber.io/docs/gherkin/reference
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    table: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    feature: str
    name: str
    tags: frozenset[str]
    steps: tuple[Step, ...]


@dataclass(slots=True)
class _Examples:
    tags: frozenset[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    """A background, a scenario or an outline while it is being read."""

    name: str
    tags: frozenset[str] = frozenset()
    steps: list[tuple[str, list[list[str]]]] = field(default_factory=list)
    examples: list[_Examples] = field(default_factory=list)


def scenarios_in(path: Path) -> Iterator[Scenario]:
    """Every scenario of a feature file; an outline gives one per row of its examples."""
    feature_tags, background, blocks = _read(path.read_text(encoding="utf-8"))
    for block in blocks:
        tags = feature_tags | block.tags
        if not block.examples:
            yield _scenario(path, block, background, tags, {})
        for examples in block.examples:
            for row in _records(examples.rows):
                yield _scenario(path, block, background, tags | examples.tags, row)


def _read(text: str) -> tuple[frozenset[str], _Block, list[_Block]]:
    feature_tags: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    background, blocks = _Block("background"), []
    block = background
    for line in map(str.strip, text.splitlines()):
        if line.startswith("@"):
            tags = frozenset(line.split("#")[0].split())
        elif line.startswith("Feature:"):
            feature_tags, tags = tags, frozenset()
        elif line.startswith("Background:"):
            block = background
        elif line.startswith(("Scenario Outline:", "Scenario:")):
            block, tags = _Block(line.partition(":")[2].strip(), tags), frozenset()
            blocks.append(block)
        elif line.startswith("Examples:"):
            block.examples.append(_Examples(tags))
            tags = frozenset()
        elif line.startswith("|"):
            rows = block.examples[-1].rows if block.examples else block.steps[-1][1]
            rows.append(_cells(line))
        elif found := re.match(r"(?:Given|When|Then|And|But) (.*)", line):
            block.steps.append((found[1], []))
    return feature_tags, background, blocks


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _records(rows: list[list[str]]) -> list[Row]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _scenario(path: Path, block: _Block, background: _Block, tags: frozenset[str], row: Row) -> Scenario:
    steps = tuple(
        Step(_filled(text, row), tuple(_records(table))) for text, table in (*background.steps, *block.steps)
    )
    name = " ".join([block.name, *(f"{column}={value}" for column, value in row.items())])
    return Scenario(path.stem, name, tags, steps)


def _filled(text: str, row: Row) -> str:
    return re.sub(r"<([^<>]+)>", lambda found: row.get(found[1], found[0]), text)
