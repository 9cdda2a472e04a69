"""What the rollout board says in whole sentences: tone, propagation, consequences, refusals."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.adoption.rollouts.domain.board import Board, Control, Propagation, StageRow
from companyos.adoption.rollouts.domain.types import Status, Verdict
from companyos.surfaces.ui.numbers import THIN, count

_STATUS_TONES = {
    Status.PLANNED: "quiet",
    Status.PAUSED: "warn",
    Status.ROLLED_BACK: "bad",
    Status.KILLED: "bad",
    Status.COMPLETED: "good",
}
_DANGEROUS = ("roll_back", "roll_back_all", "kill")
_PREFERRED = ("start", "advance", "complete", "resume")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Controls that may not be used now, for one and the same reason."""

    key: str
    labels: str
    why_not: str


def board_tone(board: Board) -> str:
    """The tone of the verdict bar: the status decides; while active, the gates do."""
    if board.status is not Status.ACTIVE:
        return _STATUS_TONES[board.status]
    verdicts = {tile.gate.verdict for tile in board.gates}
    if verdicts & {Verdict.FAILED, Verdict.INCONCLUSIVE}:
        return "warn"
    return "good" if verdicts == {Verdict.PASSED} else "info"


def stage_look(row: StageRow, status: Status) -> str:
    """A current stage looks as its rollout does: a paused rollout has no active stage."""
    return status.value if row.is_current and status in (Status.PAUSED, Status.KILLED) else row.state.value


def propagation_sentence(board: Board) -> str:
    """How far and how fast the last change reached people, or nothing when none was sent."""
    sent = board.propagation
    if sent is None:
        return ""
    confirmed = f"{sent.confirmed} of {count(sent.providers, 'provider', 'providers')} confirmed"
    people = count(sent.people, "person", "people")
    was_taken_back = board.status in (Status.ROLLED_BACK, Status.KILLED)
    what = f"Taken back from {people}" if was_taken_back else f"Reached {people}"
    if sent.seconds is None or sent.confirmed < sent.providers:
        return f"{_under_way(was_taken_back, people)}, {confirmed}"
    return f"{what} in {_seconds(sent)}, {confirmed}"


def consequence(control: Control) -> str:
    """Who is affected, and what follows, said before a person confirms."""
    if control.asks:
        return control.asks
    people = count(control.people, "person", "people")
    verb = "loses" if control.people == 1 else "lose"
    return {
        "pause": f"{people} keep it as it is. The rollout does not move until a person resumes it.",
        "resume": f"{people} keep it. From now on the gates decide again.",
        "start": f"{people} get it within seconds.",
        "advance": f"{people} get it within seconds. The gates of the next stage start counting.",
        "complete": f"{people} keep it, and the rollout ends.",
        "roll_back": f"{people} {verb} it within seconds. Only a person can start it again.",
        "roll_back_all": f"{people} {verb} it within seconds, whatever the stage. Only a person can start it again.",
        "kill": f"{people} {verb} it within seconds, in every stage. The rollout ends.",
    }.get(control.action, f"{people} are affected.")


def control_look(control: Control, controls: tuple[Control, ...]) -> str:
    """`danger` for what takes away, `primary` for the one thing to do next, else `plain`."""
    if control.action in _DANGEROUS:
        return "danger"
    open_now = [each.action for each in controls if each.enabled and each.action in _PREFERRED]
    return "primary" if control.action in open_now[:1] else "plain"


def refusals(controls: tuple[Control, ...]) -> list[Refusal]:
    """The reasons beside the disabled controls, each reason once."""
    by_reason: dict[str, list[Control]] = {}
    for each in controls:
        if not each.enabled:
            by_reason.setdefault(each.why_not, []).append(each)
    return [
        Refusal(refused[0].action, ", ".join(each.label.rstrip("…") for each in refused), reason)
        for reason, refused in by_reason.items()
    ]


def refusal_key(control: Control, controls: tuple[Control, ...]) -> str:
    """The key of the refusal a disabled control points to."""
    return next(each.action for each in controls if not each.enabled and each.why_not == control.why_not)


def _under_way(was_taken_back: bool, people: str) -> str:
    return f"Taking it back from {people}" if was_taken_back else f"Reaching {people}"


def _seconds(sent: Propagation) -> str:
    seconds = sent.seconds or 0.0
    return f"{seconds:.1f}{THIN}s" if seconds < 10 else f"{seconds:.0f}{THIN}s"
