"""How a feature may move between its states. External GA is reached through internal GA, and by no other way (R3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companyos.adoption.features.domain.types import FeatureState

S = FeatureState
OVER = frozenset({S.KILLED, S.RETIRED})
STOPPED = OVER | {S.HELD}
PROVEN = frozenset({S.INTERNAL_GA, S.READY_FOR_EXTERNAL_GA, S.EXTERNAL_GA})
_ORDER = (S.INTAKE, S.ENTRY_PASSED, S.ROLLING_OUT, S.INTERNAL_GA, S.READY_FOR_EXTERNAL_GA, S.EXTERNAL_GA)


@dataclass(frozen=True, slots=True)
class Asked:
    """A move of a person. `entry` and `external` say how those scorecards stand; empty: they are met."""

    before: FeatureState
    wanted: FeatureState
    reason: str
    entry: str = ""
    external: str = ""
    has_certificate: bool = False
    exempt: str = ""  # by whom the way to external GA is opened for a while
    held_from: FeatureState | None = None


Objection = str


def a_move_has_a_reason(a: Asked) -> Objection:
    """A reason is kept with every move; of a killed feature it says what was learnt."""
    learnt = "Say what was learnt: a feature that is stopped has taught something."
    ask = learnt if a.wanted is S.KILLED else "Say why: a reason is kept with every move."
    return "" if len(a.reason.strip()) >= 3 else ask


def what_is_over_stays_over(a: Asked) -> Objection:
    """A killed or retired feature begins anew at intake."""
    if a.before not in OVER or a.wanted is S.INTAKE:
        return ""
    return f"The feature is {a.before}; it can be taken in anew."


def entry_needs_its_scorecard(a: Asked) -> Objection:
    """Entry is passed when its scorecard is met."""
    if a.wanted is not S.ENTRY_PASSED or a.before is S.HELD:
        return ""
    if a.before is not S.INTAKE:
        return f"Entry is passed from intake; the feature is at {_words(a.before)}."
    return f"Internal GA entry is not met: {a.entry}." if a.entry else ""


def external_ga_comes_after_internal_ga(a: Asked) -> Objection:
    """Nothing reaches customers that has not been through internal GA, but for an exemption of two persons."""
    if a.wanted is not S.EXTERNAL_GA or a.before in PROVEN or a.exempt:
        return ""
    return (
        f"External GA comes after internal GA; the feature is at {_words(a.before)}."
        " The only way round is an exemption that two persons give and that runs out."
    )


def external_ga_needs_its_scorecard(a: Asked) -> Objection:
    """External GA needs its scorecard met, and a certificate of a go that two roles signed."""
    if a.wanted is not S.EXTERNAL_GA or a.exempt:
        return ""
    if a.external:
        return f"Ready for external GA is not met: {a.external}."
    return "" if a.has_certificate else "There is no certificate of this version: hold the go/no-go first."


def a_hold_ends_where_it_began(a: Asked) -> Objection:
    """A held feature goes on from where it was held."""
    if a.before is not S.HELD or a.wanted in {S.KILLED, S.RETIRED, a.held_from}:
        return ""
    return f"The feature is held; it goes on from {_words(a.held_from or S.INTAKE)}."


def only_these_are_a_persons_moves(a: Asked) -> Objection:
    """Rolling out, internal GA and readiness come from the rollout's own gates."""
    if a.before is S.HELD:
        return ""
    own = {S.ENTRY_PASSED, S.EXTERNAL_GA, S.HELD, S.KILLED, S.RETIRED, S.INTAKE}
    if a.wanted in own:
        return ""
    return f"{_words(a.wanted).capitalize()} is reached by the gates of the feature's rollout."


RULES: tuple[Callable[[Asked], Objection], ...] = (
    a_move_has_a_reason,
    what_is_over_stays_over,
    a_hold_ends_where_it_began,
    entry_needs_its_scorecard,
    external_ga_comes_after_internal_ga,
    external_ga_needs_its_scorecard,
    only_these_are_a_persons_moves,
)


def why_not(asked: Asked) -> str:
    """Return why a person's move is refused; empty when it is not."""
    return next(filter(None, (rule(asked) for rule in RULES)), "")


def moved_by_rollout(before: FeatureState, wanted: FeatureState) -> FeatureState:
    """Return where a rollout's move leaves a feature: a new rollout takes back nothing that was reached before.

    A person's stop is final: of a feature that is held or over, a rollout's move changes nothing but that it is killed.
    """
    if before in OVER or (before is S.HELD and wanted is not S.KILLED):
        return before
    begins_again = before in _ORDER and wanted in _ORDER
    if begins_again and _ORDER.index(wanted) < _ORDER.index(before):
        return before
    return wanted


def _words(state: FeatureState) -> str:
    return str(state).replace("_", " ")
