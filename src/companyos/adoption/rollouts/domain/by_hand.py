"""Why may a person not make a move now? The buttons of a rollout, its API and every replay ask here.

A person may do less than they like and more than the controller: pass over open gates with a reason, never over a
failed one. What the controller does by itself is `decide`.
"""

from __future__ import annotations

from collections.abc import Callable

from companyos.adoption.rollouts.domain.decide import Situation, reasons, said
from companyos.adoption.rollouts.domain.types import Move, Status, Verdict

_RUNNING = frozenset({Status.ACTIVE, Status.PAUSED})
_ONWARD = frozenset({Move.START, Move.RESUME, Move.ADVANCE})


def why_not(move: Move, s: Situation) -> str:
    """Return why a person may not make this move now; empty when they may."""
    if move in _ONWARD and (stopped := _what_stops_everything_new(s)):
        return stopped
    if s.frozen and _switches_people_on(move, s):
        return f"nothing new is switched on now; frozen: {s.frozen}"
    refusal = _BY_MOVE.get(move)
    return refusal(s) if refusal else "a person cannot do that"


def _what_stops_everything_new(s: Situation) -> str:
    if s.feature_over:
        return f"the feature was {s.feature_over}; take it in anew on its page first"
    if s.feature_held:
        return f"the feature is {s.feature_held}; end the hold on the feature's page first"
    if s.flag_killed:
        return f"the flag was killed by {s.flag_killed}; un-kill it on its page first"
    return f"a Sev1 is open ({s.sev1}); resolve it first" if s.sev1 else ""


def _switches_people_on(move: Move, s: Situation) -> bool:
    """A paused stage has its people; whoever resumes it switches nobody on."""
    return move in {Move.START, Move.ADVANCE} or (move is Move.RESUME and s.status is Status.ROLLED_BACK)


def _not_started(s: Situation) -> str:
    return "" if s.status is Status.PLANNED else f"it was started; it is {said(s.status)} now"


def _not_paused(s: Situation) -> str:
    return "" if s.status is Status.ACTIVE else f"it is {said(s.status)}, not active"


def _not_resumed(s: Situation) -> str:
    if s.status in {Status.PAUSED, Status.ROLLED_BACK}:
        return ""
    return f"it is {said(s.status)}: only a paused or rolled back rollout is resumed"


def _not_advanced(s: Situation) -> str:
    if s.status not in _RUNNING:
        return f"it is {said(s.status)}"
    if s.shadowed_until:
        return "the stage is in shadow: nobody has been on yet; explain its differences, and it switches over"
    failed = s.having(Verdict.FAILED)
    return f"a failed gate cannot be passed over: {reasons(failed)}" if failed else ""


def _not_rolled_back(s: Situation) -> str:
    return "" if s.status in _RUNNING else f"it is {said(s.status)}: nobody is on because of this stage"


def _not_killed(s: Situation) -> str:
    return f"it is {said(s.status)}" if s.status in {Status.KILLED, Status.COMPLETED} else ""


_BY_MOVE: dict[Move, Callable[[Situation], str]] = {
    Move.START: _not_started,
    Move.PAUSE: _not_paused,
    Move.RESUME: _not_resumed,
    Move.ADVANCE: _not_advanced,
    Move.ROLL_BACK: _not_rolled_back,
    Move.KILL: _not_killed,
}
