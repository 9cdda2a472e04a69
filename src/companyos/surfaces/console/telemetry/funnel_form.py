"""A funnel as a person asks for it in an address: read, checked, and told back as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from companyos.adoption.telemetry.queries.funnels import MOST_STEPS, By, Exclusion, Hold, Question

WINDOWS = {
    "1": "1 hour",
    "4": "4 hours",
    "24": "1 day",
    "72": "3 days",
    "168": "7 days",
    "672": "28 days",
}
HOLDS: Mapping[str, str] = {Hold.TASK: "The task", Hold.PERSON: "The person"}
PARTS: Mapping[str, str] = {
    "": "One funnel",
    By.VARIANT: "By variant",
    By.TENANT: "By tenant",
    By.TEAM: "By team",
    By.KIND: "By kind of task",
}
USUAL_STEPS = ("task_started", "task_completed")
MOST_ALTERNATIVES, MOST_VALUES, LONGEST_VALUE = 10, 20, 200
_EVENT = re.compile(r"[a-z0-9_.$-]{1,64}")
_PROPERTY = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_OR = re.compile(r"\s+or\s+|\s*[,|]\s*|\s+")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
Given = Callable[[str], list[str]]
"""All values of a name in the address, in their order."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which field."""

    field: str
    says: str


@dataclass(frozen=True, slots=True)
class FunnelForm:
    """What was written, and what is asked; `question` is None as long as there are problems."""

    steps: tuple[str, ...]
    window: str = "4"
    hold: str = Hold.TASK.value
    by: str = By.VARIANT.value
    leave_out: str = ""
    prop: str = ""
    values: str = ""
    question: Question | None = None
    problems: tuple[Problem, ...] = field(default=())

    def problem_of(self, name: str) -> str:
        return next((each.says for each in self.problems if each.field == name), "")


def read(given: Given) -> FunnelForm:
    """Read an address. Nothing asked is the usual funnel of tasks; what is wrong is said, and nothing is guessed."""
    asked = bool(given("step"))
    written = [each.strip() for each in given("step")] if asked else list(USUAL_STEPS)
    form = FunnelForm(
        tuple(each for each in written if each),
        _one(given, "window", "4"),
        _one(given, "hold", Hold.TASK.value),
        _one(given, "parts", "" if asked else By.VARIANT.value),
        _one(given, "without"),
        _one(given, "property"),
        _one(given, "values"),
    )
    problems = tuple(_problems(form))
    return FunnelForm(*_written(form), None if problems else _question(form), problems)


def events_of(words: str) -> tuple[str, ...]:
    """The events of `one or another`, in their order, each once."""
    return tuple(dict.fromkeys(each for each in _OR.split(words.strip()) if each and each != "or"))


def values_of(words: str) -> tuple[str | float | bool, ...]:
    """The values between commas: as text, and what reads as a number or as true or false as that, too."""
    found: list[str | float | bool] = []
    for word in (each.strip() for each in words.split(",")):
        if not word:
            continue
        found.append(word)
        if word in {"true", "false"}:
            found.append(word == "true")
        elif _NUMBER.fullmatch(word):
            found.append(float(word) if "." in word else int(word))
    return tuple(found)


def _one(given: Given, name: str, usual: str = "") -> str:
    values = given(name)
    return values[-1].strip() if values else usual


def _written(form: FunnelForm) -> tuple[tuple[str, ...], str, str, str, str, str, str]:
    return form.steps, form.window, form.hold, form.by, form.leave_out, form.prop, form.values


def _question(form: FunnelForm) -> Question:
    left_out = events_of(form.leave_out)
    return Question(
        tuple(events_of(step) for step in form.steps),
        timedelta(hours=int(form.window)),
        Hold(form.hold),
        Exclusion(left_out, form.prop, values_of(form.values)) if left_out else None,
    )


def _problems(form: FunnelForm) -> list[Problem]:
    found: list[Problem] = []
    if not 2 <= len(form.steps) <= MOST_STEPS:
        found.append(
            Problem("step", f"A funnel has 2 to {MOST_STEPS} steps; this one has {len(form.steps)}.")
        )
    for number, step in enumerate(form.steps, 1):
        if wrong := _wrong_events(step):
            found.append(Problem(f"step-{number}", f"Step {number}: {wrong}"))
    choices: tuple[tuple[str, str, Mapping[str, str]], ...] = (
        ("window", form.window, WINDOWS),
        ("hold", form.hold, HOLDS),
        ("parts", form.by, PARTS),
    )
    for name, value, known in choices:
        if value not in known:
            found.append(Problem(name, _not_one_of(value, known)))
    if form.leave_out and (wrong := _wrong_events(form.leave_out)):
        found.append(Problem("without", wrong))
    return found + _wrong_filter(form)


def _wrong_events(words: str) -> str:
    events = events_of(words)
    if bad := next((each for each in events if not _EVENT.fullmatch(each)), None):
        return f"{bad[:64]!r} is no name of an event: small letters, digits, _ . $ and -, at most 64 of them."
    if len(events) > MOST_ALTERNATIVES:
        return f"at most {MOST_ALTERNATIVES} events may stand for one another."
    return ""


def _wrong_filter(form: FunnelForm) -> list[Problem]:
    if (form.prop or form.values) and not form.leave_out:
        return [Problem("without", "Name the events to leave out that this property belongs to.")]
    if bool(form.prop) != bool(values_of(form.values)):
        return [Problem("property" if form.values else "values", "A property and its values go together.")]
    if form.prop and not _PROPERTY.fullmatch(form.prop):
        return [Problem("property", "The name of a property has at most 64 characters.")]
    values = [each.strip() for each in form.values.split(",")]
    if len(values) > MOST_VALUES or any(len(each) > LONGEST_VALUE for each in values):
        return [
            Problem("values", f"At most {MOST_VALUES} values, each of at most {LONGEST_VALUE} characters.")
        ]
    return []


def _not_one_of(value: str, known: Mapping[str, str]) -> str:
    choices = ", ".join(f"{key} ({title[0].lower()}{title[1:]})" for key, title in known.items() if key)
    return f"The address asks for {value[:40]!r}; there is {choices}."
