"""One comparison: the candidate is run, held against what control did, and told in a form that can be stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from companyos_sdk.shadow.comparing import Difference, Kind, compare
from companyos_sdk.shadow.guard import Guard
from companyos_sdk.shadow.plain import plain
from companyos_sdk.shadow.redaction import Redaction
from companyos_sdk.shadow.rules import Rules, path_of

_SHOWN_DIFFERENCES = 20
_WORST = 5


class Verdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    ERROR = "error"  # one of both raised, or they raised different errors
    TIMEOUT = "timeout"
    CRASHED = "crashed"  # its process died
    SIDE_EFFECT = "side_effect"  # it tried what a shadow must not do
    TOO_LARGE = "too_large"  # not compared: more than the bounds allow

    @property
    def is_compared(self) -> bool:
        return self is not Verdict.TOO_LARGE

    @property
    def burdens(self) -> bool:
        """Tell whether the breaker counts it: an answer that differs is a finding, one that never comes is a burden."""
        return self in (Verdict.TIMEOUT, Verdict.CRASHED, Verdict.TOO_LARGE)


class ForeignError(Exception):
    """An error that cannot be carried into another process: its name and its words."""

    def __init__(self, name: str, says: str) -> None:
        super().__init__(says)
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return ForeignError, (self.name, str(self))


@dataclass(frozen=True, slots=True)
class Returned:
    """What a side did: its answer or its error, and how long it took in ms."""

    answer: Any
    error: BaseException | None
    ms: float


@dataclass(frozen=True, slots=True)
class Terms:
    """How candidates are run and compared; the same for every call of one `Shadow`."""

    rules: Rules = field(default_factory=Rules)
    guard: Guard = field(default_factory=Guard)
    redaction: Redaction = field(default_factory=Redaction)


@dataclass(frozen=True, slots=True)
class Field:
    """One difference, redacted."""

    kind: str
    place: str
    pointer: str
    control: Any
    candidate: Any
    severity: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of one comparison, redacted: nothing in it is the program's own data any more."""

    verdict: Verdict
    signature: str = ""  # of the class of differences; empty where there is none
    places: tuple[str, ...] = ()
    severity: int = 0
    fields: tuple[Field, ...] = ()
    control: Any = None
    candidate: Any = None
    input_hash: str = ""
    ms: float | None = None  # how long the side took that did not answer
    attempts: tuple[str, ...] = ()
    says: str = ""

    @property
    def differs(self) -> bool:
        return self.verdict not in (Verdict.SAME, Verdict.TOO_LARGE)


class Mismatch(AssertionError):
    """Control and candidate differ. Raised only where a test asked for it, after control has answered."""

    def __init__(self, name: str, comparison: Comparison) -> None:
        self.comparison = comparison
        shown = "; ".join(
            f"{each.pointer or each.place or '/'} {each.kind}: {each.control!r} or {each.candidate!r}"
            for each in comparison.fields[:5]
        )
        super().__init__(
            f"{name}: {comparison.verdict}{': ' if shown or comparison.says else ''}{shown or comparison.says}"
        )


Shows = Callable[[str], bool]


def always(signature: str) -> bool:
    return True


def compared(
    run: Callable[[], Returned],
    answered: Returned,
    inputs: Any,
    terms: Terms,
    *,
    guarded: bool,
    flipped: bool,
    shows: Shows = always,
) -> Comparison:
    """Run the side that does not answer, and say how both compare. `flipped`: it is the old one.

    `shows` tells of a class's signature whether anybody looks at what differs: making it fit to be seen takes longest.
    """
    with ExitStack() as stack:
        attempts = stack.enter_context(terms.guard.standing()) if guarded else None
        beside = run()
    tried = tuple(attempts.tried) if attempts else ()
    old, new = (beside, answered) if flipped else (answered, beside)
    return replace(judged(old, new, inputs, terms, tried, shows), ms=beside.ms)


def judged(
    control: Returned,
    candidate: Returned,
    inputs: Any,
    terms: Terms,
    tried: tuple[str, ...] = (),
    shows: Shows = always,
) -> Comparison:
    """Hold what the new side did against what the old one did. Pure."""
    if tried:
        return _told(Verdict.SIDE_EFFECT, control, candidate, inputs, terms, (), tried, shows)
    if control.error is not None or candidate.error is not None:
        if _errors_are_same(control.error, candidate.error, terms.rules):
            return Comparison(Verdict.SAME)
        return _told(Verdict.ERROR, control, candidate, inputs, terms, (), (), shows)
    differences = compare(control.answer, candidate.answer, terms.rules)
    if not differences:
        return Comparison(Verdict.SAME)
    if differences[0].kind is Kind.TOO_LARGE:
        return Comparison(Verdict.TOO_LARGE, says="more than is compared")
    return _told(Verdict.DIFFERENT, control, candidate, inputs, terms, differences, (), shows)


def unanswered(verdict: Verdict, says: str, ms: float | None) -> Comparison:
    """Return the comparison with a candidate that gave no answer."""
    places = (str(verdict),)
    severity = 0 if verdict is Verdict.TOO_LARGE else 4
    signature = "" if verdict is Verdict.TOO_LARGE else signature_of(verdict, places)
    return Comparison(verdict, signature, places, severity, ms=ms, says=says)


def signature_of(verdict: Verdict, places: tuple[str, ...]) -> str:
    """Return the name of a class of differences: the same kind of difference at the same places is one class."""
    return hashlib.sha256("\n".join((str(verdict), *places)).encode("utf-8", "replace")).hexdigest()[:16]


def _errors_are_same(left: BaseException | None, right: BaseException | None, rules: Rules) -> bool:
    if left is None or right is None:
        return False
    if rules.same_error is not None:
        return rules.same_error(left, right)
    return error_name(left) == error_name(right)


def _told(
    verdict: Verdict,
    control: Returned,
    candidate: Returned,
    inputs: Any,
    terms: Terms,
    differences: tuple[Difference, ...],
    tried: tuple[str, ...],
    shows: Shows,
) -> Comparison:
    hide = terms.redaction
    places = _places(verdict, control, candidate, differences, tried)
    severity = max((each.severity for each in differences), default=_WORST if tried else 4)
    signature, says = signature_of(verdict, places), f"it tried {tried[0]}" if tried else ""
    if not shows(signature):
        return Comparison(verdict, signature, places, severity, attempts=tried, says=says)
    return Comparison(
        verdict,
        signature,
        places,
        severity,
        tuple(_field(each, hide) for each in differences[:_SHOWN_DIFFERENCES]),
        _side(control, hide),
        _side(candidate, hide),
        _fingerprint(inputs, hide),
        None,
        tried,
        says,
    )


def _places(
    verdict: Verdict,
    control: Returned,
    candidate: Returned,
    differences: tuple[Difference, ...],
    tried: tuple[str, ...],
) -> tuple[str, ...]:
    if verdict is Verdict.SIDE_EFFECT:
        return tuple(sorted({each.partition(" ")[0] for each in tried}))
    if verdict is Verdict.ERROR:
        return (f"{_named(control)} or {_named(candidate)}",)
    return tuple(sorted({f"{class_of(each)} {each.kind}" for each in differences}))


def class_of(difference: Difference) -> str:
    """Return the place of a difference with positions in lists left open."""
    return "/".join("*" if step.isdigit() else step for step in difference.place.split("/")) or "/"


def error_name(error: BaseException) -> str:
    return error.name if isinstance(error, ForeignError) else type(error).__qualname__


def _named(side: Returned) -> str:
    return "an answer" if side.error is None else error_name(side.error)


def _field(each: Difference, hide: Redaction) -> Field:
    path = path_of(each.pointer or each.candidate_pointer)
    return Field(
        str(each.kind),
        class_of(each),
        each.pointer or each.candidate_pointer,
        None if each.kind is Kind.ADDED else hide(each.control, path),
        None if each.kind is Kind.MISSING else hide(each.candidate, path),
        each.severity,
    )


def _side(side: Returned, hide: Redaction) -> Any:
    if side.error is not None:
        return hide({"error": error_name(side.error), "says": str(side.error)[:500]})
    try:
        return hide(plain(side.answer, most_nodes=2_000))
    except Exception as problem:  # noqa: BLE001, RUF100
        return f"not shown: {type(problem).__name__}"


def _fingerprint(inputs: Any, hide: Redaction) -> str:
    try:
        return hide.fingerprint(plain(inputs, most_nodes=2_000))
    except Exception:  # noqa: BLE001, RUF100
        return ""
