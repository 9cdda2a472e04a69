"""Two exports of the same cases, from tools that cannot run side by side: which rows differ, and in what classes.

Both files are parted by a hash of the key into pieces that fit into memory, so that neither their order nor their size
matters; then piece by piece is compared. Values that are equal to the letter are not looked at any further.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from companyos_sdk.shadow.comparing import Kind, compare
from companyos_sdk.shadow.redaction import Redaction
from companyos_sdk.shadow.rules import Rules, Tolerance

PIECE_BYTES = 24 * 1024 * 1024
_MOST_PIECES = 512  # files that are open together
_EXAMPLES = 5
_LARGEST_CELL = 16 * 1024 * 1024
Row = list[str]


class Unreadable(ValueError):
    """A file, or the map, is not what it should be; says where and why."""


@dataclass(frozen=True, slots=True)
class Map:
    """How columns of control are called in the candidate, and what counts as the same.

    `columns` names control's column and the candidate's; columns that only one file has are not compared, and named in
    the report. `numbers` and `seconds` are tolerances by control's column.
    """

    columns: dict[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    numbers: dict[str, Tolerance] = field(default_factory=dict)
    seconds: dict[str, Tolerance] = field(default_factory=dict)
    strip: frozenset[str] = frozenset()
    fold_case: frozenset[str] = frozenset()
    values: dict[str, dict[str, str]] = field(default_factory=dict)  # the candidate's word for control's

    @classmethod
    def read(cls, path: Path) -> Map:
        """Read the JSON file that `docs/shadow.md` describes. Raises Unreadable."""
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if unknown := set(said) - {
                "columns",
                "ignore",
                "numbers",
                "seconds",
                "strip",
                "fold_case",
                "values",
            }:
                raise Unreadable(f"{path} says {', '.join(sorted(unknown))}, which is nothing a map says")
            return cls(
                dict(said.get("columns", {})),
                frozenset(said.get("ignore", ())),
                {name: Tolerance(absolute=float(n)) for name, n in said.get("numbers", {}).items()},
                {name: Tolerance(seconds=float(n)) for name, n in said.get("seconds", {}).items()},
                frozenset(said.get("strip", ())),
                frozenset(said.get("fold_case", ())),
                {name: dict(words) for name, words in said.get("values", {}).items()},
            )
        except Unreadable:
            raise
        except (OSError, ValueError, TypeError, AttributeError) as problem:
            raise Unreadable(f"{path} is no map: {problem}") from None


@dataclass(slots=True)
class Class:
    """Rows that differ in the same columns."""

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Reconciled:
    """What came of it. `compared` rows have their key in both files; repeated keys are compared in their order."""

    compared: int = 0
    different: int = 0
    only_control: int = 0
    only_candidate: int = 0
    repeated: int = 0
    classes: dict[tuple[str, ...], Class] = field(default_factory=dict)
    columns: Counter[str] = field(default_factory=Counter)
    missing_keys: list[str] = field(default_factory=list)
    added_keys: list[str] = field(default_factory=list)
    not_compared: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        return not (self.different or self.only_control or self.only_candidate)

    def ranked(self) -> list[tuple[tuple[str, ...], Class]]:
        return sorted(self.classes.items(), key=lambda each: (-each[1].count, each[0]))


def reconcile(
    control: Path,
    candidate: Path,
    *,
    key: str,
    columns: Map | None = None,
    redaction: Redaction | None = None,
    piece_bytes: int = PIECE_BYTES,
) -> Reconciled:
    """Compare two CSV files of any size by the column `key`. Raises Unreadable."""
    said, hide = columns or Map(), redaction or Redaction()
    csv.field_size_limit(_LARGEST_CELL)
    with ExitStack() as stack:
        left = stack.enter_context(_Table.opened(control))
        right = stack.enter_context(_Table.opened(candidate))
        judge = _Judge(said, left, right, key, hide)
        size = control.stat().st_size + candidate.stat().st_size
        pieces = min(_MOST_PIECES, size // (2 * piece_bytes) + 1)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="companyos-reconcile-")))
        left_pieces = _parted(left, judge.key_left, folder, "control", pieces)
        right_pieces = _parted(right, judge.key_right, folder, "candidate", pieces)
        for one, other in zip(left_pieces, right_pieces, strict=True):
            judge.piece(_rows_of(one), _rows_of(other))
            one.unlink()
            other.unlink()
    return judge.found


class _Table:
    """An open CSV file: its columns, and its rows from the top to the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open(encoding="utf-8-sig", newline="")
        except OSError as problem:
            raise Unreadable(f"{path} cannot be read: {problem.strerror}") from None
        self._reader = csv.reader(self._file, strict=True)
        try:
            self.columns = next(self._reader, [])
        except (csv.Error, UnicodeDecodeError) as problem:
            self._file.close()
            raise Unreadable(f"{path}, line 1: {problem}") from None
        if len(set(self.columns)) < len(self.columns):
            self._file.close()
            raise Unreadable(f"{path} has two columns of one name")

    @classmethod
    def opened(cls, path: Path) -> _Table:
        return cls(path)

    def __enter__(self) -> _Table:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def at(self, column: str) -> int:
        if column not in self.columns:
            raise Unreadable(f"{self.path} has no column {column!r}; it has {', '.join(self.columns)[:300]}")
        return self.columns.index(column)

    def rows(self) -> Iterator[Row]:
        width = len(self.columns)
        try:
            for row in self._reader:
                if len(row) != width:
                    if not row:
                        continue
                    raise Unreadable(
                        f"{self.path}, line {self._reader.line_num}: {len(row)} cells, not {width}"
                    )
                yield row
        except (csv.Error, UnicodeDecodeError) as problem:
            raise Unreadable(f"{self.path}, line {self._reader.line_num}: {problem}") from None


def _parted(table: _Table, key: int, folder: Path, name: str, pieces: int) -> list[Path]:
    """Write the rows into pieces by their key. Rows with the same key are in the same piece, in their order."""
    paths = [folder / f"{name}-{n}.csv" for n in range(pieces)]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8", newline="")) for path in paths]
        writers = [csv.writer(file).writerow for file in files]
        for row in table.rows():
            writers[crc32(row[key].encode()) % pieces](row)
    return paths


def _rows_of(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


class _Judge:
    """Compares rows and counts."""

    def __init__(self, said: Map, left: _Table, right: _Table, key: str, hide: Redaction) -> None:
        self.key_left, self.key_right = left.at(key), right.at(said.columns.get(key, key))
        self._hide = hide
        self.found = Reconciled()
        self._same = _sameness(said)
        shared, alone = [], []
        for name in left.columns:
            other = said.columns.get(name, name)
            if name == key or name in said.ignore:
                continue
            if name in said.columns:
                right.at(other)  # what the map promises has to be there
            if other in right.columns:
                shared.append((name, left.at(name), right.at(other)))
            else:
                alone.append(f"{name} (control only)")
        mapped = {said.columns.get(name, name) for name in left.columns}
        alone += [f"{name} (candidate only)" for name in right.columns if name not in mapped | said.ignore]
        self._shared, self.found.not_compared = shared, tuple(alone)

    def piece(self, left: Iterable[Row], right: Iterable[Row]) -> None:
        waiting: dict[str, list[Row]] = {}
        for row in left:
            known = waiting.setdefault(row[self.key_left], [])
            known.append(row)
            self.found.repeated += len(known) == 2
        taken: Counter[str] = Counter()
        for row in right:
            key = row[self.key_right]
            rows, n = waiting.get(key, ()), taken[key]
            taken[key] += 1
            if n < len(rows):
                self._pair(key, rows[n], row)
            else:
                self.found.only_candidate += 1
                _keep(self.found.added_keys, key)
        for key, rows in waiting.items():
            if left_over := len(rows) - min(len(rows), taken[key]):
                self.found.only_control += left_over
                _keep(self.found.missing_keys, key)

    def _pair(self, key: str, left: Row, right: Row) -> None:
        self.found.compared += 1
        different = tuple(
            name
            for name, a, b in self._shared
            if left[a] != right[b] and not self._same(name, left[a], right[b])
        )
        if not different:
            return
        self.found.different += 1
        self.found.columns.update(different)
        known = self.found.classes.setdefault(different, Class())
        known.count += 1
        if len(known.examples) < _EXAMPLES:
            known.examples.append(self._example(key, left, right, different))

    def _example(self, key: str, left: Row, right: Row, different: tuple[str, ...]) -> dict[str, Any]:
        sides = {name: (left[a], right[b]) for name, a, b in self._shared if name in different}
        shown = {
            name: {"control": self._hide(a, (name,)), "candidate": self._hide(b, (name,))}
            for name, (a, b) in sides.items()
        }
        return {"key": self._hide(key), "columns": shown}


def _sameness(said: Map) -> Callable[[str, str, str], bool]:
    """Say when two cells that differ to the letter are the same all the same."""
    rules = {
        name: Rules(tolerance={"": tolerance}) for name, tolerance in (said.seconds | said.numbers).items()
    }

    def is_same(name: str, left: str, right: str) -> bool:
        if name in said.values:
            right = said.values[name].get(right, right)
        if name in said.strip:
            left, right = left.strip(), right.strip()
        if name in said.fold_case:
            left, right = left.casefold(), right.casefold()
        if left == right:
            return True
        rule = rules.get(name)
        if rule is None:
            return False
        if name in said.numbers:
            return _numbers_are_same(left, right, rule)
        return not any(each.kind is not Kind.TOO_LARGE for each in compare(left, right, rule))

    return is_same


def _numbers_are_same(left: str, right: str, rule: Rules) -> bool:
    try:
        return not compare(float(left), float(right), rule)
    except ValueError:
        return False


def _keep(keys: list[str], key: str) -> None:
    if len(keys) < _EXAMPLES:
        keys.append(key)
