"""Whether a stage can be compared as it declares: enough people for a draw, a share, known limits."""

from __future__ import annotations

from collections.abc import Iterator

from companyos.kernel.stats.conditional import MIN_EXPOSED_PEOPLE
from companyos.surfaces.program.references import Files
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem

_DRAWN = {
    "randomised": "the part of the people who are on",
    "switchback": "the part of a person's days that are on",
}


def problems_of_comparison(files: Files, stage: Node, joining: set[tuple[str, str]]) -> Iterator[Problem]:
    """Say what is wrong with a stage's `comparison`; `joining` are its (tenant, team) pairs."""
    comparison = stage.field("comparison")
    if not isinstance(comparison.value, dict):
        return
    kind, share = comparison.field("kind").text, comparison.field("share")
    if kind in _DRAWN and share.value is None:
        yield comparison.problem(f"`{kind}` draws people and needs a `share` between 0 and 1: {_DRAWN[kind]}")
    if kind not in _DRAWN and share.value is not None:
        yield share.problem(
            f"`{kind or 'teams'}` draws nobody, so it has no share; allowed: {', '.join(_DRAWN)}"
        )
    if kind == "randomised" and isinstance(share.value, int | float):
        yield from _enough_people_are_on(files, share, joining)
    yield from _a_limit_has_its_signal(comparison)
    if comparison.texts("signals") == ("shadow_mismatch",):
        said = "pairs of a shadow alone say nothing of people"
        yield comparison.field("signals").problem(f"{said}; add a signal of their work, as `error`")


def may_widen(stages: tuple[Node, ...], stage: Node) -> bool:
    """Tell whether a stage may name people again: an earlier one drew only a part of them."""
    before = stages[: [each.field("slug").text for each in stages].index(stage.field("slug").text)]
    return any(each.field("comparison").field("kind").text == "randomised" for each in before)


def _enough_people_are_on(files: Files, share: Node, joining: set[tuple[str, str]]) -> Iterator[Problem]:
    teams = {team for _, team in joining}
    people = sum(person.field("team").text in teams for person in files.entries("person"))
    on = round(people * float(share.value))
    if on >= MIN_EXPOSED_PEOPLE:
        return
    needed = f"a share of at least {MIN_EXPOSED_PEOPLE / people:.2f}" if people > MIN_EXPOSED_PEOPLE else ""
    repairs = ", or ".join(each for each in (needed, "`kind: teams`") if each)
    said = f"about {on} of {people} people would be on; a draw finds nothing below {MIN_EXPOSED_PEOPLE}"
    yield share.problem(f"{said}. Allowed: {repairs}")


def _a_limit_has_its_signal(comparison: Node) -> Iterator[Problem]:
    signals = set(comparison.texts("signals")) or {"error"}
    for name, signal in (("slow_after_ms", "latency"), ("abandoned_after_hours", "abandonment")):
        if comparison.field(name).value is not None and signal not in signals:
            yield comparison.field(name).problem(
                f"`{name}` limits a signal that this stage does not watch; add `{signal}` to `signals`, or leave it out"
            )
