"""The course of a case: which steps it takes and how many seconds lie between them. No names, no people."""

from __future__ import annotations

import re
from dataclasses import dataclass

SERVICE = ""
_BY_A_ROLE = re.compile(r"(?P<verb>[A-Z_]+) by (?P<role>[A-Z_ ]+)$")
_VERBS = {
    "SUBMITTED": "submit",
    "APPROVED": "approve",
    "FINAL_APPROVED": "approve",
    "REJECTED": "reject",
    "SAVED": "save",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as a log names it. `role` is the log's word for who does it; empty for the software."""

    name: str
    role: str

    @property
    def kind(self) -> str:
        """The kind of task: `approve_supervisor` for `Declaration FINAL_APPROVED by SUPERVISOR`."""
        match = _BY_A_ROLE.search(self.name)
        if match is None:
            return _plain(self.name)
        verb = match["verb"]
        return _plain(f"{_VERBS.get(verb, verb)}_{match['role']}")


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of one case with the seconds from the first step's completion to each step's own."""

    steps: tuple[Step, ...]
    offsets: tuple[float, ...]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:64] or "step"
