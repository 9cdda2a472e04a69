"""Facts that domains offer by name, and gates ask for by name: neither side imports the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from math import isfinite
from typing import Any

from companyos.kernel.canonical_json import sha256_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: about whom, over which time, and with which parameters of the gate."""

    feature: str
    since: datetime
    now: datetime
    people: frozenset[str]  # everybody who is on
    newly_on: frozenset[str]  # those whom this stage added
    stage: str = ""
    attempt: int = 1
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """A measured or attested fact. `problem` says in words why there is no value."""

    name: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str = ""
    window: str = ""
    source: str = ""
    problem: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The fact's fingerprint: a decision stores it, so that nobody can change the fact afterwards."""
        return sha256_of({each.name: getattr(self, each.name) for each in fields(self)})


Offer = Callable[[Question], Fact]
Prepare = Callable[[Sequence[Question]], None]
_OFFERS: dict[str, Offer] = {}
_PREPARES: dict[str, Prepare] = {}


def offer(name: str, answer: Offer, *, prepare: Prepare | None = None) -> None:
    """Let gates ask for `name`. A later offer of the same name replaces the earlier one (a restart).

    `prepare` is told beforehand what will be asked together, so that one query may answer many questions; and that
    nothing more will be (no question), so that it forgets.
    """
    _OFFERS[name] = answer
    _PREPARES.pop(name, None)
    if prepare is not None:
        _PREPARES[name] = prepare


@contextmanager
def asked_together(asked: Iterable[tuple[str, Question]]) -> Iterator[None]:
    """Say what will be asked inside the block, all of it about one moment; nothing prepared outlives the block.

    Whoever cannot prepare answers one question at a time.
    """
    by_room: dict[Prepare, list[Question]] = {}
    for name, question in asked:
        if name in _PREPARES:
            by_room.setdefault(_PREPARES[name], []).append(question)
    try:
        for ahead, questions in by_room.items():
            _prepared(ahead, questions)
        yield
    finally:
        for ahead in by_room:
            _prepared(ahead, ())


def _prepared(ahead: Prepare, questions: Sequence[Question]) -> None:
    try:
        ahead(questions)
    except Exception:
        _log.exception("%d questions could not be prepared; each is asked for itself", len(questions))


def is_offered(name: str) -> bool:
    """Tell whether anything here measures `name`."""
    return name in _OFFERS


def ask(name: str, question: Question) -> Fact:
    """Return the fact called `name`: one that nobody offers, or that cannot be measured now, has a problem instead."""
    if name not in _OFFERS:
        return Fact(name, problem=f"nothing in this instance measures {name}")
    try:
        fact = _OFFERS[name](question)
    except Exception as error:
        _log.exception("the fact %s could not be measured", name)
        return _unmeasured(name, f"it could not be measured: {type(error).__name__}")
    figures = (fact.value, fact.low, fact.high)
    if any(figure is not None and not isfinite(figure) for figure in figures):
        return _unmeasured(name, "what was measured is not a number")
    return fact


def _unmeasured(name: str, problem: str) -> Fact:
    return Fact(name, problem=problem, details={"unmeasured": True})
