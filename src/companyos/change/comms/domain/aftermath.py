"""What is said of a change after it was told of: it is on, paused, taken back, over (R112).

Each thing is said once: what stands now is compared with what was said last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from companyos.change.comms.domain.wording import first_words, people_said, when_said

_LONGEST = 300  # of an outcome


class Standing(StrEnum):
    """How a change stands of which people were told."""

    COMING = "coming"
    OPEN = "open"  # nobody knows when
    SHADOW = "shadow"  # it runs beside the old path, and nobody sees it yet
    ON = "on"
    PAUSED = "paused"  # and on
    PASSED = "passed"  # a stage, and on
    DONE = "done"  # a change that is made once
    TAKEN_BACK = "taken_back"
    CALLED_OFF = "called_off"  # before it came
    REFUSED = "refused"  # it could not be made when its time had come

    @property
    def is_final(self) -> bool:
        return self in _FINAL

    @property
    def is_void(self) -> bool:
        """Whether nobody has it, or will."""
        return self in _VOID


_FINAL = frozenset(
    {Standing.PASSED, Standing.DONE, Standing.TAKEN_BACK, Standing.CALLED_OFF, Standing.REFUSED}
)
_VOID = frozenset({Standing.TAKEN_BACK, Standing.CALLED_OFF, Standing.REFUSED})


@dataclass(frozen=True, slots=True)
class Became:
    """How a change stands now, since when, for how many, and why."""

    standing: Standing
    at: datetime
    because: str = ""
    people: int = 0
    on_since: datetime | None = None


def what_to_say(said: Standing, became: Became, zone: ZoneInfo) -> str:
    """Return what is to be said now; empty when it was said already, or when nothing has become of it."""
    if became.standing in (said, Standing.COMING) or said.is_final:
        return ""
    return first_words(_WORDS[became.standing](said, became, zone), _LONGEST)


def _open(said: Standing, became: Became, zone: ZoneInfo) -> str:
    return f"The date is open since {when_said(became.at, zone)}{_why(became)}"


def _shadow(said: Standing, became: Became, zone: ZoneInfo) -> str:
    when = when_said(became.at, zone)
    return f"Begun {when} beside the old path, which goes on answering: nobody sees a difference yet."


def _on(said: Standing, became: Became, zone: ZoneInfo) -> str:
    if said is Standing.PAUSED:
        return f"Goes on since {when_said(became.at, zone)}{_why(became)}"
    return f"On since {when_said(became.on_since or became.at, zone)} for {people_said(became.people)}."


def _paused(said: Standing, became: Became, zone: ZoneInfo) -> str:
    return f"Paused {when_said(became.at, zone)}{_why(became)} Whoever has it keeps it."


def _passed(said: Standing, became: Became, zone: ZoneInfo) -> str:
    since = when_said(became.on_since or became.at, zone)
    return f"On since {since} for {people_said(became.people)}; the stage has passed, it stays on."


def _done(said: Standing, became: Became, zone: ZoneInfo) -> str:
    return f"Done {when_said(became.at, zone)} for {people_said(became.people)}{_why(became)}"


def _taken_back(said: Standing, became: Became, zone: ZoneInfo) -> str:
    return f"Taken back {when_said(became.at, zone)}{_why(became)}"


def _called_off(said: Standing, became: Became, zone: ZoneInfo) -> str:
    return f"It does not come; called off {when_said(became.at, zone)}{_why(became)}"


def _refused(said: Standing, became: Became, zone: ZoneInfo) -> str:
    return f"It was to come {when_said(became.at, zone)} and was not made{_why(became)}"


def _why(became: Became) -> str:
    because = became.because.strip().removeprefix("taken back: ").rstrip(".")
    return f": {because}." if because else "."


_WORDS = {
    Standing.OPEN: _open,
    Standing.SHADOW: _shadow,
    Standing.ON: _on,
    Standing.PAUSED: _paused,
    Standing.PASSED: _passed,
    Standing.DONE: _done,
    Standing.TAKEN_BACK: _taken_back,
    Standing.CALLED_OFF: _called_off,
    Standing.REFUSED: _refused,
}
