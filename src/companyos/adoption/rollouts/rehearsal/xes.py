"""Reads an approvals log in XES (IEEE 1849), plain or gzipped, as a stream: memory follows the cases."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from companyos.adoption.rollouts.rehearsal.courses import SERVICE, Course, Step

MOST_CASES = 200_000
MOST_STEPS = 1_000
_GZIP = b"\x1f\x8b"
_CHUNK = 256 * 1024
_NO_PERSON = frozenset({"UNDEFINED", ""})


class BadLog(ValueError):
    """The log cannot be replayed; says where it breaks and what to do."""


@dataclass(frozen=True, slots=True)
class Log:
    """A whole log: its cases in the order in which they began."""

    name: str
    sha256: str
    cases: tuple[Course, ...]


def read_log(path: Path) -> Log:
    """Read every case of a `.xes` or `.xes.gz` file, earliest first.

    Raises BadLog when the file is missing, cut off, no XES, or has steps without a name or a time.
    """
    reader = _Reader(path.name)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            reader.take(_unpacked(file))
    except OSError as error:
        raise BadLog(_sorry(path.name, f"it cannot be read ({error.strerror or error})")) from error
    except EOFError as error:
        raise BadLog(_sorry(path.name, "it is cut off: the compressed data ends too early")) from error
    except zlib.error as error:
        raise BadLog(_sorry(path.name, f"its compressed data is damaged ({error})")) from error
    except expat.ExpatError as error:
        raise BadLog(_sorry(path.name, f"it is not well-formed XML or is cut off ({error})")) from error
    return Log(path.name, sha256, reader.cases())


def _sorry(name: str, why: str) -> str:
    return (
        f"The log {name} cannot be replayed: {why}. Nothing has been sent. "
        "Fetch the file again, or leave out --log to rehearse with sampled cases."
    )


def _unpacked(file: BinaryIO) -> Callable[[int], bytes]:
    packed = file.read(2) == _GZIP
    file.seek(0)
    return gzip.GzipFile(fileobj=file).read if packed else file.read


class _Reader:
    """Listens to the XML parser. Only the open trace and the finished cases are kept."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._steps: dict[tuple[str, str], Step] = {}
        self._paths: dict[tuple[Step, ...], tuple[Step, ...]] = {}
        self._cases: list[tuple[float, Course]] = []
        self._traces = 0
        self._open: list[tuple[float, Step]] = []
        self._event: dict[str, str] | None = None
        self._depth_in_event = 0
        self._saw_log = False

    def take(self, read: Callable[[int], bytes]) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._starts
        parser.EndElementHandler = self._ends
        parser.StartDoctypeDeclHandler = self._has_a_doctype
        while chunk := read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def cases(self) -> tuple[Course, ...]:
        if not self._cases:
            self._refuse("it holds no case" if self._saw_log else "it is not an XES log")
        return tuple(course for _, course in sorted(self._cases, key=lambda case: case[0]))

    def _refuse(self, why: str) -> NoReturn:
        raise BadLog(_sorry(self._name, why))

    def _has_a_doctype(self, *_: object) -> None:
        self._refuse("it has a document type with declarations of its own, which XES does not use")

    def _starts(self, tag: str, attributes: dict[str, str]) -> None:
        if self._event is not None:
            self._depth_in_event += 1
            if self._depth_in_event == 1 and "value" in attributes:
                self._event[attributes.get("key", "")] = attributes["value"]
            return
        tag = tag.rpartition(":")[2]
        if tag == "event":
            self._event = {}
        elif tag == "trace":
            self._traces += 1
            self._open = []
        elif tag == "log":
            self._saw_log = True

    def _ends(self, tag: str) -> None:
        if self._depth_in_event:
            self._depth_in_event -= 1
        elif self._event is not None:
            self._open.append(self._step_of(self._event))
            self._event = None
            if len(self._open) > MOST_STEPS:
                self._refuse(f"case {self._traces} has more than {MOST_STEPS} steps")
        elif tag.rpartition(":")[2] == "trace":
            self._close_the_trace()

    def _step_of(self, event: dict[str, str]) -> tuple[float, Step]:
        name, when = event.get("concept:name", ""), event.get("time:timestamp", "")
        if not name or not when:
            missing = "name (concept:name)" if not name else "time (time:timestamp)"
            self._refuse(f"step {len(self._open) + 1} of case {self._traces} has no {missing}")
        role = event.get("org:role", "").strip()
        if event.get("org:resource") == "SYSTEM" or role in _NO_PERSON:
            role = SERVICE
        return self._moment(when), self._steps.setdefault((name, role), Step(name, role))

    def _moment(self, text: str) -> float:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._refuse(f"case {self._traces} has the time '{text}', which is no ISO 8601 date and time")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _close_the_trace(self) -> None:
        if not self._open:
            return
        self._open.sort(key=lambda step: step[0])
        began = self._open[0][0]
        steps = tuple(step for _, step in self._open)
        steps = self._paths.setdefault(steps, steps)
        self._cases.append((began, Course(steps, tuple([at - began for at, _ in self._open]))))
        if len(self._cases) > MOST_CASES:
            self._refuse(f"it holds more than {MOST_CASES:,} cases")
