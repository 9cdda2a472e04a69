"""Why does a guardrail take a stage back?

`judge_guardrail` asks the rules in order over what the watch of the stage says; the first with an opinion wins. This is
the whole answer: the figures come from `telemetry` (what was compared, how strong the evidence is), the limits from
`kernel.stats` (5 to 1, 20 to 1, three sessions), and what the rollout then does from `decide`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import upper_bound
from companyos.kernel.stats.did_split import AMBER_AT, MIN_EXPOSED_SESSIONS, ROLL_BACK_AT, SECOND_DAY_AT
from companyos.kernel.stats.effect import MIN_EXPOSED_TASKS

CAVEAT = "An incident that hits only these teams looks the same as a fault in the feature."
_EXPECTED_BY = {
    "teams": (
        "Exposed teams",
        "Going by the four weeks before and the other teams today, about {} were expected.",
    ),
    "randomised": (
        "People drawn to be on",
        "By the lot, about {} of all first errors should have been theirs.",
    ),
    "switchback": (
        "Days that were on",
        "By the lot, about {} of all days with an error should have been on.",
    ),
    "none": ("Exposed people", "There is nobody to compare with."),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch of a stage says, and whether the plan asks for a second day."""

    evidence: float | None
    problem: str  # why nothing is taken back automatically
    tasks: int
    told: Mapping[str, Any]
    confirm: bool

    @property
    def numbers(self) -> str:
        """The sentence with the numbers."""
        who, expectation = _EXPECTED_BY[self.told.get("comparison", "teams")]
        expected = expectation.format(f"{self.told['expected_sessions']:.1f}".removesuffix(".0"))
        sessions = self.told["exposed_sessions"]
        return (
            f"{who}: {sessions} error session{'s' * (sessions != 1)} in {self.tasks:,} tasks. {expected}"
            f" Evidence {self.evidence or 0:.1f} to 1{self._from()}"
        )

    def _from(self) -> str:
        """Name what the evidence is merged from, where there is more than one signal."""
        parts = [f"{name} {each['evidence']:.1f}" for name, each in self.told.get("signals", {}).items()]
        return f", merged from {', '.join(parts)}" if len(parts) > 1 else ""


Answer = tuple[Verdict, str] | None


def an_unwatched_stage_waits(w: Watched) -> Answer:
    """Before the guardrail has begun to watch there is nothing to say."""
    return (Verdict.PENDING, w.problem or "not measured yet") if w.evidence is None else None


def silence_holds(w: Watched) -> Answer:
    """Lost or stalled telemetry holds: silence is no sign of health. What was counted stays as it is."""
    return (Verdict.INCONCLUSIVE, w.told["silent"]) if w.told.get("silent") else None


def people_out_of_place_suspend(w: Watched) -> Answer:
    """When people are not where the plan put them, no comparison means anything: decisions are suspended."""
    return (
        (Verdict.INCONCLUSIVE, f"decisions are suspended: {w.told['roster']}")
        if w.told.get("roster")
        else None
    )


def an_unlike_recount_holds(w: Watched) -> Answer:
    """When the stage counted again from stored events says something else, neither figure is believed."""
    return (Verdict.INCONCLUSIVE, w.told["recount"]) if w.told.get("recount") else None


def without_a_group_it_only_holds(w: Watched) -> Answer:
    """Where nobody is left to compare with, a shared incident looks the same: hold and page, never take back."""
    if not w.problem:
        return None
    sessions, expected = w.told["own_sessions"], w.told["own_expected"]
    words = (
        f"{w.problem}. Against their own days alone: {sessions} error sessions in {w.tasks:,} tasks, about"
        f" {expected:.1f} expected, evidence {w.told['own_evidence']:.1f} to 1"
    )
    if w.told["own_evidence"] >= ROLL_BACK_AT:
        return Verdict.INCONCLUSIVE, f"{words}: a person decides"
    if w.told["own_evidence"] >= AMBER_AT or w.tasks < MIN_EXPOSED_TASKS or expected <= 0:
        return Verdict.PENDING, words
    most = upper_bound(min(sessions, w.tasks), w.tasks, 0.95) * w.tasks / expected
    if most <= w.told["limit"]:
        return Verdict.PASSED, f"{words}; at most x{most:.1f} at 95 %"
    return Verdict.PENDING, f"{words}; up to x{most:.1f} cannot be ruled out"


def too_few_sessions_wait(w: Watched) -> Answer:
    """Strong evidence from one or two sessions takes nobody back: nobody would believe it."""
    few = w.told.get("most_sessions", w.told["exposed_sessions"]) < MIN_EXPOSED_SESSIONS
    if few and (w.evidence or 0) >= AMBER_AT:
        return (
            Verdict.PENDING,
            f"{w.numbers}: advancing is stopped; acts from {MIN_EXPOSED_SESSIONS} sessions",
        )
    return None


def a_second_day_must_agree(w: Watched) -> Answer:
    """With `confirm: two_days` one bad day is not enough, unless it is beyond doubt (3,000 to 1)."""
    if not w.confirm or (w.evidence or 0) < ROLL_BACK_AT or w.told["confirmed"]:
        return None
    without = f"without its best day {w.told['without_best_day']:.1f}, needs {SECOND_DAY_AT:.0f}"
    return Verdict.PENDING, f"{w.numbers}; {without}: a second day decides"


def twenty_to_one_takes_back(w: Watched) -> Answer:
    """Evidence of 20 to 1 that the feature harms takes the stage's people back."""
    if (w.evidence or 0) < ROLL_BACK_AT:
        return None
    return Verdict.FAILED, f"{w.numbers} (acts at {ROLL_BACK_AT:.0f}). Rolling back."


def five_to_one_stops_advancing(w: Watched) -> Answer:
    """Evidence of 5 to 1 is amber: nobody else is switched on."""
    return (Verdict.PENDING, f"{w.numbers}: advancing is stopped.") if (w.evidence or 0) >= AMBER_AT else None


def harm_ruled_out_passes(w: Watched) -> Answer:
    """Passes when harm beyond the plan's points (two, unless it says else) is ruled out at 95 %."""
    return (
        (Verdict.PASSED, f"{w.numbers}; harm beyond x{w.told['limit']:.1f} is ruled out at 95 %")
        if w.told["safe"]
        else None
    )


def little_evidence_waits(w: Watched) -> Answer:
    """Neither harm nor safety is shown yet."""
    return Verdict.PENDING, f"{w.numbers}; harm beyond x{w.told['limit']:.1f} not yet ruled out"


# Safety first: the order is the policy.
RULES: tuple[Callable[[Watched], Answer], ...] = (
    an_unwatched_stage_waits,
    silence_holds,
    people_out_of_place_suspend,
    an_unlike_recount_holds,
    without_a_group_it_only_holds,
    too_few_sessions_wait,
    a_second_day_must_agree,
    twenty_to_one_takes_back,
    five_to_one_stops_advancing,
    harm_ruled_out_passes,
    little_evidence_waits,
)


def judge_guardrail(fact: Fact, *, confirm: bool) -> tuple[Verdict, str, str]:
    """Return the verdict, the sentence with the numbers, and the rule that said so."""
    watched = Watched(fact.value, fact.problem, fact.n or 0, fact.details, confirm)
    for rule in RULES:
        if answer := rule(watched):
            return *answer, rule.__name__
    raise AssertionError("little_evidence_waits always answers")


def what_a_rule_says(name: str) -> str:
    """Return a rule's own sentence, for screens; empty for a name that is none."""
    return next(((rule.__doc__ or "") for rule in RULES if rule.__name__ == name), "")
