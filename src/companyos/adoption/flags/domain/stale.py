"""Which flags have outlived their use: every mark that applies, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.flags.domain.types import FlagState, Kind, Lifecycle

SAME_FOR = timedelta(days=30)
UNUSED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Look:
    """One flag as it is looked at: its state, how far it is, since when, and what is known of its use.

    `last_asked` is None for never; `use_is_known` says whether anybody counts evaluations at all.
    """

    state: FlagState
    now: datetime
    word: str
    changed_at: datetime
    created_at: datetime
    owner_is_there: bool
    last_asked: datetime | None = None
    use_is_known: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    rule: str
    because: str


def past_its_day(look: Look) -> str:
    """A flag past its expiry date should have been taken out of the code."""
    expires = look.state.spec.expires
    return f"its day was {expires.isoformat()}" if expires and look.now.date() > expires else ""


def the_same_for_everybody(look: Look) -> str:
    """A release flag that has given everybody the same answer for a month decides nothing any more."""
    if look.state.spec.kind in {Kind.KILL_SWITCH, Kind.PERMISSION} or look.word not in {
        "off",
        "org_wide",
        "killed",
    }:
        return ""
    days = (look.now - look.changed_at).days
    answer = "on" if look.word == "org_wide" else "off"
    return f"{answer} for everybody for {days} days" if look.now - look.changed_at >= SAME_FOR else ""


def nobody_asks(look: Look) -> str:
    """A flag that no program asks for can go."""
    if not look.use_is_known or look.now - look.created_at < UNUSED_FOR:
        return ""
    if look.last_asked is None:
        return "no program has reported an evaluation of it"
    days = (look.now - look.last_asked).days
    return f"last evaluation reported {days} days ago" if days >= UNUSED_FOR.days else ""


def the_owner_is_gone(look: Look) -> str:
    """A flag whose team no longer exists has nobody who will take it out."""
    owner = look.state.spec.owner
    if not owner:
        return "it has no owner"
    return "" if look.owner_is_there else f"the team {owner} is no longer in the directory, or empty"


MARKS: tuple[Callable[[Look], str], ...] = (
    past_its_day,
    the_same_for_everybody,
    nobody_asks,
    the_owner_is_gone,
)


def marks(look: Look) -> tuple[Mark, ...]:
    """Return every reason why this flag is stale; none for a fresh one, or one that is archived."""
    if look.state.spec.lifecycle is Lifecycle.ARCHIVED:
        return ()
    return tuple(Mark(rule.__name__, because) for rule in MARKS if (because := rule(look)))
