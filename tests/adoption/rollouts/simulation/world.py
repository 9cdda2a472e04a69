"""A rollout's world in memory: the product's own rules and moves over a store, an edge and a sink that may fail.

Every method of `Store` is one transaction. Controllers do one small step at a time, so that anything may happen
between two of them: another controller, a person, a crash, a jump of the clock. `flaws` plants a mistake on purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch

from companyos.adoption.rollouts.domain import decide as rules
from companyos.adoption.rollouts.domain import moves
from companyos.adoption.rollouts.domain.by_hand import why_not
from companyos.adoption.rollouts.domain.decide import Decision, Situation, decide
from companyos.adoption.rollouts.domain.moves import NOBODY, Asked, Change, Row, changed_by
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict
from companyos.kernel.business_time import WorkingCalendar

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
CALENDAR = WorkingCalendar(UTC, (time(0), time(23, 59)), frozenset[date]())
BREACH_AT = 3  # distinct errors of one attempt
STAGES = ("prep", "pilot", "expand", "everybody")
PLAN = Plan.from_document(
    {
        "plan": "simulated",
        "title": "Simulated",
        "feature": "f",
        "lead": "ana",
        "stages": [
            {"slug": slug, "title": slug, "week": week, "working_days": 5, "cohort": [], "gates": []}
            for week, slug in enumerate(STAGES)
        ],
    }
)


class Crash(BaseException):
    """The process ended here."""


class Overtaken(Exception):
    """Somebody else moved first."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What was really so when the gates were judged."""

    errors: int  # distinct errors of the attempt
    lost: bool  # nothing came in


@dataclass(frozen=True, slots=True)
class Kept:
    """One decision as stored."""

    version: int
    by: str
    decision: Decision
    gates: tuple[Gate, ...]
    before: Row
    after: Row
    on: int | None
    truth: Truth


@dataclass(slots=True)
class Telemetry:
    """What was reported about the running attempt; `lost` while nothing comes in."""

    errors: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    quiet: set[tuple[str, int]] = field(default_factory=set)  # attempts with enough good evidence
    lost: bool = False

    def report(self, attempt: tuple[str, int], error: int) -> None:
        self.errors.setdefault(attempt, []).append(error)

    def distinct(self, attempt: tuple[str, int]) -> int:
        return len(set(self.errors.get(attempt, ())))


@dataclass(slots=True)
class Store:
    """The database: one row that is compared and swapped, decisions, rulesets and the outbox beside it."""

    flaws: frozenset[str] = frozenset()
    row: Row = field(default_factory=Row)
    version: int = 0
    kept: list[Kept] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    rulesets: list[int] = field(default_factory=lambda: [NOBODY])  # who is on, by version
    outbox: dict[str, str] = field(default_factory=dict)

    def move(
        self,
        by: str,
        decision: Decision,
        expected: int,
        gates: tuple[Gate, ...],
        truth: Truth,
        now: datetime,
        crash: Callable[[str], None],
    ) -> None:
        if self.version != expected and "no_cas" not in self.flaws:
            raise Overtaken
        before = self.row
        change = changed_by(Asked(decision, before, PLAN, by, self.attempts, CALENDAR, now))
        self.version += 1
        self.row = change.row
        if "split_write" in self.flaws:
            crash("inside the transaction")
        self._note(by, decision, gates, before, change, truth)

    def _note(
        self,
        by: str,
        decision: Decision,
        gates: tuple[Gate, ...],
        before: Row,
        change: Change,
        truth: Truth,
    ) -> None:
        if change.begins:
            self.attempts[change.row.stage] += 1
        if change.on is not None:
            self.rulesets.append(change.on)
        self.kept.append(Kept(self.version, by, decision, gates, before, change.row, change.on, truth))
        key = f"{self.version}" if "fresh_key" not in self.flaws else f"{self.version}-{len(self.outbox)}"
        self.outbox[key] = decision.move


@dataclass(slots=True)
class Edge:
    """The published file and what the edge serves from it."""

    flaws: frozenset[str]
    file: tuple[int, int] = (0, NOBODY)  # ruleset version, who is on
    serves: tuple[int, int] = (0, NOBODY)
    served: list[int] = field(default_factory=list)

    def publish(self, version: int, on: int) -> None:
        if version > self.file[0] or "any_file" in self.flaws:
            self.file = (version, on)

    def reload(self) -> None:
        if self.file[0] > self.serves[0] or "any_file" in self.flaws:
            self.serves = self.file
            self.served.append(self.file[0])


@dataclass(slots=True)
class Controller:
    """One process: what it has read and not yet written is gone when it crashes."""

    name: str
    world: World
    seen: tuple[int, Row] | None = None
    judged: tuple[tuple[Gate, ...], Truth] | None = None
    unpublished: tuple[int, int] | None = None

    def look(self, crash: Callable[[str], None]) -> None:
        store = self.world.store
        self.seen, self.judged = (store.version, store.row), None
        crash("after the read")

    def judge(self, crash: Callable[[str], None]) -> None:
        if self.seen is not None:
            self.judged = self.world.gates_of(self.seen[1])
            crash("after the gates")

    def act(self, crash: Callable[[str], None]) -> None:
        if self.seen is None or self.judged is None:
            return
        (version, row), (gates, truth) = self.seen, self.judged
        self.seen = self.judged = None
        decision = decide(_situation(row, gates))
        if decision.move is Move.STAY:
            return
        if "publish_first" in self.world.flaws:
            on = changed_by(Asked(decision, row, PLAN, self.name, {}, CALENDAR, self.world.now)).on
            self.world.edge.publish(len(self.world.store.rulesets), NOBODY if on is None else on)
        crash("before the commit")
        try:
            self.world.store.move(self.name, decision, version, gates, truth, self.world.now, crash)
        except Overtaken:
            return
        crash("after the commit")
        if "publish_once" in self.world.flaws:
            self.world.publish()

    def publish(self, crash: Callable[[str], None]) -> None:
        """Level-triggered: whatever is newest, whoever made it."""
        if "publish_once" in self.world.flaws:
            return
        rulesets = self.world.store.rulesets
        newest = (len(rulesets) - 1, rulesets[-1])
        late, self.unpublished = self.unpublished, newest
        crash("before the file")
        self.world.edge.publish(*(late or newest) if "any_file" in self.world.flaws else newest)
        crash("after the file")
        self.world.edge.reload()

    def relay(self, crash: Callable[[str], None]) -> None:
        for key, move in list(self.world.store.outbox.items()):
            crash("before the send")
            self.world.sink.append((key, move))
            crash("after the send")
            self.world.store.outbox.pop(key, None)


class World:
    """Everything one history plays in."""

    def __init__(self, flaws: frozenset[str] = frozenset()) -> None:
        self.flaws = flaws
        self.now = START
        self.store, self.edge, self.telemetry = Store(flaws), Edge(flaws), Telemetry()
        self.sink: list[tuple[str, str]] = []
        self.controllers = [Controller("a", self), Controller("b", self)]

    def gates_of(self, row: Row) -> tuple[tuple[Gate, ...], Truth]:
        """The gates of the attempt as its telemetry says now, with what is really so."""
        attempt = (row.stage, row.attempt)
        errors = self.telemetry.distinct(attempt)
        counted, truth = errors, Truth(errors, self.telemetry.lost)
        if "no_dedup" in self.flaws:
            counted = len(self.telemetry.errors.get(attempt, ()))
        if "old_evidence" in self.flaws:
            counted = sum(self.telemetry.distinct((row.stage, number)) for number in range(row.attempt + 1))
        missing = Verdict.PASSED if "no_data_passes" in self.flaws else Verdict.INCONCLUSIVE
        breach = Verdict.FAILED if counted >= BREACH_AT else Verdict.PASSED
        seen = (missing, "telemetry is lost") if self.telemetry.lost else (breach, f"{counted} errors")
        settled = Verdict.PASSED if attempt in self.telemetry.quiet else Verdict.PENDING
        return (Gate("errors", *seen, rolls_back=True), Gate("settled", settled, "time")), truth

    def person(self, wanted: Move, version: int, row: Row) -> bool:
        """A person's move on what they saw; tells whether it was taken."""
        gates, truth = self.gates_of(row)
        if why_not(wanted, _situation(row, gates)):
            return False
        last = PLAN.is_last(row.stage)
        done = Move.COMPLETE if wanted is Move.ADVANCE and last else wanted
        try:
            self.store.move(
                "ana", Decision(done, "a reason", BY_A_PERSON), version, gates, truth, self.now, _no_crash
            )
        except Overtaken:
            return False
        return True

    def publish(self) -> None:
        rulesets = self.store.rulesets
        self.edge.publish(len(rulesets) - 1, rulesets[-1])
        self.edge.reload()

    def run(self, number: int, step: str, crash_at: str | None) -> None:
        """One step of a controller, which may crash at a named point and then starts again, empty."""

        def crash(point: str) -> None:
            if point == crash_at:
                raise Crash(point)

        controller = self.controllers[number]
        try:
            getattr(controller, step)(crash)
        except Crash:
            self.controllers[number] = Controller(controller.name, self)

    def settle(self) -> None:
        """Everybody is up again and the clock is right: publish and relay what is left."""
        for controller in self.controllers:
            controller.publish(_no_crash)
            controller.publish(_no_crash)
            controller.relay(_no_crash)

    def jump(self, hours: float) -> None:
        self.now += timedelta(hours=hours)


def _situation(row: Row, gates: tuple[Gate, ...]) -> Situation:
    return Situation(
        row.status, row.stage, PLAN.is_last(row.stage), gates, row.stopped_because, row.paused_by
    )


def _no_crash(point: str) -> None:
    del point


def without(name: str) -> Callable[[], object]:
    """Leave one rule of the policy out."""
    kept = tuple(rule for rule in rules.RULES if rule.__name__ != name)
    return lambda: patch.object(rules, "RULES", kept)


def changed(move: Move, **other: object) -> Callable[[], object]:
    """Let one move change something else than it should."""
    sound = moves._CHANGES[move]
    return lambda: patch.dict(moves._CHANGES, {move: lambda asked: replace(sound(asked), **other)})  # type: ignore[arg-type]


def violations(world: World) -> Iterator[str]:
    """What must never be, looked for after every step."""
    store, kept = world.store, world.store.kept
    if [each.version for each in kept] != list(range(1, store.version + 1)):
        yield "a change of the rollout without its decision, or a decision twice"
    if kept and kept[-1].after != store.row:
        yield "the row is not what the last decision made of it"
    if store.rulesets[-1] != _meant_to_be_on(store.row):
        yield f"{store.rulesets[-1]} is on while the rollout is {store.row.status} in {store.row.stage!r}"
    if world.edge.served != sorted(set(world.edge.served)):
        yield "the edge went back to an older version"
    serves = world.edge.serves
    if serves[0] >= len(store.rulesets) or store.rulesets[serves[0]] != serves[1]:
        yield "the edge serves what was never decided"
    if kept:
        yield from _wrong_in(kept[-1], kept[-2] if len(kept) > 1 else None)


def _meant_to_be_on(row: Row) -> int:
    if row.status in {Status.PLANNED, Status.KILLED}:
        return NOBODY
    index = PLAN.index_of(row.stage)
    return index - 1 if row.status is Status.ROLLED_BACK else index


def _wrong_in(each: Kept, previous: Kept | None) -> Iterator[str]:
    person, move, before = each.by == "ana", each.decision.move, each.before
    verdicts = {gate.verdict for gate in each.gates}
    if previous is not None and previous.after != before:
        yield "a decision was made on a row that was not the last one"
    if not person and before.status in {Status.ROLLED_BACK, Status.KILLED, Status.COMPLETED, Status.PLANNED}:
        yield f"the controller moved a rollout that is {before.status}"
    if not person and before.status is Status.PAUSED and move is not Move.ROLL_BACK:
        yield "the controller went past a person's pause"
    if not person and move in {Move.ADVANCE, Move.COMPLETE} and verdicts != {Verdict.PASSED}:
        yield "the controller advanced without every gate passed"
    if not person and move in {Move.ADVANCE, Move.COMPLETE} and each.truth.lost:
        yield "the controller advanced without data"
    if not person and move is Move.ROLL_BACK and each.truth.errors < BREACH_AT:
        yield "taken back on fewer errors than it takes"
    if move is Move.ADVANCE and PLAN.index_of(each.after.stage) != PLAN.index_of(before.stage) + 1:
        yield "a stage was skipped or repeated"
    if move in {Move.ADVANCE, Move.START} and each.after.attempt < 1:
        yield "an attempt without a number"
    same_stage = move is Move.RESUME and before.status is Status.ROLLED_BACK
    if same_stage and (each.after.stage, each.after.attempt) != (before.stage, before.attempt + 1):
        yield "a stage that was taken back did not begin anew"


def at_the_end(world: World) -> Iterator[str]:
    """What must hold once everything has settled."""
    newest = (len(world.store.rulesets) - 1, world.store.rulesets[-1])
    if world.edge.serves != newest:
        yield f"the edge serves {world.edge.serves} and not {newest}"
    keys = {key for key, _ in world.sink}
    if keys != {str(each.version) for each in world.store.kept}:
        yield "a decision was told under another key than its own, or not at all"
