"""A table of a page as values: the template shows it, and the same rows go out as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse

from companyos.surfaces.ui import numbers, times

Value = Any  # text, number, moment, span, Link, State or nothing
_SHORT = 24
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class State:
    """A state shown with its icon; `word` replaces the usual one."""

    name: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`unit` as in `numbers.measure`; a column with a unit, or `count`, is set in figures."""

    key: str
    title: str
    unit: str | None = None

    @property
    def is_number(self) -> bool:
        return self.unit is not None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its column, ready to be shown."""

    column: Column
    value: Value

    @property
    def state(self) -> State | None:
        return self.value if isinstance(self.value, State) else None

    @property
    def link(self) -> Link | None:
        return self.value if isinstance(self.value, Link) else None

    @property
    def is_whole(self) -> bool:
        """Tell whether it would be torn apart by a line break: a moment, a day, a length of time."""
        return isinstance(self.value, date | timedelta)

    @property
    def is_words(self) -> bool:
        """Tell whether it is a sentence, which takes a line of its own where a row becomes a card."""
        return isinstance(self.value, str) and len(self.value) > _SHORT

    @property
    def text(self) -> str:
        match self.value:
            case None:
                return numbers.NOTHING
            case bool():
                return "yes" if self.value else "no"
            case timedelta():
                return times.span(self.value)
            case datetime():
                return times.absolute(self.value)
            case date():
                return f"{self.value.day} {self.value:%b %Y}"
            case int() | float():
                return numbers.measure(self.value, self.column.unit or "")
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`name` is what an export asks for; `empty` says why there may be no row."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    empty: str = "There is no data for this yet."
    query: str = ""
    empty_title: str = "No data"

    @property
    def cells(self) -> tuple[tuple[Cell, ...], ...]:
        return tuple(tuple(Cell(c, v) for c, v in zip(self.columns, row, strict=True)) for row in self.rows)


def as_csv(sheet: Sheet) -> HttpResponse:
    """Write the sheet as CSV; text that a spreadsheet would run as a formula is quoted."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow([column.key for column in sheet.columns])
    writer.writerows([_guarded(_plain(value)) for value in row] for row in sheet.rows)
    return _file(told.getvalue(), "text/csv; charset=utf-8", f"{sheet.name}.csv")


def as_json(sheet: Sheet) -> HttpResponse:
    rows = [{c.key: _plain(v) for c, v in zip(sheet.columns, row, strict=True)} for row in sheet.rows]
    document = {"table": sheet.name, "title": sheet.title, "query": sheet.query, "rows": rows}
    return _file(json.dumps(document, ensure_ascii=False, indent=1), "application/json", f"{sheet.name}.json")


def exported(sheets: Iterable[Sheet], table: str, form: str) -> HttpResponse | None:
    """Return the sheet asked for as a file; None when there is no such sheet or form."""
    write = {"csv": as_csv, "json": as_json}.get(form)
    sheet = next((each for each in sheets if each.name == table), None)
    return write(sheet) if write and sheet else None


def _plain(value: Value) -> Any:
    match value:
        case Link():
            return value.text
        case State():
            return value.word or value.name
        case timedelta():
            return round(value.total_seconds(), 3)
        case datetime() | date():
            return value.isoformat()
    return value


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _file(content: str, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
