"""Event logs as a stream of cases: XES (IEEE 1849) and CSV. Memory holds one case at a time.

Nothing is dropped in silence: an event outside a case, or of a case that was closed already, comes out as a stray.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MOST_EVENTS = 10_000  # of one case
LONGEST_TEXT = 4_000


class BadLog(ValueError):
    """The log cannot be read on; says where it breaks."""


@dataclass(slots=True)
class Trace:
    """One case as the log has it: its own attributes, and its events in the order of the file."""

    attributes: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)
    stray_because: str = ""


def xes_traces(chunks: Iterable[bytes]) -> Iterator[Trace]:
    """Read XES chunk by chunk. Raises BadLog for what is not well-formed, or has a document type."""
    reader = _XesReader()
    for chunk in chunks:
        reader.feed(chunk)
        yield from reader.finished()
    reader.feed(b"", is_last=True)
    if not reader.saw_log:
        raise BadLog("it is not an XES log: there is no <log> in it")
    yield from reader.finished()


class _XesReader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._starts
        self._parser.EndElementHandler = self._ends
        self._parser.StartDoctypeDeclHandler = self._has_a_doctype
        self._done: list[Trace] = []
        self._trace: Trace | None = None
        self._event: dict[str, str] | None = None
        self._depth = 0  # below the event, or below the trace's own attributes
        self._traces = 0
        self.saw_log = False

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            raise BadLog(
                f"after case {self._traces} it is not well-formed XML, or is cut off ({error})"
            ) from error

    def finished(self) -> Iterator[Trace]:
        done, self._done = self._done, []
        yield from done

    def _has_a_doctype(self, *_: object) -> None:
        raise BadLog("it has a document type with declarations of its own, which XES does not use")

    def _starts(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if self._depth:
            self._depth += 1
        elif tag == "event":
            self._event = {}
        elif tag == "trace":
            self._trace = Trace()
            self._traces += 1
        elif tag == "log":
            self.saw_log = True
        elif "key" in attributes and (self._event is not None or self._trace is not None):
            self._depth = 1
            self._keep(attributes)

    def _keep(self, attributes: dict[str, str]) -> None:
        kept = self._event if self._event is not None else self._trace.attributes if self._trace else None
        if kept is not None and "value" in attributes:
            kept[attributes["key"]] = attributes["value"][:LONGEST_TEXT]

    def _ends(self, tag: str) -> None:
        if self._depth:
            self._depth -= 1
            return
        tag = tag.rpartition(":")[2]
        if tag == "event" and self._event is not None:
            self._close_the_event(self._event)
            self._event = None
        elif tag == "trace" and self._trace is not None:
            self._done.append(self._trace)
            self._trace = None

    def _close_the_event(self, event: dict[str, str]) -> None:
        if self._trace is None:
            self._done.append(Trace({}, [event], "it belongs to no case"))
            return
        self._trace.events.append(event)
        if len(self._trace.events) > MOST_EVENTS:
            raise BadLog(f"case {self._traces} has more than {MOST_EVENTS:,} events")


def csv_traces(lines: Iterable[str], case: str) -> Iterator[Trace]:
    """Read a CSV whose rows of one case follow each other; `case` names its column. Raises BadLog.

    A case that comes back after another began is a stray: sorted by case, the file would need no memory of all.
    """
    rows = csv.DictReader(lines)
    if rows.fieldnames is None or case not in rows.fieldnames:
        raise BadLog(f"it has no column {case!r}; there are {', '.join(rows.fieldnames or ['none'])}")
    closed: set[int] = set()
    current: Trace | None = None
    for row in rows:
        event = {name: value[:LONGEST_TEXT] for name, value in row.items() if isinstance(name, str) and value}
        name = event.get(case, "")
        if current is not None and current.attributes[case] == name:
            current.events.append(event)
            if len(current.events) > MOST_EVENTS:
                raise BadLog(f"case {name} has more than {MOST_EVENTS:,} events")
            continue
        if current is not None:
            closed.add(hash(current.attributes[case]))
            yield current
        current = Trace({case: name}, [event])
        if not name or hash(name) in closed:
            why = (
                "its case came to an end earlier in the file; sort it by case" if name else "it names no case"
            )
            yield Trace(current.attributes, [event], why)
            current = None
    if current is not None:
        yield current
